"""Leaves: the rows of 10,000 owners of one table, the unit that is digested and counted.

A leaf holds each column twice, as it came (perhaps dictionary-encoded, good for counting) and
plain (good for digests and text), so that nothing is decoded more than once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from esdh_models import DatasetSource, TableContract, dataset_request, errors

from .text_layout import TextLayout, text_layout

_OWNERS_AT_ONCE: Final = 2 * dataset_request.LEAF_OWNERS
"""What is asked of a source in one go: larger arrays cost less, while they fit a cache."""

_FEW: Final = 100
"""Rows up to which a dictionary is not looked at as a whole."""

_MOST_BYTES: Final = 2**31
"""What an Arrow string array can address."""

Memory = tuple[int, ...]
"""What tells one array's place in memory from another's."""


class Decoder:
    """Decodes and lays out the columns of a leaf, each once however often it stands in its tables.

    What is known of a column is found by its place in memory; the column is kept beside it, so
    that its memory is not given to another.
    """

    def __init__(self) -> None:
        """Start with nothing decoded."""
        self._known: dict[tuple[Memory, Memory], tuple[pa.Array, pa.Array]] = {}
        self._texts: dict[Memory, tuple[pa.Array, TextLayout]] = {}
        self._counts: dict[Memory, tuple[pa.Array, npt.NDArray[np.int64]]] = {}

    def plain(self, column: pa.Array) -> pa.Array:
        """The same values without dictionary encoding."""
        if not pa.types.is_dictionary(column.type):
            return column
        place = (memory_of(column.indices), memory_of(column.dictionary))
        if place not in self._known:
            self._known[place] = (column, _decoded(column))
        return self._known[place][1]

    def counts(self, column: pa.DictionaryArray) -> npt.NDArray[np.int64]:
        """How often each code of a column stands in it."""
        place = (*memory_of(column.indices), len(column.dictionary))
        if place not in self._counts:
            codes = column.indices.drop_null().to_numpy(zero_copy_only=False)
            counted = np.bincount(codes, minlength=len(column.dictionary))
            self._counts[place] = (column, counted)
        return self._counts[place][1]

    def text(self, column: pa.StringArray) -> TextLayout:
        """Lengths and bytes of a plain text column."""
        place = memory_of(column)
        if place not in self._texts:
            self._texts[place] = (column, text_layout(column))
        return self._texts[place][1]


@dataclass(frozen=True, slots=True)
class Leaf:
    """One leaf of one table; both batches hold the same values in contract order."""

    table: TableContract
    coded: pa.RecordBatch
    plain: pa.RecordBatch
    decoder: Decoder = field(default_factory=Decoder, repr=False)
    _texts: dict[str, TextLayout] = field(default_factory=dict, repr=False)

    def text(self, column: str) -> TextLayout:
        """Lengths and bytes of a text column, laid out once."""
        if column not in self._texts:
            self._texts[column] = self.decoder.text(self.plain.column(column))
        return self._texts[column]


def _decoded(column: pa.DictionaryArray) -> pa.Array:
    """The values of a column; texts of one width are copied as a matrix, which is quicker."""
    if len(column) <= _FEW:
        return column.dictionary_decode()
    lengths, data = text_layout(column.dictionary)
    width = int(lengths[0]) if len(lengths) else 0
    is_matrix = width and (lengths == width).all() and len(column) * width < _MOST_BYTES
    if not is_matrix or column.null_count or column.dictionary.null_count:
        return column.dictionary_decode()
    if len(lengths) == 1:
        values = bytes(data) * len(column)
    else:
        values = np.frombuffer(data, f"V{width}").take(column.indices.to_numpy())
    offsets = np.arange(len(column) + 1, dtype=np.int32) * np.int32(width)
    return pa.StringArray.from_buffers(len(column), pa.py_buffer(offsets), pa.py_buffer(values))


def make_leaf(table: TableContract, batch: pa.RecordBatch, decode: Decoder | None = None) -> Leaf:
    """Check a batch against its contract and decode it; raises `SourceError`."""
    decode = decode or Decoder()
    if tuple(batch.schema.names) != table.column_names:
        message = (
            f"the source's {table.name} have the columns {', '.join(batch.schema.names)},"
            f" but the contract says {', '.join(table.column_names)}"
        )
        raise errors.SourceError(message)
    columns = [decode.plain(column) for column in batch.columns]
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
    return Leaf(table, batch, plain, decode)


def iter_source_leaves(
    source: DatasetSource, start: int, stop: int
) -> Iterator[tuple[int, dict[str, Leaf]]]:
    """Yield, for the owners [start, stop), each leaf's owner count and its tables.

    `start` must be a multiple of 10,000, or leaves would be cut.
    """
    for first in range(start, stop, _OWNERS_AT_ONCE):
        last = min(first + _OWNERS_AT_ONCE, stop)
        blocks = list(source.iter_blocks(first, last))
        _check_rows(source, blocks, last - first)
        whole = {name: _whole([block[name] for block in blocks]) for name in source.request.tables}
        for row in range(0, last - first, dataset_request.LEAF_OWNERS):
            owners = min(dataset_request.LEAF_OWNERS, last - first - row)
            decode = Decoder()
            leaves = {
                name: make_leaf(source.contract.table(name), rows.slice(row, owners), decode)
                for name, rows in whole.items()
            }
            yield owners, leaves


def iter_file_leaves(table: TableContract, batches: Iterable[pa.RecordBatch]) -> Iterator[Leaf]:
    """Cut the batches of one file into leaves.

    Every table of the contracts so far has one row per owner, so a leaf is 10,000 rows.
    """
    pending: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        pending.append(batch)
        rows += batch.num_rows
        while rows >= dataset_request.LEAF_OWNERS:
            whole = _whole(pending)
            yield make_leaf(table, whole.slice(0, dataset_request.LEAF_OWNERS))
            rest = whole.slice(dataset_request.LEAF_OWNERS)
            pending, rows = [rest], rest.num_rows
    if rows:
        yield make_leaf(table, _whole(pending))


def _whole(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    if len(batches) == 1:
        return batches[0]
    table = pa.Table.from_batches(batches).unify_dictionaries().combine_chunks()
    return table.to_batches()[0]


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
