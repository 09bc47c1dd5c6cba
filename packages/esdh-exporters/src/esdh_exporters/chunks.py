"""Chunks: consecutive rows of one table, all of its columns, as they are counted and written.

A column of a chunk is held as it came (perhaps dictionary-encoded, good for counting) and plain
(good for digests and text), and what is found out about it is kept, so that nothing is done twice
for a column that stands in several tables. A chunk begins where a leaf does, the unit of content
digests.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from esdh_models import ColumnKind, DatasetSource, TableContract, dataset_request, errors

from .text_layout import TextLayout, common_width, null_mask, text_layout, texts_of_width

CHUNK_OWNERS: Final = 5 * dataset_request.LEAF_OWNERS
"""Policyholders whose rows are made in one go: more cost less each, until caches overflow."""

ROWS_AT_ONCE: Final = 10_000
"""Rows of a chunk that are put together as text at once, in memory that caches can hold."""

_FEW: Final = 100
"""Rows up to which a dictionary is not looked at as a whole."""

_MOST_BYTES: Final = 2**31
"""What an Arrow string array can address."""

Memory = tuple[int, ...]
"""What tells one array's place in memory from another's."""


class Place(NamedTuple):
    """What lies where: a type, values or codes, and the dictionary of those."""

    type: pa.DataType
    values: Memory
    dictionary: Memory | None = None


@dataclass(frozen=True, eq=False)
class Column:
    """One column of a chunk; everything about it is found out once, when it is first asked for."""

    coded: pa.Array
    place: Place
    digests: dict[tuple[ColumnKind, bool], list[bytes]] = field(default_factory=dict, repr=False)
    """Its digests, leaf by leaf, as a column of such a kind, nullable or not."""

    @classmethod
    def of(cls, values: pa.Array) -> Column:
        """Wrap a column that stands in one table alone."""
        return cls(values, place_of(values))

    @property
    def is_coded(self) -> bool:
        """Whether it came dictionary-encoded."""
        return self.place.dictionary is not None

    @cached_property
    def plain(self) -> pa.Array:
        """The same values without dictionary encoding."""
        return _decoded(self.coded) if self.is_coded else self.coded

    @cached_property
    def text(self) -> TextLayout:
        """Lengths and bytes of a text column."""
        return text_layout(self.plain)

    @cached_property
    def only_text(self) -> str | None:
        """The text that stands in every row, if the dictionary has no other and none is null."""
        if not self.is_coded or len(self.coded.dictionary) != 1 or self.coded.null_count:
            return None
        only: str | None = self.coded.dictionary[0].as_py()
        return only

    @cached_property
    def width(self) -> int:
        """The length that all texts have; 0 if they differ, or if one is null or empty."""
        if self.plain.null_count:
            return 0
        if self.is_coded:
            return common_width(self.coded.dictionary)
        shortest, longest = self.length_bounds or (0, 0)
        return shortest if shortest == longest else 0

    @cached_property
    def nulls(self) -> npt.NDArray[np.bool_]:
        """Which rows have no value."""
        return null_mask(self.plain)

    @cached_property
    def counts(self) -> npt.NDArray[np.int64]:
        """How often each code stands in a dictionary-encoded column."""
        codes = self.coded.indices.drop_null().to_numpy(zero_copy_only=False)
        return np.bincount(codes, minlength=len(self.coded.dictionary))

    @cached_property
    def length_bounds(self) -> tuple[int, int] | None:
        """Lengths of the shortest and the longest text; None where there is none."""
        lengths = self.text.lengths
        if self.plain.null_count:
            lengths = lengths[~self.nulls]
        return (int(lengths.min()), int(lengths.max())) if len(lengths) else None


class Columns:
    """The columns of a chunk, each once however often it stands in its tables.

    They are known by their place in memory, which a column keeps from being given to another.
    """

    def __init__(self) -> None:
        """Start with none."""
        self._known: dict[Place, Column] = {}

    def of(self, values: pa.Array) -> Column:
        """The column that lies where these values do."""
        place = place_of(values)
        return self._known.setdefault(place, Column(values, place))


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows of one table; `plain` holds the values of the columns, in contract order too."""

    table: TableContract
    columns: Mapping[str, Column]
    plain: pa.RecordBatch

    @classmethod
    def of_read_rows(cls, table: TableContract, rows: pa.RecordBatch) -> Chunk:
        """Plain rows as somebody wrote them: a null may stand where the contract has none."""
        columns = map(Column.of, rows.columns)
        return cls(table, dict(zip(table.column_names, columns, strict=True)), rows)


