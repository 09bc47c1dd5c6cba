"""Parquet with Zstandard, one row group per 100,000 rows.

Columns whose values repeat get a dictionary, keys are written plain. Bytes are the same for one
pyarrow version, content for all of them.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import islice
from typing import IO, Final

import pyarrow as pa
import pyarrow.parquet as pq

from esdh_models import ColumnKind, TableContract, dataset_request, errors

from ..chunks import Chunk
from ..hashing_file import Sink
from .bounds import check_texts, iter_bounded
from .part import Part

NAME: Final = "parquet"
EXTENSION: Final = "parquet"
MEDIA_TYPE: Final = "application/vnd.apache.parquet"
BUNDLED: Final = False

_ROW_GROUP_ROWS: Final = 10 * dataset_request.LEAF_OWNERS
_LARGEST_ROW_GROUP_BYTES: Final = 64 * 2**20
"""Uncompressed; larger claims of a file that came from elsewhere are refused."""
_ENCODINGS: Final = frozenset({"PLAIN", "PLAIN_DICTIONARY", "RLE", "RLE_DICTIONARY"})
"""What the writer makes. In others a short page can stand for texts without end."""
_ROWS_AT_ONCE: Final = 1_000
_BUFFER_BYTES: Final = 2**20


class ParquetWriter:
    """Writes one part of one table, holding back at most one row group."""

    def __init__(self, file: Sink, table: TableContract) -> None:
        """Prepare; the Parquet file itself starts with the first row group."""
        self._file = file
        self._table = table
        self._held: list[pa.RecordBatch] = []
        self._held_rows = 0
        self._writer: pq.ParquetWriter | None = None

    def write(self, chunk: Chunk) -> None:
        """Append the rows of a chunk; a row group is written once it is full."""
        rest = chunk.plain
        while self._held_rows + rest.num_rows >= _ROW_GROUP_ROWS:
            fits = _ROW_GROUP_ROWS - self._held_rows
            self._hold(rest.slice(0, fits))
            self._write_row_group()
            rest = rest.slice(fits)
        self._hold(rest)

    def _hold(self, rows: pa.RecordBatch) -> None:
        if rows.num_rows:
            self._held.append(rows)
            self._held_rows += rows.num_rows

    def close(self) -> None:
        """Write the last row group and the footer."""
        if self._held or self._writer is None:
            self._write_row_group()
        if self._writer is not None:
            self._writer.close()

    def _write_row_group(self) -> None:
        # As one piece: where pieces begin, pages may be cut, and bytes are to come of rows alone.
        group = pa.Table.from_batches(self._held, self._table.arrow_schema).combine_chunks()
        if self._writer is None:
            self._writer = pq.ParquetWriter(
                self._file,
                group.schema,
                compression="zstd",
                use_dictionary=_dictionary_columns(self._table),
                store_schema=False,
                write_page_index=False,
            )
        self._writer.write_table(group, row_group_size=max(group.num_rows, 1))
        self._held, self._held_rows = [], 0


def open_writer(file: Sink, tables: tuple[TableContract, ...], _: Part) -> ParquetWriter:
    """Start one part of a table."""
    (table,) = tables
    return ParquetWriter(file, table)


def iter_batches(file: IO[bytes], table: TableContract, _: Part) -> Iterator[pa.RecordBatch]:
    """Read a part back with the contract's schema, in flat memory; raises `SourceError`."""
    try:
        yield from iter_bounded(_iter_parsed(file, table), table)
    except (pa.ArrowException, OSError, UnicodeError):
        message = f"it cannot be read as Parquet of {table.name}"
        raise errors.SourceError(message) from None


def _iter_parsed(file: IO[bytes], table: TableContract) -> Iterator[pa.RecordBatch]:
    """Read one row group after the other, its dictionaries before its rows."""
    source = _arrow_file(file)
    reader = pq.ParquetFile(source, buffer_size=_BUFFER_BYTES)
    _check(reader, table)
    texts = [column.name for column in table.columns if column.kind is ColumnKind.TEXT]
    coded = pq.ParquetFile(
        source, metadata=reader.metadata, read_dictionary=texts, buffer_size=_BUFFER_BYTES
    )
    for number in range(reader.metadata.num_row_groups):
        first = coded.iter_batches(1, [number], _coded_columns(reader, number), use_threads=False)
        for dictionaries in islice(first, 1):
            check_texts(dictionaries, table)
        for batch in reader.iter_batches(_ROWS_AT_ONCE, [number], use_threads=False):
            batch.validate(full=True)  # text that is not UTF-8 ends here
            yield pa.RecordBatch.from_arrays(batch.columns, schema=table.arrow_schema)


def _arrow_file(file: IO[bytes]) -> pa.NativeFile:
    """The same file as Arrow's own.

    Arrow reads ahead in threads of its own. Through a Python file they would need the interpreter,
    and would abort the process if it ended while a reading that was given up is under way.
    """
    try:
        return pa.OSFile(f"/dev/fd/{file.fileno()}")
    except io.UnsupportedOperation:
        return pa.BufferReader(file.read())


def _check(reader: pq.ParquetFile, table: TableContract) -> None:
    schema = reader.schema_arrow.remove_metadata()
    if schema.names != list(table.column_names) or schema.types != table.arrow_schema.types:
        message = f"its schema is not that of {table.name}"
        raise errors.SourceError(message)
    metadata = reader.metadata
    if metadata.metadata:
        raise errors.SourceError("it holds notes beside its rows, which no snapshot has")
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        if group.total_byte_size > _LARGEST_ROW_GROUP_BYTES:
            message = f"its row group {number} claims more than {_LARGEST_ROW_GROUP_BYTES} bytes"
            raise errors.SourceError(message)
        for place in range(group.num_columns):
            if not _ENCODINGS.issuperset(group.column(place).encodings):
                message = f"its row group {number} has an encoding that no snapshot has"
                raise errors.SourceError(message)


def _coded_columns(reader: pq.ParquetFile, number: int) -> list[str]:
    """Columns of a row group that have a dictionary, whose texts could be repeated endlessly."""
    group = reader.metadata.row_group(number)
    columns = (group.column(place) for place in range(group.num_columns))
    return [column.path_in_schema for column in columns if column.has_dictionary_page]


def _dictionary_columns(table: TableContract) -> list[str]:
    """Columns whose values repeat often enough for a dictionary to pay."""
    return [
        column.name
        for column in table.columns
        if not column.unique and column.facts.foreign_key is None
    ]
