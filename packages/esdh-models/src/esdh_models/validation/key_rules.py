"""Rules between rows: keys are unique and foreign keys name a row that exists.

Every key column is held in memory until the end, some 40 bytes a row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from ..contracts import TableContract
from .violations import Violation


class KeyCheck:
    """Collects the key columns of some tables and then checks them against each other."""

    def __init__(self, tables: Sequence[TableContract]) -> None:
        """Watch the unique columns and the foreign keys of `tables`."""
        self._tables = tables
        self._chunks: dict[str, list[pa.Array]] = {
            f"{table.name}.{column.name}": []
            for table in tables
            for column in table.columns
            if column.unique or column.facts.foreign_key
        }

    def add(self, table: TableContract, batch: pa.RecordBatch) -> None:
        """Take the key columns of the next batch of a table."""
        for column in table.columns:
            chunks = self._chunks.get(f"{table.name}.{column.name}")
            if chunks is not None:
                chunks.append(batch.column(column.name))

    def iter_violations(self) -> Iterator[Violation]:
        """Yield repeated keys and foreign keys that lead nowhere; absent tables are not missed."""
        for table in self._tables:
            for column in table.columns:
                values = self._values(f"{table.name}.{column.name}")
                if values is None:
                    continue
                if column.unique:
                    for row in _repeated_rows(values):
                        yield Violation(table.name, column.name, "unique", row)
                parent = self._values(column.facts.foreign_key or "")
                if parent is not None:
                    for row in _orphan_rows(values, parent):
                        yield Violation(table.name, column.name, "foreign-key", row)

    def _values(self, name: str) -> pa.ChunkedArray | None:
        chunks = self._chunks.get(name)
        return None if chunks is None else pa.chunked_array(chunks, pa.string())


def _repeated_rows(values: pa.ChunkedArray) -> list[int]:
    if pc.count_distinct(values).as_py() == len(values):
        return []
    counted = pc.value_counts(values)
    repeated = counted.field("values").filter(pc.greater(counted.field("counts"), 1))
    rows: list[int] = pc.indices_nonzero(pc.is_in(values, value_set=repeated)).to_pylist()
    return rows


def _orphan_rows(values: pa.ChunkedArray, parent: pa.ChunkedArray) -> list[int]:
    found = pc.is_in(values, value_set=parent)
    rows: list[int] = pc.indices_nonzero(pc.invert(found)).to_pylist()
    return rows
