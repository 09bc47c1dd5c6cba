"""Vehicle identification numbers of manufacturers that do not exist.

17 characters: manufacturer code of the make (3), descriptor (5, position 7 tells the cycle of the
year code), check digit, year code, plant, serial (6). Everything but the manufacturer code and
the year encodes 48 permuted bits, so that no two rows share a number.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from esdh_models import vin

from .arrow_columns import character_table, fixed_width_text
from .distributions import Codes
from .permutation import Permutation
from .random_streams import Bits, Number, RandomStreams

_ORDINAL_BITS: Final = 8
_FIVE_BITS: Final = "ABCDEFGHJKLMNPRSTUVWXYZ123456789"
_CYCLE_TO_2009: Final = "1234"
_CYCLE_FROM_2010: Final = "ABCD"
_YEAR_CODES: Final = "ABCDEFGHJKLMNPRSTVWXY123456789"
_FIRST_YEAR: Final = 1980
_PLANTS: Final = len(_FIVE_BITS) ** 2
_TEXT: Final = np.dtype(
    {
        "names": ["head", "body", "tail", "check"],
        "formats": ["<u8", "<u8", "<u2", "u1"],
        "offsets": [0, 7, 15, 8],
        "itemsize": 17,
    }
)
"""The 17 characters as words whose bytes are the characters.

