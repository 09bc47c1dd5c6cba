"""100,000 records of each table, and what their independent checkers count with.

Of the product only the rows themselves and its reference files are read.
"""

import csv
from collections import Counter
from collections.abc import Iterable
from datetime import date
from importlib import resources
from typing import Any

import pytest

from esdh_generator import Dataset

ROWS = 100_000
AS_OF = date(2026, 1, 1)
ONE_POINT = 0.01
Columns = dict[str, list[Any]]


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    """The default seed, 100,000 policyholders."""
    return Dataset(records=ROWS)


@pytest.fixture(scope="module")
def persons(dataset: Dataset) -> Columns:
    """Columns of persons."""
    return dataset.table("persons").to_pydict()


@pytest.fixture(scope="module")
def vehicles(dataset: Dataset) -> Columns:
    """Columns of vehicles."""
    return dataset.table("vehicles").to_pydict()


@pytest.fixture(scope="module")
def profiles(dataset: Dataset) -> Columns:
    """Columns of profiles."""
    return dataset.table("profiles").to_pydict()


@pytest.fixture(scope="module")
def ages(persons: Columns) -> list[int]:
    """Completed years at the as-of date, by the calendar."""
    return [
        AS_OF.year - birth.year - ((AS_OF.month, AS_OF.day) < (birth.month, birth.day))
        for birth in persons["date_of_birth"]
    ]


def reference_rows(name: str, package: str = "esdh_generator") -> list[dict[str, str]]:
    """A reference file as it lies in the wheel."""
    path = resources.files(package) / "reference_data" / name
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def shares(values: Iterable[Any]) -> dict[Any, float]:
    """Share of each value."""
    counts = Counter(values)
    total = sum(counts.values())
    return {value: count / total for value, count in counts.items()}


def off_target(
    expected: dict[Any, float], actual: dict[Any, float], tolerance: float = ONE_POINT
) -> dict[Any, tuple[float, float]]:
    """Values whose share is further from its target than the tolerance."""
    return {
        value: (expected.get(value, 0.0), actual.get(value, 0.0))
        for value in expected.keys() | actual.keys()
        if abs(expected.get(value, 0.0) - actual.get(value, 0.0)) > tolerance
    }


def bracketed(values: Iterable[int], brackets: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The bracket of each value."""
    bounds = list(brackets)
    return [
        next((one for one in bounds if one[0] <= value <= one[1]), (-1, -1)) for value in values
    ]
