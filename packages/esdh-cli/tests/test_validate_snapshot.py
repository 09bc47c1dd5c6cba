"""`validate-snapshot`: violations by table, row and rule, without the value."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Cli


def test_a_fresh_snapshot_is_valid(cli: Cli) -> None:
    """What the generator makes keeps its contract."""
    cli("generate-snapshot")
    outcome = cli("validate-snapshot")

    assert outcome.code == 0
    assert outcome.out.startswith("valid\n")
    assert "persons, vehicles, profiles: 600 rows as csv; 600 rows as json" in outcome.out


@pytest.mark.usefixtures("cli")
def test_a_violation_is_placed_but_not_shown(cli: Cli) -> None:
    """Table, row and rule are named; what stands there is nobody's business."""
    cli("generate-snapshot", "--records", "3", "--output-format", "csv")
    path = Path("data/snapshots/v0.1/persons.csv")
    lines = path.read_text().splitlines()
    cells = lines[2].split(",")
    cells[6] = "1600 Pennsylvania Ave"
    lines[2] = ",".join(cells)
    path.write_text("\n".join(lines) + "\n")
    text, document = cli("validate-snapshot"), cli("validate-snapshot", "--json").document

    assert text.code == 1
    line = "persons.address_line_1 as csv breaks identifier-class:invented-street once (rows 1)"
    assert line in text.out
    assert "Pennsylvania" not in text.out + text.err
    assert document["violations"] == [
        {
            "format": "csv",
            "table": "persons",
            "column": "address_line_1",
            "rule": "identifier-class:invented-street",
            "row": 1,
        }
    ]


@pytest.mark.usefixtures("cli")
def test_a_file_that_cannot_be_read_is_told_once(cli: Cli) -> None:
    """And not once more for every row of other tables that leads to a row of it."""
    cli("generate-snapshot", "--records", "3", "--output-format", "csv")
    path = Path("data/snapshots/v0.1/persons.csv")
    path.write_text(path.read_text().replace(",US,", ",U,S,", 1))
    outcome = cli("validate-snapshot")

    assert outcome.code == 1
    assert [line for line in outcome.out.splitlines() if line.startswith("  - ")] == [
        "  - persons.csv cannot be read as csv of persons"
    ]


def test_a_directory_without_manifest_is_refused(cli: Cli, tmp_path: Path) -> None:
    """Exit code 1 and one line."""
    outcome = cli("validate-snapshot", str(tmp_path))

    assert outcome.code == 1
    assert f"manifest.json of {tmp_path} cannot be used" in outcome.err
    assert outcome.err.count("\n") == 1
