"""Dates of birth that give exactly the age that was drawn."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from esdh_generator.dates_of_birth import dates_of_birth

EPOCH = date(1970, 1, 1)
MASK = 2**64 - 1


def born(bits: list[int], ages: list[int], as_of: date) -> list[date]:
    """Dates for some bits and ages."""
    days = dates_of_birth(np.array(bits, np.uint64), np.array(ages, np.int32), as_of)
    return [EPOCH + timedelta(days=day) for day in days.tolist()]


def age_on(day: date, birth: date) -> int:
    """Completed years, counted on the calendar."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


@settings(deadline=None)
@given(
    bits=st.integers(0, MASK),
    age=st.integers(0, 110),
    as_of=st.dates(date(2021, 1, 1), date(2040, 12, 31)),
)
def test_everybody_has_exactly_the_age(bits: int, age: int, as_of: date) -> None:
    """On any as-of date, leap days included, calendar arithmetic gives the age back."""
    assert age == age_on(as_of, born([bits], [age], as_of)[0])


@pytest.mark.parametrize(
    ("as_of", "age", "youngest", "oldest"),
    [
        (date(2026, 1, 1), 16, date(2010, 1, 1), date(2009, 1, 2)),
        (date(2026, 1, 1), 0, date(2026, 1, 1), date(2025, 1, 2)),
        (date(2026, 1, 1), 26, date(2000, 1, 1), date(1999, 1, 2)),
        (date(2024, 2, 29), 24, date(2000, 2, 29), date(1999, 3, 1)),
        (date(2024, 2, 29), 23, date(2001, 2, 28), date(2000, 3, 1)),
        (date(2025, 2, 28), 25, date(2000, 2, 28), date(1999, 3, 1)),
        (date(2025, 2, 28), 24, date(2001, 2, 28), date(2000, 2, 29)),
        (date(2025, 3, 1), 25, date(2000, 3, 1), date(1999, 3, 2)),
        (date(2025, 12, 31), 40, date(1985, 12, 31), date(1985, 1, 1)),
    ],
)
def test_both_ends_of_an_age_are_reached(
    as_of: date, age: int, youngest: date, oldest: date
) -> None:
    """The least bits are today's birthday child, the greatest turn a year older tomorrow."""
    assert [youngest, oldest] == born([0, MASK], [age, age], as_of)


def test_every_day_of_the_year_is_as_likely() -> None:
    """Bits evenly over their range fall evenly on all birthdays of the year."""
    rows = 365 * 100
    bits = [number * 2**64 // rows for number in range(rows)]

    days, counts = np.unique(born(bits, [30] * rows, date(2026, 1, 1)), return_counts=True)

    assert len(days) == 365
    assert (99, 101) >= (int(counts.min()), int(counts.max())) >= (99, 100)


def test_nobody_gives_no_date() -> None:
    """An empty range is an empty column."""
    assert born([], [], date(2026, 1, 1)) == []
