"""Driver ages in single years, by the licensed-driver shares of FHWA table DL-20 (2008)."""

from .csv_tables import Table, generator_table, load_typed_facts
from .integer_shares import split_by_shares

WEIGHT_PER_MILLE = 1_000
TEENAGE_SHAPE = (14, 22, 30, 34)
"""Ages 16 to 19 inside their bracket: licensing rises with age (assumption A-02)."""


def build_driver_ages() -> Table:
    """Build driver_ages.csv for ages 16 to 94; every bracket's sum equals its published share."""
    rows: list[tuple[int, int]] = []
    for bracket in load_typed_facts("driver_age_shares.csv"):
        first, last = int(bracket["first_age"]), int(bracket["last_age"])
        total = int(bracket["share_per_mille"]) * WEIGHT_PER_MILLE
        weights = split_by_shares(total, _shape(first, last))
        rows += zip(range(first, last + 1), weights, strict=True)
    note = "published brackets; shape inside a bracket is assumption A-02"
    return generator_table("driver_ages.csv", "age,weight", rows, note=note)


def _shape(first: int, last: int) -> tuple[int, ...]:
    """Return the relative weights inside one bracket (assumption A-02)."""
    if first == 16:
        return TEENAGE_SHAPE
    if first == 75:
        return tuple(range(last - first + 1, 0, -1))
    return (1,) * (last - first + 1)
