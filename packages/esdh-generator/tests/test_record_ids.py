"""Record identifiers: version-8 UUIDs that can be taken apart again offline."""

import uuid

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from esdh_generator.permutation import Permutation
from esdh_generator.random_streams import RandomStreams
from esdh_generator.record_ids import TABLE_NUMBERS, record_ids

LAST_OWNER = 2**48 - 1
STREAMS = RandomStreams(20251101, "baseline")


def take_apart(text: str, seed: int = 20251101) -> tuple[int, int, int, int]:
    """Table number, owner, ordinal and check bits of an identifier, from RFC 9562's layout."""
    number = uuid.UUID(text).int
    high, middle, low = number >> 80, (number >> 64) & 0xFFF, number & (2**62 - 1)
    free = (high << 74) | (middle << 62) | low
    left, right = (
        int(half[0])
        for half in Permutation.of(RandomStreams(seed, "baseline"), "record_id", 61).undo(
            np.array([free >> 61], np.uint64), np.array([free & (2**61 - 1)], np.uint64)
        )
    )
    plain = (left << 61) | right
    return plain >> 114, (plain >> 66) & LAST_OWNER, (plain >> 50) & 0xFFFF, plain & (2**50 - 1)


def test_table_numbers_are_pinned() -> None:
    """An identifier keeps its meaning over contract versions."""
    assert TABLE_NUMBERS == {"persons": 1, "vehicles": 2, "profiles": 3}


@settings(deadline=None)
@given(
    table=st.sampled_from(sorted(TABLE_NUMBERS)),
    owner=st.integers(0, LAST_OWNER),
    ordinal=st.integers(0, 0xFFFF),
)
def test_an_identifier_gives_its_row_back(table: str, owner: int, ordinal: int) -> None:
    """Undone, it holds table, owner and ordinal, and fifty zero bits."""
    text = record_ids(STREAMS, table, np.array([owner], np.uint64), ordinal)[0].as_py()

    assert (TABLE_NUMBERS[table], owner, ordinal, 0) == take_apart(text)


@pytest.mark.parametrize("table", sorted(TABLE_NUMBERS))
def test_an_identifier_is_a_version_8_uuid(table: str) -> None:
    """Python's own reader finds version 8, the RFC's variant and the canonical spelling."""
    for text in record_ids(STREAMS, table, np.arange(500, dtype=np.uint64)).to_pylist():
        parsed = uuid.UUID(text)
        assert (8, uuid.RFC_4122, text) == (parsed.version, parsed.variant, str(parsed))


def test_check_bits_tell_another_dataset() -> None:
    """Under a wrong seed not one of a thousand identifiers looks like a row."""
    texts = record_ids(STREAMS, "persons", np.arange(1_000, dtype=np.uint64)).to_pylist()

    assert [text for text in texts if take_apart(text, seed=20251102)[3] == 0] == []


def test_tables_and_ordinals_share_no_identifier() -> None:
    """The same owners in every table and in several ordinals, all different."""
    owners = np.arange(1_000, dtype=np.uint64)
    texts = [
        text
        for table in TABLE_NUMBERS
        for ordinal in (0, 1, 2_047, 2_048, 0xFFFF)
        for text in record_ids(STREAMS, table, owners, ordinal).to_pylist()
    ]

    assert len(set(texts)) == 3 * 5 * 1_000


def test_owners_may_come_in_any_order() -> None:
    """A row's identifier does not depend on its neighbours."""
    owners = [7, 0, LAST_OWNER, 7]

    together = record_ids(STREAMS, "persons", np.array(owners, np.uint64)).to_pylist()

    alone = [record_ids(STREAMS, "persons", np.array([o], np.uint64))[0].as_py() for o in owners]
    assert alone == together


def test_no_owner_gives_no_identifier() -> None:
    """An empty range is an empty column."""
    assert record_ids(STREAMS, "persons", np.array([], np.uint64)).to_pylist() == []
