"""Record identifiers: version-8 UUIDs (RFC 9562) that hold table and row under a permutation.

122 free bits: table (8), owner (48), ordinal (16) and 50 zero bits, permuted as two halves of 61.
Undone, they give the row back; check bits other than zero mean "not of this dataset".
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .arrow_columns import fixed_width_text
from .permutation import Permutation
from .random_streams import Bits, RandomStreams

TABLE_NUMBERS: Final = {"persons": 1, "vehicles": 2, "profiles": 3}
"""Fixed for ever: an identifier keeps its meaning over contract versions."""

_FROM_NINE_TO_A: Final = np.uint64(ord("a") - ord("9") - 1)
_HALF: Final = np.uint64(32)
_LOW: Final = np.uint64(0xFFFFFFFF)
_ONES: Final = np.uint64(0x0101010101010101)
_SIX: Final = np.uint64(0x0606060606060606)
_SPREAD: Final = (
    (np.uint64(16), np.uint64(0x0000FFFF0000FFFF)),
    (np.uint64(8), np.uint64(0x00FF00FF00FF00FF)),
    (np.uint64(4), np.uint64(0x0F0F0F0F0F0F0F0F)),
)
_UUID_TEXT: Final = np.dtype(
    [
        ("digits_1_8", ">u8"),
        ("dash_1", "u1"),
        ("digits_9_12", ">u4"),
        ("dash_2", "u1"),
        ("digits_13_16", ">u4"),
        ("dash_3", "u1"),
        ("digits_17_20", ">u4"),
        ("dash_4", "u1"),
        ("digits_21_24", ">u4"),
        ("digits_25_32", ">u8"),
    ]
)
"""The 36 characters of a UUID, as numbers whose bytes are the characters."""


def record_ids(
    streams: RandomStreams, table: str, owners: Bits, ordinal: int = 0
) -> pa.StringArray:
    """Identifiers of the rows (owner, ordinal) of a table; unique below 2^48 owners."""
    left, right = _pack(TABLE_NUMBERS[table], owners, ordinal)
    left, right = Permutation.of(streams, "record_id", 61).apply(left, right)
    high = ((left >> np.uint64(13)) << np.uint64(16)) | np.uint64(0x8000)
    high |= (left >> np.uint64(1)) & np.uint64(0xFFF)
    low = ((left & np.uint64(1)) << np.uint64(61)) | right | np.uint64(1 << 63)
    return fixed_width_text(_uuid_text(high, low))


def unpack_record_id(streams: RandomStreams, number: int) -> tuple[int, int, int, int]:
    """Table number, owner, ordinal and check bits that a UUID, given as its integer, stands for."""
    free = ((number >> 80) << 74) | (((number >> 64) & 0xFFF) << 62) | (number & (2**62 - 1))
    halves = np.array([free >> 61], np.uint64), np.array([free & (2**61 - 1)], np.uint64)
    left, right = Permutation.of(streams, "record_id", 61).undo(*halves)
    plain = (int(left[0]) << 61) | int(right[0])
    return plain >> 114, (plain >> 66) & (2**48 - 1), (plain >> 50) & 0xFFFF, plain & (2**50 - 1)


def _pack(table: int, owners: Bits, ordinal: int) -> tuple[Bits, Bits]:
    """Lay out table, owner, ordinal and zeros over two halves of 61 bits."""
    # 122 bits from the top: table 8 | owner 48 | ordinal 16 | zero 50.
    # The left half ends five bits into the ordinal; the right half holds its other eleven.
    left = (np.uint64(table) << np.uint64(53)) | (owners << np.uint64(5))
    left |= np.uint64(ordinal >> 11)
    right = np.full(len(owners), (ordinal & 0x7FF) << 50, np.uint64)
    return left, right


def _uuid_text(high: Bits, low: Bits) -> npt.NDArray[np.uint8]:
    """Write 128 bits as 8-4-4-4-12 hexadecimal digits with dashes."""
    text = np.empty(len(high), _UUID_TEXT)
    for dash in ("dash_1", "dash_2", "dash_3", "dash_4"):
        text[dash] = ord("-")
    second, third = _hexadecimal(high & _LOW), _hexadecimal(low >> _HALF)
    text["digits_1_8"] = _hexadecimal(high >> _HALF)
    text["digits_9_12"], text["digits_13_16"] = second >> _HALF, second & _LOW
    text["digits_17_20"], text["digits_21_24"] = third >> _HALF, third & _LOW
    text["digits_25_32"] = _hexadecimal(low & _LOW)
    return text.view(np.uint8).reshape(len(high), _UUID_TEXT.itemsize)


def _hexadecimal(words: Bits) -> Bits:
    """Turn the 32 bits of each word into eight ASCII digits, the first in the highest byte.

    Spread the nibbles over the bytes by halving the distance three times, then add "0" to each,
    and to those above nine what lies between "9" and "a".
    """
    for distance, mask in _SPREAD:
        words = (words | (words << distance)) & mask
    above_nine = ((words + _SIX) >> np.uint64(4)) & _ONES
    return words + _ONES * np.uint64(ord("0")) + above_nine * _FROM_NINE_TO_A
