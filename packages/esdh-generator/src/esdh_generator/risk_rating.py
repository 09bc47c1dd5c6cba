"""The written rule for risk ratings; no chance in it.

Points add up from the driver's age at the as-of date, the vehicle's age in model years and its
body (governance/risk_rating_rule.md says why): 0-1 Low, 2-3 Medium, 4 and more High.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Final

import numpy as np
import numpy.typing as npt

from esdh_models import codes

from .distributions import Codes
from .reference_tables import BODY_STYLES

RISK_RATINGS: Final = tuple(codes.RiskRating)
_DRIVER_AGE_POINTS: Final = ((21, 4), (25, 3), (30, 1), (65, 0), (75, 1))
_OLDEST_DRIVER_POINTS: Final = 2
_VEHICLE_AGE_POINTS: Final = ((3, 1), (12, 0))
_OLDEST_VEHICLE_POINTS: Final = 1
_BODY_POINTS: Final = {
    codes.BodyStyle.COUPE: 2,
    codes.BodyStyle.CONVERTIBLE: 2,
    codes.BodyStyle.PICKUP: 1,
}
_BODY_POINTS_BY_CODE: Final = np.array([_BODY_POINTS.get(style, 0) for style in BODY_STYLES])
_RATING_BY_POINTS: Final = np.searchsorted([2, 4], np.arange(16), side="right").astype(np.int32)
"""Medium from two points on, High from four."""
_AGES: Final = 128


def risk_ratings(driver_age: Codes, vehicle_age: Codes, body: Codes) -> Codes:
    """Rate each row; ages in whole years, body and result as codes."""
    driver_points = _stepped(_DRIVER_AGE_POINTS, _OLDEST_DRIVER_POINTS)
    vehicle_points = _stepped(_VEHICLE_AGE_POINTS, _OLDEST_VEHICLE_POINTS)
    points = driver_points.take(driver_age)
    points += vehicle_points.take(vehicle_age)
    points += _BODY_POINTS_BY_CODE.take(body)
    ratings: Codes = _RATING_BY_POINTS.take(points)
    return ratings


def few_risk_ratings(
    driver_age: Iterable[int], vehicle_age: Iterable[int], body: Iterable[int]
) -> list[int]:
    """What `risk_ratings` gives, for few rows."""
    driver_points = _stepped(_DRIVER_AGE_POINTS, _OLDEST_DRIVER_POINTS).data
    vehicle_points = _stepped(_VEHICLE_AGE_POINTS, _OLDEST_VEHICLE_POINTS).data
    body_points, rating = _BODY_POINTS_BY_CODE.data, _RATING_BY_POINTS.data
    return [
        rating[driver_points[driver] + vehicle_points[vehicle] + body_points[code]]
        for driver, vehicle, code in zip(driver_age, vehicle_age, body, strict=True)
    ]


@functools.cache
def _stepped(steps: tuple[tuple[int, int], ...], last: int) -> npt.NDArray[np.int64]:
    """Points by age: those of the first step whose upper bound lies above it, else `last`."""
    return np.array(
        [next((points for upper, points in steps if age < upper), last) for age in range(_AGES)]
    )
