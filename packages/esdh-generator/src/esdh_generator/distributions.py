"""From raw bits to values, with integers only: uniform ranges and weighted choices.

A weighted choice is Walker's alias method (1974; Vose's construction, 1991) with weights as exact
integers: one table look-up and one comparison per row, however many choices there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .random_streams import Bits

Codes = npt.NDArray[np.int32]
"""One index into a reference table per row."""

_HALF = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)


def uniform_below(bits: Bits, bound: int | npt.NDArray[np.uint64]) -> Bits:
    """Map 64 bits to 0 ... bound-1; bound at most 2^32, bias below bound / 2^32."""
    return ((bits >> _HALF) * np.asarray(bound, np.uint64)) >> _HALF


def threshold(numerator: int, denominator: int) -> np.uint64:
    """The number of 64-bit values that make `bits < threshold` as likely as the fraction."""
    return np.uint64(min((numerator << 64) // denominator, 2**64 - 1))


@dataclass(frozen=True, slots=True, eq=False)
class WeightedChoice:
    """Alias tables for one or more groups of choices that lie one after the other.

    `first` and `size` locate a group; within it, slot s keeps its own choice where the low 32
    bits are below `keep[s]`, and takes `alias[s]` otherwise. A weight of 0 is never chosen.
    Choices are numbered over all groups together.
    """

    first: npt.NDArray[np.int64]
    size: npt.NDArray[np.uint64]
    keep: npt.NDArray[np.uint32]
    alias: Codes

    @classmethod
    def of(cls, *groups: Sequence[int]) -> WeightedChoice:
        """Build from integer weights, group by group; each group needs a positive weight."""
        sizes = [len(group) for group in groups]
        first = np.cumsum([0, *sizes[:-1]], dtype=np.int64)
        slots = [
            slot
            for start, weights in zip(first.tolist(), groups, strict=True)
            for slot in _alias_slots(weights, start)
        ]
        keep, alias = zip(*slots, strict=True)
        return cls(
            first=first,
            size=np.array(sizes, np.uint64),
            keep=np.array(keep, np.uint32),
            alias=np.array(alias, np.int32),
        )

    def draw(self, bits: Bits, group: Codes | None = None) -> Codes:
        """Choose one index per row, from the row's group (from the first if None)."""
        if group is None:
            slot = uniform_below(bits, int(self.size[0])).astype(np.int32)
        else:
            slot = uniform_below(bits, self.size[group]).astype(np.int32)
            slot += self.first[group].astype(np.int32)
        keeps = (bits & _LOW).astype(np.uint32) < self.keep[slot]
        return np.where(keeps, slot, self.alias[slot])


def _alias_slots(weights: Sequence[int], start: int) -> list[tuple[int, int]]:
    """Return (keep, alias) per choice; exact, since everything is a Python integer."""
    total, count = sum(weights), len(weights)
    share = [weight * count for weight in weights]
    small = [i for i in range(count) if share[i] < total]
    large = [i for i in range(count) if share[i] >= total]
    slots = [(0, start + i) for i in range(count)]
    while small and large:
        under, over = small.pop(), large[-1]
        slots[under] = ((share[under] << 32) // total, start + over)
        share[over] -= total - share[under]
        if share[over] < total:
            small.append(large.pop())
    return slots
