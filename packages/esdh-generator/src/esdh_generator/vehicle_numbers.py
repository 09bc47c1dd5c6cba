"""Vehicle identification numbers of manufacturers that do not exist.

17 characters: manufacturer code of the make (3), descriptor (5, position 7 tells the cycle of the
year code), check digit, year code, plant, serial (6). Everything but the manufacturer code and
the year encodes 48 permuted bits, so that no two rows share a number.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from esdh_models import vin

from .arrow_columns import character_table, fixed_width_text
from .distributions import Codes
from .permutation import Permutation
from .random_streams import Bits, RandomStreams

_ORDINAL_BITS: Final = 8
_FIVE_BITS: Final = character_table(list("ABCDEFGHJKLMNPRSTUVWXYZ123456789"))
_CYCLE_FROM_2010: Final = character_table(list("ABCD"))
_CYCLE_TO_2009: Final = character_table(list("1234"))
_YEAR_CODES: Final = character_table(list("ABCDEFGHJKLMNPRSTVWXY123456789"))
_FIVE_DIGITS: Final = character_table([f"{number:05d}" for number in range(2**16)])
_CHECK_DIGITS: Final = character_table(list(vin.VIN_CHECK_DIGITS))


def _values_by_byte() -> npt.NDArray[np.int32]:
    values = np.zeros(256, np.int32)
    for character, value in vin.VIN_VALUES.items():
        values[ord(character)] = value
    return values


_VALUES: Final = _values_by_byte()


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
    characters = np.empty((len(owners), 17), np.uint8)
    characters[:, 0:3] = manufacturer
    for place, position in enumerate((3, 4, 5, 7, 10, 11)):
        characters[:, position] = _FIVE_BITS[_take(bits, 5 * place, 5), 0]
    characters[:, 6] = _cycle(_take(bits, 30, 2), model_year)
    characters[:, 9] = _YEAR_CODES[(model_year - 1980) % 30, 0]
    characters[:, 12:17] = _FIVE_DIGITS[_take(bits, 32, 16)]
    characters[:, 8] = _check_digit(characters)
    return fixed_width_text(characters)


def _take(bits: Bits, low: int, width: int) -> npt.NDArray[np.int64]:
    return ((bits >> np.uint64(low)) & np.uint64((1 << width) - 1)).astype(np.int64)


def _cycle(number: npt.NDArray[np.int64], model_year: Codes) -> npt.NDArray[np.uint8]:
    new, old = _CYCLE_FROM_2010[number, 0], _CYCLE_TO_2009[number, 0]
    cycle: npt.NDArray[np.uint8] = np.where(model_year >= 2010, new, old)
    return cycle


def _check_digit(characters: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    total = np.zeros(len(characters), np.int32)
    for position, weight in enumerate(vin.VIN_WEIGHTS):
        if weight:
            total += _VALUES[characters[:, position]] * np.int32(weight)
    digits: npt.NDArray[np.uint8] = _CHECK_DIGITS[total % 11, 0]
    return digits
