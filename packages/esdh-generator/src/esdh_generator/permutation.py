"""Keyed permutations of row numbers, so that keys are unique without looking anything up.

A balanced Feistel network over two halves with the hash of `random_streams` as its round
function: four rounds of distinct keys make a permutation of the whole range (Luby and Rackoff,
1988), and the same rounds backwards undo it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from .random_streams import Bits, RandomStreams, mix

ROUNDS: Final = 4


@dataclass(frozen=True, slots=True)
class Permutation:
    """A permutation of pairs of `half_bits`-bit halves (at most 64 each)."""

    keys: tuple[np.uint64, ...]
    half_bits: int

    @classmethod
    def of(cls, streams: RandomStreams, name: str, half_bits: int) -> Permutation:
        """The permutation called `name` of a seed and scenario."""
        keys = tuple(map(np.uint64, streams.keys(round_names(name))))
        return cls(keys=keys, half_bits=half_bits)

    def apply(self, left: Bits, right: Bits) -> tuple[Bits, Bits]:
        """Permute the pairs (left, right)."""
        drop = np.uint64(64 - self.half_bits)
        for key in self.keys:
            left, right = right, left ^ (mix(key, right) >> drop)
        return left, right

    def undo(self, left: Bits, right: Bits) -> tuple[Bits, Bits]:
        """Return the pairs that `apply` maps to (left, right)."""
        drop = np.uint64(64 - self.half_bits)
        for key in reversed(self.keys):
            left, right = right ^ (mix(key, left) >> drop), left
        return left, right


def round_names(name: str) -> list[bytes]:
    """The streams that the keys of a permutation's rounds are those of."""
    return [f"{name}#round{index}".encode() for index in range(ROUNDS)]
