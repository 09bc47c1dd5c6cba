"""Pages of figures that are not made in every run are complete, current, and hide nothing."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
sys.path.append(str(ROOT / "benchmarks"))
from rows import ROWS  # noqa: E402

PACKAGES = sorted(ROOT.glob("packages/*/pyproject.toml"))
COMPARED = ("numpy", "pyarrow", "pydantic", "blake3", "click", "rich")


def table_rows(page: str) -> list[list[str]]:
    """Cells of every row of every table on a page."""
    lines = (DOCS / page).read_text().splitlines()
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in lines
        if line.startswith("| ")
    ]


def test_the_benchmark_page_has_every_row() -> None:
    """No figure is left out, whatever it came to."""
    titles = {cells[0] for cells in table_rows("benchmarks.md")}

    assert {row.title for row in ROWS} <= titles


def test_what_falls_short_says_why() -> None:
    """Every figure that was not reached has its remark below the table."""
    page = (DOCS / "benchmarks.md").read_text()
    missed = [cells[0] for cells in table_rows("benchmarks.md") if cells[-1] == "NOT REACHED"]

    assert [title for title in missed if f"- {title}: " not in page] == []


def test_nothing_was_broken_in_the_soak() -> None:
    """A page with a broken promise is no page to send anybody to."""
    page = (DOCS / "soak.md").read_text()
    counted = [cells[2] for cells in table_rows("soak.md") if cells[0] != "What was tried"]

    assert len(counted) > 20
    assert set(counted) == {"0"}
    assert "Failed:" not in page


@pytest.mark.parametrize("library", COMPARED)
def test_the_oldest_dependencies_are_those_that_are_declared(library: str) -> None:
    """The matrix was run with the lower bounds that packages ask for today."""
    bounds = set()
    for package in PACKAGES:
        project = tomllib.loads(package.read_text())["project"]
        for requirement in project["dependencies"]:
            found = re.match(rf"{library}>=([0-9.]+)", requirement)
            bounds |= {found[1]} if found else set()
    rows = table_rows("determinism.md")
    header = next(cells for cells in rows if library in cells and "pydantic" in cells)
    oldest = {
        cells[header.index(library)]
        for cells in rows
        if len(cells) == len(header) and cells[0] == "3.11.7" and cells[1] == "oldest"
    }
    (bound,), (used,) = bounds, oldest

    assert used == bound or used.startswith(f"{bound}.")
