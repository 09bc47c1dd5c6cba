"""Record identifiers: version-8 UUIDs (RFC 9562) that hold table and row under a permutation.

122 free bits: table (8), owner (48), ordinal (16) and 50 zero bits, permuted as two halves of 61.
Undone, they give the row back; check bits other than zero mean "not of this dataset".
"""

from __future__ import annotations

import binascii
import functools
import struct
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .arrow_columns import fixed_width_text
from .permutation import Permutation
from .random_streams import Bits, Number, RandomStreams

TABLE_NUMBERS: Final = {"persons": 1, "vehicles": 2, "profiles": 3}
"""Fixed for ever: an identifier keeps its meaning over contract versions."""

PERMUTATION: Final = ("record_id", 61)
"""Its name, and the bits of a half."""

_PARTS: Final = struct.Struct("8s4s4s4s12s")
_DASH: Final = ord("-")
_QUARTERS: Final = np.dtype(
    {
        "names": [f"f{number}" for number in range(8)],
        "formats": ["<u4"] * 8,
        "offsets": [0, 4, 9, 14, 19, 24, 28, 32],
        "itemsize": 36,
    }
)
"""Where the 32 digits of a UUID stand in its text, four by four; dashes are between them."""


def record_ids(
    streams: RandomStreams, table: str, owners: Bits, ordinal: int = 0
) -> pa.StringArray:
    """Identifiers of the rows (owner, ordinal) of a table; unique below 2^48 owners."""
    left, right = pack(TABLE_NUMBERS[table], owners, ordinal)
    halves = left, np.array([right], np.uint64)  # the right one is the same for all rows
    permuted = Permutation.of(streams, *PERMUTATION).apply(*halves)
    return fixed_width_text(_uuid_text(*uuid_numbers(*permuted)))


def uuid_numbers(left: Number, right: Number, ones: int = 1) -> tuple[Number, Number]:
    """Permuted halves as two times 64 bits, with version and variant in their places.

    Of many numbers in one integer, `ones` has the lowest bit of each.
    """
    high = left << 3 & (2**48 - 1 << 16) * ones  # all but the last 13 bits, then the version
    high |= left >> 1 & 0xFFF * ones
    return high | 0x8000 * ones, (left & ones) << 61 | right | (1 << 63) * ones


def few_uuid_texts(numbers: bytes) -> list[str]:
    """What `_uuid_text` gives, for few rows of 16 bytes each."""
    digits = binascii.hexlify(numbers)
    return [b"-".join(parts).decode("ascii") for parts in _PARTS.iter_unpack(digits)]


def unpack_record_id(streams: RandomStreams, number: int) -> tuple[int, int, int, int]:
    """Table number, owner, ordinal and check bits that a UUID, given as its integer, stands for."""
    free = ((number >> 80) << 74) | (((number >> 64) & 0xFFF) << 62) | (number & (2**62 - 1))
    halves = np.array([free >> 61], np.uint64), np.array([free & (2**61 - 1)], np.uint64)
    left, right = Permutation.of(streams, *PERMUTATION).undo(*halves)
    plain = (int(left[0]) << 61) | int(right[0])
    return plain >> 114, (plain >> 66) & (2**48 - 1), (plain >> 50) & 0xFFFF, plain & (2**50 - 1)


def pack(table: int, owner: Number, ordinal: int) -> tuple[Number, int]:
    """Lay out table, owner, ordinal and zeros over two halves of 61 bits.

    Of many owners in one integer, the ordinal is 0; the right half is the same for all.
    """
    # 122 bits from the top: table 8 | owner 48 | ordinal 16 | zero 50.
    # The left half ends five bits into the ordinal; the right half holds its other eleven.
    left = (owner << 5) | (table << 53) | ordinal >> 11
    return left, (ordinal & 0x7FF) << 50


def _uuid_text(high: Bits, low: Bits) -> npt.NDArray[np.uint8]:
    """Write 128 bits as 8-4-4-4-12 hexadecimal digits with dashes, a row of 36 characters each."""
    characters = np.full((len(high), _QUARTERS.itemsize), _DASH, np.uint8)
    quarters = characters.view(_QUARTERS)[:, 0]
    for half, number in enumerate((high, low)):
        in_order = number.astype("<u8", copy=False).view("<u2").reshape(-1, 4)[:, ::-1]
        for place in range(4):
            quarters[f"f{4 * half + place}"] = _four_digits().take(in_order[:, place])
    return characters


@functools.cache
def _four_digits() -> npt.NDArray[np.uint32]:
    """All numbers below 2^16 as four hexadecimal digits, the first in the lowest byte."""
    return np.frombuffer(np.arange(2**16, dtype=">u2").tobytes().hex().encode(), "<u4")
