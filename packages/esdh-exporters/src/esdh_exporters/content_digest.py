"""Content digests: what the rows of a table are, whatever file format holds them.

The written specification is docs/content-digest.md; this module and that page change together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from blake3 import blake3

from esdh_models import ColumnContract, ColumnKind, DatasetRequest, TableContract, dataset_request

from .chunks import Chunk
from .text_layout import TextLayout

PREFIX: Final = "blake3:"
_NULL_MARK: Final = np.uint32(0xFFFFFFFF)


def leaf_digests(chunk: Chunk) -> list[str]:
    """BLAKE3 over the columns of each leaf of a chunk, in hexadecimal."""
    columns = [_octets_of(chunk, column) for column in chunk.table.columns]
    rows = chunk.plain.num_rows
    return [
        _leaf_digest(columns, start, min(start + dataset_request.LEAF_OWNERS, rows))
        for start in range(0, rows, dataset_request.LEAF_OWNERS)
    ]


_Octets = Callable[[int, int], Iterable[memoryview]]
"""What the digest takes of a column for the rows [start, stop)."""


def _leaf_digest(columns: Iterable[_Octets], start: int, stop: int) -> str:
    digest, count = blake3(), (stop - start).to_bytes(8, "little")
    for octets in columns:
        digest.update(count)
        for data in octets(start, stop):
            digest.update(data)
    return digest.hexdigest()


def _octets_of(chunk: Chunk, column: ColumnContract) -> _Octets:
    values = chunk.plain.column(column.name)
    if column.kind is ColumnKind.TEXT:
        return _octets_of_text(chunk.text(column.name), values)
    arrays = [_null_flags(values)] if column.nullable else []
    return _octets_of_rows([*arrays, _little_endian_64(values)])


def _octets_of_text(text: TextLayout, values: pa.Array) -> _Octets:
    lengths, origin = _marked(text.lengths, values), int(text.offsets[0])

    def octets(start: int, stop: int) -> Iterator[memoryview]:
        yield lengths[start:stop].data.cast("B")
        yield text.content[int(text.offsets[start]) - origin : int(text.offsets[stop]) - origin]

    return octets


def _octets_of_rows(arrays: Sequence[npt.NDArray[Any]]) -> _Octets:
    return lambda start, stop: (array[start:stop].data.cast("B") for array in arrays)


def table_digest(table: TableContract, rows: int, leaf_digests: Iterable[str]) -> str:
    """BLAKE3 over schema, row count and leaf digests, as "blake3:<hex>"."""
    lines = [
        "esdh-table-1",
        table.name,
        *(_schema_line(column) for column in table.columns),
        f"rows {rows}",
        *leaf_digests,
    ]
    return _digest_of_lines(lines)


def dataset_digest(request: DatasetRequest, table_digests: Mapping[str, str]) -> str:
    """BLAKE3 over contract version, request digest and table digests, as "blake3:<hex>"."""
    lines = [
        "esdh-dataset-1",
        request.identity.contract_version,
        request.digest,
        *(f"{name} {table_digests[name]}" for name in request.tables),
    ]
    return _digest_of_lines(lines)


def _marked(lengths: npt.NDArray[np.uint32], values: pa.Array) -> npt.NDArray[np.uint32]:
    if values.null_count:
        lengths = np.where(_nulls(values), _NULL_MARK, lengths)
    return lengths.astype("<u4", copy=False)


def _null_flags(values: pa.Array) -> npt.NDArray[np.uint8]:
    return _nulls(values).astype(np.uint8)


def _nulls(values: pa.Array) -> npt.NDArray[np.bool_]:
    nulls: npt.NDArray[np.bool_] = values.is_null().to_numpy(zero_copy_only=False)
    return nulls


def _little_endian_64(values: pa.Array) -> npt.NDArray[np.int64]:
    numbers = values.view(pa.int32()) if pa.types.is_date32(values.type) else values
    filled = numbers.fill_null(0)
    array: npt.NDArray[np.int64] = filled.to_numpy(zero_copy_only=False)
    return array.astype("<i8")


def _schema_line(column: ColumnContract) -> str:
    return f"{column.name} {column.kind} {'nullable' if column.nullable else 'required'}"


def _digest_of_lines(lines: Iterable[str]) -> str:
    text = "".join(f"{line}\n" for line in lines)
    return PREFIX + blake3(text.encode()).hexdigest()
