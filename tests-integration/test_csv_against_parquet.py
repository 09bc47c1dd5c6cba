"""Two formats, one content: read by two unrelated readers, every cell is the same."""

import csv
import json
import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from esdh_models import get_contract

ESDH = str(Path(sys.executable).with_name("esdh-cli"))
TABLES = ("persons", "vehicles", "profiles")
RECORDS = 10_500


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """10,500 records in two parts, both formats."""
    directory = tmp_path_factory.mktemp("formats") / "snapshot"
    command = [ESDH, "generate-snapshot", "--records", str(RECORDS), "--seed", "5"]
    command += ["--output-format", "csv,parquet"]
    command += ["--records-per-file", "10000", "--output-dir", str(directory)]
    subprocess.run(command, check=True, capture_output=True)
    return directory


def read_csv(directory: Path, table: str) -> tuple[list[str], list[list[str]]]:
    """Header and rows over all parts, by the standard library."""
    header: list[str] = []
    rows: list[list[str]] = []
    for path in sorted(directory.glob(f"{table}-*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            header, *more = csv.reader(file)
        rows += more
    return header, rows


def read_parquet(directory: Path, table: str) -> pa.Table:
    """All parts, by pyarrow."""
    return pa.concat_tables(pq.read_table(p) for p in sorted(directory.glob(f"{table}-*.parquet")))


def _written(value: Any) -> str:
    """How CSV writes a value."""
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date) else str(value)


@pytest.mark.parametrize("table", TABLES)
def test_every_cell_is_the_same(snapshot: Path, table: str) -> None:
    """Header, order, dates, integers and nulls agree, row by row over both parts."""
    header, rows = read_csv(snapshot, table)
    parquet = read_parquet(snapshot, table)
    columns = [
        [_written(value) for value in column.to_pylist()] for column in parquet.itercolumns()
    ]

    assert header == parquet.column_names
    assert len(rows) == RECORDS
    assert [list(row) for row in zip(*columns, strict=True)] == rows


@pytest.mark.parametrize("table", TABLES)
def test_arrow_reads_the_same_from_both(snapshot: Path, table: str) -> None:
    """Read as the contract types it, CSV gives exactly the Parquet table."""
    schema = get_contract("v0.1").table(table).arrow_schema
    convert = pa_csv.ConvertOptions(column_types=schema, null_values=[""], strings_can_be_null=True)
    tables = [
        pa_csv.read_csv(path, convert_options=convert)
        for path in sorted(snapshot.glob(f"{table}-*.csv"))
    ]

    assert read_parquet(snapshot, table).cast(schema).equals(pa.concat_tables(tables).cast(schema))


@pytest.mark.parametrize("table", TABLES)
def test_parquet_has_the_contracts_types(snapshot: Path, table: str) -> None:
    """Names, types and nullability are the contract's, and no schema of a library is stored."""
    expected = get_contract("v0.1").table(table).arrow_schema

    for path in snapshot.glob(f"{table}-*.parquet"):
        assert expected.equals(pq.read_schema(path), check_metadata=True)


@pytest.mark.parametrize("table", TABLES)
def test_csv_is_in_its_plainest_form(snapshot: Path, table: str) -> None:
    """UTF-8 without a mark, line feeds only, no quotes, a line feed at the end."""
    for path in snapshot.glob(f"{table}-*.csv"):
        content = path.read_bytes()
        content.decode("utf-8")
        assert not content.startswith(b"\xef\xbb\xbf")
        assert content.endswith(b"\n")
        assert Counter({b'"': 0, b"\r": 0, b"\t": 0}) == Counter(
            {mark: content.count(mark) for mark in (b'"', b"\r", b"\t")}
        )


@pytest.mark.parametrize("table", TABLES)
def test_the_manifest_counts_what_is_there(snapshot: Path, table: str) -> None:
    """Counts, ranges, lengths and nulls of every column, counted again from CSV."""
    manifest = json.loads((snapshot / "manifest.json").read_text(encoding="utf-8"))
    entry = next(one for one in manifest["tables"] if one["name"] == table)
    header, rows = read_csv(snapshot, table)

    assert entry["rows"] == len(rows)
    assert list(entry["columns"]) == header
    for name, cells in zip(header, zip(*rows, strict=True), strict=True):
        _check_statistic(entry["columns"][name], [cell for cell in cells if cell], cells.count(""))


def _check_statistic(statistic: dict[str, Any], cells: list[str], nulls: int) -> None:
    assert statistic["nulls"] == nulls
    if statistic["statistic"] == "counts":
        assert {value: n for value, n in statistic["counts"].items() if n} == Counter(cells)
    elif statistic["statistic"] == "range":
        numbers = [_number(cell) for cell in cells]
        edges = statistic["bin_edges"]
        bins = Counter(sum(edge <= number for edge in edges) for number in numbers)
        assert (statistic["minimum"], statistic["maximum"]) == (min(numbers), max(numbers))
        assert statistic["sum"] == sum(numbers)
        assert statistic["bins"] == [bins[place] for place in range(len(edges) + 1)]
    else:
        lengths = [len(cell.encode()) for cell in cells]
        assert (statistic["shortest"], statistic["longest"]) == (min(lengths), max(lengths))


def _number(cell: str) -> int:
    """An integer, or the days of a date since 1970-01-01."""
    if cell.count("-") == 2:
        return (date.fromisoformat(cell) - date(1970, 1, 1)).days
    return int(cell)
