"""From raw bits to values: weighted choices hit their weights exactly, as far as 2^-32 can say."""

import csv
from collections.abc import Callable
from importlib import resources

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from esdh_generator.distributions import WeightedChoice, threshold, uniform_below
from esdh_generator.reference_tables import (
    Ages,
    Names,
    load_driver_ages,
    load_first_names,
    load_locations,
    load_surnames,
    load_vehicle_ages,
)

UNIT = 2**32
MASK = 2**64 - 1
WEIGHTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=40).filter(any)


def chances(choice: WeightedChoice, group: int) -> list[int]:
    """How many of size * 2^32 equally likely outcomes give each choice of a group.

    Read from the tables alone: slot s is met as often as every other, keeps its own number for
    `keep[s]` of 2^32 low halves and takes `alias[s]` for the rest.
    """
    first, size = int(choice.first[group]), int(choice.size[group])
    outcomes = [0] * size
    for slot in range(first, first + size):
        keep = int(choice.keep[slot])
        outcomes[slot - first] += keep
        outcomes[int(choice.choices[2 * slot]) - first] += UNIT - keep
    return outcomes


def assert_exact(weights: list[int], outcomes: list[int]) -> None:
    """Each slot is rounded once, by less than one of 2^32: no choice may be off by more."""
    total, size = sum(weights), len(weights)
    assert size * UNIT == sum(outcomes)
    for weight, outcome in zip(weights, outcomes, strict=True):
        assert abs(outcome * total - weight * size * UNIT) <= size * total
        assert weight > 0 or outcome == 0


@settings(deadline=None, max_examples=50)
@given(groups=st.lists(WEIGHTS, min_size=1, max_size=5))
def test_choices_are_as_likely_as_their_weights(groups: list[list[int]]) -> None:
    """Recomputed from keep and alias, every probability is its weight's share; 0 stays 0."""
    choice = WeightedChoice.of(*groups)

    for number, weights in enumerate(groups):
        assert_exact(weights, chances(choice, number))


@settings(deadline=None, max_examples=50)
@given(groups=st.lists(WEIGHTS, min_size=1, max_size=4))
def test_a_slot_borrows_only_from_its_own_group(groups: list[list[int]]) -> None:
    """Aliases stay inside the group."""
    choice = WeightedChoice.of(*groups)

    for number, weights in enumerate(groups):
        first = int(choice.first[number])
        aliases = choice.choices[2 * first : 2 * (first + len(weights)) : 2]
        assert all(first <= alias < first + len(weights) for alias in aliases.tolist())


@pytest.mark.parametrize(
    "weights",
    [
        [1],
        [7] * 9,
        [1, 0],
        [0, 0, 5, 0],
        [1, 10**9],
        [10**9, 1, 10**9, 1, 0],
        [2**40, 1],
        [1] + [0] * 500 + [1],
        list(range(1_000)),
        list(reversed(range(1_000))),
    ],
    ids=str,
)
def test_awkward_weights_are_exact(weights: list[int]) -> None:
    """One choice, equal choices, zeros, and extremes beside each other."""
    assert_exact(weights, chances(WeightedChoice.of(weights), 0))


@pytest.mark.parametrize("weights", [[0], [0, 0], [1, -1], [5, -1], [2**46]], ids=str)
def test_weights_that_choose_nothing_are_refused(weights: list[int]) -> None:
    """All zero, negative, or too large to stay exact."""
    with pytest.raises(ValueError, match=r".+"):
        WeightedChoice.of(weights)


def test_an_empty_group_takes_nothing_from_its_neighbours() -> None:
    """Groups without choices may stand anywhere; the others stay exact."""
    choice = WeightedChoice.of([], [3, 1], [], [2, 5, 1], [])

    assert choice.size.tolist() == [0, 2, 0, 3, 0]
    assert_exact([3, 1], chances(choice, 1))
    assert_exact([2, 5, 1], chances(choice, 3))


