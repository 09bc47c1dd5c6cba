"""Make and model weights inside each model year and body style, and the makes' VIN prefixes."""

import re
from collections import Counter
from collections.abc import Sequence

from .body_groups import GROUP_OF_BODY
from .csv_tables import Table, generator_table, load_typed_facts
from .vehicle_catalogue import CatalogueEntry
from .vin_prefixes import load_unassigned_prefixes

WEIGHT_PER_THOUSAND_VEHICLES = 1_000
POPULAR, COMMON, HEAVY_DUTY, RARE = 32, 8, 2, 1
"""How much a model weighs among those of its make, year and body (assumption A-10)."""
HEAVY_DUTY_PICKUPS = re.compile(r"F-[23]50|[23]500|Titan XD|^C/K [23]|^D[23]50$")
RARE_MODELS = re.compile(
    r"AMG|^RS \d|^S[3-8]$|^M[2-6]?$|^X\d M$|^Z4 M$|Alpina|Fuel Cell|Mirai|NEXO|Plug-in|Electric"
    r"|electric|Energi| EV$|e-tron|^i8$|(S|T)-V$|^GT-R$|^R8$|^NSX$|^Viper$|^Phaeton$|Type R"
    r"|Supra$|^LC$|^86$|Corvette"
    r"|Evolution"
)
"""Performance, plug-in and fuel-cell versions."""
WMI_THIRD_CHARACTERS = "ABCDEFGHJKLMNPRSTUVWXYZ12345678"


def build_vehicle_models(catalogue: Sequence[CatalogueEntry]) -> Table:
    """Build vehicle_models.csv: a make's share, divided among its models of a year and body."""
    shares = _load_make_shares()
    popular = {(row["make"], row["model"]) for row in load_typed_facts("popular_models.csv")}
    parts = [_parts(entry, popular) for entry in catalogue]
    whole: Counter[tuple[int, str, str]] = Counter()
    for entry, part in zip(catalogue, parts, strict=True):
        whole[entry.model_year, entry.body_style, entry.make] += part
    rows = []
    for entry, part in zip(catalogue, parts, strict=True):
        share = shares[entry.make, GROUP_OF_BODY[entry.body_style]] * WEIGHT_PER_THOUSAND_VEHICLES
        siblings = whole[entry.model_year, entry.body_style, entry.make]
        weight = max(1, share * part // siblings)
        rows.append((entry.model_year, entry.make, entry.model, entry.body_style, weight))
    header = "model_year,make,model,body_style,weight"
    note = "years from 2020 on carried forward (A-09); make shares are assumption A-10"
    return generator_table("vehicle_models.csv", header, rows, note=note)


def _parts(entry: CatalogueEntry, popular: set[tuple[str, str]]) -> int:
    if (entry.make, entry.model) in popular:
        return POPULAR
    if RARE_MODELS.search(entry.model):
        return RARE
    is_heavy = entry.body_style == "Pickup" and HEAVY_DUTY_PICKUPS.search(entry.model)
    return HEAVY_DUTY if is_heavy else COMMON


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
