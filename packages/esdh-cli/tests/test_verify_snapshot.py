"""`verify-snapshot`: what it answers, and with which exit code."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from esdh_exporters import dataset_digest
from esdh_models import manifest

if TYPE_CHECKING:
    from conftest import Cli

DIRECTORY = Path("data/snapshots/v0.1")


@pytest.fixture
def digest(cli: Cli) -> str:
    """The digest of a fresh snapshot in the default place."""
    value: str = cli("generate-snapshot", "--records", "20", "--json").document["dataset_digest"]
    return value


@pytest.mark.parametrize(
    ("options", "answer"),
    [
        ([], "self-consistent"),
        (["--deep"], "self-consistent"),
        (["--regenerate"], "regenerated identical"),
        (["--expect-digest", "DIGEST"], "matches expected"),
        (["--expect-digest", "DIGEST", "--regenerate"], "regenerated identical"),
    ],
)
def test_the_answer_says_what_was_proved(
    cli: Cli, digest: str, options: list[str], answer: str
) -> None:
    """A sound snapshot passes, and the answer never claims more than was shown."""
    outcome = cli("verify-snapshot", "--json", *(o.replace("DIGEST", digest) for o in options))

    assert outcome.code == 0
    assert outcome.document["answer"] == answer
    assert outcome.document["dataset_digest"] == digest


@pytest.mark.usefixtures("digest")
def test_a_broken_snapshot_is_told_on_one_line(cli: Cli) -> None:
    """Exit code 1; the file is named on both streams."""
    (DIRECTORY / "persons.csv").write_bytes(b"")
    outcome = cli("verify-snapshot")

    assert outcome.code == 1
    assert outcome.out.startswith("broken\n")
    assert "- persons.csv: it has 0 bytes" in outcome.out
    assert outcome.err.count("\n") == 1
    assert "persons.csv" in outcome.err


@pytest.mark.usefixtures("digest")
@pytest.mark.parametrize(
    ("options", "checked"),
    [
        ([], "files (rows too with --deep)"),
        (["--deep"], "files (rows only where those are sound)"),
        (["--regenerate"], "files (rows only where those are sound)"),
    ],
)
def test_what_was_checked_is_what_is_told(cli: Cli, options: list[str], checked: str) -> None:
    """Rows behind a broken file are not read, whatever was asked for."""
    (DIRECTORY / "persons.csv").write_bytes(b"")

    assert f"checked   {checked}\n" in cli("verify-snapshot", *options).out
    assert cli("verify-snapshot", *options, "--json").document["deep"] is False


def test_a_directory_that_is_no_snapshot_is_not_called_broken(cli: Cli, tmp_path: Path) -> None:
    """Making it again would be the wrong advice."""
    outcome = cli("verify-snapshot", str(tmp_path))

    assert outcome.code == 1
    assert outcome.err == (
        f"esdh-cli: {tmp_path} is no snapshot: it has no manifest.json; name another directory\n"
    )


@pytest.mark.usefixtures("digest")
def test_another_digest_does_not_match(cli: Cli) -> None:
    """Exit code 1 where the dataset is not the one that was expected."""
    outcome = cli("verify-snapshot", "--expect-digest", "0" * 64)

    assert outcome.code == 1
    assert "not blake3:" + "0" * 64 in outcome.out
    assert outcome.out.startswith("not the dataset that was expected\n")
    assert "broken" not in outcome.out + outcome.err


@pytest.mark.usefixtures("digest")
def test_other_rules_cannot_be_regenerated_here(cli: Cli) -> None:
    """Exit code 4 names the rules version that is needed."""
    rewritten = Path("rewritten")
    cli(
        "generate-snapshot",
        "--records",
        "20",
        "--output-format",
        "csv",
        "--output-dir",
        "rewritten",
    )
    change_rules_version(rewritten, 999)
    outcome = cli("verify-snapshot", str(rewritten), "--regenerate")

    assert outcome.code == 4
    assert "rules version 999" in outcome.err


def change_rules_version(directory: Path, version: int) -> None:
    """Rewrite a manifest with all digests that depend on the rules version."""
    path = directory / "manifest.json"
    document = json.loads(path.read_bytes())
    document["request"]["identity"]["rules_version"] = version
    request = manifest.Manifest.model_validate_json(json.dumps(document)).request
    document["request_digest"] = request.digest
    digests = {table["name"]: table["content_digest"] for table in document["tables"]}
    document["dataset_digest"] = dataset_digest(request, digests)
    path.write_text(json.dumps(document))
    sums = directory / "SHA256SUMS"
    lines = [line for line in sums.read_text().splitlines() if "manifest.json" not in line]
    lines.append(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  manifest.json")
    sums.write_text("".join(f"{line}\n" for line in sorted(lines, key=lambda line: line[66:])))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere"], "cannot be opened as a directory"),
        (["--expect-digest", "abc"], "must be blake3: and 64 hexadecimal digits"),
    ],
)
def test_bad_input_is_refused(cli: Cli, arguments: list[str], message: str) -> None:
    """Exit code 2 and one line."""
    outcome = cli("verify-snapshot", *arguments)

    assert (outcome.code, outcome.out) == (2, "")
    assert message in outcome.err
    assert outcome.err.count("\n") == 1
