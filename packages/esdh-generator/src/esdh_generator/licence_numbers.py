"""Driver's licence numbers in the format of the state that issues them."""

from __future__ import annotations

import string
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .distributions import Codes
from .random_streams import Bits

_LETTERS: Final = np.frombuffer(string.ascii_uppercase.encode(), np.uint8)
_DIGITS: Final = np.frombuffer(string.digits.encode(), np.uint8)


def licence_numbers(bits: Bits, state: Codes, templates: tuple[str, ...]) -> pa.StringArray:
    """Fill each row's state template: `?` a letter, `#` a digit, anything else itself.

    Row by row the bits are read as a number in mixed radix, last character first; at most 64 bits
    are used, enough for every template.
    """
    width = max(map(len, templates))
    rows = len(bits)
    characters = np.zeros((rows, width), np.uint8)
    lengths = np.array([len(template) for template in templates], np.int32)[state]
    order = np.argsort(state, kind="stable")
    bounds = np.searchsorted(state[order], np.arange(len(templates) + 1))
    for number, template in enumerate(templates):
        here = order[bounds[number] : bounds[number + 1]]
        if len(here):
            characters[here, : len(template)] = _filled(template, bits[here])
    return _variable_width_text(characters, lengths)


def _filled(template: str, bits: Bits) -> npt.NDArray[np.uint8]:
    characters = np.empty((len(bits), len(template)), np.uint8)
    rest = bits
    for position in reversed(range(len(template))):
        mark = template[position]
        if mark in "?#":
            alphabet = _LETTERS if mark == "?" else _DIGITS
            radix = np.uint64(len(alphabet))
            quotient = rest // radix
            characters[:, position] = alphabet[rest - quotient * radix]
            rest = quotient
        else:
            characters[:, position] = ord(mark)
    return characters


def _variable_width_text(
    characters: npt.NDArray[np.uint8], lengths: npt.NDArray[np.int32]
) -> pa.StringArray:
    """Join the first `lengths` bytes of each row of a zero-padded matrix."""
    offsets = np.zeros(len(lengths) + 1, np.int32)
    np.cumsum(lengths, out=offsets[1:])
    data = characters[characters != 0]
    return pa.StringArray.from_buffers(len(lengths), pa.py_buffer(offsets), pa.py_buffer(data))
