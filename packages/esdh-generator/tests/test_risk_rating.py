"""Risk ratings: a written rule, so a table of what it must say."""

import numpy as np
import pytest

from esdh_generator.reference_tables import BODY_STYLES
from esdh_generator.risk_rating import RISK_RATINGS, risk_ratings

CASES = [
    # driver's age, vehicle's age, body, rating
    (16, 5, "Sedan", "High"),
    (20, 5, "Sedan", "High"),
    (21, 5, "Sedan", "Medium"),
    (24, 5, "Sedan", "Medium"),
    (24, 2, "Sedan", "High"),
    (24, 12, "Sedan", "High"),
    (24, 5, "Pickup", "High"),
    (25, 5, "Sedan", "Low"),
    (29, 5, "Sedan", "Low"),
    (29, 2, "Sedan", "Medium"),
    (29, 5, "Coupe", "Medium"),
    (29, 0, "Coupe", "High"),
    (30, 5, "Sedan", "Low"),
    (40, 0, "SUV", "Low"),
    (40, 2, "SUV", "Low"),
    (40, 3, "SUV", "Low"),
    (40, 11, "SUV", "Low"),
    (40, 12, "SUV", "Low"),
    (40, 2, "Pickup", "Medium"),
    (40, 3, "Pickup", "Low"),
    (40, 11, "Pickup", "Low"),
    (40, 12, "Pickup", "Medium"),
    (40, 5, "Coupe", "Medium"),
    (40, 5, "Convertible", "Medium"),
    (40, 29, "Convertible", "Medium"),
    (40, 5, "Hatchback", "Low"),
    (40, 5, "Wagon", "Low"),
    (40, 5, "Minivan", "Low"),
    (40, 5, "Van", "Low"),
    (64, 29, "Minivan", "Low"),
    (65, 5, "Sedan", "Low"),
    (65, 12, "Sedan", "Medium"),
    (74, 0, "Coupe", "High"),
    (75, 5, "Sedan", "Medium"),
    (75, 1, "Pickup", "High"),
    (94, 5, "Sedan", "Medium"),
    (94, 29, "Coupe", "High"),
]


@pytest.mark.parametrize(("driver_age", "vehicle_age", "body", "expected"), CASES)
def test_the_rule_rates_as_written(
    driver_age: int, vehicle_age: int, body: str, expected: str
) -> None:
    """Both sides of every threshold, with every body."""
    assert [expected] == rated([driver_age], [vehicle_age], [body])


def test_rows_are_rated_each_for_itself() -> None:
    """The whole table at once gives what its rows give alone."""
    drivers, vehicles, bodies, expected = map(list, zip(*CASES, strict=True))

    assert expected == rated(drivers, vehicles, bodies)  # type: ignore[arg-type]


def rated(drivers: list[int], vehicles: list[int], bodies: list[str]) -> list[str]:
    """Ratings by name."""
    body = np.array([BODY_STYLES.index(name) for name in bodies], np.int32)
    codes = risk_ratings(np.array(drivers, np.int32), np.array(vehicles, np.int32), body)
    return [str(RISK_RATINGS[code]) for code in codes.tolist()]
