"""Statistics are exact and merge to the same result however the rows were cut."""

from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from esdh_exporters.chunks import Column
from esdh_exporters.column_statistics import CountsTally, LengthTally, RangeTally
from esdh_models import errors

TEXTS = st.lists(st.none() | st.sampled_from(["CA", "NY", "TX", "é"]))
NUMBERS = st.lists(st.none() | st.integers(-(2**40), 2**40))
CUTS = st.integers(0, 100)


def column_of(plain: pa.Array, *, coded: bool = False) -> Column:
    """A column of a chunk."""
    return Column.of(plain.dictionary_encode() if coded else plain)


def cut(values: list[object], place: int, kind: pa.DataType) -> list[pa.Array]:
    """The values in two arrays."""
    return [pa.array(values[:place], kind), pa.array(values[place:], kind)]


@settings(deadline=None)
@given(TEXTS, CUTS, st.booleans())
def test_counts_are_exact_for_any_cut(values: list[str | None], place: int, coded: bool) -> None:
    """Counting codes, texts, pieces or the whole gives one answer."""
    left, right = CountsTally(), CountsTally()
    for tally, part in zip((left, right), cut(values, place, pa.string()), strict=True):
        tally.add(column_of(part, coded=coded))
    left.merge(right)
    present = [value for value in values if value is not None]

    assert left.result().counts == {value: present.count(value) for value in sorted(set(present))}
    assert left.result().nulls == len(values) - len(present)


@settings(deadline=None)
@given(NUMBERS, CUTS)
def test_ranges_are_exact_for_any_cut(values: list[int | None], place: int) -> None:
    """Bounds, sums and bins of pieces add up to those of the whole."""
    edges = (-100, 0, 10)
    left, right = RangeTally(edges), RangeTally(edges)
    for tally, part in zip((left, right), cut(values, place, pa.int64()), strict=True):
        tally.add(column_of(part))
    left.merge(right)
    present = [value for value in values if value is not None]
    result = left.result()

    assert (result.minimum, result.maximum) == (
        min(present, default=None),
        max(present, default=None),
    )
    assert (result.sum, sum(result.bins)) == (sum(present), len(present))
    assert result.bins[0] == sum(value < -100 for value in present)
    assert result.bins[-1] == sum(value >= 10 for value in present)


def test_sums_do_not_wrap() -> None:
    """Numbers near the end of 64 bits add up exactly."""
    tally = RangeTally((0,))
    tally.add(column_of(pa.array([2**62, 2**62, 2**62, -(2**63)], pa.int64())))

    assert tally.sum == 3 * 2**62 - 2**63


def test_bins_do_not_wrap() -> None:
    """Numbers at the end of 64 bits, close together, lie below zero."""
    tally = RangeTally((-(2**63), 0, 2**63 - 1))
    tally.add(column_of(pa.array([-(2**63)] * 3, pa.int64())))

    assert tally.bins == [0, 3, 0, 0]


def test_dictionaries_with_twins_and_nulls_count_right() -> None:
    """A foreign dictionary may hold a text twice, or a null."""
    coded = pa.DictionaryArray.from_arrays(
        pa.array([0, 1, 2, 2], pa.int32()), pa.array(["x", "x", None], pa.string())
    )
    tally = CountsTally()
    tally.add(Column.of(coded))

    assert tally.result().counts == {"x": 2}
    assert tally.result().nulls == 2


def test_too_many_values_for_counts_are_refused() -> None:
    """A column that was never a code list does not fill the manifest or memory."""
    tally = CountsTally()
    with pytest.raises(errors.SourceError, match="more than 1000 values"):
        tally.add(column_of(pa.array([str(n) for n in range(1001)])))


def test_dates_are_days() -> None:
    """A date counts as days since 1970-01-01."""
    tally = RangeTally((0,))
    dates = pa.array([date(1969, 12, 31), date(1970, 1, 3)], pa.date32())
    tally.add(column_of(dates))

    assert (tally.minimum, tally.maximum, tally.sum, tally.bins) == (-1, 2, 1, [1, 1])


@pytest.mark.parametrize(
    ("values", "expected"),
    [([], (0, None, None)), ([None], (1, None, None)), (["é", "abc", None], (1, 2, 3))],
)
def test_lengths_are_bytes(values: list[str | None], expected: tuple[object, ...]) -> None:
    """Lengths are of UTF-8, and there is none without values."""
    tally = LengthTally()
    texts = pa.array(values, pa.string())
    tally.add(column_of(texts))

    assert expected == (tally.nulls, tally.shortest, tally.longest)
