"""Dates as text: looked up or cast, the same text."""

import numpy as np
import pyarrow as pa
import pytest

from esdh_exporters.date_texts import dates_as_text


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
    assert dates_as_text(column).equals(column.cast(pa.string()))
