"""Rows as JSON: few at a time and many at a time, from codes and from texts."""

import json
from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from esdh_exporters import json_rows
from esdh_exporters.chunks import Chunk, make_chunk
from esdh_exporters.json_rows import JsonRows
from esdh_models import ColumnKind, get_contract

PERSONS = get_contract("v0.1").table("persons")
TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)


def chunk_of(texts: list[str | None], *, coded: bool) -> Chunk:
    """As many persons as texts, which stand in every text column that may be null, or `x`."""
    columns = []
    for column in PERSONS.columns:
        values: list[Any]
        if column.kind is ColumnKind.DATE:
            values = [date(1990, 2, 3)] * len(texts)
        elif column.nullable:
            values = list(texts)
        else:
            values = [text or "x" for text in texts]
        array = pa.array(values, column.arrow_type)
        is_text = column.kind is ColumnKind.TEXT
        columns.append(array.dictionary_encode() if coded and is_text else array)
    return make_chunk(PERSONS, pa.record_batch(columns, names=list(PERSONS.column_names)))


def sliced(chunk: Chunk, start: int, stop: int) -> Chunk:
    """Some rows of a chunk."""
    columns = [column.coded[start:stop] for column in chunk.columns.values()]
    return make_chunk(PERSONS, pa.record_batch(columns, names=list(PERSONS.column_names)))


@pytest.mark.parametrize("coded", [False, True], ids=["texts", "codes"])
@settings(deadline=None, max_examples=60)
@given(texts=st.lists(st.none() | TEXTS, min_size=51, max_size=70))
def test_few_rows_are_rendered_as_many_are(coded: bool, texts: list[str | None]) -> None:
    """However many rows stand in a chunk, each is the same line."""
    chunk = chunk_of(texts, coded=coded)
    rows = JsonRows(PERSONS, "<", ">\n")
    apart = b"".join(
        text
        for start in range(0, len(texts), 30)
        for text in rows.render(sliced(chunk, start, start + 30))
    )

    assert b"".join(rows.render(chunk)) == apart


def test_rows_put_together_piece_by_piece_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many are put together at once."""
    chunk = chunk_of([None, *(f"t{number}" for number in range(199))], coded=True)
    whole = list(JsonRows(PERSONS, "<", ">\n").render(chunk))
    monkeypatch.setattr(json_rows, "ROWS_AT_ONCE", 60)
    pieces = list(JsonRows(PERSONS, "<", ">\n").render(chunk))

    assert (len(whole), len(pieces)) == (1, 4)
    assert b"".join(pieces) == whole[0]


@pytest.mark.parametrize("count", [3, 60])
def test_a_large_dictionary_behind_few_rows_changes_nothing(count: int) -> None:
    """Rows are the same whether their texts come from a small or a large dictionary."""
    small = chunk_of([f"t{number}" for number in range(count)], coded=False)
    place = PERSONS.column_names.index("last_name")
    dictionary = pa.array([f"t{number}" for number in range(5_000)])
    large_column = pa.DictionaryArray.from_arrays(pa.array(range(count), pa.int32()), dictionary)
    columns = [*small.plain.columns[:place], large_column, *small.plain.columns[place + 1 :]]
    large = make_chunk(PERSONS, pa.record_batch(columns, names=list(PERSONS.column_names)))
    rendered = [b"".join(JsonRows(PERSONS, "", "\n").render(chunk)) for chunk in (small, large)]

    assert rendered[0] == rendered[1]
    assert [json.loads(line)["last_name"] for line in rendered[1].splitlines()] == [
        f"t{number}" for number in range(count)
    ]
