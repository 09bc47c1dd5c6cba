"""Figures that tell an auditor how the places compare with the Census counts of the states."""

from collections import Counter

from .csv_tables import Table
from .locations import LocationBuilder
from .states import load_state_populations


def state_comparison_rows(locations: LocationBuilder, table: Table) -> list[str]:
    """Return a Markdown table: state, Census count, places' count, their ratio, ZIPs, cities."""
    zips: Counter[str] = Counter()
    cities: dict[str, set[str]] = {}
    for state, city, _postal_code, _weight in table.rows:
        zips[str(state)] += 1
        cities.setdefault(str(state), set()).add(str(city))
    lines = [
        "| state | 2020 Census | places used | per cent | ZIP codes | cities |",
        "|---|---|---|---|---|---|",
    ]
    for state, population in sorted(load_state_populations().items()):
        counted = locations.place_populations[state]
        percent = round(100 * counted / population, 1)
        lines.append(
            f"| {state} | {population:,} | {counted:,} | {percent} | {zips[state]:,} "
            f"| {len(cities[state]):,} |"
        )
    return lines