The eighth byte of the head and the second of the body are to spare: the sum for the check digit is
kept there, until the body stands in place of the one and the digit in place of the other.
"""


PERMUTATION: Final = ("vehicles.vin", 24)
"""Its name, and the bits of a half."""


class _Word(NamedTuple):
    start: int
    spare: int


_HEAD: Final = _Word(start=0, spare=7)
_BODY: Final = _Word(start=7, spare=8)
_Table = npt.NDArray[np.uint64]

# The same for one text as an integer of 17 bytes: where the parts begin, in bits.
_HEAD_SPARE: Final = 8 * (_HEAD.spare - _HEAD.start)
_BODY_SPARE: Final = 8 * (_BODY.spare - _BODY.start)
_HEAD_MASK: Final = 2**64 - 1 ^ 0xFF << _HEAD_SPARE
_BODY_MASK: Final = 2**64 - 1 ^ 0xFF << _BODY_SPARE
_BODY_BITS, _TAIL_BITS, _CHECK_BITS = 8 * 7, 8 * 15, 8 * 8


def vehicle_numbers(
    streams: RandomStreams,
    owners: Bits,
    manufacturers: tuple[str, ...],
    make: Codes,
    model_year: Codes,
    ordinal: int = 0,
) -> pa.StringArray:
    """Numbers of the vehicles (owner, ordinal); unique below 2^40 owners and 2^8 ordinals.

    `make` chooses among the codes of `manufacturers`; model years lie from 1980 to 2039.
    """
    bits = join(*Permutation.of(streams, *PERMUTATION).apply(*split(owners, ordinal)))
    tables, year, serial = _tables(), model_year - np.int32(_FIRST_YEAR), _field(bits, 32, 16)
    cycle = _field(bits, 30, 2) + tables.first_cycle.take(year)
    plant = _field(bits, 20, 10) + tables.first_plant.take(year)
    head = _manufacturer_table(manufacturers).take(make)
    head += tables.descriptor.take(_field(bits, 0, 15))
    head += tables.cycle.take(cycle)
    body = tables.descriptor_end.take(_field(bits, 15, 5))
    body += tables.year_and_plant.take(plant)
    body += tables.serial.take(serial)
    texts = np.empty(len(bits), _TEXT)
    texts["head"], texts["body"], texts["tail"] = head, body, tables.serial_end.take(serial)
    texts["check"] = tables.check.take(_sum(head, _HEAD) + _sum(body, _BODY))
    return fixed_width_text(texts.view(np.uint8).reshape(-1, _TEXT.itemsize))


def few_vehicle_numbers(
    bits: Sequence[int],
    manufacturers: tuple[str, ...],
    make: Sequence[int],
    model_year: Sequence[int],
) -> list[str]:
    """What `vehicle_numbers` gives, for few rows, of which `bits` are the permuted ones."""
    makers = _manufacturer_table(manufacturers).data
    descriptor, cycle, first_cycle, end, plant, first_plant, serial, tail, check = _views()
    texts = []
    for row, code, model in zip(bits, make, model_year, strict=True):
        year, number = model - _FIRST_YEAR, row >> 32 & 0xFFFF
        head = makers[code] + descriptor[row & 0x7FFF]
        head += cycle[(row >> 30 & 0x3) + first_cycle[year]]
        body = end[row >> 15 & 0x1F] + plant[(row >> 20 & 0x3FF) + first_plant[year]]
        body += serial[number]
        digit = check[(head >> _HEAD_SPARE) + (body >> _BODY_SPARE & 0xFF)]
        octets = head & _HEAD_MASK | (body & _BODY_MASK) << _BODY_BITS
        octets |= digit << _CHECK_BITS | tail[number] << _TAIL_BITS
        texts.append(octets.to_bytes(_TEXT.itemsize, "little").decode("ascii"))
    return texts


class _Tables(NamedTuple):
    """What neighbouring positions may hold, as parts of a word with their share of the sum."""

    descriptor: _Table
    cycle: _Table
    first_cycle: npt.NDArray[np.int64]
    descriptor_end: _Table
    year_and_plant: _Table
    first_plant: npt.NDArray[np.int64]
    serial: _Table
    serial_end: npt.NDArray[np.uint16]
    check: npt.NDArray[np.uint8]


@functools.cache
def _tables() -> _Tables:
    digits_of_serials = np.arange(2**16)[:, None] // 10 ** np.arange(4, -1, -1) % 10
    serials = (digits_of_serials + ord("0")).astype(np.uint8)
    codes = np.arange(2 * len(_YEAR_CODES)) % len(_YEAR_CODES)
    years = np.repeat(_combinations(1, _YEAR_CODES), _PLANTS, axis=0)
    plants = np.tile(_combinations(2), (len(_YEAR_CODES), 1))
    digits = character_table(list(vin.VIN_CHECK_DIGITS))[:, 0]
    return _Tables(
        descriptor=_table(_HEAD, 3, _combinations(3)),
        cycle=_table(_HEAD, 6, _combinations(1, _CYCLE_TO_2009 + _CYCLE_FROM_2010)),
        first_cycle=np.repeat([0, len(_CYCLE_TO_2009)], len(_YEAR_CODES)),
        descriptor_end=_table(_BODY, 7, _combinations(1)),
        year_and_plant=_table(_BODY, 9, np.concatenate([years, plants], axis=1)),
        first_plant=codes * _PLANTS,
        serial=_table(_BODY, 12, serials),
        serial_end=np.ascontiguousarray(serials[:, 3:]).view("<u2")[:, 0],
        check=np.resize(digits, 2**8),
    )


@functools.cache
def _views() -> tuple[memoryview, ...]:
    """The same tables, from which one number is taken at a fraction of the cost."""
    return tuple(table.data for table in _tables())


@functools.cache
def _manufacturer_table(manufacturers: tuple[str, ...]) -> _Table:
    return _table(_HEAD, 0, character_table(list(manufacturers)))


def _combinations(count: int, alphabet: str = _FIVE_BITS) -> npt.NDArray[np.uint8]:
    """All texts of `count` characters; the first one changes quickest, as the lowest bits do."""
    choices = len(alphabet)
    places = np.arange(choices**count)[:, None] // choices ** np.arange(count) % choices
    return character_table(list(alphabet))[:, 0].take(places)


def _table(word: _Word, position: int, characters: npt.NDArray[np.uint8]) -> _Table:
    """The rows of a (choices, positions) matrix as parts of a word.

    The part of the sum (modulo 11) counts all positions, those beyond the word too.
    """
    words, sums = np.zeros(len(characters), np.uint64), np.zeros(len(characters), np.uint64)
    for place, column in enumerate(characters.T, position):
        if place < word.start + 8:
            words |= column.astype(np.uint64) << np.uint64(8 * (place - word.start))
        sums += _values_by_byte(place)[column]
    return words | (sums % np.uint64(11)) << _shift_to_spare(word)


def _sum(words: _Table, word: _Word) -> npt.NDArray[np.uint8]:
    """What the parts of a word add to the sum: three times 10 at the most."""
    return (words >> _shift_to_spare(word)).astype(np.uint8)


def _shift_to_spare(word: _Word) -> np.uint64:
    return np.uint64(8 * (word.spare - word.start))


@functools.cache
def _values_by_byte(position: int) -> npt.NDArray[np.uint64]:
    """What each ASCII character adds to the sum in a position."""
    values = np.zeros(256, np.uint64)
    for character, value in vin.VIN_VALUES.items():
        values[ord(character)] = value * vin.VIN_WEIGHTS[position]
    return values


def split(owner: Number, ordinal: int, ones: int = 1) -> tuple[Number, Number]:
    """Owner and ordinal as two halves of 24 bits, to be permuted.

    Of many numbers in one integer, `ones` has the lowest bit of each.
    """
    index = (owner << _ORDINAL_BITS) | ordinal * ones
    return index >> 24 & 0xFFFFFF * ones, index & 0xFFFFFF * ones


def join(left: Number, right: Number) -> Number:
    """Permuted halves as 48 bits."""
    bits: Number = (left << 24) | right
    return bits


def _field(bits: Bits, low: int, width: int) -> npt.NDArray[np.int64]:
    """Some of the bits as a number."""
    field = bits >> np.uint64(low)
    field &= np.uint64((1 << width) - 1)
    return field.view(np.int64)
