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
    line = "persons.address_line_1 as csv breaks identifier-class:invented-street 1 times (rows 1)"
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


def test_a_directory_without_manifest_is_refused(cli: Cli, tmp_path: Path) -> None:
    """Exit code 1 and one line."""
    outcome = cli("validate-snapshot", str(tmp_path))

    assert outcome.code == 1
    assert outcome.err.count("\n") == 1
