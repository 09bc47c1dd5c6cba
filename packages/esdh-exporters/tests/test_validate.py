"""Validating answers for whole snapshots: all files, all rows, every format."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

from esdh_exporters import validate_snapshot
from esdh_models import dataset_request

if TYPE_CHECKING:
    from conftest import SnapshotMaker

RULES_OF_PLAIN_ROWS = ("allowed", "pattern", "foreign-key", "identifier-class")
"""The rows of these tests say where they stand; they are no rows of the contract."""


def broken(folder: Path) -> dict[str, set[str]]:
    """Rules that concern files and tables, by format."""
    return {
        read.format: {
            f"{table} {rule}"
            for table, _, rule in read.counts
            if not rule.startswith(RULES_OF_PLAIN_ROWS)
        }
        for read in validate_snapshot(folder).formats
    }


@pytest.mark.parametrize("name", dataset_request.FORMATS)
def test_whole_files_break_no_rule_of_files(make_snapshot: SnapshotMaker, name: str) -> None:
    """As they were written, every row is read and none is missed."""
    snapshot = make_snapshot(formats=(name,))

    assert broken(snapshot) == {name: set()}
    assert [read.rows for read in validate_snapshot(snapshot).formats] == [40]


def only_header(folder: Path) -> None:
    """A CSV file without rows."""
    path = folder / "persons.csv"
    path.write_text(path.read_text().splitlines()[0] + "\n")


def row_less(folder: Path) -> None:
    """A Parquet file that lacks its last row."""
    path = folder / "persons.parquet"
    pq.write_table(pq.read_table(path).slice(0, 19), path, store_schema=False)


def not_listed(folder: Path) -> None:
    """A manifest that lists no data files."""
    path = folder / "manifest.json"
    document: dict[str, Any] = json.loads(path.read_bytes())
    document["files"] = [entry for entry in document["files"] if entry["format"] is None]
    path.write_text(json.dumps(document))


DAMAGES: list[tuple[Callable[[Path], None], set[str], set[str]]] = [
    (only_header, {"persons rows"}, set()),
    (row_less, set(), {"persons rows"}),
    (
        lambda folder: (folder / "vehicles.csv").unlink(),
        {"vehicles readable:vehicles.csv"},
        set(),
    ),
    (
        not_listed,
        {"persons files", "persons rows", "vehicles files", "vehicles rows"},
        {"persons files", "persons rows", "vehicles files", "vehicles rows"},
    ),
    (
        lambda folder: shutil.copy(folder / "vehicles.parquet", folder / "persons.parquet"),
        set(),
        {"persons readable:persons.parquet"},
    ),
]


@pytest.mark.parametrize(("damage", "in_csv", "in_parquet"), DAMAGES)
def test_missing_rows_and_files_are_violations_of_their_format(
    make_snapshot: SnapshotMaker,
    damage: Callable[[Path], None],
    in_csv: set[str],
    in_parquet: set[str],
) -> None:
    """A snapshot is not valid because there is nothing in it that could be wrong."""
    snapshot = make_snapshot()
    damage(snapshot)

    assert broken(snapshot) == {"csv": in_csv, "parquet": in_parquet}
    assert not validate_snapshot(snapshot).passed
