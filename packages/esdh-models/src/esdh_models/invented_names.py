"""Names and prefixes that nothing real has: streets, and countries of manufacture."""

from __future__ import annotations

import csv
import functools
from importlib import resources
from typing import Final

STREET_SUFFIXES: Final = ("Ave", "Blvd", "Cir", "Ct", "Dr", "Ln", "Pl", "Rd", "St", "Way")


@functools.cache
def load_invented_streets() -> tuple[str, ...]:
    """Read the street stems; none is a place, a Census name or a word."""
    return _column("invented_streets.csv", "street_name")


@functools.cache
def load_unassigned_vin_prefixes() -> tuple[str, ...]:
    """Read the two-character VIN prefixes that ISO 3780 assigns to no country."""
    return _column("unassigned_vin_prefixes.csv", "prefix")


def _column(file_name: str, column: str) -> tuple[str, ...]:
    path = resources.files("esdh_models") / "reference_data" / file_name
    with path.open(encoding="utf-8") as file:
        return tuple(row[column] for row in csv.DictReader(file))
