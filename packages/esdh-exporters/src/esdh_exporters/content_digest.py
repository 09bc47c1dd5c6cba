"""Content digests: what the rows of a table are, whatever file format holds them.

The written specification is docs/content-digest.md; this module and that page change together.
"""

from __future__ import annotations

import functools
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from blake3 import blake3

from esdh_models import ColumnContract, ColumnKind, DatasetRequest, TableContract, dataset_request

from .chunks import Chunk, Column
from .number_texts import as_numbers

PREFIX: Final = "blake3:"
_EPOCH: Final = date(1970, 1, 1).toordinal()
_TEXT, _DATE = ColumnKind.TEXT, ColumnKind.DATE
_FILLINGS: Final = {_TEXT: "", ColumnKind.INTEGER: 0, _DATE: date(1970, 1, 1)}
"""What is digested in the place of a null."""


def leaf_digests(chunk: Chunk) -> list[str]:
    """BLAKE3 over the digests of the columns of each leaf of a chunk, in hexadecimal."""
    rows = chunk.plain.num_rows
    leaves = [
        (start, min(start + dataset_request.LEAF_OWNERS, rows))
        for start in range(0, rows, dataset_request.LEAF_OWNERS)
    ]
    columns = [
        _column_digests(chunk.columns[column.name], column, leaves)
        for column in chunk.table.columns
    ]
    return [
        leaf_digest(stop - start, digests)
        for (start, stop), digests in zip(leaves, zip(*columns, strict=True), strict=True)
    ]


def leaf_digest(rows: int, column_digests: Iterable[bytes]) -> str:
    """BLAKE3 over row count and column digests, in hexadecimal."""
    return blake3(b"".join([rows.to_bytes(8, "little"), *column_digests])).hexdigest()


def _column_digests(
    column: Column, contract: ColumnContract, leaves: Sequence[tuple[int, int]]
) -> list[bytes]:
    """The digest of each leaf of a column, which is hashed once for all tables that have it."""
    form = (contract.kind, contract.nullable)
    if form not in column.digests:
        is_text = contract.kind is ColumnKind.TEXT
        digest_of = _text_digests(column) if is_text else _number_digests(column, *form)
        column.digests[form] = [digest_of(start, stop) for start, stop in leaves]
    return column.digests[form]


_DigestOf = Callable[[int, int], bytes]
"""The digest of the rows [start, stop) of a column."""


def _text_digests(column: Column) -> _DigestOf:
    """Lengths, then bytes; what is the same in every row is hashed once for all chunks."""
    only, width, text = column.only_text, column.width, column.text
    if only is not None:
        return lambda start, stop: _repeated(only, stop - start)
    if width:
        return lambda start, stop: (
            _lengths(width, stop - start).copy().update(text.content_of(start, stop)).digest()
        )
    lengths = _marked_lengths(column).data.cast("B")
    return lambda start, stop: (
        blake3(lengths[4 * start : 4 * stop]).update(text.content_of(start, stop)).digest()
    )


def _number_digests(column: Column, _: ColumnKind, nullable: bool) -> _DigestOf:
    """Null flags where a null may be, then numbers."""
    flags = column.nulls.view(np.uint8).data if nullable else memoryview(b"")
    numbers = _little_endian_64(column.plain).data.cast("B")
    return lambda start, stop: (
        blake3(flags[start:stop]).update(numbers[8 * start : 8 * stop]).digest()
    )


def plain_column_digest(column: ColumnContract, values: Sequence[Any]) -> bytes:
    """The digest of a leaf of a column from its values as plain Python, for few rows.

    They are `str`, `int`, `date` and None themselves, as the column's kind has it. Raises
    `struct.error` for an integer beyond 64 bits and `UnicodeError` for text without a UTF-8 form.
    """
    kind, rows = column.kind, len(values)
    nulls: list[bool] = []
    if column.nullable:
        nulls = [value is None for value in values]
        filling = _FILLINGS[kind]
        values = [filling if value is None else value for value in values]
    if kind is _TEXT:
        content = "".join(values).encode()
        lengths = map(len, values if content.isascii() else map(str.encode, values))
        if nulls:
            lengths = map(_marked, lengths, nulls)
        return blake3(_packed("I", rows)(*lengths) + content).digest()
    numbers = [value.toordinal() - _EPOCH for value in values] if kind is _DATE else values
    return blake3(bytes(nulls) + _packed("q", rows)(*numbers)).digest()


def _marked(length: int, is_null: bool) -> int:
    return 0xFFFFFFFF if is_null else length


@functools.lru_cache(maxsize=128)
def _packed(form: str, rows: int) -> Callable[..., bytes]:
    """What packs so many numbers."""
    return struct.Struct(f"<{rows}{form}").pack


@functools.lru_cache(maxsize=64)
def _lengths(width: int, rows: int) -> blake3:
    """What has been hashed after the lengths of so many texts of one width."""
    return blake3(np.full(rows, width, "<u4").data.cast("B"))


@functools.lru_cache(maxsize=64)
def _repeated(text: str, rows: int) -> bytes:
    content = text.encode()
    return _lengths(len(content), rows).copy().update(content * rows).digest()


def table_digest(table: TableContract, rows: int, leaf_digests: Iterable[str]) -> str:
    """BLAKE3 over schema, row count and leaf digests, as "blake3:<hex>"."""
    return _digest_of_lines([_schema_lines(table), f"rows {rows}", *leaf_digests])


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
        lengths = lengths - column.nulls  # no length of a null less one: all bits are ones
    return lengths.astype("<u4", copy=False)


def _little_endian_64(values: pa.Array) -> npt.NDArray[np.int64]:
    numbers = as_numbers(values)
    filled = numbers.fill_null(0) if numbers.null_count else numbers
    array: npt.NDArray[np.int64] = filled.to_numpy(zero_copy_only=False)
    return array.astype("<i8")


@functools.lru_cache(maxsize=64)
def _schema_lines(table: TableContract) -> str:
    """What the digest of a table begins with, however many rows it has."""
    return "\n".join(["esdh-table-2", table.name, *map(_schema_line, table.columns)])


def _schema_line(column: ColumnContract) -> str:
    return f"{column.name} {column.kind} {'nullable' if column.nullable else 'required'}"


def _digest_of_lines(lines: Iterable[str]) -> str:
    text = "".join(f"{line}\n" for line in lines)
    return PREFIX + blake3(text.encode()).hexdigest()
