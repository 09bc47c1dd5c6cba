"""Body-style mix by line of business and model year.

Group shares are EPA production shares, linear between published years and constant after 2020; the
split inside a group and the commercial shift are assumptions (A-07, A-08).
"""

from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction

from .body_groups import BODY_GROUPS, LOB_TYPES, MODEL_YEARS
from .csv_tables import Table, generator_table, load_typed_facts
from .integer_shares import interpolate, split_by_shares
from .vehicle_catalogue import CatalogueEntry

WEIGHT_OF_A_YEAR = 1_000_000
COMMERCIAL_FACTORS = {
    "Car": Fraction(45, 100),
    "SUV": Fraction(70, 100),
    "Pickup": Fraction(220, 100),
    "Van": Fraction(400, 100),
}
"""What a group's share is multiplied by for commercial use (assumption A-07)."""
Anchors = dict[int, Fraction]


def build_body_styles(catalogue: Sequence[CatalogueEntry]) -> Table:
    """Build body_styles.csv; a body without a catalogue model in a year has weight 0."""
    known = {(entry.model_year, entry.body_style) for entry in catalogue}
    groups = _load_group_shares()
    splits = _load_body_splits()
    rows: list[tuple[str, int, str, int]] = []
    for lob_type in LOB_TYPES:
        for year in MODEL_YEARS:
            group_weights = _group_weights(groups, lob_type, year)
            for group, bodies in BODY_GROUPS.items():
                shares = [
                    interpolate(splits[lob_type, body], year) if (year, body) in known else 0
                    for body in bodies
                ]
                weights = split_by_shares(group_weights[group], shares)
                rows += [(lob_type, year, b, w) for b, w in zip(bodies, weights, strict=True)]
    header = "lob_type,model_year,body_style,weight"
    note = "each year sums to 1000000; EPA group shares; A-06 to A-08"
    return generator_table("body_styles.csv", header, sorted(rows), note=note)


def _group_weights(groups: dict[str, Anchors], lob_type: str, year: int) -> dict[str, int]:
    shares = [
        interpolate(groups[group], year)
        * (COMMERCIAL_FACTORS[group] if lob_type == "Commercial" else 1)
        for group in BODY_GROUPS
    ]
    weights = split_by_shares(WEIGHT_OF_A_YEAR, shares)
    return dict(zip(BODY_GROUPS, weights, strict=True))


def _load_group_shares() -> dict[str, Anchors]:
    groups: dict[str, Anchors] = defaultdict(dict)
    for row in load_typed_facts("body_group_shares.csv"):
        groups[row["body_group"]][int(row["model_year"])] = Fraction(row["share_percent"])
    return groups


def _load_body_splits() -> dict[tuple[str, str], Anchors]:
    splits: dict[tuple[str, str], Anchors] = defaultdict(dict)
    for row in load_typed_facts("body_splits.csv"):
        key = (row["lob_type"], row["body_style"])
        splits[key][int(row["anchor_year"])] = Fraction(row["share_per_mille"])
    return splits
