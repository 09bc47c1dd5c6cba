"""Column digests are those of docs/content-digest.md, however a column is held in memory."""

import struct
from typing import Any

import pyarrow as pa
import pytest
from blake3 import blake3
from hypothesis import given, settings
from hypothesis import strategies as st

from esdh_exporters.chunks import Chunk, Column
from esdh_exporters.content_digest import leaf_digests
from esdh_models import TableContract, dataset_request, get_contract

PERSONS = get_contract("v0.1").table("persons")
ROWS = dataset_request.LEAF_OWNERS + 3
ANY_TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=4)
TEXTS = st.one_of(
    st.lists(st.none() | ANY_TEXT, min_size=1, max_size=9),
    st.lists(st.text("ab", min_size=2, max_size=2), min_size=1, max_size=9),
    st.builds(lambda text, rows: [text] * rows, ANY_TEXT, st.integers(1, 9)),
)


def chunk_of(columns: dict[str, pa.Array], rows: int) -> Chunk:
    """Rows of persons; columns that are not given hold the same in every row."""
    filled = {
        column.name: Column.of(columns.get(column.name, _same(column.arrow_type, rows)))
        for column in PERSONS.columns
    }
    plain = pa.RecordBatch.from_arrays([one.plain for one in filled.values()], names=list(filled))
    return Chunk(PERSONS, filled, plain)


def _same(kind: pa.DataType, rows: int) -> pa.Array:
    return pa.array([1] * rows, pa.int32()).view(kind) if kind == pa.date32() else _texts("x", rows)


def _texts(text: str, rows: int) -> pa.Array:
    return pa.array([text] * rows, pa.string())


def expected(table: TableContract, chunk: Chunk, start: int, stop: int) -> str:
    """What the page says of the rows [start, stop), written once more."""
    digest = blake3(struct.pack("<Q", stop - start))
    for column in table.columns:
        values: list[Any] = chunk.plain.column(column.name).to_pylist()[start:stop]
        if column.arrow_type == pa.date32():
            octets = struct.pack(f"<{len(values)}q", *([1] * len(values)))
        else:
            texts = [None if value is None else value.encode() for value in values]
            lengths = [0xFFFFFFFF if text is None else len(text) for text in texts]
            octets = struct.pack(f"<{len(texts)}I", *lengths) + b"".join(filter(None, texts))
        digest.update(blake3(octets).digest())
    return str(digest.hexdigest())


@settings(deadline=None)
@given(TEXTS)
def test_texts_with_codes_and_without_have_the_pages_digest(values: list[str | None]) -> None:
    """Nulls, one width, one text in every row, none of these: each has ways of its own."""
    plain = pa.array(values, pa.string())
    for held in (plain, plain.dictionary_encode(), pa.concat_arrays([plain, plain])[len(plain) :]):
        chunk = chunk_of({"address_line_2": held}, len(values))

        assert leaf_digests(chunk) == [expected(PERSONS, chunk, 0, len(values))]


@pytest.mark.parametrize("text", ["", "US", "Größe"])
def test_each_leaf_of_a_chunk_has_its_digest(text: str) -> None:
    """The last leaf is shorter, and what was kept of the first is not taken for it."""
    constant = pa.DictionaryArray.from_arrays(pa.array([0] * ROWS, pa.int32()), pa.array([text]))
    numbered = pa.array([f"{row:05}" for row in range(ROWS)])
    chunk = chunk_of({"country": constant, "postal_code": numbered}, ROWS)
    leaf = dataset_request.LEAF_OWNERS

    assert leaf_digests(chunk) == [
        expected(PERSONS, chunk, 0, leaf),
        expected(PERSONS, chunk, leaf, ROWS),
    ]


def test_texts_of_one_length_in_all_are_told_apart_by_where_they_end() -> None:
    """The bytes of both columns are the same end to end; the lengths are not."""
    digests = {
        leaf_digests(chunk_of({"city": pa.array(texts)}, 2))[0]
        for texts in (["ab", "c"], ["a", "bc"], ["abc", ""])
    }

    assert len(digests) == 3
