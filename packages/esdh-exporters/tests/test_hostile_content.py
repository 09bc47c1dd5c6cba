"""Files of rows that were made to take memory or time end in one error, soon and in flat memory."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from esdh_models import get_contract

PERSONS = get_contract("v0.1").table("persons")
_SECONDS = 8
_MEGABYTES = 150
READER = """
import resource, sys
from esdh_exporters.formats import get_format
from esdh_exporters.formats.part import Part
from esdh_models import DatasetRequest, errors, get_contract

contract, name, path = get_contract("v0.1"), sys.argv[1], sys.argv[2]
identity = {"contract_version": "v0.1", "rules_version": 1, "seed": 1, "as_of_date": "2026-01-01"}
request = DatasetRequest.parse(identity=identity, records=10, tables=("persons",))
part = Part(contract, request, 0, 1, 0, 10)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
answer = "read"
try:
    with open(path, "rb") as file:
        for _ in get_format(name).iter_batches(file, contract.table("persons"), part):
            pass
except errors.SourceError as error:
    answer = "refused: " + str(error)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024, answer)
"""


def persons(rows: int, city: pa.Array) -> pa.Table:
    """Rows whose only text of interest is the city."""
    columns = [
        pa.array([0] * rows, pa.int32()).view(pa.date32())
        if pa.types.is_date(column.arrow_type)
        else city if column.name == "city" else pa.array(["x"] * rows)
        for column in PERSONS.columns
    ]  # fmt: skip
    return pa.table(columns, schema=PERSONS.arrow_schema)


def one_text(rows: int, size: int) -> pa.Array:
    """The same long text in every row, which costs a dictionary entry in Parquet."""
    if rows * size < 2**27:
        return pa.array(["y" * size] * rows)
    codes = pa.array([0] * rows, pa.int32())
    return pa.DictionaryArray.from_arrays(codes, ["y" * size])


def write_parquet(path: Path, rows: int, size: int, **options: object) -> None:
    """A small file that says one text over and over."""
    coded = persons(1, pa.array(["y"])).schema
    city = one_text(rows, size)
    schema = coded.set(coded.get_field_index("city"), pa.field("city", city.type))
    table = persons(rows, pa.array(["y"] * rows)).set_column(
        schema.get_field_index("city"), schema.field("city"), city
    )
    pq.write_table(table, path, compression="zstd", store_schema=False, **options)


def csv_of_wide_cells(path: Path) -> None:
    """500 kB a cell, 120 MB in all: far more than rows that are held at once may have."""
    header = ",".join(PERSONS.column_names)
    row = ",".join(["1970-01-01" if c.name == "date_of_birth" else "x" for c in PERSONS.columns])
    with path.open("w") as file:
        file.write(header + "\n")
        for _ in range(240):
            file.write(row.replace("x", "y" * 500_000, 1) + "\n")


def endless_line(start: str) -> Callable[[Path], None]:
    """Some text, and then 4 GB without a line feed (sparse, so that they cost nothing)."""

    def write(path: Path) -> None:
        path.write_text(start)
        with path.open("r+b") as file:
            file.truncate(2**32)

    return write


HOSTILE: list[tuple[str, str, Callable[[Path], None]]] = [
    ("a text repeated by its code", "parquet", lambda path: write_parquet(path, 300_000, 20_000)),
    ("a large text repeated", "parquet", lambda path: write_parquet(path, 1_000, 1_000_000)),
    (
        "a prefix repeated",
        "parquet",
        lambda path: write_parquet(
            path, 1_000, 100_000, use_dictionary=False,
            column_encoding={"city": "DELTA_BYTE_ARRAY"},
        ),
    ),
    ("wide cells", "csv", csv_of_wide_cells),
    ("an endless header", "csv", endless_line("person_id,")),
    ("an endless row", "ndjson", endless_line('{"person_id":"')),
    ("an endless start", "json", endless_line('{"metadata": {')),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "write"), [case[1:] for case in HOSTILE], ids=[case[0] for case in HOSTILE]
)
def test_a_bomb_of_rows_is_refused_soon_and_in_flat_memory(
    name: str, write: Callable[[Path], None], tmp_path: Path
) -> None:
    """One clear error within seconds, and memory that does not grow with what the file claims."""
    path = tmp_path / "hostile"
    write(path)
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", READER, name, str(path)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    grown, answer = done.stdout.strip().split(" ", 1)

    assert answer.startswith("refused: "), answer
    assert int(grown) < _MEGABYTES
    assert time.monotonic() - started < _SECONDS
