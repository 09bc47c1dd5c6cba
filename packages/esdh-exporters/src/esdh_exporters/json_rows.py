"""Rows as JSON objects, one per line: keys in contract order, no blanks, explicit nulls.

A row is put together from fragments such as `,"state":"CA"`. The fewer fragments, the quicker:
for dictionary-encoded columns they are made once per dictionary, with the constant text around
them, and a column that has one value only is constant text itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from esdh_models import ColumnKind, TableContract

from .chunks import ROWS_AT_ONCE, Chunk, Column, Memory
from .number_texts import numbers_as_text
from .text_layout import text_layout

_FIRST_PRINTABLE: Final = 0x20
_QUOTE: Final = 0x22
_BACKSLASH: Final = 0x5C
_FEW: Final = 50
"""Rows of a chunk up to which each is rendered on its own."""
_WORTH: Final = 10
"""Texts of a dictionary for each row of a chunk, up to which it is rendered whole."""

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str).encode


@dataclass(slots=True)
class _Piece:
    """One column of a row with the constant text around it.

    `values` stand between `before` and `after`; where they are null, `null` stands instead.
    """

    name: str
    values: pa.Array
    dictionary: Memory | None
    quote: str
    before: str
    after: str = ""


class _Fragments(NamedTuple):
    """The texts of a dictionary with the constant text around them; it is held to stay in place."""

    held: pa.Array
    dictionary: Memory | None
    before: str
    after: str
    texts: pa.StringArray


class JsonRows:
    """Renders the chunks of one table; `opening` and `closing` stand around every row."""

    def __init__(self, table: TableContract, opening: str, closing: str) -> None:
        """Prepare for any number of chunks."""
        self._table = table
        self._opening = opening + "{"
        self._closing = "}" + closing
        self._known: dict[str, _Fragments] = {}

    def render(self, chunk: Chunk) -> Iterator[memoryview]:
        """The rows of a chunk as UTF-8, in pieces that follow each other.

        Rows are put together in memory that caches can hold.
        """
        count = chunk.plain.num_rows
        if count <= _FEW:
            yield memoryview("".join(map(self._row, chunk.plain.to_pylist())).encode())
            return
        arguments: list[pa.Array | str] = []
        for piece in self._pieces(chunk):
            if piece.dictionary is not None:
                arguments.append(self._coded(piece))
            else:
                arguments += _plain(piece)
        arguments = _merged(arguments)
        for start in range(0, count, ROWS_AT_ONCE):
            rows = [
                argument if isinstance(argument, str) else argument.slice(start, ROWS_AT_ONCE)
                for argument in arguments
            ]
            yield text_layout(_concatenated(rows)).content

    def _row(self, row: dict[str, Any]) -> str:
        """One row by Python's own writer: for a few rows the quickest."""
        return self._opening[:-1] + _encode(row) + self._closing[1:]

    def _pieces(self, chunk: Chunk) -> list[_Piece]:
        """The columns of a row; text that is the same in every row goes to its neighbours."""
        pieces: list[_Piece] = []
        constant = self._opening
        for number, column in enumerate(self._table.columns):
            constant += ("," if number else "") + json.dumps(column.name) + ":"
            found = chunk.columns[column.name]
            only = found.only_text if number else None
            if only is not None:
                constant += json.dumps(only, ensure_ascii=False)
                continue
            if pieces and pieces[-1].dictionary is not None:
                pieces[-1].after, constant = constant, ""
            values, dictionary = self._values(found, column.name)
            quote = "" if column.kind is ColumnKind.INTEGER else '"'
            pieces.append(_Piece(column.name, values, dictionary, quote, constant))
            constant = ""
        pieces[-1].after += constant + self._closing
        return pieces

    def _values(self, column: Column, name: str) -> tuple[pa.Array, Memory | None]:
        """A column with codes, unless its dictionary is so large that fragments would not pay."""
        if column.is_coded:
            coded = column.coded
            if name in self._known or len(coded.dictionary) <= _WORTH * len(coded):
                return coded, column.place.dictionary
        return column.plain, None

    def _coded(self, piece: _Piece) -> pa.Array:
        """Look up whole fragments by code; they are made once for a dictionary."""
        known = self._known.get(piece.name)
        around = (piece.dictionary, piece.before, piece.after)
        if known is None or known[1:4] != around:
            dictionary = piece.values.dictionary
            known = _Fragments(dictionary, *around, _joined(piece, escaped(dictionary)))
            self._known[piece.name] = known
        rows = known.texts.take(piece.values.indices)
        return pc.fill_null(rows, _typed(_null_text(piece))) if rows.null_count else rows


def _plain(piece: _Piece) -> list[pa.Array | str]:
    values = _as_text(piece.values)
    if values.null_count:
        return [pc.fill_null(_joined(piece, values), _typed(_null_text(piece)))]
    return [piece.before + piece.quote, values, piece.quote + piece.after]


def _as_text(values: pa.Array) -> pa.StringArray:
    if pa.types.is_string(values.type):
        return escaped(values)
    return numbers_as_text(values)


def _joined(piece: _Piece, values: pa.StringArray) -> pa.StringArray:
    before, after = piece.before + piece.quote, piece.quote + piece.after
    return _concatenated([before, values, after])


def _concatenated(arguments: list[pa.Array | str]) -> pa.StringArray:
    """Put columns and constant texts beside each other, row by row."""
    typed = [_typed(item) if isinstance(item, str) else item for item in arguments]
    return pc.binary_join_element_wise(*typed, _typed(""))


def _typed(text: str) -> pa.StringScalar:
    """A scalar with its type: without it pyarrow looks for date libraries at every call."""
    return pa.scalar(text, pa.string())


def _null_text(piece: _Piece) -> str:
    return piece.before + "null" + piece.after


def _merged(arguments: list[pa.Array | str]) -> list[pa.Array | str]:
    """Put constant texts that stand beside each other together."""
    merged: list[pa.Array | str] = []
    for argument in arguments:
        if isinstance(argument, str) and merged and isinstance(merged[-1], str):
            merged[-1] += argument
        elif isinstance(argument, str) and not argument:
            continue
        else:
            merged.append(argument)
    return merged


def escaped(texts: pa.StringArray) -> pa.StringArray:
    """Texts as they stand between JSON quotes; contract text needs no change."""
    octets = np.frombuffer(text_layout(texts).content, np.uint8)
    special = (octets < _FIRST_PRINTABLE) | (octets == _QUOTE) | (octets == _BACKSLASH)
    if not special.any():
        return texts
    rendered = [
        None if text is None else json.dumps(text, ensure_ascii=False)[1:-1]
        for text in texts.to_pylist()
    ]
    return pa.array(rendered, pa.string())
