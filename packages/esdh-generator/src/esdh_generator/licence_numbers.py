"""Driver's licence numbers in the format of the state that issues them."""

from __future__ import annotations

import functools
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .distributions import Codes
from .random_streams import Bits

_SYMBOLS: Final = {"?": (26, "A"), "#": (10, "0")}
"""How many characters a mark stands for, and the first of them."""
_HALF: Final = np.uint64(32)
_LOW: Final = np.uint64(0xFFFFFFFF)
_POSITIONS_PER_HALF: Final = 8


def licence_numbers(bits: Bits, state: Codes, templates: tuple[str, ...]) -> pa.StringArray:
    """Fill each row's state template: `?` a letter, `#` a digit, anything else itself.

    Half of the bits are a fraction for the first eight positions, the other half for the rest:
    the fraction times the number of possible characters gives the character, as its whole part,
    and the fraction for the next position.
    """
    radix, first = _tables(templates)
    fractions = bits >> _HALF, bits & _LOW
    characters = np.empty((len(bits), radix.shape[1]), np.uint8)
    fraction = fractions[0]
    for position in range(radix.shape[1]):
        if position == _POSITIONS_PER_HALF:
            fraction = fractions[1]
        scaled = fraction * radix[:, position][state]
        characters[:, position] = (scaled >> _HALF).astype(np.uint8) + first[:, position][state]
        fraction = scaled & _LOW
    lengths = np.array([len(template) for template in templates], np.int32)
    return _variable_width_text(characters, lengths[state])


@functools.cache
def _tables(
    templates: tuple[str, ...],
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint8]]:
    """Number of characters and first character by template and position; 1 and 0 past its end."""
    width = max(map(len, templates))
    radix = np.ones((len(templates), width), np.uint64)
    first = np.zeros((len(templates), width), np.uint8)
    for number, template in enumerate(templates):
        for position, mark in enumerate(template):
            count, character = _SYMBOLS.get(mark, (1, mark))
            radix[number, position] = count
            first[number, position] = ord(character)
    return radix, first


def _variable_width_text(
    characters: npt.NDArray[np.uint8], lengths: npt.NDArray[np.int32]
) -> pa.StringArray:
    """Join the first `lengths` bytes of each row of a zero-padded matrix."""
    offsets = np.zeros(len(lengths) + 1, np.int32)
    np.cumsum(lengths, out=offsets[1:])
    data = characters[characters != 0]
    return pa.StringArray.from_buffers(len(lengths), pa.py_buffer(offsets), pa.py_buffer(data))
