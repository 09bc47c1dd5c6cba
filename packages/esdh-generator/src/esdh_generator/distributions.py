"""From raw bits to values, with integers only: uniform ranges and weighted choices.

A weighted choice is Walker's alias method (1974; Vose's construction, 1991) with weights as exact
integers: one table look-up and one comparison per row, however many choices there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from .random_streams import Bits

Codes = npt.NDArray[np.int32]
"""One index into a reference table per row."""

_HALF = np.array(32, np.uint64)
_LOW = 2**32 - 1


def uniform_below(bits: Bits, bound: int | npt.NDArray[np.uint64]) -> Bits:
    """Map 64 bits to 0 ... bound-1; bound at most 2^32, bias below bound / 2^32."""
    value = bits >> _HALF
    value *= np.asarray(bound, np.uint64)
    value >>= _HALF
    return value


def uniform_one_below(bits: int, bound: int) -> int:
    """What `uniform_below` gives for one row; bits beyond the 64th are lost, as they are there."""
    return (bits >> 32 & _LOW) * bound >> 32


def threshold(numerator: int, denominator: int) -> np.uint64:
    """The number of 64-bit values that make `bits < threshold` as likely as the fraction."""
    return np.uint64(min((numerator << 64) // denominator, 2**64 - 1))


@dataclass(frozen=True, eq=False)
class WeightedChoice:
    """Alias tables for one or more groups of choices that lie one after the other.

    `first` and `size` locate a group; within it, slot s keeps its own choice where the low 32
    bits are below `keep[s]`, and takes its alias otherwise: `choices` holds the alias at 2s and
    the slot's own at 2s + 1. A weight of 0 is never chosen. Choices are numbered over all groups
    together.
    """

    first: npt.NDArray[np.int64]
    size: npt.NDArray[np.uint64]
    keep: npt.NDArray[np.uint32]
    choices: Codes

    @classmethod
    def of(cls, *groups: npt.ArrayLike) -> WeightedChoice:
        """Build from integer weights, group by group; an empty group is never drawn from.

        Raises `ValueError` where a group's weights are negative, all 0 or too large.
        """
        weights = [np.asarray(group, np.int64) for group in groups]
        sizes = [len(group) for group in weights]
        first = np.cumsum([0, *sizes[:-1]], dtype=np.int64)
        tables = [_alias_table(group) for group in weights]
        alias = np.concatenate(
            [alias + start for (_, alias), start in zip(tables, first, strict=True)]
        )
        return cls(
            first=first,
            size=np.array(sizes, np.uint64),
            keep=np.concatenate([keep for keep, _ in tables]),
            choices=np.stack([alias, np.arange(len(alias))], axis=1).astype(np.int32).reshape(-1),
        )

    def draw(self, bits: Bits, group: Codes | None = None) -> Codes:
        """Choose one index per row, from the row's group (from the first if None)."""
        if group is None:
            slot = uniform_below(bits, int(self.size[0])).view(np.int64)
        else:
            slot = uniform_below(bits, self.size.take(group)).view(np.int64)
            slot += self.first.take(group)
        keeps = bits.astype(np.uint32) < self.keep.take(slot)  # of the bits, the low half
        # Looked up, as choosing by a condition of chance is what processors guess wrong.
        slot += slot
        slot += keeps
        return self.choices.take(slot)

    def draw_few(self, bits: Sequence[int], groups: Sequence[int] | None = None) -> list[int]:
        """What `draw` gives, for few rows."""
        sizes, firsts, keep, choices = self._views
        if groups is None:
            size = sizes[0]
            slots = [(row >> 32) * size >> 32 for row in bits]
        else:
            slots = [
                ((row >> 32) * sizes[group] >> 32) + firsts[group]
                for row, group in zip(bits, groups, strict=True)
            ]
        return [
            choices[2 * slot + ((row & _LOW) < keep[slot])]
            for row, slot in zip(bits, slots, strict=True)
        ]

    @cached_property
    def _views(self) -> tuple[memoryview, ...]:
        return self.size.data, self.first.data, self.keep.data, self.choices.data


def _alias_table(
    weights: npt.NDArray[np.int64],
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int64]]:
    """Return keep (in 2^-32) and alias per choice, by one sweep over prefix sums.

    Lay the shortfalls of the light choices end to end, and the surpluses of the heavy ones beside
    them: a light choice is topped up by the heavy one where its shortfall starts, and a heavy one
    whose surplus ends inside a shortfall is itself topped up by the next. (The sweep of
    Huebschle-Schneider and Sanders, 2019, in exact integers.)
    """
    if len(weights) == 0:
        return np.zeros(0, np.uint32), np.zeros(0, np.int64)
    total, count = int(weights.sum()), len(weights)
    if weights.min() < 0 or not 0 < total < 2**46 or total * count >= 2**62:
        raise ValueError(f"weights must be 0 or more, with a sum from 1 to 2^46, not {total}")
    share = weights * count
    light, heavy = np.flatnonzero(share < total), np.flatnonzero(share >= total)
    shortfall = np.cumsum(total - share[light])
    surplus = np.cumsum(share[heavy] - total)
    kept, alias = np.full(count, total), np.arange(count)
    kept[light] = share[light]
    starts = shortfall - (total - share[light])
    alias[light] = heavy[np.searchsorted(surplus, starts, side="left")]
    cut = np.searchsorted(shortfall, surplus, side="right")
    short = np.flatnonzero(cut < len(light))
    kept[heavy[short]] = total - (shortfall[cut[short]] - surplus[short])
    alias[heavy[short]] = heavy[short + 1]
    return _fraction(kept, total), alias


def _fraction(kept: npt.NDArray[np.int64], total: int) -> npt.NDArray[np.uint32]:
    """The whole part of kept / total * 2^32, by long division in two digits of 16 bits.

    A full slot gives 0: it is its own alias.
    """
    high, rest = np.divmod(kept << 16, total)
    low = (rest << 16) // total
    return ((high << 16) | low).astype(np.uint64).astype(np.uint32)
