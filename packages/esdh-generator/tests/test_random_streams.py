"""The one source of randomness: SplitMix64, reached at any row."""

import hashlib
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from esdh_generator.random_streams import RandomStreams, TableStreams, mix
from esdh_models import get_contract

MASK = 2**64 - 1
ROWS = 4_096
PINNED_KEY = 7076666457414245110
NAMES = [
    f"{table.name}.{column}"
    for table in get_contract("v0.1").tables
    for column in table.column_names
]
PUBLISHED = {
    1234567: [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ],
    0: [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F, 0xF88BB8A8724C81EC],
}
"""First outputs of SplitMix64 as the authors' and Java's implementations print them."""


def split_mix_64(state: int, count: int) -> list[int]:
    """The generator as published (Steele, Lea and Flood 2014), one number after the other."""
    outputs = []
    for _ in range(count):
        state = (state + 0x9E3779B97F4A7C15) & MASK
        mixed = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & MASK
        outputs.append(mixed ^ (mixed >> 31))
    return outputs


@pytest.mark.parametrize("seed", PUBLISHED)
def test_mixing_gives_the_published_numbers(seed: int) -> None:
    """Rows 0, 1, 2 ... of a key are SplitMix64's outputs from that state."""
    expected = PUBLISHED[seed]

    assert expected == split_mix_64(seed, len(expected))
    assert expected == mix(np.uint64(seed), np.arange(len(expected), dtype=np.uint64)).tolist()


@settings(deadline=None)
@given(key=st.integers(0, MASK), count=st.integers(1, 50))
def test_mixing_is_split_mix_64_for_every_key(key: int, count: int) -> None:
    """Any key and length give what an independent implementation gives."""
    actual = mix(np.uint64(key), np.arange(count, dtype=np.uint64))

    assert split_mix_64(key, count) == actual.tolist()


@settings(deadline=None)
@given(rows=st.lists(st.integers(0, MASK), max_size=30))
def test_rows_may_be_asked_for_in_any_order(rows: list[int]) -> None:
    """A row's bits do not depend on the rows beside it, nor on being contiguous."""
    streams = RandomStreams(20251101, "baseline")

    together = streams.bits("persons.city", np.array(rows, np.uint64)).tolist()

    alone = [int(streams.bits("persons.city", np.array([r], np.uint64))[0]) for r in rows]
    assert alone == together


def test_rows_asked_for_are_left_as_they_were() -> None:
    """Mixing writes nothing into the caller's row numbers."""
    rows = np.arange(10, dtype=np.uint64)

    RandomStreams(1, "baseline").bits("persons.city", rows)

    assert list(range(10)) == rows.tolist()


@pytest.mark.parametrize("seed", [0, 20251101, 2**53, MASK])
def test_key_is_blake2b_of_seed_scenario_and_name(seed: int) -> None:
    """The key is computed as its docstring says, also at both ends of the seeds."""
    message = seed.to_bytes(8, "little") + b"baseline" + b"\0" + b"persons.first_name"
    expected = int.from_bytes(hashlib.blake2b(message, digest_size=8).digest(), "little")

    assert expected == int(RandomStreams(seed, "baseline").key("persons.first_name"))


def test_key_of_the_default_seed_is_pinned() -> None:
    """A literal, so that a change of the key is seen even if both formulas change together."""
    assert int(RandomStreams(20251101, "baseline").key("persons.first_name")) == PINNED_KEY


def test_every_column_has_a_key_of_its_own() -> None:
    """No two columns, seeds or scenarios share a key."""
    streams = [
        RandomStreams(seed, scenario) for seed in (0, 1, MASK) for scenario in ("baseline", "other")
    ]

    keys = {int(stream.key(name)) for stream in streams for name in NAMES}

    assert len(streams) * len(NAMES) == len(keys)


def test_every_bit_is_set_in_half_of_the_rows() -> None:
    """No bit is biased: each is set in 50 % of the rows within four standard deviations."""
    bits = RandomStreams(20251101, "baseline").bits("persons.city", _rows())

    assert [place for place in range(64) if not _near_half(bits >> np.uint64(place))] == []


def test_columns_are_independent() -> None:
    """The same row of two columns agrees in half of its bits, for every pair of some columns."""
    streams = RandomStreams(20251101, "baseline")
    columns = {name: streams.bits(name, _rows()) for name in NAMES[:12]}

    related = [
        (one, other)
        for one, other in combinations(columns, 2)
        if not _near_half(columns[one] ^ columns[other])
    ]

    assert related == []


def _rows() -> np.ndarray:
    return np.arange(ROWS, dtype=np.uint64)


def _near_half(bits: np.ndarray) -> bool:
    ones = int((bits & np.uint64(1)).sum())
    return abs(ones - ROWS / 2) < 4 * (ROWS / 4) ** 0.5


@pytest.mark.parametrize("count", [0, 1, 500])
def test_a_table_draws_the_bits_of_its_columns(count: int) -> None:
    """Whatever it keeps from one column to the next, the bits are the stream's."""
    streams, rows = RandomStreams(7, "baseline"), np.arange(3, 3 + count, dtype=np.uint64)
    table = TableStreams(streams, "persons", rows)

    for column in ("state", "city", "age", "state"):
        expected = streams.bits(f"persons.{column}", rows)
        assert expected.tolist() == table.bits(column).tolist()
