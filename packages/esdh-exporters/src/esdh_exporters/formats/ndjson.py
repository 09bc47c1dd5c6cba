"""NDJSON: one JSON object a line, UTF-8, LF; keys in contract order, explicit nulls."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import IO, Final

import pyarrow as pa
import pyarrow.json as pa_json

from esdh_models import ColumnKind, TableContract, errors

from ..chunks import Chunk
from ..hashing_file import Sink
from ..json_rows import JsonRows
from .bounds import BLOCK_BYTES, BoundedLines, check_exact, iter_bounded, iter_typed
from .part import Part

NAME: Final = "ndjson"
EXTENSION: Final = "ndjson"
MEDIA_TYPE: Final = "application/x-ndjson"
BUNDLED: Final = False


class NdjsonWriter:
    """Writes one part of one table."""

    def __init__(self, file: Sink, table: TableContract) -> None:
        """Prepare; there is no header."""
        self._file = file
        self._rows = JsonRows(table, "", "\n")

    def write(self, chunk: Chunk) -> None:
        """Append the rows of a chunk."""
        for rows in self._rows.render(chunk):
            self._file.write(rows)

    def close(self) -> None:
        """Do nothing: every chunk was written at once."""


def open_writer(file: Sink, tables: tuple[TableContract, ...], _: Part) -> NdjsonWriter:
    """Start one part of a table."""
    (table,) = tables
    return NdjsonWriter(file, table)


def iter_batches(file: IO[bytes], table: TableContract, _: Part) -> Iterator[pa.RecordBatch]:
    """Read a part back with the contract's schema, in flat memory; raises `SourceError`."""
    return iter_rows(BoundedLines(file).iter_blocks(), table)


def iter_rows(blocks: Iterator[bytes], table: TableContract) -> Iterator[pa.RecordBatch]:
    """Parse blocks of whole lines, one row in each line; raises `SourceError`."""
    try:
        yield from iter_bounded(_iter_parsed(blocks, table), table)
    except (pa.ArrowException, UnicodeError):
        message = f"it cannot be read as JSON rows of {table.name}"
        raise errors.SourceError(message) from None


def _iter_parsed(blocks: Iterator[bytes], table: TableContract) -> Iterator[pa.RecordBatch]:
    parse = pa_json.ParseOptions(
        explicit_schema=_schema_in_json(table), unexpected_field_behavior="error"
    )
    read = pa_json.ReadOptions(block_size=2 * BLOCK_BYTES, use_threads=False)
    render = JsonRows(table, "", "\n").render
    for block in blocks:
        rows = pa_json.read_json(pa.BufferReader(block), read_options=read, parse_options=parse)
        rows.validate(full=True)  # text that is not UTF-8 ends here
        if rows.num_rows != block.count(b"\n"):
            message = f"it does not hold its rows of {table.name} one in each line"
            raise errors.SourceError(message)
        batches = list(iter_typed(rows, table))
        chunks = [Chunk.of_read_rows(table, batch) for batch in batches]
        check_exact(block, chain.from_iterable(map(render, chunks)), table.name)
        yield from batches


def _schema_in_json(table: TableContract) -> pa.Schema:
    """JSON has no dates: they are text until they are cast."""
    return pa.schema(
        [
            (column.name, pa.string() if column.kind is ColumnKind.DATE else column.arrow_type)
            for column in table.columns
        ]
    )
