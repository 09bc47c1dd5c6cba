"""Rows as JSON objects, one per line: keys in contract order, no blanks, explicit nulls.

A row is put together from fragments such as `,"state":"CA"`. For dictionary-encoded columns the
fragments are made once per dictionary, so that a row costs one copy of its text.
"""

from __future__ import annotations

import json
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from esdh_models import ColumnKind, TableContract

from .content_digest import text_layout
from .leaves import Leaf

_FIRST_PRINTABLE: Final = 0x20
_QUOTE: Final = 0x22
_BACKSLASH: Final = 0x5C

_Fragments = list[pa.Array | str]
"""Columns of text, and texts that stand in every row."""


class JsonRows:
    """Renders the leaves of one table; `opening` and `closing` stand around every row."""

    def __init__(self, table: TableContract, opening: str, closing: str) -> None:
        """Prepare the constant text between values."""
        self._table = table
        self._opening = opening
        self._closing = closing
        self._dictionaries: dict[str, tuple[pa.Array, pa.Array]] = {}

    def render(self, leaf: Leaf) -> memoryview:
        """The rows of a leaf as UTF-8, end to end."""
        fragments: _Fragments = []
        for number, column in enumerate(self._table.columns):
            key = ("," if number else self._opening + "{") + json.dumps(column.name) + ":"
            coded = leaf.coded.column(column.name)
            if pa.types.is_dictionary(coded.type):
                fragments.append(self._coded(column.name, coded, key))
            else:
                fragments += _plain(coded, column.kind, key)
        rows = pc.binary_join_element_wise(*_merged([*fragments, "}" + self._closing]), "")
        return text_layout(rows)[1]

    def _coded(self, name: str, column: pa.DictionaryArray, key: str) -> pa.Array:
        """Look the fragments up by code; null takes a fragment of its own."""
        known = self._dictionaries.get(name)
        if known is None or not _same_buffers(known[0], column.dictionary):
            quoted = pc.binary_join_element_wise(key + '"', escaped(column.dictionary), '"', "")
            known = self._dictionaries[name] = (column.dictionary, quoted)
        rows = known[1].take(column.indices)
        return pc.fill_null(rows, key + "null") if rows.null_count else rows


def escaped(texts: pa.StringArray) -> pa.StringArray:
    """Texts as they stand between JSON quotes; contract text needs no change."""
    _, data = text_layout(texts)
    octets = np.frombuffer(data, np.uint8)
    special = (octets < _FIRST_PRINTABLE) | (octets == _QUOTE) | (octets == _BACKSLASH)
    if not special.any():
        return texts
    rendered = [
        None if text is None else json.dumps(text, ensure_ascii=False)[1:-1]
        for text in texts.to_pylist()
    ]
    return pa.array(rendered, pa.string())


def _plain(column: pa.Array, kind: ColumnKind, key: str) -> _Fragments:
    if kind is ColumnKind.INTEGER:
        values, before, after = column.cast(pa.string()), key, ""
    else:
        texts = escaped(column) if kind is ColumnKind.TEXT else column.cast(pa.string())
        values, before, after = texts, key + '"', '"'
    if not column.null_count:
        return [before, values, after]
    quoted = pc.binary_join_element_wise(before, values, after, "")
    return [pc.fill_null(quoted, key + "null")]


def _merged(fragments: _Fragments) -> _Fragments:
    """Put constant texts that stand beside each other together."""
    merged: _Fragments = []
    for fragment in fragments:
        if isinstance(fragment, str) and merged and isinstance(merged[-1], str):
            merged[-1] += fragment
        elif fragment != "":
            merged.append(fragment)
    return merged


def _same_buffers(one: pa.Array, other: pa.Array) -> bool:
    """Whether two arrays are the same memory, which makes them equal at no cost."""
    places = [
        (array.offset, len(array), [buffer.address for buffer in array.buffers() if buffer])
        for array in (one, other)
    ]
    return places[0] == places[1]
