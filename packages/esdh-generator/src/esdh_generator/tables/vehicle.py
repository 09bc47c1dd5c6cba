"""Vehicles: what is insured, and how great a risk it is with its owner."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pyarrow as pa

from ..arrow_columns import coded_text, texts
from ..distributions import Codes
from ..random_streams import Bits, TableStreams
from ..reference_tables import (
    BODY_STYLES,
    load_body_styles,
    load_vehicle_ages,
    load_vehicle_models,
)
from ..risk_rating import RISK_RATINGS, risk_ratings
from ..vehicle_numbers import vehicle_numbers
from .person import PersonDraws

DRAWN_COLUMNS: Final = ("age", "body_style", "model")


@dataclass(frozen=True, eq=False)
class VehicleDraws:
    """Everything drawn for the one vehicle of each policyholder of a range."""

    persons: PersonDraws

    @cached_property
    def _bits(self) -> Callable[[str], Bits]:
        persons = self.persons
        return TableStreams(persons.streams, "vehicles", persons.owners).bits

    @cached_property
    def ids(self) -> pa.StringArray:
        """Record identifiers."""
        return self.persons.ids_in("vehicles")

    @cached_property
    def model_year(self) -> Codes:
        """Model years: the as-of year less the vehicle's age."""
        ages = load_vehicle_ages()
        age = ages.years.take(ages.choice.draw(self._bits("age")))
        return np.int32(self.persons.as_of.year) - age

    @cached_property
    def body(self) -> Codes:
        """Codes of bodies, by line of business and model year."""
        bits = self._bits("body_style")
        return load_body_styles().draw(bits, self.persons.lob, self.model_year)

    @cached_property
    def model(self) -> Codes:
        """Rows of the catalogue."""
        return load_vehicle_models().draw(self._bits("model"), self.model_year, self.body)

    @cached_property
    def make(self) -> Codes:
        """Codes of brands."""
        return load_vehicle_models().make_of.take(self.model)

    @cached_property
    def numbers(self) -> pa.StringArray:
        """VINs."""
        return vehicle_numbers(
            self.persons.streams,
            self.persons.owners,
            load_vehicle_models().manufacturers,
            self.make,
            self.model_year,
        )

    @cached_property
    def makes(self) -> pa.DictionaryArray:
        """Brands as text."""
        return coded_text(self.make, load_vehicle_models().makes)

    @cached_property
    def models(self) -> pa.DictionaryArray:
        """Models as text."""
        models = load_vehicle_models()
        return coded_text(models.model_of.take(self.model), models.models)

    @cached_property
    def summaries(self) -> pa.DictionaryArray:
        """Model year, make and model as one text."""
        return coded_text(self.model, load_vehicle_models().summaries)

    @cached_property
    def risk_ratings(self) -> pa.DictionaryArray:
        """Risk ratings by the written rule."""
        vehicle_age = np.int32(self.persons.as_of.year) - self.model_year
        rating = risk_ratings(self.persons.age, vehicle_age, self.body)
        return coded_text(rating, texts(*RISK_RATINGS))


def vehicle_columns(draws: VehicleDraws, synthetic_source: pa.Array) -> list[pa.Array]:
    """The columns of `vehicles` in contract order."""
    return [
        draws.ids,
        draws.persons.ids,
        draws.numbers,
        draws.makes,
        draws.models,
        pa.array(draws.model_year.astype(np.int64)),
        coded_text(draws.body, texts(*BODY_STYLES)),
        draws.risk_ratings,
        draws.persons.lob_types,
        draws.persons.states,
        draws.persons.postal_codes,
        synthetic_source,
    ]
