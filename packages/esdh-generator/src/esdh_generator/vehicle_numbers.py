"""Vehicle identification numbers of manufacturers that do not exist.

17 characters: manufacturer code of the make (3), descriptor (5, position 7 tells the cycle of the
year code), check digit, year code, plant, serial (6). Everything but the manufacturer code and
the year encodes 48 permuted bits, so that no two rows share a number.
"""

from __future__ import annotations

import functools
import itertools
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

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
_NUMBER_TEXT: Final = np.dtype(
    [("positions_0_7", "<u8"), ("positions_8_15", "<u8"), ("position_16", "u1")]
)
"""The 17 characters of a number, as numbers whose bytes are the characters."""


def vehicle_numbers(
    streams: RandomStreams,
    owners: Bits,
    manufacturers: npt.NDArray[np.uint8],
    make: Codes,
    model_year: Codes,
    ordinal: int = 0,
) -> pa.StringArray:
    """Numbers of the vehicles (owner, ordinal); unique below 2^40 owners and 2^8 ordinals.

    `manufacturers` is a (makes, 3) matrix of characters, of which `make` chooses rows.
    """
    index = (owners << np.uint64(_ORDINAL_BITS)) | np.uint64(ordinal)
    left, right = Permutation.of(streams, "vehicles.vin", 24).apply(
        index >> np.uint64(24), index & np.uint64(0xFFFFFF)
    )
    bits = (left << np.uint64(24)) | right
    parts, number = _parts(), _Numbers(len(owners))
    number.put(_Part.of((0, 1, 2), manufacturers), make)
    number.put(parts.descriptor, _take(bits, 0, 15))
    number.put(parts.cycle, _take(bits, 30, 2) + 4 * (model_year >= 2010))
    number.put(parts.descriptor_end, _take(bits, 15, 5))
    number.put(parts.year, (model_year - 1980) % 30)
    number.put(parts.plant, _take(bits, 20, 10))
    serial = _take(bits, 32, 16)
    number.put(parts.serial, serial)
    number.put(parts.serial_end, serial)
    return fixed_width_text(number.finished())


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """Neighbouring positions: by choice, the characters in their place in a word, and the sum.

    Word 0 holds positions 0 to 7, word 1 positions 8 to 15, word 2 the last one. A whole word is
    looked up and added at once, which is quicker than a position at a time.
    """

    word: int
    characters: npt.NDArray[np.uint64]
    sums: npt.NDArray[np.int16]

    @classmethod
    def of(cls, positions: tuple[int, ...], characters: npt.NDArray[np.uint8]) -> _Part:
        """From a (choices, positions) matrix of characters."""
        words, sums = np.zeros(len(characters), np.uint64), np.zeros(len(characters), np.int16)
        for place, position in enumerate(positions):
            column = characters[:, place]
            words |= column.astype(np.uint64) << np.uint64(8 * (position % 8))
            sums += _values_by_byte(position)[column]
        return cls(positions[0] // 8, words, sums)


class _Parts(NamedTuple):
    """The parts that are the same for every dataset."""

    descriptor: _Part
    cycle: _Part
    descriptor_end: _Part
    year: _Part
    plant: _Part
    serial: _Part
    serial_end: _Part


@functools.cache
def _parts() -> _Parts:
    serials = character_table([f"{number:05d}" for number in range(2**16)])
    return _Parts(
        descriptor=_Part.of((3, 4, 5), _combinations(3)),
        cycle=_Part.of((6,), _combinations(1, _CYCLE_TO_2009 + _CYCLE_FROM_2010)),
        descriptor_end=_Part.of((7,), _combinations(1)),
        year=_Part.of((9,), _combinations(1, _YEAR_CODES)),
        plant=_Part.of((10, 11), _combinations(2)),
        serial=_Part.of((12, 13, 14, 15), serials),
        serial_end=_Part.of((16,), serials[:, 4:]),
    )


def _combinations(count: int, alphabet: str = _FIVE_BITS) -> npt.NDArray[np.uint8]:
    """All texts of `count` characters; the first one changes quickest, as the lowest bits do."""
    texts = ["".join(reversed(found)) for found in itertools.product(alphabet, repeat=count)]
    return character_table(texts)


class _Numbers:
    """Numbers being put together, with the sum for the check digit kept along the way."""

    def __init__(self, rows: int) -> None:
        self._words = tuple(np.zeros(rows, np.uint64) for _ in range(3))
        self._sum = np.zeros(rows, np.int16)

    def put(self, part: _Part, choice: npt.NDArray[np.integer[Any]]) -> None:
        """Set the positions of a part in every number."""
        word = self._words[part.word]
        word |= part.characters.take(choice)
        self._sum += part.sums.take(choice)

    def finished(self) -> npt.NDArray[np.uint8]:
        """The (n, 17) matrix of characters, check digit included."""
        digits = character_table(list(vin.VIN_CHECK_DIGITS))[:, 0].astype(np.uint64)
        texts = np.empty(len(self._sum), _NUMBER_TEXT)
        texts["positions_0_7"], texts["position_16"] = self._words[0], self._words[2]
        texts["positions_8_15"] = self._words[1] | digits.take(self._sum % 11)
        return texts.view(np.uint8).reshape(len(self._sum), _NUMBER_TEXT.itemsize)


@functools.cache
def _values_by_byte(position: int) -> npt.NDArray[np.int16]:
    """What each ASCII character adds to the sum in a position."""
    values = np.zeros(256, np.int16)
    for character, value in vin.VIN_VALUES.items():
        values[ord(character)] = value * vin.VIN_WEIGHTS[position]
    return values


def _take(bits: Bits, low: int, width: int) -> npt.NDArray[np.int64]:
    return ((bits >> np.uint64(low)) & np.uint64((1 << width) - 1)).astype(np.int64)
