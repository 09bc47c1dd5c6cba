"""Parquet with Zstandard, one row group per ten leaves.

Columns whose values repeat get a dictionary, keys are written plain. Bytes are the same for one
pyarrow version, content for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Final

import pyarrow as pa
import pyarrow.parquet as pq

from esdh_models import TableContract, dataset_request, errors

from ..hashing_file import Sink
from ..leaves import Leaf
from .part import Part

NAME: Final = "parquet"
EXTENSION: Final = "parquet"
MEDIA_TYPE: Final = "application/vnd.apache.parquet"
BUNDLED: Final = False

_LEAVES_PER_ROW_GROUP: Final = 10
_LARGEST_ROW_GROUP_BYTES: Final = 512 * 2**20
"""Uncompressed; larger claims of a file that came from elsewhere are refused."""


class ParquetWriter:
    """Writes one part of one table, holding back at most one row group."""

    def __init__(self, file: Sink, table: TableContract) -> None:
        """Prepare; the Parquet file itself starts with the first row group."""
        self._file = file
        self._table = table
        self._held: list[pa.RecordBatch] = []
        self._writer: pq.ParquetWriter | None = None

    def write(self, leaf: Leaf) -> None:
        """Append the rows of a leaf."""
        self._held.append(leaf.plain)
        if len(self._held) == _LEAVES_PER_ROW_GROUP:
            self._write_row_group()

    def close(self) -> None:
        """Write the last row group and the footer."""
        if self._held or self._writer is None:
            self._write_row_group()
        if self._writer is not None:
            self._writer.close()

    def _write_row_group(self) -> None:
        group = pa.Table.from_batches(self._held or [self._table.arrow_schema.empty_table()])
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
        self._held = []


def open_writer(file: Sink, tables: tuple[TableContract, ...], _: Part) -> ParquetWriter:
    """Start one part of a table."""
    (table,) = tables
    return ParquetWriter(file, table)


def iter_batches(file: IO[bytes], table: TableContract) -> Iterator[pa.RecordBatch]:
    """Read a part back with the contract's schema, in flat memory; raises `SourceError`."""
    try:
        reader = pq.ParquetFile(file)
        _check(reader, table)
        for batch in reader.iter_batches(batch_size=dataset_request.LEAF_OWNERS, use_threads=False):
            batch.validate(full=True)  # text that is not UTF-8 ends here
            yield pa.RecordBatch.from_arrays(batch.columns, schema=table.arrow_schema)
    except (pa.ArrowException, OSError, UnicodeError):
        message = f"it cannot be read as Parquet of {table.name}"
        raise errors.SourceError(message) from None


def _check(reader: pq.ParquetFile, table: TableContract) -> None:
    schema = reader.schema_arrow.remove_metadata()
    if schema.names != list(table.column_names) or schema.types != table.arrow_schema.types:
        message = f"its schema is not that of {table.name}"
        raise errors.SourceError(message)
    metadata = reader.metadata
    for number in range(metadata.num_row_groups):
        if metadata.row_group(number).total_byte_size > _LARGEST_ROW_GROUP_BYTES:
            message = f"its row group {number} claims more than {_LARGEST_ROW_GROUP_BYTES} bytes"
            raise errors.SourceError(message)


def _dictionary_columns(table: TableContract) -> list[str]:
    """Columns whose values repeat often enough for a dictionary to pay."""
    return [
        column.name
        for column in table.columns
        if not column.unique and column.facts.foreign_key is None
    ]
