"""CSV as RFC 4180 has it, in its plainest form: UTF-8, LF, commas, and no quotes needed.

Contract text holds nothing that would need a quote, so absent is null is an empty field. Rows of
other sources are quoted where they must be.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import IO, Final

import pyarrow as pa
import pyarrow.csv as pa_csv

from esdh_models import TableContract, errors

from ..chunks import ROWS_AT_ONCE, Chunk
from ..hashing_file import Sink
from ..number_texts import numbers_as_text
from .bounds import BLOCK_BYTES, BoundedLines, check_exact, iter_bounded, iter_typed
from .part import Part

NAME: Final = "csv"
EXTENSION: Final = "csv"
MEDIA_TYPE: Final = "text/csv"
BUNDLED: Final = False


class CsvWriter:
    """Writes one part of one table, header first."""

    def __init__(self, file: Sink, table: TableContract) -> None:
        """Write the header."""
        self._file = file
        self._unquoted = _unquoted_writer(pa.PythonFile(file, "w"), table.column_names)
        file.write(_header(table))

    def write(self, chunk: Chunk) -> None:
        """Append a chunk, batch by batch; where a row needs quotes, Python writes the batch."""
        rows = _as_texts(chunk.plain)
        for start in range(0, rows.num_rows, ROWS_AT_ONCE):
            batch = rows.slice(start, ROWS_AT_ONCE)
            try:
                self._unquoted.write_batch(batch)
            except pa.ArrowInvalid:
                self._file.write(_quoted_where_needed(batch))

    def close(self) -> None:
        """Do nothing: every chunk was written at once."""


def open_writer(file: Sink, tables: tuple[TableContract, ...], _: Part) -> CsvWriter:
    """Start one part of a table."""
    (table,) = tables
    return CsvWriter(file, table)


def iter_batches(file: IO[bytes], table: TableContract, _: Part) -> Iterator[pa.RecordBatch]:
    """Read a part back with the contract's schema, in flat memory; raises `SourceError`."""
    try:
        yield from iter_bounded(_iter_parsed(file, table), table)
    except (pa.ArrowException, UnicodeError):
        message = f"it cannot be read as CSV of {table.name}"
        raise errors.SourceError(message) from None


def _iter_parsed(file: IO[bytes], table: TableContract) -> Iterator[pa.RecordBatch]:
    lines, header = BoundedLines(file), _header(table)
    if lines.read(len(header)) != header:
        message = f"its header is not that of {table.name}"
        raise errors.SourceError(message)
    read = pa_csv.ReadOptions(
        block_size=2 * BLOCK_BYTES, use_threads=False, column_names=table.column_names
    )
    parse = pa_csv.ParseOptions(ignore_empty_lines=False)
    convert = pa_csv.ConvertOptions(
        column_types=table.arrow_schema, null_values=[""], strings_can_be_null=True
    )
    for block in lines.iter_blocks():
        rows = pa_csv.read_csv(pa.BufferReader(block), read, parse, convert)
        batches = list(iter_typed(rows, table))
        check_exact(block, map(_rendered, batches), table.name)
        yield from batches


def _header(table: TableContract) -> bytes:
    return (",".join(table.column_names) + "\n").encode()


def _rendered(batch: pa.RecordBatch) -> bytes | memoryview:
    text, rows = pa.BufferOutputStream(), _as_texts(batch)
    try:
        _unquoted_writer(text, rows.schema.names).write_batch(rows)
    except pa.ArrowInvalid:
        return _quoted_where_needed(rows)
    return memoryview(text.getvalue())


def _as_texts(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The same rows with every column as text."""
    columns = [
        column if pa.types.is_string(column.type) else numbers_as_text(column)
        for column in batch.columns
    ]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _unquoted_writer(file: pa.NativeFile, names: Sequence[str]) -> pa_csv.CSVWriter:
    """Writes rows of text; raises `ArrowInvalid` for a batch in which one needs quotes.

    Nothing of such a batch is written if it has `ROWS_AT_ONCE` rows at most. Memory is kept from
    batch to batch.
    """
    schema = pa.schema([(name, pa.string()) for name in names])
    options = pa_csv.WriteOptions(
        include_header=False, quoting_style="none", batch_size=ROWS_AT_ONCE
    )
    return pa_csv.CSVWriter(file, schema, write_options=options)


def _quoted_where_needed(batch: pa.RecordBatch) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_MINIMAL, lineterminator="\n")
    writer.writerows(zip(*(column.to_pylist() for column in batch.columns), strict=True))
    return text.getvalue().encode()
