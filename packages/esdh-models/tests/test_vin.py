"""The check digit of vehicle identification numbers."""

import pyarrow as pa
import pytest

from esdh_models import vin

PUBLISHED = ["11111111111111111", "1M8GDM9AXKP042788", "WDBEA30D3HA391172", "1C6RR7LT2JS179571"]


@pytest.mark.parametrize("number", PUBLISHED)
def test_published_numbers_check(number: str) -> None:
    """Numbers that are printed in rules and manuals have a right check digit."""
    assert vin.vin_check_mask(pa.array([number])).to_pylist() == [True]


@pytest.mark.parametrize(
    "number",
    [
        "11111111011111111",
        "1M8GDM9A1KP042788",
        "1M8GDM9AXKP04278",
        "1M8GDM9AXKP0427881",
        "",
        "I" * 17,
    ],
)
def test_wrong_numbers_do_not_check(number: str) -> None:
    """A changed digit, a wrong length or a forbidden letter fails."""
    assert vin.vin_check_mask(pa.array([number])).to_pylist() == [False]


def test_nulls_do_not_check() -> None:
    """An absent number is not a right one."""
    assert vin.vin_check_mask(pa.array([None], pa.string())).to_pylist() == [False]
