"""`generate-snapshot`: what it prints, writes and refuses."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Cli

STARTS = """
import os, subprocess, sys
def start(*arguments, _start=subprocess.Popen, **options):
    print(sorted({"numpy", "pyarrow", "pydantic"} & set(sys.modules)), file=sys.stderr)
    return _start(*arguments, **options)
subprocess.Popen = start
os.sched_getaffinity = lambda _: {0, 1}
from esdh_cli.main import run
sys.exit(run(sys.argv[1:]))
"""
"""The command, which says at each start of a process what heavy was imported before."""


def test_defaults_write_the_governed_snapshot(cli: Cli) -> None:
    """Without options the default dataset lands in data/snapshots/v0.1."""
    outcome = cli("generate-snapshot", "--json")
    summary = outcome.document

    assert (outcome.code, outcome.err) == (0, "")
    assert summary["status"] == "written"
    assert summary["directory"] == "data/snapshots/v0.1"
    assert (summary["seed"], summary["records"]) == (20251101, 200)
    assert {name: table["rows"] for name, table in summary["tables"].items()} == {
        "persons": 200,
        "vehicles": 200,
        "profiles": 200,
    }
    assert {path.name for path in Path("data/snapshots/v0.1").iterdir()} == {
        "README.md", "SHA256SUMS", "bundle.json", "datapackage.json", "manifest.json",
        "metadata.json", "persons.csv", "profiles.csv", "vehicles.csv",
    }  # fmt: skip


def test_a_second_run_says_already_there(cli: Cli) -> None:
    """The same request again verifies what is there and writes nothing."""
    first = cli("generate-snapshot", "--json").document
    written = Path("data/snapshots/v0.1/manifest.json").stat()
    second = cli("generate-snapshot")

    assert second.code == 0
    assert second.out.startswith("Snapshot already there, verified: data/snapshots/v0.1\n")
    assert first["dataset_digest"] in second.out
    found = Path("data/snapshots/v0.1/manifest.json").stat()
    assert (written.st_ino, written.st_mtime_ns) == (found.st_ino, found.st_mtime_ns)


def test_text_summary_is_plain_in_a_pipe(cli: Cli) -> None:
    """Nobody watching: no colours, no progress, digest on one line."""
    outcome = cli("generate-snapshot", "--records", "10", "--output-format", "csv")
    lines = outcome.out.splitlines()

    assert lines[0] == "Snapshot written: data/snapshots/v0.1"
    assert lines[1] == "  dataset  v0.1, seed 20251101, 10 records"
    assert lines[2] == "  tables   persons 10, vehicles 10, profiles 10"
    assert lines[4].startswith("  digest   blake3:")
    assert lines[5] == "  verify   esdh-cli verify-snapshot data/snapshots/v0.1 --regenerate"
    assert ("\x1b" in outcome.out, outcome.err) == (False, "")


def test_randomize_draws_prints_and_records_a_seed(cli: Cli) -> None:
    """The drawn seed stands in the summary and makes the same data again."""
    drawn = cli("generate-snapshot", "--randomize", "--records", "5", "--json").document
    again = cli(
        "generate-snapshot", "--seed", str(drawn["seed"]), "--records", "5",
        "--output-dir", "again", "--json",
    ).document  # fmt: skip

    assert 0 <= drawn["seed"] < 2**53
    assert drawn["dataset_digest"] == again["dataset_digest"]


def test_entity_filter_leaves_the_values_alone(cli: Cli) -> None:
    """Asking for fewer tables changes no row of the others."""
    everything = cli("generate-snapshot", "--output-dir", "all", "--json").document
    some = cli(
        "generate-snapshot", "--entity-filter", "profiles,persons", "--output-dir", "some", "--json"
    ).document

    assert list(some["tables"]) == ["persons", "profiles"]
    for name, table in some["tables"].items():
        assert table == everything["tables"][name]


BAD_INPUT = [
    (["--records", "0"], "records must be a whole number from 1"),
    (["--records", "-1"], "records must be a whole number from 1"),
    (["--records", "2.5"], "must be a whole number such as 1000, but got '2.5'"),
    (["--records", "ten"], "must be a whole number such as 1000, but got 'ten'"),
    (["--records", "1" + "0" * 30], "vehicles.vin can number at most 1,099,511,627,776 records"),
    (["--records", "9" * 5000], "must be a whole number such as 1000"),
    (["--seed", "-1"], "seed must be a whole number from 0 to 18446744073709551615"),
    (["--seed", str(2**64)], "seed must be a whole number from 0 to 18446744073709551615"),
    (["--records-per-file", "14000"], "multiple of 10000, but got 14000; the nearest is 10000"),
    (["--records-per-file", "0"], "positive multiple of 10000"),
    (["--records-per-file", "100"], "--records-per-file must be a positive multiple of 10000"),
    (["--output-format", ""], "--output-format is empty"),
    (["--seed", "random"], "but got 'random'; --randomize draws one"),
    (["--entity-filter", "persons,policies"], "unknown entity 'policies'"),
    (["--entity-filter", ","], "tables is empty"),
    (["--output-format", "xlsx"], "unknown output format 'xlsx'"),
    (["--dataset-version", "v7"], "unknown dataset version 'v7'"),
    (["--seed", "1", "--randomize"], "--randomize draws a seed"),
    (["--workers", "0"], "--workers must be from 1 to 1024, but got 0"),
    (["--no-such-option"], "No such option"),
    (["stray"], "unexpected extra argument"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD_INPUT)
def test_bad_input_is_refused_in_one_line(cli: Cli, arguments: list[str], message: str) -> None:
    """Exit code 2, one line that says what is wrong, and nothing written."""
    outcome = cli("generate-snapshot", *arguments)

    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("esdh-cli: ")
    assert outcome.err.count("\n") == 1
    assert message in outcome.err
    assert list(Path().iterdir()) == []


def test_an_unknown_command_gets_a_suggestion(cli: Cli) -> None:
    """A misspelt command is refused with the nearest one."""
    outcome = cli("generate-snapshots")

    assert outcome.code == 2
    assert "did you mean 'generate-snapshot'?" in outcome.err


def test_another_snapshot_is_never_overwritten_unasked(cli: Cli) -> None:
    """Exit code 3 and an untouched directory, unless --force is given."""
    cli("generate-snapshot", "--records", "5")
    refused = cli("generate-snapshot", "--records", "6")
    kept = cli("verify-snapshot", "--json").document
    forced = cli("generate-snapshot", "--records", "6", "--force", "--json")

    assert refused.code == 3
    assert "holds another snapshot (v0.1, seed 20251101, 5 records, csv, json)" in refused.err
    assert "--force" in refused.err
    assert kept["passed"]
    assert (forced.code, forced.document["status"]) == (0, "replaced")


@pytest.mark.parametrize("name", ["notes.txt", "salaries.csv", "package.json", "README.md"])
def test_foreign_directories_are_never_replaced(cli: Cli, name: str) -> None:
    """Even --force leaves a directory alone that is no snapshot, whatever its files are called."""
    Path("mine").mkdir()
    Path("mine", name).write_text("keep me")
    outcome = cli("generate-snapshot", "--output-dir", "mine", "--force")

    assert outcome.code == 3
    assert "mine is no snapshot that could be replaced" in outcome.err
    assert Path("mine", name).read_text() == "keep me"


@pytest.mark.parametrize("name", ["notes.txt", "salaries.csv", "persons.ndjson"])
def test_foreign_files_in_a_snapshot_are_never_replaced(cli: Cli, name: str) -> None:
    """A file that the manifest does not list protects the whole directory."""
    cli("generate-snapshot", "--records", "5")
    Path("data/snapshots/v0.1", name).write_text("keep me")
    outcome = cli("generate-snapshot", "--records", "6", "--force")

    assert outcome.code == 3
    assert f"'{name}'" in outcome.err
    assert Path("data/snapshots/v0.1", name).read_text() == "keep me"


@pytest.mark.parametrize("command", ["generate-snapshot --output-dir", "verify-snapshot"])
def test_an_empty_directory_name_is_refused(cli: Cli, command: str) -> None:
    """An unset shell variable does not silently mean the default."""
    outcome = cli(*command.split(), "")

    assert outcome.code == 2
    assert "it is empty; name a directory" in outcome.err
    assert list(Path().iterdir()) == []


def test_a_fault_of_our_own_is_one_line(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever goes wrong inside, nobody sees a traceback unless they ask for it."""

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("seven")

    monkeypatch.setattr("esdh_exporters.write_snapshot", broken)
    outcome = cli("generate-snapshot")

    assert outcome.code == 70
    assert "internal error, please report it (ZeroDivisionError: seven)" in outcome.err
    assert outcome.err.count("\n") == 1


def test_workers_start_before_anything_heavy_is_imported(tmp_path: Path) -> None:
    """So that they import at the same time; a request that has one file starts none."""
    for records, expected in (("20000", "[]\n"), ("10000", "")):
        arguments = [
            "generate-snapshot", "--records", records, "--records-per-file", "10000",
            "--workers", "2", "--output-format", "csv", "--output-dir", str(tmp_path / records),
        ]  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-c", STARTS, *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

        assert (done.returncode, done.stderr) == (0, expected)
