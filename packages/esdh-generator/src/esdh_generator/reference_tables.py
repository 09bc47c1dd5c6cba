"""The reference tables, read once and turned into codes and weighted choices.

What a table holds and where it comes from stands in governance/data_sources.md. A draw gives the
number of a row of the file; everything else about it is looked up by that number.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from esdh_models import codes, invented_names, licence_formats

from .arrow_columns import joined
from .distributions import Codes, WeightedChoice
from .reference_file import ReferenceFile

LOB_TYPES: Final = tuple(codes.LobType)
BODY_STYLES: Final = tuple(codes.BodyStyle)


@dataclass(frozen=True, slots=True, eq=False)
class Names:
    """One kind of name with how often it occurs."""

    names: pa.StringArray
    choice: WeightedChoice


@functools.cache
def load_first_names() -> Names:
    """Read the given names."""
    file = ReferenceFile("first_names.csv")
    return Names(file.text("first_name"), WeightedChoice.of(file.numbers("weight")))


@functools.cache
def load_surnames() -> Names:
    """Read the family names."""
    file = ReferenceFile("surnames.csv")
    return Names(file.text("last_name"), WeightedChoice.of(file.numbers("weight")))


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
    """Read the locations."""
    file = ReferenceFile("locations.csv")
    state_of, states = file.coded("state")
    city_of, cities = file.coded("city")
    return Locations(
        choice=WeightedChoice.of(file.numbers("weight")),
        postal_codes=file.text("postal_code"),
        state_of=state_of,
        states=states,
        city_of=city_of,
        cities=cities,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Ages:
    """Whole years with their weights."""

    years: npt.NDArray[np.int32]
    weights: npt.NDArray[np.int64]
    choice: WeightedChoice


@functools.cache
def load_driver_ages() -> Ages:
    """Read the ages of policyholders."""
    return _ages("driver_ages.csv", "age")


@functools.cache
def load_vehicle_ages() -> Ages:
    """Read the ages of vehicles, in model years before the as-of year."""
    return _ages("vehicle_ages.csv", "vehicle_age_years")


def _ages(file_name: str, column: str) -> Ages:
    file = ReferenceFile(file_name)
    weights = file.numbers("weight")
    return Ages(file.numbers(column), weights, WeightedChoice.of(weights))


@dataclass(frozen=True, slots=True, eq=False)
class BodyStyles:
    """Mix of bodies by line of business and model year; a choice is group x body."""

    first_year: int
    years: int
    choice: WeightedChoice

    def draw(self, bits: npt.NDArray[np.uint64], lob: Codes, model_year: Codes) -> Codes:
        """Choose a body for each row."""
        group = lob * np.int32(self.years) + (model_year - np.int32(self.first_year))
        return self.choice.draw(bits, group) % np.int32(len(BODY_STYLES))

    def draw_few(self, bits: Sequence[int], lob: list[int], model_year: list[int]) -> list[int]:
        """What `draw` gives, for few rows."""
        group = [
            line * self.years + (year - self.first_year)
            for line, year in zip(lob, model_year, strict=True)
        ]
        return [code % len(BODY_STYLES) for code in self.choice.draw_few(bits, group)]


@functools.cache
def load_body_styles() -> BodyStyles:
    """Read the mix of bodies."""
    file = ReferenceFile("body_styles.csv")
    model_year = file.numbers("model_year")
    first_year, years = int(model_year.min()), int(np.ptp(model_year)) + 1
    weights = np.zeros((len(LOB_TYPES) * years, len(BODY_STYLES)), np.int64)
    group = _numbered(file.text("lob_type"), LOB_TYPES) * years + (model_year - first_year)
    weights[group, _numbered(file.text("body_style"), BODY_STYLES)] = file.numbers("weight")
    return BodyStyles(first_year, years, WeightedChoice.of(*weights))


@dataclass(frozen=True, slots=True, eq=False)
class VehicleModels:
    """The catalogue of vehicles by model year and body; a choice is a row of it."""

    first_year: int
    last_year: int
    choice: WeightedChoice
    make_of: Codes
    makes: pa.StringArray
    model_of: Codes
    models: pa.StringArray
    summaries: pa.StringArray
    manufacturers: tuple[str, ...]

    def draw(self, bits: npt.NDArray[np.uint64], model_year: Codes, body: Codes) -> Codes:
        """Choose a row of the catalogue for each row."""
        group = (model_year - np.int32(self.first_year)) * np.int32(len(BODY_STYLES)) + body
        return self.choice.draw(bits, group)

    def draw_few(self, bits: Sequence[int], model_year: list[int], body: list[int]) -> list[int]:
        """What `draw` gives, for few rows."""
        group = [
            (year - self.first_year) * len(BODY_STYLES) + code
            for year, code in zip(model_year, body, strict=True)
        ]
        return self.choice.draw_few(bits, group)


@functools.cache
def load_vehicle_models() -> VehicleModels:
    """Read the catalogue; its rows are put in order of model year and body, then of the file."""
    file = ReferenceFile("vehicle_models.csv")
    model_year = file.numbers("model_year")
    first_year, last_year = int(model_year.min()), int(model_year.max())
    body = _numbered(file.text("body_style"), BODY_STYLES)
    group = (model_year - first_year) * len(BODY_STYLES) + body
    order = np.argsort(group, kind="stable")
    ends = np.cumsum(np.bincount(group, minlength=(last_year - first_year + 1) * len(BODY_STYLES)))
    make_of, makes = file.coded("make")
    model_of, models = file.coded("model")
    years = pa.array(model_year).cast(pa.string())
    summaries = joined(years, " ", file.text("make"), " ", file.text("model"))
    return VehicleModels(
        first_year=first_year,
        last_year=last_year,
        choice=WeightedChoice.of(*np.split(file.numbers("weight")[order], ends[:-1])),
        make_of=make_of[order],
        makes=makes,
        model_of=model_of[order],
        models=models,
        summaries=summaries.take(pa.array(order)),
        manufacturers=_manufacturer_codes(makes),
    )


def _manufacturer_codes(makes: pa.StringArray) -> tuple[str, ...]:
    file = ReferenceFile("makes.csv")
    codes_of_makes = file.text("wmi").take(pc.index_in(makes, value_set=file.text("make")))
    return tuple(codes_of_makes.to_pylist())


def _numbered(values: pa.StringArray, names: tuple[str, ...]) -> npt.NDArray[np.int32]:
    """The place of each value among `names`."""
    places: npt.NDArray[np.int32] = pc.index_in(
        values, value_set=pa.array(names, pa.string())
    ).to_numpy()
    return places


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
