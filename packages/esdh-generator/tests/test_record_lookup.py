"""Lookup: an identifier leads to its row, and no other text leads anywhere."""

import functools
import json
import uuid

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from esdh_generator import Dataset, RecordLocation
from esdh_generator.random_streams import RandomStreams
from esdh_generator.record_ids import TABLE_NUMBERS, record_ids
from esdh_models import errors

SEED = 20251101
RECORDS = 300
LAST_RECORD = 2**40 - 1
DATASET = Dataset(SEED, RECORDS)
TABLES = DATASET.contract.table_names
FIRST = "a419ec71-8057-8d2e-bed3-c6231ed7eb6f"


@functools.cache
def whole(table: str) -> pa.Table:
    """All rows of one table, made once."""
    return DATASET.table(table)


def identifier(table: str, owner: int, ordinal: int = 0, *, seed: int = SEED) -> str:
    """The identifier of any row, of datasets too large to make."""
    owners = np.array([owner], np.uint64)
    text: str = record_ids(RandomStreams(seed, "baseline"), table, owners, ordinal)[0].as_py()
    return text


@pytest.mark.parametrize("table", TABLES)
def test_every_identifier_locates_its_row(table: str) -> None:
    """The whole key column, one by one."""
    keys = whole(table)[DATASET.contract.table(table).primary_key].to_pylist()

    found = [DATASET.locate(key) for key in keys]

    assert found == [RecordLocation(table, owner, 0) for owner in range(RECORDS)]


@settings(deadline=None)
@given(
    table=st.sampled_from(TABLES), owner=st.integers(0, LAST_RECORD), seed=st.integers(0, 2**64 - 1)
)
def test_any_row_of_any_seed_is_located(table: str, owner: int, seed: int) -> None:
    """However far out, at no cost."""
    located = Dataset(seed, LAST_RECORD + 1).locate(identifier(table, owner, seed=seed))

    assert located == RecordLocation(table, owner, 0)


@settings(deadline=None, max_examples=30)
@given(table=st.sampled_from(TABLES), owner=st.integers(0, RECORDS - 1))
def test_a_record_is_the_row_of_the_table(table: str, owner: int) -> None:
    """The row model of the contract, with the values that the table has."""
    record = DATASET.record(identifier(table, owner))

    assert isinstance(record, DATASET.contract.table(table).row_model)
    assert record.model_dump(mode="python") == whole(table).slice(owner, 1).to_pylist()[0]


@pytest.mark.parametrize("table", TABLES)
def test_relatives_are_the_rows_of_the_same_owner(table: str) -> None:
    """Every table is there, the asked one too, whichever identifier was given."""
    relatives = DATASET.relatives(identifier(table, 17))

    assert tuple(relatives) == TABLES
    for name, rows in relatives.items():
        assert [row.model_dump() for row in rows] == whole(name).slice(17, 1).to_pylist()


def test_tables_left_out_can_be_looked_up() -> None:
    """A filter decides what is written, not what exists."""
    filtered = Dataset(SEED, RECORDS, tables=["vehicles"])

    assert filtered.locate(FIRST) == RecordLocation("persons", 0, 0)
    assert filtered.relatives(FIRST) == DATASET.relatives(FIRST)


@pytest.mark.parametrize("table", TABLES)
def test_a_document_holds_the_row_and_its_relatives(table: str) -> None:
    """As JSON takes them, the row itself not among its relatives, dates as text."""
    key = identifier(table, 17)
    document = DATASET.record_document(key)
    rows = {
        name: [row.model_dump(mode="json") for row in found]
        for name, found in DATASET.relatives(key).items()
    }

    assert json.loads(json.dumps(document)) == document
    assert list(document) == ["record_id", "table", "owner", "record", "relatives", "request"]
    assert (document["record_id"], document["table"], document["owner"]) == (key, table, 17)
    assert document["record"] == DATASET.record(key).model_dump(mode="json")
    assert document["record"] == rows.pop(table)[0]
    assert document["relatives"] == rows
    assert document["request"] == DATASET.request.model_dump(mode="json")


def test_a_document_is_of_the_dataset_that_was_asked() -> None:
    """Its request names the tables asked for; relatives of the others are there all the same."""
    filtered = Dataset(SEED, RECORDS, tables=["vehicles"]).record_document(FIRST)
    whole_document = DATASET.record_document(FIRST)

    assert filtered["request"]["tables"] == ["vehicles"]
    assert {**filtered, "request": None} == {**whole_document, "request": None}


