"""Driver's licence numbers: templates filled row by row."""

import re

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from esdh_generator.licence_numbers import licence_numbers
from esdh_generator.random_streams import RandomStreams
from esdh_models import licence_formats

MASK = 2**64 - 1
TEMPLATES = ("000####", "?000#####", "S?##", "WDL?#?#", "ABC", "?########000#")
FORMATS = licence_formats.load_licence_formats()


def fill(template: str, bits: int) -> str:
    """Expand one half of the bits, as a fraction, over each eight positions."""
    text = ""
    fraction = bits >> 32
    for position, mark in enumerate(template):
        if position == 8:
            fraction = bits & (2**32 - 1)
        symbols = {"?": "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "#": "0123456789"}.get(mark, mark)
        digit, fraction = divmod(fraction * len(symbols), 2**32)
        text += symbols[digit]
    return text


def drawn(bits: list[int], states: list[int], templates: tuple[str, ...]) -> list[str]:
    """The column under test as a list."""
    column = licence_numbers(np.array(bits, np.uint64), np.array(states, np.int32), templates)
    assert column.type == pa.string()
    texts: list[str] = column.to_pylist()
    return texts


@settings(deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.integers(0, MASK), st.integers(0, len(TEMPLATES) - 1)), min_size=1, max_size=40
    )
)
def test_each_row_fills_its_own_template(rows: list[tuple[int, int]]) -> None:
    """Whatever states stand beside each other, a row is its bits in its template."""
    expected = [fill(TEMPLATES[state], bits) for bits, state in rows]

    assert expected == drawn(*map(list, zip(*rows, strict=True)), TEMPLATES)  # type: ignore[arg-type]


def test_no_row_gives_no_number() -> None:
    """An empty range is an empty column."""
    assert drawn([], [], TEMPLATES) == []


@pytest.mark.parametrize("licence", FORMATS, ids=[licence.state for licence in FORMATS])
def test_every_state_fits_into_64_bits_and_its_pattern(
    licence: licence_formats.LicenceFormat,
) -> None:
    """Each eight positions ask for less chance than 32 bits hold; results match the pattern."""
    halves = (licence.template[:8], licence.template[8:])
    combinations = [26 ** half.count("?") * 10 ** half.count("#") for half in halves]
    bits = RandomStreams(1, "baseline").bits("any", np.arange(300, dtype=np.uint64)).tolist()

    found = drawn(bits, [0] * len(bits), (licence.template,))

    assert max(combinations) <= 2**32 / 10
    assert [text for text in found if not re.fullmatch(licence.pattern, text)] == []
    assert len(set(found)) > 150
