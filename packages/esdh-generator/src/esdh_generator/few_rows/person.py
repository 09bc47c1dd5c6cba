"""Policyholders, value by value: the rules of `tables/person.py`, in the same order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from esdh_models import PlainValue

from ..dates_of_birth import few_dates_of_birth
from ..distributions import uniform_one_below
from ..licence_numbers import few_licence_numbers
from ..reference_tables import (
    LOB_TYPES,
    load_driver_ages,
    load_first_names,
    load_licence_templates,
    load_locations,
    load_surnames,
)
from ..tables.person import (
    COMMERCIAL_MINIMUM_AGE,
    HIGHEST_HOUSE_NUMBER,
    HIGHEST_UNIT_NUMBER,
    UNIT_WORDS,
    commercial_limit,
)
from . import texts
from .draws import FewDraws

_LOB_TYPES: Final = tuple(map(str, LOB_TYPES))


class FewPersons:
    """What `PersonDraws` is to many rows; what several tables need is made at once."""

    def __init__(self, draws: FewDraws, as_of: date) -> None:
        """Draw for the owners of the draws."""
        bits = draws.bits
        self.draws, self.as_of, self.ids = draws, as_of, draws.ids["persons"]

        locations = load_locations()
        state_of, city_of = locations.state_of.data, locations.city_of.data
        self.location = locations.choice.draw_few(bits["persons.location"])
        self.state = [state_of[row] for row in self.location]

        ages = load_driver_ages()
        years, limit = ages.years.data, int(commercial_limit())
        self.age = [years[code] for code in ages.choice.draw_few(bits["persons.age"])]
        self.lob = [
            int(row < limit and age >= COMMERCIAL_MINIMUM_AGE)
            for row, age in zip(bits["persons.lob_type"], self.age, strict=True)
        ]

        first_names, last_names = texts.first_names(), texts.surnames()
        first = load_first_names().choice.draw_few(bits["persons.first_name"])
        last = load_surnames().choice.draw_few(bits["persons.last_name"])
        self.first_name = [first_names[code] for code in first]
        self.last_name = [last_names[code] for code in last]

        states, cities, postal_codes = texts.states(), texts.cities(), texts.postal_codes()
        self.states = [states[code] for code in self.state]
        self.cities = [cities[city_of[row]] for row in self.location]
        self.postal_codes = [postal_codes[row] for row in self.location]
        self.lob_types = [_LOB_TYPES[code] for code in self.lob]

    def full_names(self) -> list[str]:
        """Given and family names as one text."""
        both = zip(self.first_name, self.last_name, strict=True)
        return [f"{first} {last}" for first, last in both]

    def dates_of_birth(self) -> list[date]:
        """Dates that give exactly the age."""
        bits = self.draws.bits["persons.date_of_birth"]
        return few_dates_of_birth(bits, self.age, self.as_of)

    def licence_numbers(self) -> list[str]:
        """Licence numbers of the state of residence."""
        bits = self.draws.bits["persons.driver_license_number"]
        return few_licence_numbers(bits, self.state, load_licence_templates())

    def streets(self) -> list[str]:
        """House number and street."""
        streets = texts.streets()
        return [
            f"{uniform_one_below(bits, HIGHEST_HOUSE_NUMBER) + 1}"
            f" {streets[uniform_one_below(bits << 32, len(streets))]}"
            for bits in self.draws.bits["persons.address_line_1"]
        ]

    def units(self) -> list[str | None]:
        """Apartment, unit or suite for one in three, else null."""
        bits = self.draws.bits["persons.address_line_2"]
        return [_unit(row, lob) for row, lob in zip(bits, self.lob, strict=True)]


def _unit(bits: int, lob: int) -> str | None:
    if uniform_one_below(bits << 32, 3) != 0:
        return None
    word, number = divmod(uniform_one_below(bits, 2 * HIGHEST_UNIT_NUMBER), HIGHEST_UNIT_NUMBER)
    return f"{UNIT_WORDS[lob][word]} {number + 1}"


def person_columns(persons: FewPersons, synthetic_source: list[str]) -> list[Sequence[PlainValue]]:
    """The columns of `persons` in contract order."""
    return [
        persons.ids,
        persons.first_name,
        persons.last_name,
        persons.dates_of_birth(),
        persons.licence_numbers(),
        persons.states,
        persons.streets(),
        persons.units(),
        persons.cities,
        persons.states,
        persons.postal_codes,
        ["US"] * len(persons.draws.owners),
        persons.lob_types,
        synthetic_source,
    ]
