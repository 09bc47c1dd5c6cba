"""Vehicles, value by value: the rules of `tables/vehicle.py`, in the same order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from esdh_models import PlainValue

from ..reference_tables import (
    BODY_STYLES,
    load_body_styles,
    load_vehicle_ages,
    load_vehicle_models,
)
from ..risk_rating import RISK_RATINGS, few_risk_ratings
from ..vehicle_numbers import few_vehicle_numbers
from . import texts
from .person import FewPersons

_BODY_STYLES: Final = tuple(map(str, BODY_STYLES))
_RISK_RATINGS: Final = tuple(map(str, RISK_RATINGS))


class FewVehicles:
    """What `VehicleDraws` is to many rows; what several tables need is made at once."""

    def __init__(self, persons: FewPersons) -> None:
        """Draw for the owners of the persons."""
        bits, year = persons.draws.bits, persons.as_of.year
        self.persons, self.ids = persons, persons.draws.ids["vehicles"]

        ages = load_vehicle_ages()
        years = ages.years.data
        vehicle_age = [years[code] for code in ages.choice.draw_few(bits["vehicles.age"])]
        self.model_year = [year - age for age in vehicle_age]

        catalogue = load_vehicle_models()
        make_of = catalogue.make_of.data
        self.body = load_body_styles().draw_few(
            bits["vehicles.body_style"], persons.lob, self.model_year
        )
        self.model = catalogue.draw_few(bits["vehicles.model"], self.model_year, self.body)
        self.make = [make_of[row] for row in self.model]
        self.numbers = few_vehicle_numbers(
            persons.draws.vin_bits, catalogue.manufacturers, self.make, self.model_year
        )
        rating = few_risk_ratings(persons.age, vehicle_age, self.body)
        self.risk_ratings = [_RISK_RATINGS[code] for code in rating]

    def makes(self) -> list[str]:
        """Brands as text."""
        makes = texts.makes()
        return [makes[code] for code in self.make]

    def models(self) -> list[str]:
        """Models as text."""
        model_of, models = load_vehicle_models().model_of.data, texts.models()
        return [models[model_of[row]] for row in self.model]

    def body_styles(self) -> list[str]:
        """Bodies as text."""
        return [_BODY_STYLES[code] for code in self.body]

    def summaries(self) -> list[str]:
        """Model year, make and model as one text."""
        summaries = texts.summaries()
        return [summaries[row] for row in self.model]


def vehicle_columns(
    vehicles: FewVehicles, synthetic_source: list[str]
) -> list[Sequence[PlainValue]]:
    """The columns of `vehicles` in contract order."""
    persons = vehicles.persons
    return [
        vehicles.ids,
        persons.ids,
        vehicles.numbers,
        vehicles.makes(),
        vehicles.models(),
        vehicles.model_year,
        vehicles.body_styles(),
        vehicles.risk_ratings,
        persons.lob_types,
        persons.states,
        persons.postal_codes,
        synthetic_source,
    ]
