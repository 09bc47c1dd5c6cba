"""The floor of a format: what writing and hashing the finished tables costs at the very least.

Prints the CPU seconds that pyarrow (polars for NDJSON), with one thread and the product's own
writer options, takes to write the same tables part by part, and SHA-256 to hash the same bytes.
Files are the product's: synced, and kept to the end. Making the tables is not counted.

    python floors.py FORMAT RECORDS FOLDER
"""

from __future__ import annotations

import functools
import io
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final
from unittest import mock

import polars as pl
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from esdh_exporters import use_system_allocator, write_table
from esdh_exporters.chunks import ROWS_AT_ONCE
from esdh_exporters.hashing_file import HashingFile
from esdh_generator import Dataset
from esdh_models import Packaging

_CSV: Final = pa_csv.WriteOptions(
    include_header=True, quoting_style="none", batch_size=ROWS_AT_ONCE
)


Write = Callable[[HashingFile], None]


def csv_writing(table: pa.Table, _: str) -> Write:
    """Pyarrow's CSV writer, without quotes and with the product's batches."""
    return lambda file: pa_csv.write_csv(table, file, _CSV)


def parquet_writing(table: pa.Table, name: str) -> Write:
    """Pyarrow's Parquet writer, set up as the product sets it up."""
    options, group_rows = parquet_options(name)

    def write(file: HashingFile) -> None:
        with pq.ParquetWriter(file, table.schema, **options) as writer:
            writer.write_table(table, row_group_size=group_rows)

    return write


def ndjson_writing(table: pa.Table, _: str) -> Write:
    """Polars' NDJSON writer; pyarrow has none."""
    frame: Any = pl.from_arrow(table)  # its writer takes any file, whatever its annotations say
    write: Write = frame.write_ndjson
    return write


_PREPARE: Final[dict[str, Callable[[pa.Table, str], Write]]] = {
    "csv": csv_writing,
    "parquet": parquet_writing,
    "ndjson": ndjson_writing,
}


@functools.cache
def parquet_options(name: str) -> tuple[dict[str, Any], int]:
    """Options of the writer and rows of a row group, as seen when the product writes a table."""
    options: dict[str, Any] = {}
    group_rows: list[int] = []

    class Recorder(pq.ParquetWriter):  # type: ignore[misc]  # pyarrow ships no annotations
        def __init__(self, file: Any, schema: pa.Schema, **given: Any) -> None:
            options.update(given)
            super().__init__(file, schema, **given)

        def write_table(self, group: pa.Table, **given: Any) -> None:
            group_rows.append(group.num_rows)
            super().write_table(group, **given)

    with mock.patch("pyarrow.parquet.ParquetWriter", Recorder):
        part = Dataset(records=Packaging().records_per_file, tables=(name,))
        write_table(part, name, "parquet", io.BytesIO())
    if not options:
        message = "the product does not write through pyarrow.parquet.ParquetWriter any more"
        raise RuntimeError(message)
    return options, max(group_rows)


def iter_plain_tables(dataset: Dataset, start: int, stop: int) -> Iterator[tuple[str, pa.Table]]:
    """Yield the finished tables of a range of owners, without dictionaries."""
    blocks = list(dataset.iter_blocks(start, stop))
    for table in dataset.contract.tables:
        batches = [pa.Table.from_batches([block[table.name]]) for block in blocks]
        yield table.name, pa.concat_tables(one.cast(table.arrow_schema) for one in batches)


def measure_floor(format_name: str, records: int, folder: Path) -> dict[str, float]:
    """CPU seconds of writing and hashing, and megabytes written."""
    dataset, packaging = Dataset(records=records), Packaging()
    folder = Path(tempfile.mkdtemp(dir=folder))
    cpu_seconds, size = 0.0, 0
    for part in range(packaging.part_count(records)):
        for name, table in iter_plain_tables(dataset, *packaging.part_range(part, records)):
            write = _PREPARE[format_name](table, name)
            before = time.process_time()
            with HashingFile(folder / f"{name}-{part}.{format_name}") as file:
                write(file)
                file.sync()
            cpu_seconds += time.process_time() - before
            size += file.size
    shutil.rmtree(folder)  # not before: the system works on files that stay
    return {"cpu_seconds": cpu_seconds, "written_megabytes": size / 1e6}


if __name__ == "__main__":
    use_system_allocator()
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    print(json.dumps(measure_floor(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))))
