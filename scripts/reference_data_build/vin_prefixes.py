"""Country pairs that ISO 3780 has assigned to nobody, as first two characters of a VIN.

Source: the ISO 3780 table as in vininfo `dicts/countries.py`, minus every pair used in its `wmi.py`
(read 2026-11-20). ISO 3780 allocations can change: the list is pinned with that date.
"""

from .csv_tables import Table, models_table

UNASSIGNED_SECOND_CHARACTERS = {
    "E": "ABCEFGHJKLMNPRSTUVWXYZ1234567890",
    "F": "ABCDEFGHJKLNPRTUWXYZ1234567890",
    "G": "BCDEFGHJLMNPRSTUVWXYZ12357890",
}


def load_unassigned_prefixes() -> list[str]:
    """Return the two-character prefixes, sorted."""
    return sorted(
        first + second
        for first, seconds in UNASSIGNED_SECOND_CHARACTERS.items()
        for second in seconds
    )


def build_unassigned_vin_prefixes() -> Table:
    """Build unassigned_vin_prefixes.csv."""
    rows = [(prefix,) for prefix in load_unassigned_prefixes()]
    note = "typed; letters E F and G only"
    return models_table("unassigned_vin_prefixes.csv", "prefix", rows, note=note)
