"""Make and model weights inside each model year and body style, and the makes' VIN prefixes."""

import re
from collections import Counter
from collections.abc import Sequence

from .body_groups import GROUP_OF_BODY
from .csv_tables import Table, generator_table, load_typed_facts
from .vehicle_catalogue import CatalogueEntry
from .vin_prefixes import load_unassigned_prefixes

WEIGHT_PER_THOUSAND_VEHICLES = 1_000
RARE_DIVISOR = 8
RARE_MODELS = re.compile(
    r"AMG|^RS \d|^S[3-8]$|^M[2-6]?$|^X\d M$|^Z4 M$|Alpina|Fuel Cell|Mirai|NEXO|Plug-in|Electric"
    r"|electric|Energi| EV$|e-tron|^i8$|(S|T)-V$|^GT-R$|^R8$|^NSX$|^Viper$|^Phaeton$|Type R"
    r"|Supra$|^LC$|^86$|Corvette"
    r"|Evolution"
)
"""Performance, plug-in and fuel-cell versions: an eighth of a common model (assumption A-10)."""
WMI_THIRD_CHARACTERS = "ABCDEFGHJKLMNPRSTUVWXYZ12345678"


def build_vehicle_models(catalogue: Sequence[CatalogueEntry]) -> Table:
    """Build vehicle_models.csv: a make's share over the number of its models in year and body."""
    shares = _load_make_shares()
    models = Counter((e.model_year, e.body_style, e.make) for e in catalogue)
    rows = []
    for entry in catalogue:
        share = shares[entry.make, GROUP_OF_BODY[entry.body_style]]
        siblings = models[entry.model_year, entry.body_style, entry.make]
        rarity = RARE_DIVISOR if RARE_MODELS.search(entry.model) else 1
        weight = max(1, share * WEIGHT_PER_THOUSAND_VEHICLES // (siblings * rarity))
        rows.append((entry.model_year, entry.make, entry.model, entry.body_style, weight))
    header = "model_year,make,model,body_style,weight"
    note = "years from 2020 on carried forward (A-09); make shares are assumption A-10"
    return generator_table("vehicle_models.csv", header, rows, note=note)


def build_makes(catalogue: Sequence[CatalogueEntry]) -> Table:
    """Build makes.csv: one manufacturer code per make in an unassigned country pair of its own."""
    makes = sorted({entry.make for entry in catalogue})
    prefixes = load_unassigned_prefixes()
    if len(makes) > len(prefixes):
        raise ValueError(f"{len(makes)} makes but only {len(prefixes)} unassigned prefixes")
    rows = [
        (make, prefix + WMI_THIRD_CHARACTERS[index % len(WMI_THIRD_CHARACTERS)])
        for index, (make, prefix) in enumerate(zip(makes, prefixes, strict=False))
    ]
    note = "fictitious manufacturer codes: no country is assigned their first two characters"
    return generator_table("makes.csv", "make,wmi", rows, note=note)


def _load_make_shares() -> dict[tuple[str, str], int]:
    """Return thousand vehicles a year by make and body group (assumption A-10)."""
    return {
        (row["make"], row["body_group"]): int(row["thousand_vehicles_a_year"])
        for row in load_typed_facts("make_shares.csv")
    }
