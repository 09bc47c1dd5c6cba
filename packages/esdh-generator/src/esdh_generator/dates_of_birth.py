"""Dates of birth from an age in whole years at the as-of date."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt

from .distributions import Codes, uniform_below, uniform_one_below
from .random_streams import Bits

_EPOCH: Final = date(1970, 1, 1)
_AGES: Final = 120


def dates_of_birth(bits: Bits, age: Codes, as_of: date) -> npt.NDArray[np.int32]:
    """Days since 1970-01-01, even over all birthdays that give exactly that age.

    Ages lie from 0 to 119.
    """
    latest, days = _birthdays(as_of)
    back = uniform_below(bits, days.take(age)).astype(np.int32)
    return latest.take(age) - back


def few_dates_of_birth(bits: Sequence[int], age: Sequence[int], as_of: date) -> list[date]:
    """What `dates_of_birth` gives, for few rows and as dates."""
    birthdays = _few_birthdays(as_of)
    return [
        date.fromordinal(latest - uniform_one_below(row, days))
        for row, (latest, days) in zip(bits, map(birthdays.__getitem__, age), strict=True)
    ]


@functools.cache
def _few_birthdays(as_of: date) -> list[tuple[int, int]]:
    """What `_birthdays` tells, age by age; the birthday as its ordinal."""
    latest, days = _birthdays(as_of)
    return list(zip((latest + _EPOCH.toordinal()).tolist(), days.tolist(), strict=True))


@functools.cache
def _birthdays(as_of: date) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint64]]:
    """By age: the latest birthday that gives it, and how many days do."""
    turned = [_days(_years_before(as_of, years)) for years in range(_AGES + 1)]
    latest = np.array(turned, np.int32)
    return latest[:-1], (latest[:-1] - latest[1:]).astype(np.uint64)


def _years_before(day: date, years: int) -> date:
    """The last birthday of somebody who is `years` old on `day`; 29 February counts on the 28th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def _days(day: date) -> int:
    return (day - _EPOCH) // timedelta(days=1)