def _decoded(column: pa.DictionaryArray) -> pa.Array:
    """The values of a column; texts of one width are copied as a matrix, which is quicker."""
    if len(column) <= _FEW or column.null_count:
        return column.dictionary_decode()
    dictionary, codes = column.dictionary, column.indices.to_numpy()
    width = common_width(dictionary)
    if not 0 < len(codes) * width < _MOST_BYTES:
        # One look at the ends of the codes is quicker than Arrow's at each of them.
        is_within = codes.min() >= 0 and codes.max() < len(dictionary)
        return pc.take(dictionary, column.indices, boundscheck=not is_within)
    content = text_layout(dictionary).content
    if len(dictionary) == 1:
        return texts_of_width(width, len(codes), bytes(content) * len(codes))
    return texts_of_width(width, len(codes), np.frombuffer(content, f"V{width}").take(codes))


def make_chunk(
    table: TableContract, batch: pa.RecordBatch, columns: Columns | None = None
) -> Chunk:
    """Check a batch against its contract and decode it; raises `SourceError`."""
    if tuple(batch.schema.names) != table.column_names:
        message = (
            f"the source's {table.name} have the columns {', '.join(batch.schema.names)},"
            f" but the contract says {', '.join(table.column_names)}"
        )
        raise errors.SourceError(message)
    known = list(map((columns or Columns()).of, batch.columns))
    for column, contract in zip(known, table.columns, strict=True):
        if column.plain.type != contract.arrow_type:
            message = (
                f"the source's {table.name}.{contract.name} has the type {column.plain.type},"
                f" but the contract says {contract.arrow_type}"
            )
            raise errors.SourceError(message)
        if column.plain.null_count and not contract.nullable:
            message = f"{table.name}.{contract.name} is required, but a row has none"
            raise errors.SourceError(message)
    plain = pa.RecordBatch.from_arrays(
        [column.plain for column in known], schema=table.arrow_schema
    )
    return Chunk(table, dict(zip(table.column_names, known, strict=True)), plain)


def iter_source_chunks(
    source: DatasetSource, start: int, stop: int, owners: int = CHUNK_OWNERS
) -> Iterator[tuple[int, dict[str, Chunk]]]:
    """Yield, for the owners [start, stop), each chunk's owner count and its tables.

    `start` and `owners` must be multiples of 10,000, or leaves would be cut.
    """
    for first in range(start, stop, owners):
        last = min(first + owners, stop)
        # Handed over and not held here, so that whoever takes them can let go of them.
        yield last - first, _source_chunks(source, first, last)


def _source_chunks(source: DatasetSource, start: int, stop: int) -> dict[str, Chunk]:
    blocks = list(source.iter_blocks(start, stop))
    _check_rows(source, blocks, stop - start)
    columns = Columns()
    return {
        name: make_chunk(
            source.contract.table(name), _whole([block[name] for block in blocks]), columns
        )
        for name in source.request.tables
    }


def iter_file_chunks(table: TableContract, batches: Iterable[pa.RecordBatch]) -> Iterator[Chunk]:
    """Cut the batches of one file into chunks of one leaf each.

    Every table of the contracts so far has one row per owner, so a leaf is 10,000 rows.
    """
    pending: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        pending.append(batch)
        rows += batch.num_rows
        while rows >= dataset_request.LEAF_OWNERS:
            whole = _whole(pending)
            yield make_chunk(table, whole.slice(0, dataset_request.LEAF_OWNERS))
            rest = whole.slice(dataset_request.LEAF_OWNERS)
            pending, rows = [rest], rest.num_rows
    if rows:
        yield make_chunk(table, _whole(pending))


def _whole(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    if len(batches) == 1:
        return batches[0]
    table = pa.Table.from_batches(batches).unify_dictionaries().combine_chunks()
    return table.to_batches()[0]


def place_of(column: pa.Array) -> Place:
    """Where a column lies; two of one place are equal at no cost while both are held."""
    if pa.types.is_dictionary(column.type):
        return Place(column.type, _memory_of(column.indices), _memory_of(column.dictionary))
    return Place(column.type, _memory_of(column))


def _check_rows(
    source: DatasetSource, blocks: Sequence[Mapping[str, pa.RecordBatch]], owners: int
) -> None:
    """Every table of the contracts so far has one row per owner."""
    for name in source.request.tables:
        rows = sum(block[name].num_rows for block in blocks)
        if rows != owners:
            message = f"the source gave {rows} rows of {name} for {owners} policyholders"
            raise errors.SourceError(message)


def _memory_of(array: pa.Array) -> Memory:
    """Where an array lies: offset, length, and the addresses of its buffers."""
    addresses = [buffer.address if buffer else 0 for buffer in array.buffers()]
    return (array.offset, len(array), *addresses)
