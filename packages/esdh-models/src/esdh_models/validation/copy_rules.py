"""Rules between tables: a column that copies its parent's holds what the parent row holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from ..contracts import ColumnContract, TableContract
from .violations import Violation, iter_broken_rows


class CopyCheck:
    """Collects copied columns and their originals, and compares them over the foreign keys."""

    def __init__(self, tables: Sequence[TableContract]) -> None:
        """Watch the copies whose originals are in `tables`."""
        self._tables = {table.name: table for table in tables}
        self._chunks: dict[str, list[pa.Array]] = {}
        self._left_out: set[str] = set()
        for table in tables:
            for column in table.columns:
                parent, _, original = (column.facts.copy_of or "").partition(".")
                if parent in self._tables:
                    key = self._tables[parent].primary_key
                    link = _link_column(table, parent, key)
                    for name in (column.name, link):
                        self._chunks[f"{table.name}.{name}"] = []
                    for name in (original, key):
                        self._chunks[f"{parent}.{name}"] = []

    def add(self, table: TableContract, batch: pa.RecordBatch) -> None:
        """Take the watched columns of the next batch of a table."""
        for column in table.columns:
            chunks = self._chunks.get(f"{table.name}.{column.name}")
            if chunks is not None:
                chunks.append(batch.column(column.name).dictionary_encode())

    def leave_out(self, table: TableContract) -> None:
        """Compare nothing with a table of which some rows are not to be had."""
        self._left_out.add(table.name)

    def iter_violations(self) -> Iterator[Violation]:
        """Yield the rows whose copy differs; orphans are not told here."""
        for table in self._tables.values():
            for column in table.columns:
                parent = (column.facts.copy_of or "").partition(".")[0]
                if self._left_out.isdisjoint({table.name, parent}) and (
                    column.facts.copy_of in self._chunks
                ):
                    differs = self._differs(table, column)
                    yield from iter_broken_rows(table.name, column.name, "copy", differs)

    def _differs(self, table: TableContract, column: ColumnContract) -> pa.ChunkedArray:
        parent, _, original = (column.facts.copy_of or "").partition(".")
        key = self._tables[parent].primary_key
        links = self._values(f"{table.name}.{_link_column(table, parent, key)}")
        places = pc.index_in(links, value_set=self._values(f"{parent}.{key}"))
        expected = self._values(f"{parent}.{original}").take(places)
        differs = pc.not_equal(expected, self._values(f"{table.name}.{column.name}"))
        return pc.fill_null(differs, False)

    def _values(self, name: str) -> pa.ChunkedArray:
        plain = [chunk.dictionary_decode().cast(pa.large_string()) for chunk in self._chunks[name]]
        return pa.chunked_array(plain, pa.large_string())


def _link_column(table: TableContract, parent: str, key: str) -> str:
    """The foreign key of a table that leads to its parent."""
    return next(c.name for c in table.columns if c.facts.foreign_key == f"{parent}.{key}")
