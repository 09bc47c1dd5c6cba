"""Profiles: a policyholder and the primary vehicle side by side."""

from __future__ import annotations

import pyarrow as pa

from .vehicle import VehicleDraws


def profile_columns(draws: VehicleDraws, synthetic_source: pa.Array) -> list[pa.Array]:
    """The columns of `profiles` in contract order."""
    persons = draws.persons
    return [
        persons.ids_in("profiles"),
        persons.ids,
        draws.ids,
        persons.full_names(),
        persons.lob_types,
        persons.states,
        persons.cities,
        persons.postal_codes,
        persons.states,
        draws.numbers,
        draws.summaries,
        draws.risk_ratings,
        synthetic_source,
    ]
