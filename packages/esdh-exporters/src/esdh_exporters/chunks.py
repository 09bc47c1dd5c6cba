"""Chunks: consecutive rows of one table, all of its columns, as they are counted and written.

A chunk holds each column twice, as it came (perhaps dictionary-encoded, good for counting) and
plain (good for digests and text), so that nothing is decoded more than once. It begins where a
leaf does, the unit of content digests.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from esdh_models import DatasetSource, TableContract, dataset_request, errors

from .text_layout import TextLayout, common_width, text_layout, texts_of_width

CHUNK_OWNERS: Final = 3 * dataset_request.LEAF_OWNERS
"""Policyholders whose rows are made in one go: more cost less each, until caches overflow."""

_FEW: Final = 100
"""Rows up to which a dictionary is not looked at as a whole."""

_MOST_BYTES: Final = 2**31
"""What an Arrow string array can address."""

Memory = tuple[int, ...]
"""What tells one array's place in memory from another's."""


class Place(NamedTuple):
    """Where a column lies: its values or codes, and the dictionary of those."""

    values: Memory
    dictionary: Memory | None = None


class Decoder:
    """Decodes and lays out the columns of a chunk, each once however often it stands in its tables.

    What is known of a column is found by its place in memory, which the chunk keeps from being
    given to another.
    """

    def __init__(self) -> None:
        """Start with nothing decoded."""
        self._plain: dict[Place, pa.Array] = {}
        self._texts: dict[Place, TextLayout] = {}
        self._counts: dict[Memory, npt.NDArray[np.int64]] = {}

    def plain(self, place: Place, column: pa.Array) -> pa.Array:
        """The same values without dictionary encoding."""
        if place.dictionary is None:
            return column
        if place not in self._plain:
            self._plain[place] = _decoded(column)
        return self._plain[place]

    def counts(self, place: Place, column: pa.DictionaryArray) -> npt.NDArray[np.int64]:
        """How often each code of a column stands in it."""
        key = (*place.values, len(column.dictionary))
        if key not in self._counts:
            codes = column.indices.drop_null().to_numpy(zero_copy_only=False)
            self._counts[key] = np.bincount(codes, minlength=len(column.dictionary))
        return self._counts[key]

    def text(self, place: Place, plain: pa.StringArray) -> TextLayout:
        """Lengths and bytes of a text column."""
        if place not in self._texts:
            self._texts[place] = text_layout(plain)
        return self._texts[place]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows of one table; both batches hold the same values in contract order."""

    table: TableContract
    coded: pa.RecordBatch
    plain: pa.RecordBatch
    _decoder: Decoder = field(default_factory=Decoder, repr=False)
    _places: dict[str, Place] = field(default_factory=dict, repr=False)

    def place(self, column: str) -> Place:
        """Where a column lies."""
        if column not in self._places:
            self._places[column] = place_of(self.coded.column(column))
        return self._places[column]

    def text(self, column: str) -> TextLayout:
        """Lengths and bytes of a text column, laid out once."""
        return self._decoder.text(self.place(column), self.plain.column(column))

    def counts(self, column: str) -> npt.NDArray[np.int64]:
        """How often each code of a dictionary-encoded column stands in it, counted once."""
        return self._decoder.counts(self.place(column), self.coded.column(column))


def _decoded(column: pa.DictionaryArray) -> pa.Array:
    """The values of a column; texts of one width are copied as a matrix, which is quicker."""
    if len(column) <= _FEW or column.null_count:
        return column.dictionary_decode()
    width = common_width(column.dictionary)
    if not 0 < len(column) * width < _MOST_BYTES:
        return column.dictionary_decode()
    content = text_layout(column.dictionary).content
    if len(column.dictionary) == 1:
        return texts_of_width(width, len(column), bytes(content) * len(column))
    values = np.frombuffer(content, f"V{width}").take(column.indices.to_numpy())
    return texts_of_width(width, len(column), values)


def make_chunk(
    table: TableContract, batch: pa.RecordBatch, decoder: Decoder | None = None
) -> Chunk:
    """Check a batch against its contract and decode it; raises `SourceError`."""
    decoder = decoder or Decoder()
    if tuple(batch.schema.names) != table.column_names:
        message = (
            f"the source's {table.name} have the columns {', '.join(batch.schema.names)},"
            f" but the contract says {', '.join(table.column_names)}"
        )
        raise errors.SourceError(message)
    places = [place_of(column) for column in batch.columns]
    columns = list(map(decoder.plain, places, batch.columns))
    for column, contract in zip(columns, table.columns, strict=True):
        if column.type != contract.arrow_type:
            message = (
                f"the source's {table.name}.{contract.name} has the type {column.type},"
                f" but the contract says {contract.arrow_type}"
            )
            raise errors.SourceError(message)
        if column.null_count and not contract.nullable:
            message = f"{table.name}.{contract.name} is required, but a row has none"
            raise errors.SourceError(message)
    plain = pa.RecordBatch.from_arrays(columns, schema=table.arrow_schema)
    return Chunk(table, batch, plain, decoder, dict(zip(table.column_names, places, strict=True)))


def iter_source_chunks(
    source: DatasetSource, start: int, stop: int, owners: int = CHUNK_OWNERS
) -> Iterator[tuple[int, dict[str, Chunk]]]:
    """Yield, for the owners [start, stop), each chunk's owner count and its tables.

    `start` and `owners` must be multiples of 10,000, or leaves would be cut.
    """
    for first in range(start, stop, owners):
        last = min(first + owners, stop)
        blocks = list(source.iter_blocks(first, last))
        _check_rows(source, blocks, last - first)
        decoder = Decoder()
        yield (
            last - first,
            {
                name: make_chunk(
                    source.contract.table(name), _whole([block[name] for block in blocks]), decoder
                )
                for name in source.request.tables
            },
        )


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
        return Place(memory_of(column.indices), memory_of(column.dictionary))
    return Place(memory_of(column))


def _check_rows(
    source: DatasetSource, blocks: Sequence[Mapping[str, pa.RecordBatch]], owners: int
) -> None:
    """Every table of the contracts so far has one row per owner."""
    for name in source.request.tables:
        rows = sum(block[name].num_rows for block in blocks)
        if rows != owners:
            message = f"the source gave {rows} rows of {name} for {owners} policyholders"
            raise errors.SourceError(message)


def same_memory(one: pa.Array, other: pa.Array) -> bool:
    """Whether two arrays are the same memory, which makes them equal at no cost."""
    return memory_of(one) == memory_of(other)


def memory_of(array: pa.Array) -> Memory:
    """Where an array lies: offset, length, and the addresses of its buffers."""
    addresses = [buffer.address if buffer else 0 for buffer in array.buffers()]
    return (array.offset, len(array), *addresses)
