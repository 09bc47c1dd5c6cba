"""Few 64-bit numbers in one large integer: a lane of 128 bits for each, whose upper half is free.

A product with a number of 64 bits stays within its lane, so that one multiplication of Python's
is one for all lanes. Over few rows that is many times quicker than a loop, and than numpy.
"""

from __future__ import annotations

import functools
import struct
from collections.abc import Iterable, Sequence

from ..random_streams import FACTORS, GAMMA, SHIFTS

_LANE_BYTES = 16


def spread(numbers: Iterable[int], *, each: int = 1, times: int = 1) -> int:
    """Put numbers into lanes: each into so many that follow, all of them so many times."""
    octets = [number.to_bytes(_LANE_BYTES, "little") * each for number in numbers]
    return int.from_bytes(b"".join(octets) * times, "little")


def collect(lanes: int, count: int) -> list[int]:
    """The numbers of so many lanes."""
    octets = lanes.to_bytes(_LANE_BYTES * count, "little")
    return list(struct.unpack(f"<{2 * count}Q", octets)[::2])


def collect_pairs_backwards(high: int, low: int, count: int) -> bytes:
    """What two numbers hold in so many lanes, 16 big-endian bytes each, from the last lane on."""
    return (high << 64 | low).to_bytes(_LANE_BYTES * count, "big")


@functools.lru_cache(maxsize=64)
def every(number: int, count: int) -> int:
    """The same number in each lane."""
    return spread([number], each=count)


def mix_lanes(keys: int, rows: int, count: int) -> int:
    """What `mix` gives, for the key and the row in each lane."""
    (first, second, third), (factor, other) = SHIFTS, FACTORS
    low = every(2**64 - 1, count)
    state = ((rows + every(1, count)) * GAMMA + keys) & low
    state = (state ^ state >> first & low) * factor & low
    state = (state ^ state >> second & low) * other & low
    return state ^ state >> third & low


def permute_lanes(
    keys: Sequence[int], half_bits: int, left: int, right: int, count: int
) -> tuple[int, int]:
    """What `Permutation.apply` gives, for the pair in each lane."""
    ones, low = every(1, count), every(2**half_bits - 1, count)
    for key in keys:
        left, right = right, left ^ mix_lanes(key * ones, right, count) >> 64 - half_bits & low
    return left, right
