"""`show-record`: what it finds, and how it says that there is nothing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from esdh_exporters import dataset_digest
from esdh_generator import Dataset
from esdh_models import manifest

if TYPE_CHECKING:
    from conftest import Cli

PERSON = "a419ec71-8057-8d2e-bed3-c6231ed7eb6f"
VEHICLE = "6c312ea1-d2ab-8809-ac8c-5080a9769cd9"
SEED = ("--seed", "20251101")
SNAPSHOT = Path("snapshot")


def identifier(owner: int) -> str:
    """Identifier of a policyholder of the default seed."""
    block = next(Dataset(records=owner + 1, tables=["persons"]).iter_blocks(owner, owner + 1))
    value: str = block["persons"]["person_id"][0].as_py()
    return value


def write_snapshot(cli: Cli, *options: str) -> None:
    """A small snapshot of the default seed."""
    arguments = ("--records", "20", "--output-format", "csv", "--output-dir", str(SNAPSHOT))
    assert cli("generate-snapshot", *arguments, *options).code == 0


def test_the_asked_record_comes_first_and_its_relatives_follow(cli: Cli) -> None:
    """Plain text in a pipe; every column of the three records is there."""
    outcome = cli("show-record", VEHICLE, *SEED)
    lines = outcome.out.splitlines()

    assert (outcome.code, outcome.err) == (0, "")
    assert lines[0] == "vehicles, record 1  v0.1, seed 20251101"
    assert [line for line in lines[1:] if line and line[0] != " "] == ["persons", "profiles"]
    assert f"  vehicle_id             {VEHICLE}" in lines
    assert "  first_name             Angela" in lines
    assert "  address_line_2         -" in lines
    assert len([line for line in lines if line.startswith("  ")]) == 14 + 12 + 13
    assert "\x1b" not in outcome.out


def test_json_holds_the_rows_of_the_library(cli: Cli) -> None:
    """One document with the record, its relatives and the request."""
    dataset = Dataset(20251101, 200)
    document = cli("show-record", VEHICLE.upper(), *SEED, "--records", "200", "--json").document

    relatives = dataset.relatives(VEHICLE)
    assert document["record_id"] == VEHICLE
    assert (document["table"], document["owner"]) == ("vehicles", 0)
    assert document["record"] == dataset.record(VEHICLE).model_dump(mode="json")
    assert document["relatives"] == {
        table: [row.model_dump(mode="json") for row in relatives[table]]
        for table in ("persons", "profiles")
    }
    assert document["request"] == dataset.request.model_dump(mode="json")


def test_only_the_manifest_of_a_snapshot_is_read(cli: Cli) -> None:
    """The rows are made again, so the files need not even be there."""
    write_snapshot(cli)
    content = (SNAPSHOT / "manifest.json").read_bytes()
    shutil.rmtree(SNAPSHOT)
    SNAPSHOT.mkdir()
    (SNAPSHOT / "manifest.json").write_bytes(content)

    outcome = cli("show-record", identifier(19), "--snapshot", str(SNAPSHOT), "--json")

    assert outcome.code == 0
    assert outcome.document["owner"] == 19


def test_tables_that_the_snapshot_leaves_out_are_marked(cli: Cli) -> None:
    """They are shown, because they are of the same dataset."""
    write_snapshot(cli, "--entity-filter", "persons,profiles")

    outcome = cli("show-record", PERSON, "--snapshot", str(SNAPSHOT))

    assert "vehicles  not in this snapshot\n" in outcome.out
    assert "profiles\n" in outcome.out


def test_without_records_a_seed_has_no_end(cli: Cli) -> None:
    """A record far out is found without making those before it."""
    assert cli("show-record", identifier(5_000_000), *SEED).code == 0


@pytest.mark.parametrize(
    ("owner", "options", "message"),
    [
        (0, ("--seed", "7"), "is not a record of seed 7, scenario baseline"),
        (20, (*SEED, "--records", "20"), "would be record 21 of persons"),
        (20, ("--snapshot", str(SNAPSHOT)), "but this dataset ends with record 20"),
    ],
    ids=["another seed", "beyond the records", "beyond the snapshot"],
)
def test_a_record_that_is_not_there_is_told_on_one_line(
    cli: Cli, owner: int, options: tuple[str, ...], message: str
) -> None:
    """Exit code 1."""
    write_snapshot(cli)
    outcome = cli("show-record", identifier(owner), *options, "--json")

    assert (outcome.code, outcome.out) == (1, "")
    assert message in outcome.err
    assert outcome.err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([PERSON], "either --snapshot DIR or --seed N"),
        ([PERSON, *SEED, "--snapshot", "."], "--snapshot DIR knows its seed: leave out --seed"),
        ([PERSON, "--snapshot", ".", "--records", "5"], "a snapshot knows its own version"),
        ([PERSON, "--snapshot", ".", "--dataset-version", "v0.1"], "a snapshot knows its own"),
        ([PERSON, "--snapshot", "nowhere"], "nowhere cannot be opened as a directory"),
        ([PERSON, *SEED, "--dataset-version", "9"], "unknown dataset version 'v9'"),
        ([PERSON, *SEED, "--records", "0"], "records must be a whole number from 1"),
        ([PERSON[:-1], *SEED], "is a version-8 UUID such as"),
        (["caf\N{LATIN SMALL LETTER E WITH ACUTE}\n", *SEED], r"but got 'caf\xe9\n'"),
        ([], "Missing argument 'ID'"),
    ],
)
def test_bad_input_is_refused(cli: Cli, arguments: list[str], message: str) -> None:
    """Exit code 2 and one line."""
    outcome = cli("show-record", *arguments)

    assert (outcome.code, outcome.out) == (2, "")
    assert message in outcome.err
    assert outcome.err.count("\n") == 1


def test_a_directory_that_is_no_snapshot_is_refused(cli: Cli) -> None:
    """Exit code 1, as in verify-snapshot and validate-snapshot."""
    outcome = cli("show-record", PERSON, "--snapshot", ".")

    assert outcome.code == 1
    assert "manifest.json of . cannot be used: there is none" in outcome.err


def test_other_rules_cannot_be_regenerated_here(cli: Cli) -> None:
    """Exit code 4 names the rules version that is needed."""
    write_snapshot(cli)
    path = SNAPSHOT / "manifest.json"
    document = json.loads(path.read_bytes())
    document["request"]["identity"]["rules_version"] = 999
    request = manifest.Manifest.model_validate_json(json.dumps(document)).request
    document["request_digest"] = request.digest
    digests = {table["name"]: table["content_digest"] for table in document["tables"]}
    document["dataset_digest"] = dataset_digest(request, digests)
    path.write_text(json.dumps(document))

    outcome = cli("show-record", PERSON, "--snapshot", str(SNAPSHOT))

    assert (outcome.code, outcome.out) == (4, "")
    assert "rules version 999" in outcome.err


def test_a_record_that_the_snapshot_leaves_out_is_marked(cli: Cli) -> None:
    """The record that was asked for too: it is of the dataset, but in no file of the snapshot."""
    write_snapshot(cli, "--entity-filter", "vehicles")
    lines = cli("show-record", PERSON, "--snapshot", str(SNAPSHOT)).out.splitlines()

    headings = {line.split(",")[0].split()[0]: line for line in lines if line and line[0] != " "}
    marked = {table for table, line in headings.items() if "not in this snapshot" in line}
    assert (marked, set(headings)) == ({"persons", "profiles"}, {"persons", "vehicles", "profiles"})


def test_an_empty_snapshot_name_is_refused(cli: Cli) -> None:
    """As an unset shell variable would make it."""
    outcome = cli("show-record", PERSON, "--snapshot", "")

    assert outcome.code == 2
    assert "it is empty; name a directory" in outcome.err
