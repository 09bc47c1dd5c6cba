"""Dates of birth from an age in whole years at the as-of date."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt

from .distributions import Codes, uniform_below
from .random_streams import Bits

_EPOCH: Final = date(1970, 1, 1)


def dates_of_birth(bits: Bits, age: Codes, as_of: date) -> npt.NDArray[np.int32]:
    """Days since 1970-01-01, even over all birthdays that give exactly that age."""
    oldest = int(age.max(initial=0))
    turned = [_days(_years_before(as_of, years)) for years in range(oldest + 2)]
    latest = np.array(turned, np.int64)
    days_in_year = (latest[:-1] - latest[1:]).astype(np.uint64)
    back = uniform_below(bits, days_in_year[age]).astype(np.int64)
    return (latest[age] - back).astype(np.int32)


def _years_before(day: date, years: int) -> date:
    """The last birthday of somebody who is `years` old on `day`; 29 February counts on the 28th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def _days(day: date) -> int:
    return (day - _EPOCH) // timedelta(days=1)
