"""Policyholders: who they are, where they live, how they are insured."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final

import numpy as np
import pyarrow as pa

from ..arrow_columns import JoinedTables, coded_text, constant_text, joined, texts
from ..dates_of_birth import dates_of_birth
from ..distributions import Codes, threshold, uniform_below
from ..licence_numbers import licence_numbers
from ..random_streams import Bits, RandomStreams, TableStreams
from ..record_ids import record_ids
from ..reference_tables import (
    LOB_TYPES,
    load_driver_ages,
    load_first_names,
    load_licence_templates,
    load_locations,
    load_streets,
    load_surnames,
)

COMMERCIAL_PERCENT: Final = 30
COMMERCIAL_MINIMUM_AGE: Final = 18
HIGHEST_HOUSE_NUMBER: Final = 9_999
HIGHEST_UNIT_NUMBER: Final = 120
DRAWN_COLUMNS: Final = (
    "location",
    "age",
    "lob_type",
    "first_name",
    "last_name",
    "date_of_birth",
    "driver_license_number",
    "address_line_1",
    "address_line_2",
)
UNIT_WORDS: Final = (("Apt", "Unit"), ("Suite", "Unit"))
"""Kinds of unit for each line of business."""


@dataclass(frozen=True, eq=False)
class PersonDraws:
    """Everything drawn for one range of policyholders; each value is made when first needed."""

    streams: RandomStreams
    as_of: date
    owners: Bits

    @cached_property
    def _bits(self) -> Callable[[str], Bits]:
        return TableStreams(self.streams, "persons", self.owners).bits

    def ids_in(self, table: str) -> pa.StringArray:
        """Record identifiers of the policyholders' rows in a table."""
        return record_ids(self.streams, table, self.owners)

    @cached_property
    def ids(self) -> pa.StringArray:
        """Record identifiers."""
        return self.ids_in("persons")

    @cached_property
    def location(self) -> Codes:
        """Rows of the locations table."""
        return load_locations().choice.draw(self._bits("location"))

    @cached_property
    def state(self) -> Codes:
        """State codes."""
        return load_locations().state_of.take(self.location)

    @cached_property
    def age(self) -> Codes:
        """Whole years at the as-of date."""
        ages = load_driver_ages()
        return ages.years.take(ages.choice.draw(self._bits("age")))

    @cached_property
    def lob(self) -> Codes:
        """Lines of business; nobody under 18 holds a commercial policy."""
        commercial = self._bits("lob_type") < commercial_limit()
        return (commercial & (self.age >= COMMERCIAL_MINIMUM_AGE)).astype(np.int32)

    @cached_property
    def first_name_code(self) -> Codes:
        """Rows of the given names."""
        return load_first_names().choice.draw(self._bits("first_name"))

    @cached_property
    def first_name(self) -> pa.DictionaryArray:
        """Given names."""
        return coded_text(self.first_name_code, load_first_names().names)

    @cached_property
    def last_name_code(self) -> Codes:
        """Rows of the family names."""
        return load_surnames().choice.draw(self._bits("last_name"))

    @cached_property
    def last_name(self) -> pa.DictionaryArray:
        """Family names."""
        return coded_text(self.last_name_code, load_surnames().names)

    def full_names(self) -> pa.StringArray:
        """Given and family names as one text."""
        return _full_names().rows(self.first_name_code, self.last_name_code)

    @cached_property
    def states(self) -> pa.DictionaryArray:
        """States as text."""
        return coded_text(self.state, load_locations().states)

    @cached_property
    def cities(self) -> pa.DictionaryArray:
        """Places as text."""
        locations = load_locations()
        return coded_text(locations.city_of.take(self.location), locations.cities)

    @cached_property
    def postal_codes(self) -> pa.DictionaryArray:
        """ZIP codes as text."""
        return coded_text(self.location, load_locations().postal_codes)

    @cached_property
    def lob_types(self) -> pa.DictionaryArray:
        """Lines of business as text."""
        return coded_text(self.lob, texts(*LOB_TYPES))

    def dates_of_birth(self) -> pa.Date32Array:
        """Dates that give exactly the age."""
        days = dates_of_birth(self._bits("date_of_birth"), self.age, self.as_of)
        return pa.array(days).view(pa.date32())

    def licence_numbers(self) -> pa.StringArray:
        """Licence numbers of the state of residence."""
        bits = self._bits("driver_license_number")
        return licence_numbers(bits, self.state, load_licence_templates())

    def streets(self) -> pa.StringArray:
        """House number and street."""
        bits = self._bits("address_line_1")
        number = uniform_below(bits, HIGHEST_HOUSE_NUMBER).astype(np.int32)
        street = uniform_below(bits << np.uint64(32), len(load_streets())).astype(np.int32)
        return _house_numbers_and_streets().rows(number, street)

    def units(self) -> pa.DictionaryArray:
        """Apartment, unit or suite for one in three, else null."""
        bits = self._bits("address_line_2")
        absent = uniform_below(bits << np.uint64(32), 3) != 0
        per_line = 2 * HIGHEST_UNIT_NUMBER
        code = uniform_below(bits, per_line).astype(np.int32) + self.lob * np.int32(per_line)
        return pa.DictionaryArray.from_arrays(pa.array(code, mask=absent), _units())


@functools.cache
def commercial_limit() -> np.uint64:
    """Below it lie the bits of an adult who holds a commercial policy."""
    ages = load_driver_ages()
    everybody = int(ages.weights.sum())
    adults = int(ages.weights[ages.years >= COMMERCIAL_MINIMUM_AGE].sum())
    return threshold(COMMERCIAL_PERCENT * everybody, 100 * adults)


@functools.cache
def _full_names() -> JoinedTables:
    return JoinedTables.of(joined(load_first_names().names, " "), load_surnames().names)


@functools.cache
def _house_numbers_and_streets() -> JoinedTables:
    numbers = range(1, HIGHEST_HOUSE_NUMBER + 1)
    return JoinedTables.of(pa.array(f"{number} " for number in numbers), load_streets())


@functools.cache
def _units() -> pa.StringArray:
    """All units of the personal line, then as many of the commercial line."""
    numbers = range(1, HIGHEST_UNIT_NUMBER + 1)
    return pa.array(
        f"{word} {number}" for words in UNIT_WORDS for word in words for number in numbers
    )


def person_columns(draws: PersonDraws, synthetic_source: pa.Array) -> list[pa.Array]:
    """The columns of `persons` in contract order."""
    return [
        draws.ids,
        draws.first_name,
        draws.last_name,
        draws.dates_of_birth(),
        draws.licence_numbers(),
        draws.states,
        draws.streets(),
        draws.units(),
        draws.cities,
        draws.states,
        draws.postal_codes,
        constant_text("US", len(draws.owners)),
        draws.lob_types,
        synthetic_source,
    ]
