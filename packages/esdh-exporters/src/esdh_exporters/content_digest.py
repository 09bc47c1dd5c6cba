"""Content digests: what the rows of a table are, whatever file format holds them.

The written specification is docs/content-digest.md; this module and that page change together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from blake3 import blake3

from esdh_models import ColumnContract, ColumnKind, DatasetRequest, TableContract

from .leaves import Leaf

PREFIX: Final = "blake3:"
_NULL_MARK: Final = np.uint32(0xFFFFFFFF)


def leaf_digest(leaf: Leaf) -> str:
    """BLAKE3 over the columns of a leaf, in hexadecimal."""
    digest = blake3()
    for column, values in zip(leaf.table.columns, leaf.plain.columns, strict=True):
        digest.update(len(values).to_bytes(8, "little"))
        if column.kind is ColumnKind.TEXT:
            lengths, data = leaf.text(column.name)
            digest.update(_marked(lengths, values).data.cast("B"))
            digest.update(data)
        else:
            if column.nullable:
                digest.update(_null_flags(values).data)
            digest.update(_little_endian_64(values).data.cast("B"))
    return digest.hexdigest()


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
