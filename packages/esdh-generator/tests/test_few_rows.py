"""Few rows as plain values: to the last of them what whole columns hold."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from esdh_generator import Dataset
from esdh_generator.distributions import WeightedChoice, uniform_below, uniform_one_below
from esdh_generator.few_rows.lanes import collect, mix_lanes, permute_lanes, spread
from esdh_generator.licence_numbers import few_licence_numbers, licence_numbers
from esdh_generator.permutation import Permutation, round_names
from esdh_generator.random_streams import RandomStreams, mix
from esdh_generator.reference_tables import load_licence_templates, load_vehicle_models
from esdh_generator.vehicle_numbers import (
    PERMUTATION,
    few_vehicle_numbers,
    join,
    split,
    vehicle_numbers,
)
from esdh_models import dataset_request, errors, get_contract

TABLES = get_contract("v0.1").tables
OWNERS = dataset_request.MAXIMUM_RECORDS
SEEDS = (0, 7, 20251101, 2**63, dataset_request.MAXIMUM_SEED)
LEAP_DAY = date(2024, 2, 29)
WORDS = st.integers(0, 2**64 - 1)
AS_OF_DATES = st.one_of(
    st.dates(date(2021, 1, 1), date(2026, 12, 31)), st.just(LEAP_DAY), st.just(date(2025, 2, 28))
)


def dataset(seed: int, as_of: date | None = None) -> Dataset:
    """As many owners as there can be."""
    return Dataset(seed, OWNERS, as_of_date=as_of)


def columns(found: Dataset, start: int, stop: int) -> dict[str, dict[str, list[Any]]]:
    """What whole columns hold, as plain values."""
    (block,) = found.iter_blocks(start, stop)
    return {name: rows.to_pydict() for name, rows in block.items()}


def as_lists(tables: Any) -> dict[str, dict[str, list[Any]]]:
    """The same of plain values."""
    return {
        name: {column: list(values) for column, values in table.items()}
        for name, table in tables.items()
    }


@functools.cache
def many(seed: int) -> dict[str, dict[str, list[Any]]]:
    """Plain values of a few thousand owners."""
    return as_lists(dataset(seed).few_rows(0, 3_000))


def all_of(table: str, column: str) -> list[Any]:
    """One column over all seeds."""
    return [value for seed in SEEDS for value in many(seed)[table][column]]


@pytest.mark.parametrize("seed", SEEDS)
def test_every_row_is_that_of_whole_columns(seed: int) -> None:
    """All tables, columns and rows of some thousands of owners."""
    assert columns(dataset(seed), 0, 3_000) == many(seed)


@given(
    seed=st.integers(0, dataset_request.MAXIMUM_SEED),
    start=st.integers(0, OWNERS - 1),
    rows=st.integers(1, 7),
    as_of=AS_OF_DATES,
)
@settings(max_examples=150, deadline=None)
def test_any_owners_of_any_seed_and_day_are_those_of_whole_columns(
    seed: int, start: int, rows: int, as_of: date
) -> None:
    """Wherever the range lies, up to the last owner that can be."""
    found, stop = dataset(seed, as_of), min(start + rows, OWNERS)

    assert columns(found, start, stop) == as_lists(found.few_rows(start, stop))


def test_values_are_of_plain_types() -> None:
    """Nothing of numpy, no codes: what JSON and the row models take."""
    types = {
        type(value) for table in many(7).values() for values in table.values() for value in values
    }

    assert types == {str, int, date, type(None)}


def test_the_rows_compared_hold_every_branch() -> None:
    """Minors, leap-day births, units of every kind and none, all states, both cycles of VINs."""
    births, lobs = all_of("persons", "date_of_birth"), all_of("persons", "lob_type")
    units = all_of("persons", "address_line_2")
    minors = [lob for birth, lob in zip(births, lobs, strict=True) if birth > date(2008, 1, 1)]
    numbers = all_of("vehicles", "vin")

    assert set(minors) == {"Personal"} < set(lobs)
    assert any((birth.month, birth.day) == (2, 29) for birth in births)
    assert {unit and unit.split()[0] for unit in units} == {None, "Apt", "Unit", "Suite"}
    assert len(set(all_of("persons", "driver_license_state"))) == 51
    assert {number[6] for number in numbers} == set("1234ABCD")
    assert {number[8] for number in numbers} == set("0123456789X")
    assert set(all_of("vehicles", "risk_rating")) == {"Low", "Medium", "High"}
    assert min(Counter(all_of("vehicles", "body_style")).values()) > 10


def test_a_row_does_not_depend_on_how_many_are_asked_for() -> None:
    """Each alone, and all at once."""
    found = dataset(7)
    alone = [as_lists(found.few_rows(owner, owner + 1)) for owner in range(20)]

    for table in TABLES:
        for column in table.column_names:
            together = many(7)[table.name][column][:20]
            assert together == [rows[table.name][column][0] for rows in alone]


@pytest.mark.parametrize("tables", [("persons",), ("vehicles",), ("profiles", "persons")])
def test_the_tables_asked_for_are_there_in_contract_order(tables: tuple[str, ...]) -> None:
    """A filter leaves out tables, and changes no value."""
    found = Dataset(7, 5, tables=tables)
    few = found.few_rows(0, 5)

    assert tuple(few) == found.request.tables
    assert as_lists(few) == {
        name: {column: values[:5] for column, values in many(7)[name].items()} for name in few
    }


@pytest.mark.parametrize(("start", "stop"), [(-1, 2), (3, 2), (4, 6)])
def test_owners_that_are_none_are_refused(start: int, stop: int) -> None:
    """As by `iter_blocks`."""
    with pytest.raises(errors.InvalidRequestError, match="owners must lie within 0 to 5"):
        Dataset(7, 5).few_rows(start, stop)


def test_no_owners_are_no_rows() -> None:
    """An empty range has all columns, without values."""
    assert as_lists(Dataset(7, 5).few_rows(2, 2))["persons"]["city"] == []


NUMBERS = st.lists(st.tuples(WORDS, st.integers(0, 2**61 - 1)), min_size=1, max_size=9)


@given(numbers=NUMBERS)
def test_lanes_mix_as_columns_do(numbers: list[tuple[int, int]]) -> None:
    """Each lane for itself, whatever its neighbours hold."""
    keys, rows = zip(*numbers, strict=True)
    mixed = mix_lanes(spread(keys), spread(rows), len(keys))
    expected = mix(np.array(keys, np.uint64), np.array(rows, np.uint64))

    assert collect(mixed, len(keys)) == expected.tolist()


@given(seed=WORDS, half_bits=st.sampled_from([1, 24, 61, 64]), data=st.data())
def test_lanes_are_permuted_as_columns_are(seed: int, half_bits: int, data: st.DataObject) -> None:
    """Pairs of halves of any width."""
    half = st.integers(0, 2**half_bits - 1)
    pairs = data.draw(st.lists(st.tuples(half, half), min_size=1, max_size=9))
    left, right = zip(*pairs, strict=True)
    streams = RandomStreams(seed, "baseline")
    permutation = Permutation.of(streams, "test", half_bits)
    expected = permutation.apply(np.array(left, np.uint64), np.array(right, np.uint64))
    keys, count = streams.keys(round_names("test")), len(pairs)
    found = permute_lanes(keys, half_bits, spread(left), spread(right), count)

    assert [collect(lanes, count) for lanes in found] == [one.tolist() for one in expected]


@given(bits=WORDS, bound=st.integers(1, 2**32))
def test_a_number_below_a_bound_is_that_of_a_column(bits: int, bound: int) -> None:
    """Of both halves of the bits, as one is shifted out."""
    words = np.array([bits], np.uint64)

    assert uniform_one_below(bits, bound) == uniform_below(words, bound)[0]
    assert uniform_one_below(bits << 32, bound) == uniform_below(words << np.uint64(32), bound)[0]


@given(
    bits=st.lists(WORDS, min_size=1, max_size=50),
    weights=st.lists(st.integers(0, 9), min_size=1, max_size=9).filter(any),
)
def test_a_choice_is_that_of_a_column(bits: list[int], weights: list[int]) -> None:
    """From the first of the groups, and from one named for each row."""
    choice, words = WeightedChoice.of(weights, [2, 1]), np.array(bits, np.uint64)
    groups = [row % 2 for row in range(len(bits))]

    assert choice.draw_few(bits) == choice.draw(words).tolist()
    assert choice.draw_few(bits, groups) == choice.draw(words, np.array(groups, np.int32)).tolist()


@given(bits=st.lists(WORDS, min_size=51, max_size=51))
def test_every_state_has_the_licence_numbers_of_a_column(bits: list[int]) -> None:
    """Each of the templates, in lengths from seven to fifteen."""
    templates = load_licence_templates()
    states = list(range(len(templates)))
    expected = licence_numbers(np.array(bits, np.uint64), np.array(states, np.int32), templates)

    assert few_licence_numbers(bits, states, templates) == expected.to_pylist()


@given(
    seed=WORDS,
    rows=st.lists(
        st.tuples(st.integers(0, OWNERS - 1), st.integers(1980, 2039)), min_size=1, max_size=60
    ),
)
def test_vehicle_numbers_of_all_years_are_those_of_a_column(
    seed: int, rows: Sequence[tuple[int, int]]
) -> None:
    """Both cycles of the year code, any manufacturer."""
    streams, manufacturers = RandomStreams(seed, "baseline"), load_vehicle_models().manufacturers
    owners, years = (list(column) for column in zip(*rows, strict=True))
    make = [owner % len(manufacturers) for owner in owners]
    words = np.array(owners, np.uint64)
    bits = join(*Permutation.of(streams, *PERMUTATION).apply(*split(words, 0))).tolist()
    codes = [np.array(column, np.int32) for column in (make, years)]
    expected: pa.StringArray = vehicle_numbers(streams, words, manufacturers, *codes)

    assert few_vehicle_numbers(bits, manufacturers, make, years) == expected.to_pylist()
