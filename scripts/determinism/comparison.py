"""Finds what is not one over all runs; Parquet files need only be one for each pyarrow version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from .observation import PARQUET, Observation

ABSENT: Final = "absent"


@dataclass(frozen=True)
class Difference:
    """A fact of one run that is not what the first run of its scope gave."""

    observation: Observation
    fact: str
    expected: str
    found: str


def find_differences(observations: Sequence[Observation]) -> list[Difference]:
    """Hold every fact of every run against the first run of the same request."""
    if not observations:
        message = "nothing was run, so nothing is proved"
        raise ValueError(message)
    names: dict[str, dict[str, None]] = {}
    for observation in observations:
        names.setdefault(observation.request, {}).update(dict.fromkeys(observation.facts))
    first: dict[tuple[str, ...], str] = {}
    differences = []
    for observation in observations:
        for fact in names[observation.request]:
            found = observation.facts.get(fact, ABSENT)
            expected = first.setdefault(_scope(observation, fact), found)
            if found != expected:
                differences.append(Difference(observation, fact, expected, found))
    return differences


def _scope(observation: Observation, fact: str) -> tuple[str, ...]:
    if fact.endswith(PARQUET):
        return observation.request, fact, observation.pyarrow
    return observation.request, fact
