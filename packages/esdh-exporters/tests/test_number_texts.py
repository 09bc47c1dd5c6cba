"""Dates and integers as text: looked up or cast, the same text."""

import numpy as np
import pyarrow as pa
import pytest

from esdh_exporters.number_texts import _looked_up, numbers_as_text


def dates(first: int, last: int, rows: int = 5_000) -> pa.Date32Array:
    """Days from `first` to `last` since 1970-01-01, evenly spread, both among them."""
    return pa.array(np.linspace(first, last, rows).astype(np.int32)).view(pa.date32())


@pytest.mark.parametrize(
    "column",
    [
        dates(-40_000, 20_000),
        dates(-1, 0),
        dates(0, 4_095),
        dates(0, 4_096),
        dates(19_000, 19_000),
        dates(-(2**30), 2**30),  # years of other widths, and too many days for a table
        dates(2_930_000, 2_940_000),  # the years 9991 to 10019
        dates(0, 30_000, rows=10),
        dates(0, 30_000).slice(1_234, 2_000),
        pa.array([None, 3] * 2_000, pa.date32()),
        pa.array([], pa.date32()),
    ],
    ids=[
        "a century",
        "around the epoch",
        "to the last day of a table",
        "one day beyond",
        "one day",
        "far apart",
        "past the year 9999",
        "few",
        "a slice",
        "nulls",
        "none",
    ],
)
def test_a_date_reads_as_a_cast_makes_it(column: pa.Date32Array) -> None:
    """However the text is found, it is what pyarrow writes."""
    assert numbers_as_text(column).equals(column.cast(pa.string()))


@pytest.mark.parametrize("first", [-(2**63), -2_000, -5, 0, 5, 999, 1_000, 2_000, 2**62])
@pytest.mark.parametrize("last", [7, 999, 1_000, 1_999, 2_026, 9_999, 10_000, 2**63 - 1])
def test_an_integer_reads_as_a_cast_makes_it(first: int, last: int) -> None:
    """Whether widths are one or many, positive or negative, near or far apart."""
    column = pa.array([min(first, last), *range(1_500, 3_000), max(first, last)], pa.int64())

    assert numbers_as_text(column).equals(column.cast(pa.string()))


@pytest.mark.parametrize("value", [-(2**63), -(2**63) + 807, -(2**63) + 808, 2**63 - 1])
def test_the_ends_of_64_bits_are_cast(value: int) -> None:
    """A table that would reach beyond them is not made."""
    column = pa.array([value] * 1_500, pa.int64())

    assert numbers_as_text(column).equals(column.cast(pa.string()))


def test_years_are_looked_up() -> None:
    """Integers of one width never come to the slow way."""
    years = pa.array(np.arange(5_000, dtype=np.int64) % 40 + 1_990)

    assert _looked_up(years) == years.cast(pa.string())
