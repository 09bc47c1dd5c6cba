"""Few rows as NDJSON and digests, from plain values: quicker than whole columns are for them.

The bytes and digests are those of the ordinary way, and what that refuses is refused here. What is
found out about a column is kept, as it may stand in several tables.
"""

from __future__ import annotations

import functools
import re
import struct
from collections.abc import Mapping, Sequence
from datetime import date
from json.encoder import encode_basestring
from typing import Any, Final

from esdh_models import (
    ColumnContract,
    ColumnKind,
    DatasetSource,
    FewRows,
    PlainValue,
    TableContract,
    errors,
)

from .content_digest import leaf_digest, plain_column_digest, table_digest
from .rendered_table import RenderedTable

FEW_OWNERS: Final = 200
"""Policyholders up to which this is quicker; near 300 both ways take as long."""

_TEXT, _DATE = ColumnKind.TEXT, ColumnKind.DATE
_SPECIAL: Final = re.compile(r'[\x00-\x1f"\\]')
"""What does not stand for itself in JSON."""

_TYPES: Final[Mapping[ColumnKind, frozenset[type]]] = {
    _TEXT: frozenset({str}),
    _DATE: frozenset({date}),
    ColumnKind.INTEGER: frozenset({int}),
}
_TYPES_OR_NULL: Final = {kind: types | {type(None)} for kind, types in _TYPES.items()}

_Values = Sequence[PlainValue]
_Rendered = tuple[bytes, Sequence[str]]
"""The digest of a column, and its values as JSON."""


def render_few_rows(source: DatasetSource) -> Mapping[str, RenderedTable] | None:
    """Render every table asked for, if the source has plain values; raises `SourceError`."""
    few_rows: FewRows | None = getattr(source, "few_rows", None)
    if few_rows is None:
        return None
    count, contract = source.owner_count, source.contract
    tables = few_rows(0, count)
    render = _Renderer(count).render
    return {name: render(contract.table(name), tables[name]) for name in source.request.tables}


class _Renderer:
    """Renders tables of so many rows; each column once, in however many it stands."""

    def __init__(self, rows: int) -> None:
        self._rows = rows
        self._known: dict[tuple[int, ColumnKind, bool], tuple[_Values, _Rendered]] = {}
        """With the column itself, so that no other one takes its place in memory."""

    def render(self, table: TableContract, values: Mapping[str, _Values]) -> RenderedTable:
        if tuple(values) != table.column_names:
            message = (
                f"the source's {table.name} have the columns {', '.join(values)},"
                f" but the contract says {', '.join(table.column_names)}"
            )
            raise errors.SourceError(message)
        digests, texts, known = [], [], self._known
        for contract, column in zip(table.columns, values.values(), strict=True):
            form = (id(column), contract.kind, contract.nullable)
            if form not in known:
                if len(column) != self._rows:
                    raise _count_error(table, len(column), self._rows)
                known[form] = column, _rendered(table, contract, column)
            _, (digest, column_texts) = known[form]
            digests.append(digest)
            texts.append(column_texts)
        content = "".join(map(_line(table).__mod__, zip(*texts, strict=True))).encode()
        leaf = leaf_digest(self._rows, digests)
        return RenderedTable(self._rows, table_digest(table, self._rows, [leaf]), content)


def _rendered(table: TableContract, contract: ColumnContract, values: _Values) -> _Rendered:
    """Exact types alone: what is derived from them may be written in another way than digested."""
    types = _TYPES_OR_NULL if contract.nullable else _TYPES
    if not types[contract.kind].issuperset(map(type, values)):
        raise _value_error(table, contract, values)
    try:
        return plain_column_digest(contract, values), _texts(contract, values)
    except (UnicodeError, struct.error):
        raise _value_error(table, contract, values) from None


def _count_error(table: TableContract, given: int, rows: int) -> errors.SourceError:
    return errors.SourceError(
        f"the source gave {given} rows of {table.name} for {rows} policyholders"
    )


def _value_error(
    table: TableContract, contract: ColumnContract, values: _Values
) -> errors.SourceError:
    given = ", ".join(sorted({type(value).__name__ for value in values}))
    return errors.SourceError(
        f"the source's {table.name}.{contract.name} has values ({given}) that its column,"
        f" {contract.kind} and {'nullable' if contract.nullable else 'required'}, cannot hold"
    )


def _texts(contract: ColumnContract, values: Sequence[Any]) -> Sequence[str]:
    """Values as they stand in the places of `_line`."""
    if not contract.nullable:
        return _unquoted(contract.kind, values)
    given = [value for value in values if value is not None]
    quote, texts = _quote(contract.kind), iter(_unquoted(contract.kind, given))
    return ["null" if value is None else f"{quote}{next(texts)}{quote}" for value in values]


def _unquoted(kind: ColumnKind, values: Sequence[Any]) -> Sequence[str]:
    """Values as they stand between quotes, if there are any."""
    if kind is _TEXT:
        if _SPECIAL.search("".join(values)) is None:
            return values
        return [encode_basestring(value)[1:-1] for value in values]
    return list(map(date.isoformat if kind is _DATE else int.__repr__, values))


def _quote(kind: ColumnKind) -> str:
    return "" if kind is ColumnKind.INTEGER else '"'


@functools.lru_cache(maxsize=64)
def _line(table: TableContract) -> str:
    """A row with a place for each value; the quotes of one that may be null come with it."""
    pieces = []
    for column in table.columns:
        quote = "" if column.nullable else _quote(column.kind)
        name = encode_basestring(column.name).replace("%", "%%")
        pieces.append(f"{name}:{quote}%s{quote}")
    return "{" + ",".join(pieces) + "}\n"
