"""Driver's licence numbers in the format of the state that issues them."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from .arrow_columns import fixed_width_text
from .distributions import Codes
from .random_streams import Bits

_SYMBOLS: Final = {"?": (26, "A"), "#": (10, "0")}
"""How many characters a mark stands for, and the first of them."""
_HALF: Final = np.uint64(32)
_LOW: Final = np.uint64(0xFFFFFFFF)
_GROUP: Final = 4
"""Positions that are looked up at once; two such groups share a half of the bits."""


def licence_numbers(bits: Bits, state: Codes, templates: tuple[str, ...]) -> pa.StringArray:
    """Fill each row's state template: `?` a letter, `#` a digit, anything else itself.

    Half of the bits are a fraction for the first eight positions, the other half for the rest:
    the fraction times the number of possible characters gives the character, as its whole part,
    and the fraction for the next position. For four positions this comes to one product: the
    fraction times the number of possible groups of four gives the group.
    """
    groups = _groups(templates)
    rows = np.empty((len(bits), len(groups)), "<u4")
    for place, group in enumerate(groups):
        if place % 2 == 0:
            fraction = bits >> _HALF if place == 0 else bits & _LOW
        fraction *= group.counts.take(state)
        text = (fraction >> _HALF).view(np.int64)
        text += group.first.take(state)
        rows[:, place] = group.characters.take(text)
        fraction &= _LOW
    return pc.ascii_rtrim(fixed_width_text(rows.view(np.uint8)), characters="\0")


def few_licence_numbers(
    bits: Sequence[int], state: Sequence[int], templates: tuple[str, ...]
) -> list[str]:
    """What `licence_numbers` gives, for few rows."""
    by_state, texts, low = _groups_by_state(templates), [], 2**32 - 1
    for row, code in zip(bits, state, strict=True):
        text, fraction, rest = b"", row >> 32, row & low
        for count, first, characters in by_state[code]:
            if len(text) == 2 * _GROUP:
                fraction = rest
            fraction *= count
            text += characters[first + (fraction >> 32)].to_bytes(_GROUP, "little")
            fraction &= low
        texts.append(text.rstrip(b"\0").decode("ascii"))
    return texts


class _Group(NamedTuple):
    """Four positions: by template, how many texts they may hold and where these begin.

    `characters` holds the texts of all templates end to end, each as one word.
    """

    counts: npt.NDArray[np.uint64]
    first: npt.NDArray[np.int64]
    characters: npt.NDArray[np.uint32]


@functools.cache
def _groups(templates: tuple[str, ...]) -> tuple[_Group, ...]:
    width = -(-max(map(len, templates)) // _GROUP) * _GROUP
    if width > 4 * _GROUP:
        raise ValueError(f"64 bits fill at most {4 * _GROUP} positions")
    padded = [template.ljust(width, "\0") for template in templates]
    return tuple(
        _group([text[place : place + _GROUP] for text in padded])
        for place in range(0, width, _GROUP)
    )


@functools.cache
def _groups_by_state(
    templates: tuple[str, ...],
) -> list[tuple[tuple[int, int, memoryview], ...]]:
    """What `_groups` holds, state by state, as far as the template goes."""
    columns = [
        [(count, first, group.characters.data) for count, first in zip(*lists, strict=True)]
        for group in _groups(templates)
        for lists in [(group.counts.tolist(), group.first.tolist())]
    ]
    return [
        groups[: -(-len(template) // _GROUP)]
        for template, groups in zip(templates, zip(*columns, strict=True), strict=True)
    ]


def _group(marks: list[str]) -> _Group:
    tables = {text: _fillings(text) for text in dict.fromkeys(marks)}
    starts = np.cumsum([0, *map(len, tables.values())])
    first = dict(zip(tables, starts.tolist(), strict=False))
    return _Group(
        counts=np.array([len(tables[text]) for text in marks], np.uint64),
        first=np.array([first[text] for text in marks], np.int64),
        characters=np.concatenate(list(tables.values())),
    )


def _fillings(marks: str) -> npt.NDArray[np.uint32]:
    """All texts of four marks in order, the last character changing quickest; one word each."""
    words = np.zeros(1, np.uint32)
    for place, mark in enumerate(marks):
        count, character = _SYMBOLS.get(mark, (1, mark))
        choices = (ord(character) + np.arange(count, dtype=np.uint32)) << np.uint32(8 * place)
        words = (words[:, None] | choices).reshape(-1)
    return words
