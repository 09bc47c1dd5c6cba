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

_DASH: Final = ord("-")
_ZERO: Final = np.uint8(ord("0"))
_FROM_NINE_TO_A: Final = np.uint8(ord("a") - ord("9") - 1)
_GROUPS: Final = ((0, 0, 8), (9, 8, 12), (14, 12, 16), (19, 16, 20), (24, 20, 32))
"""Where each group of digits goes: column in the text, first and last digit."""


def record_ids(
    streams: RandomStreams, table: str, owners: Bits, ordinal: int = 0
) -> pa.StringArray:
    """Identifiers of the rows (owner, ordinal) of a table; unique below 2^48 owners."""
    left, right = _pack(TABLE_NUMBERS[table], owners, ordinal)
    left, right = Permutation.of(streams, "record_id", 61).apply(left, right)
    high = ((left >> np.uint64(13)) << np.uint64(16)) | np.uint64(0x8000)
    high |= (left >> np.uint64(1)) & np.uint64(0xFFF)
    low = ((left & np.uint64(1)) << np.uint64(61)) | right | np.uint64(1 << 63)
    return fixed_width_text(_hexadecimal(high, low))


def _pack(table: int, owners: Bits, ordinal: int) -> tuple[Bits, Bits]:
    """Lay out table, owner, ordinal and zeros over two halves of 61 bits."""
    # 122 bits from the top: table 8 | owner 48 | ordinal 16 | zero 50.
    # The left half ends five bits into the ordinal; the right half holds its other eleven.
    left = (np.uint64(table) << np.uint64(53)) | (owners << np.uint64(5))
    left |= np.uint64(ordinal >> 11)
    right = np.full(len(owners), (ordinal & 0x7FF) << 50, np.uint64)
    return left, right


def _hexadecimal(high: Bits, low: Bits) -> npt.NDArray[np.uint8]:
    """Write 128 bits as 8-4-4-4-12 hexadecimal digits with dashes."""
    rows = len(high)
    octets = np.stack([high, low], axis=1).astype(">u8").view(np.uint8)
    digits = np.empty((rows, 32), np.uint8)
    digits[:, 0::2] = octets >> 4
    digits[:, 1::2] = octets & 0x0F
    digits += _ZERO + (digits > 9) * _FROM_NINE_TO_A
    characters = np.full((rows, 36), _DASH, np.uint8)
    for column, first, last in _GROUPS:
        characters[:, column : column + last - first] = digits[:, first:last]
    return characters
