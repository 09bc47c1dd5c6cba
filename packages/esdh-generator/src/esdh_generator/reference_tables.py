"""The reference tables in this wheel, read once and turned into codes and weighted choices.

What a table holds and where it comes from stands in governance/data_sources.md. Its rows are
numbered as in the file; a draw gives a row number.
"""

from __future__ import annotations

import csv
import functools
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from itertools import groupby
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from esdh_models import codes, invented_names, licence_formats

from .arrow_columns import character_table
from .distributions import Codes, WeightedChoice

_FOLDER: Final = resources.files("esdh_generator") / "reference_data"


def _rows(file_name: str) -> list[dict[str, str]]:
    with (_FOLDER / file_name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _weights(rows: Sequence[dict[str, str]]) -> list[int]:
    return [int(row["weight"]) for row in rows]


def _coded(values: Sequence[str]) -> tuple[Codes, pa.StringArray]:
    """Number the distinct values in sorted order."""
    distinct = sorted(set(values))
    number = {value: index for index, value in enumerate(distinct)}
    return np.array([number[value] for value in values], np.int32), pa.array(distinct)


@dataclass(frozen=True, slots=True, eq=False)
class Names:
    """One kind of name with how often it occurs."""

    names: pa.StringArray
    choice: WeightedChoice


@functools.cache
def load_names(kind: str) -> Names:
    """Read "first_names" or "surnames"."""
    rows = _rows(f"{kind}.csv")
    column = next(iter(rows[0]))
    return Names(pa.array([row[column] for row in rows]), WeightedChoice.of(_weights(rows)))


@dataclass(frozen=True, slots=True, eq=False)
class Locations:
    """ZIP codes with their place and state; `*_of` give codes by location."""

    choice: WeightedChoice
    postal_codes: pa.StringArray
    state_of: Codes
    states: pa.StringArray
    city_of: Codes
    cities: pa.StringArray


@functools.cache
def load_locations() -> Locations:
    """Read the locations; states are coded in alphabetical order of their USPS code."""
    rows = _rows("locations.csv")
    state_of, states = _coded([row["state"] for row in rows])
    city_of, cities = _coded([row["city"] for row in rows])
    return Locations(
        choice=WeightedChoice.of(_weights(rows)),
        postal_codes=pa.array([row["postal_code"] for row in rows]),
        state_of=state_of,
        states=states,
        city_of=city_of,
        cities=cities,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Ages:
    """Whole years with their weights."""

    years: npt.NDArray[np.int32]
    weights: tuple[int, ...]
    choice: WeightedChoice


@functools.cache
def load_ages(kind: str) -> Ages:
    """Read "driver_ages" or "vehicle_ages"."""
    rows = _rows(f"{kind}.csv")
    column = next(iter(rows[0]))
    weights = _weights(rows)
    years = np.array([int(row[column]) for row in rows], np.int32)
    return Ages(years, tuple(weights), WeightedChoice.of(weights))


LOB_TYPES: Final = tuple(codes.LobType)
BODY_STYLES: Final = tuple(codes.BodyStyle)


@dataclass(frozen=True, slots=True, eq=False)
class BodyStyles:
    """Mix of bodies; group = line of business x model year, choice = group x body."""

    first_year: int
    years: int
    choice: WeightedChoice


@functools.cache
def load_body_styles() -> BodyStyles:
    """Read the mix of bodies by line of business and model year."""
    weight = {
        (row["lob_type"], int(row["model_year"]), row["body_style"]): int(row["weight"])
        for row in _rows("body_styles.csv")
    }
    years = sorted({year for _, year, _ in weight})
    groups = [
        [weight.get((lob, year, body), 0) for body in BODY_STYLES]
        for lob in LOB_TYPES
        for year in years
    ]
    return BodyStyles(years[0], len(years), WeightedChoice.of(*groups))


@dataclass(frozen=True, slots=True, eq=False)
class VehicleModels:
    """The catalogue of vehicles; group = model year x body, choice = catalogue row."""

    first_year: int
    last_year: int
    choice: WeightedChoice
    group_of: Codes
    make_of: Codes
    makes: pa.StringArray
    model_of: Codes
    models: pa.StringArray
    summaries: pa.StringArray
    manufacturer_of: npt.NDArray[np.uint8]

    def group(self, model_year: Codes, body: Codes) -> Codes:
        """The group of each (model year, body)."""
        groups: Codes = self.group_of[(model_year - self.first_year) * len(BODY_STYLES) + body]
        return groups


@functools.cache
def load_vehicle_models() -> VehicleModels:
    """Read the catalogue, ordered by model year and body as the groups need it."""
    rows = sorted(_rows("vehicle_models.csv"), key=_year_and_body)
    groups = [(key, list(group)) for key, group in groupby(rows, key=_year_and_body)]
    first_year, last_year = groups[0][0][0], groups[-1][0][0]
    group_of = np.full((last_year - first_year + 1) * len(BODY_STYLES), -1, np.int32)
    for number, ((year, body), _) in enumerate(groups):
        group_of[(year - first_year) * len(BODY_STYLES) + body] = number
    make_of, makes = _coded([row["make"] for row in rows])
    model_of, models = _coded([row["model"] for row in rows])
    manufacturer = {row["make"]: row["wmi"] for row in _rows("makes.csv")}
    return VehicleModels(
        first_year=first_year,
        last_year=last_year,
        choice=WeightedChoice.of(*(_weights(group) for _, group in groups)),
        group_of=group_of,
        make_of=make_of,
        makes=makes,
        model_of=model_of,
        models=models,
        summaries=pa.array([f"{r['model_year']} {r['make']} {r['model']}" for r in rows]),
        manufacturer_of=character_table([manufacturer[row["make"]] for row in rows]),
    )


def _year_and_body(row: dict[str, str]) -> tuple[int, int]:
    return int(row["model_year"]), BODY_STYLES.index(codes.BodyStyle(row["body_style"]))


@functools.cache
def load_streets() -> pa.StringArray:
    """Every invented street with every suffix, such as "Velmoor Ave"."""
    return pa.array(
        f"{stem} {suffix}"
        for stem in invented_names.load_invented_streets()
        for suffix in invented_names.STREET_SUFFIXES
    )


@functools.cache
def load_licence_templates() -> tuple[str, ...]:
    """Licence templates in the order of the state codes of `load_locations`."""
    formats = {entry.state: entry.template for entry in licence_formats.load_licence_formats()}
    return tuple(formats[state] for state in load_locations().states.to_pylist())


@functools.cache
def reference_data_digest() -> str:
    """SHA-256 over every reference file, by name, here and in esdh-models."""
    digest = hashlib.sha256()
    for name, content in _files():
        digest.update(f"{name} {hashlib.sha256(content).hexdigest()}\n".encode())
    return digest.hexdigest()


def _files() -> Iterator[tuple[str, bytes]]:
    folders = [_FOLDER, resources.files("esdh_models") / "reference_data"]
    entries = [entry for folder in folders for entry in folder.iterdir()]
    for entry in sorted(entries, key=lambda entry: entry.name):
        if entry.name.endswith(".csv"):
            yield entry.name, entry.read_bytes()
