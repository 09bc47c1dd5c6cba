"""Vehicle identification numbers of manufacturers that do not exist.

17 characters: manufacturer code of the make (3), descriptor (5, position 7 tells the cycle of the
year code), check digit, year code, plant, serial (6). Everything but the manufacturer code and
the year encodes 48 permuted bits, so that no two rows share a number.
"""

from __future__ import annotations

import functools
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from esdh_models import vin

from .arrow_columns import character_table, fixed_width_text
from .distributions import Codes
from .permutation import Permutation
from .random_streams import Bits, RandomStreams

_ORDINAL_BITS: Final = 8
_FIVE_BITS: Final = "ABCDEFGHJKLMNPRSTUVWXYZ123456789"
_CYCLE_TO_2009: Final = "1234"
_CYCLE_FROM_2010: Final = "ABCD"
_YEAR_CODES: Final = "ABCDEFGHJKLMNPRSTVWXY123456789"
_FREE_POSITIONS: Final = (3, 4, 5, 7, 10, 11)
"""Positions, counted from 0, that take five bits each; 12 to 16 take sixteen as five digits."""


def vehicle_numbers(
    streams: RandomStreams,
    owners: Bits,
    manufacturer: npt.NDArray[np.uint8],
    model_year: Codes,
    ordinal: int = 0,
) -> pa.StringArray:
    """Numbers of the vehicles (owner, ordinal); unique below 2^40 owners and 2^8 ordinals.

    `manufacturer` is an (n, 3) matrix of characters.
    """
    index = (owners << np.uint64(_ORDINAL_BITS)) | np.uint64(ordinal)
    left, right = Permutation.of(streams, "vehicles.vin", 24).apply(
        index >> np.uint64(24), index & np.uint64(0xFFFFFF)
    )
    bits = (left << np.uint64(24)) | right
    number = _Numbers(manufacturer)
    for place, position in enumerate(_FREE_POSITIONS):
        number.put(position, _FIVE_BITS, _take(bits, 5 * place, 5))
    cycle = _take(bits, 30, 2) + 4 * (model_year >= 2010)
    number.put(6, _CYCLE_TO_2009 + _CYCLE_FROM_2010, cycle)
    number.put(9, _YEAR_CODES, (model_year - 1980) % 30)
    number.put_serial(_take(bits, 32, 16))
    return fixed_width_text(number.finished())


class _Numbers:
    """Numbers being put together, with the sum for the check digit kept along the way."""

    def __init__(self, manufacturer: npt.NDArray[np.uint8]) -> None:
        self._characters = np.empty((len(manufacturer), 17), np.uint8)
        self._sum = np.zeros(len(manufacturer), np.int32)
        for position in range(3):
            self._characters[:, position] = manufacturer[:, position]
            self._sum += _values_by_byte(position)[manufacturer[:, position]]

    def put(self, position: int, alphabet: str, choice: npt.NDArray[np.integer[Any]]) -> None:
        """Set a position of every number."""
        characters, weighted = _alphabet(position, alphabet)
        self._characters[:, position] = characters[choice]
        self._sum += weighted[choice]

    def put_serial(self, choice: npt.NDArray[np.integer[Any]]) -> None:
        """Set the last five positions to the digits of a number below 2^16."""
        digits, weighted = _serials()
        self._characters[:, 12:17] = digits[choice]
        self._sum += weighted[choice]

    def finished(self) -> npt.NDArray[np.uint8]:
        """The (n, 17) matrix of characters, check digit included."""
        check_digits = character_table(list(vin.VIN_CHECK_DIGITS))[:, 0]
        self._characters[:, 8] = check_digits[self._sum % 11]
        return self._characters


@functools.cache
def _values_by_byte(position: int) -> npt.NDArray[np.int32]:
    """What each ASCII character adds to the sum in a position."""
    values = np.zeros(256, np.int32)
    for character, value in vin.VIN_VALUES.items():
        values[ord(character)] = value * vin.VIN_WEIGHTS[position]
    return values


@functools.cache
def _alphabet(position: int, alphabet: str) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int32]]:
    """The characters of an alphabet and what each adds to the sum in a position."""
    characters = character_table(list(alphabet))[:, 0]
    return characters, _values_by_byte(position)[characters]


@functools.cache
def _serials() -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int32]]:
    """All numbers below 2^16 as five digits, and what they add to the sum."""
    digits = character_table([f"{number:05d}" for number in range(2**16)])
    columns = [_values_by_byte(12 + place)[digits[:, place]] for place in range(5)]
    return digits, np.sum(columns, axis=0, dtype=np.int32)


def _take(bits: Bits, low: int, width: int) -> npt.NDArray[np.int64]:
    return ((bits >> np.uint64(low)) & np.uint64((1 << width) - 1)).astype(np.int64)
