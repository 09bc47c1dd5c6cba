"""`print-table`: rows for pipes."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from esdh_generator import Dataset

if TYPE_CHECKING:
    from conftest import Cli


def test_rows_are_those_of_the_dataset(cli: Cli) -> None:
    """Both formats print what the library gives."""
    expected = Dataset(7, 25).table("vehicles").to_pylist()
    options = ["vehicles", "--seed", "7", "--records", "25"]
    lines = cli("print-table", *options).out.splitlines()
    rows = list(
        csv.DictReader(io.StringIO(cli("print-table", *options, "--output-format", "csv").out))
    )

    assert expected == [json.loads(line) for line in lines]
    assert [{**row, "model_year": int(row["model_year"])} for row in rows] == expected


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["policies"], "unknown entity 'policies'"),
        (["persons", "--records", "0"], "records must be a whole number from 1"),
        (["persons", "--output-format", "json"], "'json' is not one of 'csv', 'ndjson'"),
        ([], "Missing argument"),
    ],
)
def test_bad_input_is_refused(cli: Cli, arguments: list[str], message: str) -> None:
    """Exit code 2, one line, nothing printed."""
    outcome = cli("print-table", *arguments)

    assert (outcome.code, outcome.out) == (2, "")
    assert message in outcome.err
    assert outcome.err.count("\n") == 1


def test_a_closed_pipe_ends_it_quietly() -> None:
    """`| head` gets its lines, and nobody hears of the rest."""
    command = [sys.executable, "-m", "esdh_cli", "print-table", "persons", "--records", "500000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        first = process.stdout.readline()
        process.stdout.close()
        errors = process.stderr.read()
        code = process.wait()

    assert first.startswith(b'{"person_id":')
    assert (code, errors) == (141, b"")
