"""Profiles, value by value: the columns of `tables/profile.py`, in the same order."""

from __future__ import annotations

from collections.abc import Sequence

from esdh_models import PlainValue

from .vehicle import FewVehicles


def profile_columns(
    vehicles: FewVehicles, synthetic_source: list[str]
) -> list[Sequence[PlainValue]]:
    """The columns of `profiles` in contract order."""
    persons = vehicles.persons
    return [
        persons.draws.ids["profiles"],
        persons.ids,
        vehicles.ids,
        persons.full_names(),
        persons.lob_types,
        persons.states,
        persons.cities,
        persons.postal_codes,
        persons.states,
        vehicles.numbers,
        vehicles.summaries(),
        vehicles.risk_ratings,
        synthetic_source,
    ]