@pytest.mark.parametrize("given", [FIRST.upper(), uuid.UUID(FIRST)], ids=["upper", "UUID"])
def test_a_document_spells_its_identifier_in_lower_case(given: str | uuid.UUID) -> None:
    """However it was asked for."""
    assert DATASET.record_document(given) == DATASET.record_document(FIRST)


def test_documents_are_only_of_records() -> None:
    """Refused as `locate` refuses."""
    with pytest.raises(errors.InvalidRequestError):
        DATASET.record_document("7")
    with pytest.raises(errors.RecordNotFoundError):
        DATASET.record_document(identifier("persons", 0, seed=SEED + 1))


@pytest.mark.parametrize("given", [FIRST.upper(), uuid.UUID(FIRST)], ids=["upper", "UUID"])
def test_other_spellings_of_an_identifier_are_read(given: str | uuid.UUID) -> None:
    """Upper case, as RFC 9562 asks of readers, and what databases hand out."""
    assert DATASET.locate(given) == RecordLocation("persons", 0, 0)


@settings(deadline=None)
@given(
    table=st.sampled_from(TABLES),
    owner=st.integers(0, RECORDS - 1),
    seed=st.integers(0, 2**64 - 1).filter(lambda seed: seed != SEED),
)
def test_identifiers_of_another_seed_are_not_of_this_dataset(
    table: str, owner: int, seed: int
) -> None:
    """The check bits tell, and so does the message."""
    with pytest.raises(errors.RecordNotFoundError, match=f"not a record of seed {SEED}, scenario"):
        DATASET.locate(identifier(table, owner, seed=seed))


@settings(deadline=None)
@given(
    owner=st.integers(0, RECORDS - 1),
    place=st.integers(0, 35),
    character=st.sampled_from("0123456789abcdefg-Zé"),
)
def test_a_changed_character_never_leads_to_a_row(owner: int, place: int, character: str) -> None:
    """A slip of the pen is found, whichever character it hits."""
    text = identifier("persons", owner)
    changed = text[:place] + character + text[place + 1 :]
    if changed != text:
        with pytest.raises((errors.InvalidRequestError, errors.RecordNotFoundError)):
            DATASET.locate(changed)


@pytest.mark.parametrize(
    ("owner", "known"), [(0, True), (RECORDS - 1, True), (RECORDS, False), (2**48 - 1, False)]
)
def test_records_end_where_the_request_says(owner: int, known: bool) -> None:
    """The last record is there and the next is not; the message numbers records from 1."""
    text = identifier("vehicles", owner)
    if known:
        assert DATASET.locate(text).owner == owner
        return
    message = f"would be record {owner + 1:,} of vehicles, but this dataset ends with record 300"
    with pytest.raises(errors.RecordNotFoundError, match=message):
        DATASET.record(text)


@pytest.mark.parametrize("ordinal", [1, 2_048, 0xFFFF])
def test_second_rows_of_an_owner_do_not_exist(ordinal: int) -> None:
    """Contract v0.1 has one row of a table per owner."""
    with pytest.raises(errors.RecordNotFoundError):
        DATASET.locate(identifier("vehicles", 0, ordinal))


@pytest.mark.parametrize("number", [0, 4, 255])
def test_unknown_table_numbers_are_not_of_this_dataset(
    number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An identifier of a table that some later contract may have."""
    with monkeypatch.context() as patch:
        patch.setitem(TABLE_NUMBERS, "claims", number)
        text = identifier("claims", 0)

    with pytest.raises(errors.RecordNotFoundError):
        DATASET.locate(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "7",
        FIRST.replace("-", ""),
        f"{{{FIRST}}}",
        f" {FIRST}",
        f"{FIRST}\n",
        FIRST[:-1],
        FIRST.replace("8d2e", "4d2e"),
        FIRST.replace("bed3", "ced3"),
        FIRST.replace("a", "\N{FULLWIDTH LATIN SMALL LETTER A}"),
        FIRST.replace("4", "\N{ARABIC-INDIC DIGIT FOUR}"),
        "x" * 10_000,
        "\ud800\0",
    ],
)
def test_other_text_is_refused_in_one_short_sentence(text: str) -> None:
    """Only a version-8 UUID with its dashes is looked up; hostile text is shown safely."""
    with pytest.raises(errors.InvalidRequestError, match="is a version-8 UUID such as") as caught:
        DATASET.locate(text)

    assert len(str(caught.value)) < 700
    assert str(caught.value).isascii()
    assert "\n" not in str(caught.value)
