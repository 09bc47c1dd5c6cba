"""Which make and model existed in which model year with which body (PyPI `faker_vehicle`).

The source ends in 2020, and 2020 itself is incomplete: from 2020 on, the models of 2018 to 2020 are
carried forward until the last model year that a typed list gives them (assumption A-09).
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .body_groups import LAST_MODEL_YEAR
from .csv_tables import load_typed_facts
from .source_archives import FAKER_VEHICLE, read_member
from .vehicle_names import DROPPED_MAKES, DROPPED_MODELS, clean_make, clean_model

CARRIED_FROM = range(2018, 2021)
CARRIED_TO = range(2020, LAST_MODEL_YEAR + 1)
FULL_SIZE_VANS = re.compile(
    r"^(City Express|Club Wagon|E-\d|Econoline|Eurovan|Express|G-Series|Metris|NV\d|ProMaster"
    r"|Ram Van|Ram Wagon|Rally Wagon|Savana|Sportvan|Sprinter|Transit|Vandura)"
)


@dataclass(frozen=True, order=True)
class CatalogueEntry:
    """A model that existed in a year with a body."""

    model_year: int
    make: str
    model: str
    body_style: str


def load_catalogue(inputs: Path) -> list[CatalogueEntry]:
    """Return the catalogue, sorted and without duplicates."""
    entries = set(_read_entries(inputs))
    carried = set(_carry_forward(entries))
    return sorted({e for e in entries if e.model_year < CARRIED_TO.start} | carried)


def load_last_model_years() -> dict[tuple[str, str], int]:
    """Return the typed last model year by make and model."""
    rows = load_typed_facts("ended_models.csv")
    return {(row["make"], row["model"]): int(row["last_model_year"]) for row in rows}


def _read_entries(inputs: Path) -> Iterator[CatalogueEntry]:
    source = read_member(inputs, FAKER_VEHICLE, "faker_vehicle/vehicle_dict.py").decode("utf-8")
    for row in ast.literal_eval(source.partition("=")[2].strip()):
        make, model = clean_make(row["Make"]), row["Model"]
        if make in DROPPED_MAKES or DROPPED_MODELS.match(model):
            continue
        name = clean_model(make, model)
        for category in row["Category"].rstrip("0123456789").split(", "):
            yield CatalogueEntry(row["Year"], make, name, _body_style(category, name))


def _body_style(category: str, model: str) -> str:
    if category != "Van/Minivan":
        return category
    return "Van" if FULL_SIZE_VANS.match(model) else "Minivan"


def _carry_forward(entries: set[CatalogueEntry]) -> Iterator[CatalogueEntry]:
    last_years = load_last_model_years()
    for entry in entries:
        if entry.model_year in CARRIED_FROM:
            last = last_years.get((entry.make, entry.model), LAST_MODEL_YEAR)
            for year in CARRIED_TO:
                if year <= last or year == entry.model_year:
                    yield CatalogueEntry(year, entry.make, entry.model, entry.body_style)