@settings(deadline=None, max_examples=50)
@given(
    groups=st.lists(WEIGHTS, min_size=1, max_size=4),
    draws=st.lists(st.tuples(st.integers(0, MASK), st.integers(0, 3)), min_size=1, max_size=30),
)
def test_a_draw_reads_the_tables_as_they_are_meant(
    groups: list[list[int]], draws: list[tuple[int, int]]
) -> None:
    """High half times size picks the slot, low half decides between it and its alias."""
    choice = WeightedChoice.of(*groups)
    bits = [bit for bit, _ in draws]
    numbers = [number % len(groups) for _, number in draws]
    expected = []
    for bit, number in zip(bits, numbers, strict=True):
        slot = int(choice.first[number]) + (((bit >> 32) * len(groups[number])) >> 32)
        keeps = bit % UNIT < int(choice.keep[slot])
        expected.append(slot if keeps else int(choice.choices[2 * slot]))

    actual = choice.draw(np.array(bits, np.uint64), np.array(numbers, np.int32))

    assert expected == actual.tolist()


@settings(deadline=None, max_examples=50)
@given(weights=WEIGHTS, bits=st.lists(st.integers(0, MASK), min_size=1, max_size=30))
def test_the_first_group_is_drawn_from_if_none_is_named(
    weights: list[int], bits: list[int]
) -> None:
    """Leaving the group out is the same as naming group 0; and weight 0 is never drawn."""
    choice = WeightedChoice.of(weights, [1, 2, 3])
    raw = np.array(bits, np.uint64)

    actual = choice.draw(raw).tolist()

    assert choice.draw(raw, np.zeros(len(bits), np.int32)).tolist() == actual
    assert all(weights[index] > 0 for index in actual)


def _file_weights(name: str, key: str) -> dict[str, int]:
    path = resources.files("esdh_generator") / "reference_data" / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return {row[key]: int(row["weight"]) for row in csv.DictReader(file)}


@pytest.mark.parametrize(
    ("load", "file_name", "column"),
    [(load_first_names, "first_names", "first_name"), (load_surnames, "surnames", "last_name")],
)
def test_names_are_as_likely_as_their_file_says(
    load: Callable[[], Names], file_name: str, column: str
) -> None:
    """The alias tables of the names hold every name's weight exactly."""
    weights = _file_weights(file_name, column)

    assert list(weights) == load().names.to_pylist()
    assert_exact(list(weights.values()), chances(load().choice, 0))


@pytest.mark.parametrize(
    ("load", "file_name", "column"),
    [
        (load_driver_ages, "driver_ages", "age"),
        (load_vehicle_ages, "vehicle_ages", "vehicle_age_years"),
    ],
)
def test_ages_are_as_likely_as_their_file_says(
    load: Callable[[], Ages], file_name: str, column: str
) -> None:
    """The alias tables of the ages hold every year's weight exactly."""
    weights = _file_weights(file_name, column)

    assert [int(years) for years in weights] == load().years.tolist()
    assert_exact(list(weights.values()), chances(load().choice, 0))


def test_places_are_as_likely_as_their_file_says() -> None:
    """The alias table of the locations holds every ZIP code's weight exactly."""
    locations = load_locations()
    weights = _file_weights("locations", "postal_code")

    assert list(weights) == locations.postal_codes.to_pylist()
    assert_exact(list(weights.values()), chances(locations.choice, 0))


@settings(deadline=None, max_examples=50)
@given(bits=st.integers(0, MASK), bound=st.integers(1, UNIT))
def test_uniform_numbers_lie_below_their_bound(bits: int, bound: int) -> None:
    """The high half, scaled: 0 to bound - 1, for every bound up to 2^32."""
    actual = int(uniform_below(np.array([bits], np.uint64), bound)[0])

    assert ((bits >> 32) * bound) >> 32 == actual
    assert 0 <= actual < bound


@pytest.mark.parametrize("bound", [1, 3, 7, 365, 9_999])
def test_uniform_numbers_reach_both_ends(bound: int) -> None:
    """The least bits give 0, the greatest give bound - 1."""
    ends = uniform_below(np.array([0, MASK], np.uint64), bound)

    assert [0, bound - 1] == ends.tolist()


@pytest.mark.parametrize(
    ("numerator", "denominator", "expected"),
    [(0, 5, 0), (1, 2, 2**63), (3, 10, 3 * 2**64 // 10), (1, 1, MASK), (7, 5, MASK)],
)
def test_threshold_is_the_fraction_of_all_values(
    numerator: int, denominator: int, expected: int
) -> None:
    """It counts the 64-bit values below it, and stops at the last."""
    assert expected == int(threshold(numerator, denominator))
