"""CSV as RFC 4180 has it, in its plainest form: UTF-8, LF, commas, and no quotes needed.

Contract text holds nothing that would need a quote, so absent is null is an empty field. Rows of
other sources are quoted where they must be.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import IO, Final

import pyarrow as pa
import pyarrow.csv as pa_csv

from esdh_models import TableContract, errors

from ..chunks import Chunk
from ..date_texts import dates_as_text
from ..hashing_file import Sink
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
        self._arrow_file = pa.PythonFile(file, "w")
        file.write(_header(table))

    def write(self, chunk: Chunk) -> None:
        """Append the rows of a chunk, as one batch: if one needs quotes, nothing is written."""
        try:
            _write_unquoted(chunk.plain, self._arrow_file)
        except pa.ArrowInvalid:
            self._file.write(_quoted_where_needed(chunk.plain))

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
    text = pa.BufferOutputStream()
    try:
        _write_unquoted(batch, text)
    except pa.ArrowInvalid:
        return _quoted_where_needed(batch)
    return memoryview(text.getvalue())


def _write_unquoted(batch: pa.RecordBatch, file: pa.NativeFile) -> None:
    """Write rows in one go, or none of them: raises `ArrowInvalid` where one needs quotes."""
    options = pa_csv.WriteOptions(
        include_header=False, quoting_style="none", batch_size=max(1, batch.num_rows)
    )
    pa_csv.write_csv(_with_dates_as_text(batch), file, options)


def _with_dates_as_text(batch: pa.RecordBatch) -> pa.RecordBatch:
    for place, column in enumerate(batch.schema):
        if pa.types.is_date32(column.type):
            texts = dates_as_text(batch.column(place))
            batch = batch.set_column(place, column.name, texts)
    return batch


def _quoted_where_needed(batch: pa.RecordBatch) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_MINIMAL, lineterminator="\n")
    columns = [column.cast(pa.string()).to_pylist() for column in batch.columns]
    writer.writerows(zip(*columns, strict=True))
    return text.getvalue().encode()
