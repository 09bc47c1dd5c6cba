"""Everything a manifest says of a table, gathered chunk by chunk: rows, digests, statistics."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

from esdh_models import TableContract, manifest

from .chunks import Chunk
from .column_statistics import ColumnTally, new_tally
from .content_digest import leaf_digests, table_digest


@dataclass(slots=True)
class TableTally:
    """A table, or the consecutive chunks of it seen so far."""

    table: TableContract
    rows: int = 0
    leaf_digests: list[str] = field(default_factory=list)
    columns: dict[str, ColumnTally] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.columns = self.columns or {c.name: new_tally(c) for c in self.table.columns}

    def add(self, chunk: Chunk) -> None:
        """Take the next chunk."""
        self.rows += chunk.plain.num_rows
        self.leaf_digests += leaf_digests(chunk)
        for name, tally in self.columns.items():
            tally.add(chunk.columns[name])

    def extend(self, later: Self) -> None:
        """Take the chunks that follow these."""
        self.rows += later.rows
        self.leaf_digests.extend(later.leaf_digests)
        for name, column in self.columns.items():
            column.merge(later.columns[name])

    def entry(self) -> manifest.TableEntry:
        """The table's entry in the manifest."""
        table = self.table
        return manifest.TableEntry(
            name=table.name,
            rows=self.rows,
            primary_key=table.primary_key,
            foreign_keys={
                column.name: column.facts.foreign_key
                for column in table.columns
                if column.facts.foreign_key
            },
            content_digest=table_digest(table, self.rows, self.leaf_digests),
            columns={name: column.result() for name, column in self.columns.items()},
        )
