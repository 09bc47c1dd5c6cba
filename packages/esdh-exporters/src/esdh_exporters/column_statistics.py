"""Column statistics that merge: chunk by chunk, part by part, in any order to the same result."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final, Protocol, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from esdh_models import ColumnContract, Statistic, errors, manifest

from .chunks import Column, Memory
from .number_texts import as_numbers

_MOST_COUNTED_VALUES: Final = 1_000
_NARROW: Final = 1_000
"""Values that lie no farther apart than this, or than there are rows, are quicker to count one by
one."""

_Numbers = npt.NDArray[np.int64]


class ColumnTally(Protocol):
    """What is known of a column so far."""

    def add(self, column: Column) -> None:
        """Take the values of the column in one more chunk."""
        ...

    def merge(self, other: Self) -> None:
        """Take what another tally of the same column knows."""
        ...

    def result(self) -> manifest.ColumnStatistic:
        """The statistic as it stands in the manifest."""
        ...


@dataclass(slots=True)
class CountsTally:
    """Counts every value; by code as long as the dictionary stays the same, which is cheaper."""

    nulls: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    _dictionary: pa.StringArray | None = None
    _place: Memory | None = None
    _by_code: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))

    def add(self, column: Column) -> None:
        """Count codes where there are codes, else texts."""
        self.nulls += column.plain.null_count
        if column.is_coded:
            self._count_codes(column)
        else:
            for entry in pc.value_counts(column.plain.drop_null()).to_pylist():
                self.counts[entry["values"]] += entry["counts"]
            self._settle()

    def _count_codes(self, column: Column) -> None:
        if self._dictionary is None or column.place.dictionary != self._place:
            self._settle()
            self._dictionary, self._place = column.coded.dictionary, column.place.dictionary
            self._by_code = np.zeros(len(self._dictionary), np.int64)
        self._by_code += column.counts

    def _settle(self) -> None:
        """Turn what was counted by code into counts by text."""
        if self._dictionary is not None:
            texts = self._dictionary.to_pylist()
            for code in np.flatnonzero(self._by_code).tolist():
                if texts[code] is not None:
                    self.counts[texts[code]] += int(self._by_code[code])
        self._dictionary = None
        if len(self.counts) > _MOST_COUNTED_VALUES:
            message = f"a counted column holds more than {_MOST_COUNTED_VALUES} values"
            raise errors.SourceError(message)

    def merge(self, other: Self) -> None:
        """Add the other counts."""
        self._settle()
        self.nulls += other.nulls
        self.counts.update(other.result().counts)

    def result(self) -> manifest.CountsStatistic:
        """Counts in the order of the values' code points."""
        self._settle()
        return manifest.CountsStatistic(nulls=self.nulls, counts=dict(sorted(self.counts.items())))


@dataclass(slots=True)
class RangeTally:
    """Bounds, sum and binned counts of integers or days."""

    bin_edges: tuple[int, ...]
    nulls: int = 0
    minimum: int | None = None
    maximum: int | None = None
    sum: int = 0
    bins: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.bins = self.bins or [0] * (len(self.bin_edges) + 1)

    def add(self, column: Column) -> None:
        """Take numbers, or dates as days since 1970-01-01."""
        plain = column.plain
        values = as_numbers(plain).drop_null().to_numpy(zero_copy_only=False)
        self.nulls += plain.null_count
        if len(values) == 0:
            return
        least, greatest = int(values.min()), int(values.max())
        self._widen(least, greatest)
        count = _count_narrow if greatest - least < max(_NARROW, len(values)) else _count_wide
        added, counted = count(values.astype(np.int64), least, np.array(self.bin_edges))
        self.sum += added
        self.bins = [old + new for old, new in zip(self.bins, counted.tolist(), strict=True)]

    def merge(self, other: Self) -> None:
        """Add the other's sums and bins."""
        self.nulls += other.nulls
        self.sum += other.sum
        self.bins = [old + new for old, new in zip(self.bins, other.bins, strict=True)]
        if other.minimum is not None and other.maximum is not None:
            self._widen(other.minimum, other.maximum)

    def result(self) -> manifest.RangeStatistic:
        """Bounds, sum and bins."""
        return manifest.RangeStatistic(
            nulls=self.nulls,
            minimum=self.minimum,
            maximum=self.maximum,
            sum=self.sum,
            bin_edges=self.bin_edges,
            bins=tuple(self.bins),
        )

    def _widen(self, minimum: int, maximum: int) -> None:
        self.minimum = minimum if self.minimum is None else min(self.minimum, minimum)
        self.maximum = maximum if self.maximum is None else max(self.maximum, maximum)


@dataclass(slots=True)
class LengthTally:
    """Bounds of the lengths of texts, in UTF-8 bytes."""

    nulls: int = 0
    shortest: int | None = None
    longest: int | None = None

    def add(self, column: Column) -> None:
        """Take texts."""
        self.nulls += column.plain.null_count
        if column.length_bounds is not None:
            self._widen(*column.length_bounds)

    def merge(self, other: Self) -> None:
        """Take the other's bounds."""
        self.nulls += other.nulls
        if other.shortest is not None and other.longest is not None:
            self._widen(other.shortest, other.longest)

    def result(self) -> manifest.LengthStatistic:
        """Shortest and longest."""
        return manifest.LengthStatistic(
            nulls=self.nulls, shortest=self.shortest, longest=self.longest
        )

    def _widen(self, shortest: int, longest: int) -> None:
        self.shortest = shortest if self.shortest is None else min(self.shortest, shortest)
        self.longest = longest if self.longest is None else max(self.longest, longest)


def _count_narrow(values: _Numbers, least: int, edges: _Numbers) -> tuple[int, _Numbers]:
    """Sum and binned counts of values that lie close together, by counting each value once."""
    times = np.bincount(values - least)
    total = least * len(values) + int(np.arange(len(times)) @ times)
    places = [min(max(edge - least, 0), len(times)) for edge in edges.tolist()]
    below = np.concatenate([[0], np.cumsum(times)])[places]
    return total, np.diff(below, prepend=0, append=len(values))


def _count_wide(values: _Numbers, _: int, edges: _Numbers) -> tuple[int, _Numbers]:
    """Sum and binned counts of any values; halves of 32 bits cannot overflow in a chunk."""
    total = (int((values >> 32).sum()) << 32) + int((values & 0xFFFFFFFF).sum())
    places = np.searchsorted(edges, values, side="right")
    return total, np.bincount(places, minlength=len(edges) + 1)


def new_tally(column: ColumnContract) -> ColumnTally:
    """The empty tally of a column, as its contract declares it."""
    if column.statistic is Statistic.COUNTS:
        return CountsTally()
    if column.statistic is Statistic.RANGE:
        return RangeTally(column.facts.bin_edges)
    return LengthTally()
