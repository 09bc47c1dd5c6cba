"""Content digests: what the rows of a table are, whatever file format holds them.

The written specification is docs/content-digest.md; this module and that page change together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from blake3 import blake3

from esdh_models import ColumnContract, ColumnKind, DatasetRequest, TableContract, dataset_request

from .chunks import Chunk, Column
from .number_texts import as_numbers

PREFIX: Final = "blake3:"
_NULL_MARK: Final = np.uint32(0xFFFFFFFF)


def leaf_digests(chunk: Chunk) -> list[str]:
    """BLAKE3 over the columns of each leaf of a chunk, in hexadecimal."""
    rows = chunk.plain.num_rows
    leaves = [
        (start, min(start + dataset_request.LEAF_OWNERS, rows))
        for start in range(0, rows, dataset_request.LEAF_OWNERS)
    ]
    columns = [
        _octets_of(chunk.columns[column.name], column, leaves) for column in chunk.table.columns
    ]
    return [
        _leaf_digest(stop - start, [octets[number] for octets in columns])
        for number, (start, stop) in enumerate(leaves)
    ]


_Octets = tuple[memoryview, ...]
"""What the digest of a leaf takes of a column, end to end."""


def _leaf_digest(rows: int, columns: Iterable[_Octets]) -> str:
    digest, count = blake3(), rows.to_bytes(8, "little")
    for octets in columns:
        digest.update(count)
        for data in octets:
            digest.update(data)
    return digest.hexdigest()


def _octets_of(
    column: Column, contract: ColumnContract, leaves: Sequence[tuple[int, int]]
) -> list[_Octets]:
    """What each leaf takes of a column; its tables have the same leaves."""
    form = (contract.kind, contract.nullable)
    if form not in column.digested:
        column.digested[form] = _make_octets(column, contract, leaves)
    octets: list[_Octets] = column.digested[form]
    return octets


def _make_octets(
    column: Column, contract: ColumnContract, leaves: Sequence[tuple[int, int]]
) -> list[_Octets]:
    if contract.kind is ColumnKind.TEXT:
        lengths, text = _marked_lengths(column).data.cast("B"), column.text
        return [
            (lengths[4 * start : 4 * stop], text.content_of(start, stop)) for start, stop in leaves
        ]
    arrays: list[npt.NDArray[Any]] = [column.nulls.view(np.uint8)] if contract.nullable else []
    arrays.append(_little_endian_64(column.plain))
    return [tuple(array[start:stop].data.cast("B") for array in arrays) for start, stop in leaves]


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


def _marked_lengths(column: Column) -> npt.NDArray[np.uint32]:
    lengths = column.text.lengths
    if column.plain.null_count:
        lengths = np.where(column.nulls, _NULL_MARK, lengths)
    return lengths.astype("<u4", copy=False)


def _little_endian_64(values: pa.Array) -> npt.NDArray[np.int64]:
    numbers = as_numbers(values)
    filled = numbers.fill_null(0) if numbers.null_count else numbers
    array: npt.NDArray[np.int64] = filled.to_numpy(zero_copy_only=False)
    return array.astype("<i8")


def _schema_line(column: ColumnContract) -> str:
    return f"{column.name} {column.kind} {'nullable' if column.nullable else 'required'}"


def _digest_of_lines(lines: Iterable[str]) -> str:
    text = "".join(f"{line}\n" for line in lines)
    return PREFIX + blake3(text.encode()).hexdigest()
