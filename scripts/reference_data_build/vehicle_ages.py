"""Vehicle ages at the as-of date: three published age groups, a shape of our own inside them.

Shares: S&P Global Mobility 2024-2025 as reported by trade press: under 6 years about 31 %, 6 to 14
years about 38 %, the rest older; 12.6 to 12.8 years on average over all ages.
"""

from .csv_tables import Table, generator_table
from .integer_shares import split_by_shares

WEIGHT_PER_PERCENT = 10_000
AGE_GROUPS = (
    (0, 31, (20, 55, 58, 59, 59, 59)),
    (6, 38, tuple(range(56, 38, -2))),
    (15, 31, tuple(range(29, 14, -1))),
)
"""First age, share in percent, relative weights of the single years (assumption A-03)."""


def build_vehicle_ages() -> Table:
    """Build vehicle_ages.csv for ages 0 (model year equal to the as-of year) to 29."""
    rows: list[tuple[int, int]] = []
    for first_age, percent, shape in AGE_GROUPS:
        weights = split_by_shares(percent * WEIGHT_PER_PERCENT, shape)
        rows += zip(range(first_age, first_age + len(shape)), weights, strict=True)
    note = "published groups 31 / 38 / 31 percent; single years are assumption A-03"
    return generator_table("vehicle_ages.csv", "vehicle_age_years,weight", rows, note=note)
