"""Rules between rows: keys are unique and foreign keys name a row that exists.

Every key column is held in memory until the end and its distinct values once more while they are
compared: some 80 bytes a row. Offsets have 64 bits, so that 2 GiB of keys are no limit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from ..contracts import TableContract
from .violations import Violation, iter_broken_rows


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
                chunks.append(batch.column(column.name).cast(pa.large_string()))

    def leave_out(self, table: TableContract) -> None:
        """Forget the rows of a table, of which some are not to be had."""
        for column in table.columns:
            self._chunks.pop(f"{table.name}.{column.name}", None)

    def iter_violations(self) -> Iterator[Violation]:
        """Yield repeated keys and foreign keys that lead nowhere; absent tables are not missed."""
        for table in self._tables:
            for column in table.columns:
                values = self._values(f"{table.name}.{column.name}")
                if values is None:
                    continue
                if column.unique and (repeated := _repeated(values)) is not None:
                    yield from iter_broken_rows(table.name, column.name, "unique", repeated)
                parent = self._values(column.facts.foreign_key or "")
                if parent is not None:
                    orphans = pc.invert(pc.is_in(values, value_set=parent))
                    yield from iter_broken_rows(table.name, column.name, "foreign-key", orphans)

    def _values(self, name: str) -> pa.ChunkedArray | None:
        chunks = self._chunks.get(name)
        return None if chunks is None else pa.chunked_array(chunks, pa.large_string())


def _repeated(values: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """Which values occur more than once; None where none does, which is cheaper to find."""
    if pc.count_distinct(values).as_py() == len(values):
        return None
    counted = pc.value_counts(values)
    repeated = counted.field("values").filter(pc.greater(counted.field("counts"), 1))
    return pc.is_in(values, value_set=repeated)
