"""Keyed permutations: nothing is lost, nothing meets, and everything can be undone."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from esdh_generator.permutation import Permutation
from esdh_generator.random_streams import RandomStreams

MASK = 2**64 - 1
SEEDS = st.integers(0, MASK)


def split_mix(key: int, row: int) -> int:
    """Output number `row` of SplitMix64 from the state `key`, in plain Python."""
    state = (key + (row + 1) * 0x9E3779B97F4A7C15) & MASK
    state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & MASK
    return state ^ (state >> 31)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[int, list[tuple[int, int]]]:
    """A width of the halves, and pairs of halves of that width."""
    width = draw(st.integers(1, 64))
    half = st.integers(0, 2**width - 1)
    return width, draw(st.lists(st.tuples(half, half), min_size=1, max_size=20))


@settings(deadline=None)
@given(seed=SEEDS, sample=pairs())
def test_undoing_gives_the_pair_back(seed: int, sample: tuple[int, list[tuple[int, int]]]) -> None:
    """undo(apply(x)) == x and apply(undo(x)) == x, for every seed, width and pair."""
    width, points = sample
    permutation = Permutation.of(RandomStreams(seed, "baseline"), "any", width)
    left, right = (np.array(half, np.uint64) for half in zip(*points, strict=True))

    there_and_back = permutation.undo(*permutation.apply(left, right))
    back_and_there = permutation.apply(*permutation.undo(left, right))

    assert points == _listed(*there_and_back)
    assert points == _listed(*back_and_there)


@settings(deadline=None)
@given(seed=SEEDS, sample=pairs())
def test_it_is_a_feistel_network_of_four_rounds(
    seed: int, sample: tuple[int, list[tuple[int, int]]]
) -> None:
    """An independent implementation in plain integers gives the same."""
    width, points = sample
    streams = RandomStreams(seed, "baseline")
    keys = [int(streams.key(f"any#round{number}")) for number in range(4)]
    expected = []
    for left, right in points:
        one, other = left, right
        for key in keys:
            one, other = other, one ^ (split_mix(key, other) >> (64 - width))
        expected.append((one, other))
    halves = (np.array(half, np.uint64) for half in zip(*points, strict=True))

    assert expected == _listed(*Permutation.of(streams, "any", width).apply(*halves))


@pytest.mark.parametrize("width", [1, 2, 5])
@pytest.mark.parametrize("seed", [0, 20251101, MASK])
def test_a_small_range_is_permuted_onto_itself(width: int, seed: int) -> None:
    """Exhaustively: every pair is met exactly once."""
    everything = list(product(range(2**width), repeat=2))
    halves = (np.array(half, np.uint64) for half in zip(*everything, strict=True))

    permuted = Permutation.of(RandomStreams(seed, "baseline"), "any", width).apply(*halves)

    assert everything == sorted(_listed(*permuted))


def test_names_and_seeds_give_permutations_of_their_own() -> None:
    """The same pair lands elsewhere under another name or seed."""
    one = np.array([1], np.uint64)
    landings = {
        _listed(*Permutation.of(RandomStreams(seed, "baseline"), name, 61).apply(one, one))[0]
        for seed in range(20)
        for name in ("record_id", "vehicles.vin")
    }

    assert len(landings) == 40


def _listed(left: np.ndarray, right: np.ndarray) -> list[tuple[int, int]]:
    return list(zip(left.tolist(), right.tolist(), strict=True))
