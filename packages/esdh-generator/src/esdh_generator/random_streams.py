"""All randomness of the hub: one counter-based hash from (seed, scenario, column, row) to 64 bits.

`bits(row) = SplitMix64(key)[row]`: the row-th output of the SplitMix64 generator (Steele, Lea and
Flood, OOPSLA 2014, with Stafford's variant 13 finaliser) started at the column's key. Any row is
reached directly, so rows may be asked for in any order, on any machine. Only integer arithmetic
modulo 2^64 is used.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt

Bits = npt.NDArray[np.uint64]
"""One unsigned 64-bit integer per row."""

Number = TypeVar("Number", int, npt.NDArray[Any])
"""One number, or a column of them: what makes the same of both is written once."""

GAMMA: Final = 0x9E3779B97F4A7C15
FACTORS: Final = (0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
SHIFTS: Final = (30, 27, 31)
"""The constants of SplitMix64."""

# Arrays without a dimension, with which numpy is quicker than with scalars.
_ONE: Final = np.array(1, np.uint64)
_GAMMA: Final = np.array(GAMMA, np.uint64)
_FACTORS: Final = tuple(np.array(factor, np.uint64) for factor in FACTORS)
_SHIFTS: Final = tuple(np.array(bits, np.uint64) for bits in SHIFTS)


@dataclass(frozen=True, slots=True)
class RandomStreams:
    """The streams of one seed and scenario. Neither contract nor rules version enters a key."""

    seed: int
    scenario: str

    def key(self, name: str) -> np.uint64:
        """Key of the stream `name`, such as "persons.first_name".

        The first eight bytes, little-endian, of BLAKE2b over the seed as eight little-endian
        bytes, the scenario, a zero byte and the name.
        """
        return _key(self.seed, self.scenario, name)

    def bits(self, name: str, rows: Bits) -> Bits:
        """Random bits of the rows (any indices, in any order) in the stream `name`."""
        return mix(self.key(name), rows)

    def keys(self, names: Iterable[bytes]) -> list[int]:
        """Keys of several streams, each what `key` gives; quicker for many that are used once."""
        started = _started(self.seed, self.scenario)
        return [_ended(started, name) for name in names]


@dataclass(frozen=True, eq=False)
class TableStreams:
    """The streams of a table's columns over one range of rows."""

    streams: RandomStreams
    table: str
    rows: Bits

    def bits(self, column: str) -> Bits:
        """Random bits of the rows for a column."""
        return _mixed(self._steps + self.streams.key(f"{self.table}.{column}"))

    @cached_property
    def _steps(self) -> Bits:
        return _steps(self.rows)


def mix(key: np.uint64, rows: Bits) -> Bits:
    """SplitMix64's output number `row` (from 0) for the starting state `key`, per row."""
    return _mixed(_steps(rows) + key)


def _steps(rows: Bits) -> Bits:
    """How far the state moves up to each row's output, whatever it starts from."""
    steps = rows + _ONE
    steps *= _GAMMA
    return steps


def _mixed(state: Bits) -> Bits:
    """The outputs of these states, which are overwritten."""
    first, second, third = _SHIFTS
    factor, other = _FACTORS
    state ^= state >> first
    state *= factor
    state ^= state >> second
    state *= other
    state ^= state >> third
    return state


@functools.lru_cache(maxsize=256)
def _key(seed: int, scenario: str, name: str) -> np.uint64:
    return np.uint64(_ended(_started(seed, scenario), name.encode()))


def _started(seed: int, scenario: str) -> hashlib.blake2b:
    """The hash of a key as far as it is that of every stream."""
    return hashlib.blake2b(seed.to_bytes(8, "little") + f"{scenario}\0".encode(), digest_size=8)


def _ended(started: hashlib.blake2b, name: bytes) -> int:
    digest = started.copy()
    digest.update(name)
    return int.from_bytes(digest.digest(), "little")
