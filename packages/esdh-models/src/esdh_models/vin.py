"""The check digit of a vehicle identification number, by 49 CFR 565.15(c), over whole columns."""

from __future__ import annotations

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

VIN_WEIGHTS: Final = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
VIN_VALUES: Final = dict(
    zip(
        "0123456789ABCDEFGHJKLMNPRSTUVWXYZ",
        (*range(10), *range(1, 9), *range(1, 6), 7, 9, *range(2, 10)),
        strict=True,
    )
)
"""Transliteration of each character that a VIN may hold."""
VIN_CHECK_DIGITS: Final = "0123456789X"
_CHECK_POSITION: Final = 8


def vin_check_mask(values: pa.Array) -> pa.BooleanArray:
    """Tell for each text whether it is a VIN of 17 characters with a right check digit."""
    characters = pa.array(list(VIN_VALUES))
    numbers = pa.array(list(VIN_VALUES.values()), pa.int32())
    total = pa.array([0] * len(values), pa.int32())
    for position, weight in enumerate(VIN_WEIGHTS):
        one = pc.utf8_slice_codeunits(values, position, position + 1)
        number = numbers.take(pc.index_in(one, value_set=characters))
        total = pc.add(total, pc.multiply(number, pa.scalar(weight, pa.int32())))
    remainder = pc.subtract(total, pc.multiply(pc.divide(total, 11), 11))
    expected = pa.array(list(VIN_CHECK_DIGITS)).take(remainder)
    given = pc.utf8_slice_codeunits(values, _CHECK_POSITION, _CHECK_POSITION + 1)
    right = pc.and_(pc.equal(expected, given), pc.equal(pc.utf8_length(values), 17))
    return pc.fill_null(right, False)
