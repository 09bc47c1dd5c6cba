"""Vehicle identification numbers, checked by the written rule of 49 CFR 565."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from esdh_generator.permutation import Permutation
from esdh_generator.random_streams import RandomStreams
from esdh_generator.vehicle_numbers import vehicle_numbers

STREAMS = RandomStreams(20251101, "baseline")
LAST_OWNER = 2**40 - 1
FIVE_BITS = "ABCDEFGHJKLMNPRSTUVWXYZ123456789"
LETTER_VALUES = {
    **dict(zip("ABCDEFGH", range(1, 9), strict=True)),
    **dict(zip("JKLMN", range(1, 6), strict=True)),
    "P": 7,
    "R": 9,
    **dict(zip("STUVWXYZ", range(2, 10), strict=True)),
}


def numbers(
    owners: list[int], years: list[int], ordinal: int = 0, manufacturer: str = "E9Z"
) -> list[str]:
    """Numbers of owners who all drive one make."""
    column = vehicle_numbers(
        STREAMS,
        np.array(owners, np.uint64),
        (manufacturer,),
        np.zeros(len(owners), np.int32),
        np.array(years, np.int32),
        ordinal,
    )
    texts: list[str] = column.to_pylist()
    return texts


def check_digit(vin: str) -> str:
    """Position 9 as the rule computes it."""
    weights = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
    values = (int(c) if c.isdigit() else LETTER_VALUES[c] for c in vin)
    remainder = sum(w * v for w, v in zip(weights, values, strict=True)) % 11
    return "X" if remainder == 10 else str(remainder)


@pytest.mark.parametrize(
    "vin", ["11111111111111111", "1M8GDM9AXKP042788", "WDBEA30D3HA391172", "1C6RR7LT2JS179571"]
)
def test_the_checker_of_this_file_knows_published_numbers(vin: str) -> None:
    """The oracle is right about numbers that are printed in rules and manuals."""
    assert vin[8] == check_digit(vin)


@settings(deadline=None)
@given(
    owner=st.integers(0, LAST_OWNER), year=st.integers(1980, 2039), ordinal=st.integers(0, 2**8 - 1)
)
def test_a_number_keeps_every_rule(owner: int, year: int, ordinal: int) -> None:
    """17 allowed characters, maker kept, right check digit, five digits at the end."""
    vin = numbers([owner], [year], ordinal)[0]

    assert re.fullmatch(r"E9Z[A-HJ-NPR-Z0-9]{9}[A-HJ-NPR-Z0-9]{2}[0-9]{3}", vin) or re.fullmatch(
        r"E9Z[A-HJ-NPR-Z0-9]{9}[0-9]{5}", vin
    )
    assert vin[-5:].isdigit()
    assert check_digit(vin) == vin[8]


@settings(deadline=None)
@given(
    owner=st.integers(0, LAST_OWNER), year=st.integers(1980, 2039), ordinal=st.integers(0, 2**8 - 1)
)
def test_a_number_gives_its_row_back(owner: int, year: int, ordinal: int) -> None:
    """The free positions hold 48 permuted bits; undone they are owner and ordinal."""
    vin = numbers([owner], [year], ordinal)[0]
    free = sum(FIVE_BITS.index(vin[at]) << (5 * i) for i, at in enumerate((3, 4, 5, 7, 10, 11)))
    free |= ("ABCD" if year >= 2010 else "1234").index(vin[6]) << 30
    free |= int(vin[12:]) << 32

    left, right = Permutation.of(STREAMS, "vehicles.vin", 24).undo(
        np.array([free >> 24], np.uint64), np.array([free & 0xFFFFFF], np.uint64)
    )

    assert (owner << 8 | ordinal) == int(left[0]) << 24 | int(right[0])


@pytest.mark.parametrize(
    ("year", "code"),
    [
        (1980, "A"), (1987, "H"), (1988, "J"), (1992, "N"), (1993, "P"), (1994, "R"), (1995, "S"),
        (1996, "T"), (1997, "V"), (1998, "W"), (1999, "X"), (2000, "Y"), (2001, "1"), (2009, "9"),
        (2010, "A"), (2017, "H"), (2018, "J"), (2020, "L"), (2021, "M"), (2022, "N"), (2023, "P"),
        (2024, "R"), (2025, "S"), (2026, "T"), (2027, "V"), (2030, "Y"), (2031, "1"),
    ],
)  # fmt: skip
def test_position_10_is_the_code_of_the_model_year(year: int, code: str) -> None:
    """The published table, both cycles."""
    assert {code} == {vin[9] for vin in numbers(list(range(50)), [year] * 50)}


@pytest.mark.parametrize(
    ("year", "cycle"), [(1980, "1234"), (2009, "1234"), (2010, "ABCD"), (2026, "ABCD")]
)
def test_position_7_tells_the_cycle(year: int, cycle: str) -> None:
    """A digit up to 2009, a letter from 2010 on."""
    assert set(cycle) == {vin[6] for vin in numbers(list(range(200)), [year] * 200)}


def test_no_two_rows_share_a_number() -> None:
    """Owners at both ends and in between, all ordinals, whatever the model year."""
    owners = [*range(300), 2**20, 2**30, *range(LAST_OWNER - 300, LAST_OWNER + 1)]
    years = [1992 + owner % 35 for owner in owners]

    found = [vin for ordinal in (0, 1, 254, 255) for vin in numbers(owners, years, ordinal)]

    assert 4 * len(owners) == len(set(found))


def test_rows_are_told_apart_without_maker_year_and_check_digit() -> None:
    """Two rows differ in the free positions already, so another catalogue cannot make them meet."""
    years = [1990 + 20 * (owner % 2) for owner in range(2_000)]

    free = {
        (vin[3:6], vin[7], vin[10:], "ABCD1234".index(vin[6]) % 4)
        for vin in numbers(list(range(2_000)), years)
    }

    assert len(free) == 2_000
