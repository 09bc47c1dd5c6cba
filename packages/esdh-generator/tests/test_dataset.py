"""A dataset: the same rows in whatever order, split and company they are asked for."""

import csv
import functools
import pickle
from collections.abc import Sequence
from datetime import date
from importlib import resources
from itertools import chain, combinations, pairwise

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from esdh_generator import Dataset
from esdh_models import DatasetRequest, errors, get_contract

TABLES = ("persons", "vehicles", "profiles")
SUBSETS = list(chain.from_iterable(combinations(TABLES, size) for size in (1, 2, 3)))
RECORDS = 55_000
SEED = 7
KEYS = (
    ("persons", "person_id"),
    ("vehicles", "vehicle_id"),
    ("vehicles", "vin"),
    ("profiles", "profile_id"),
)


@functools.cache
def whole(table: str) -> pa.Table:
    """All rows of one table, made once."""
    return Dataset(SEED, RECORDS).table(table)


def joined(dataset: Dataset, ranges: Sequence[tuple[int, int]], table: str) -> pa.Table:
    """The blocks of some ranges one after the other, as plain columns."""
    schema = dataset.contract.table(table).arrow_schema
    blocks = [block[table] for start, stop in ranges for block in dataset.iter_blocks(start, stop)]
    return pa.Table.from_batches([plain(block, schema) for block in blocks], schema=schema)


def plain(block: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """Without dictionary encoding."""
    columns = [
        column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
        for column in block.columns
    ]
    assert schema.names == block.schema.names
    return pa.RecordBatch.from_arrays(columns, schema=schema)


@pytest.mark.parametrize("table", TABLES)
def test_a_small_dataset_is_the_beginning_of_a_large_one(table: str) -> None:
    """1,000 records are the first 1,000 of 100,000."""
    large = Dataset(SEED, 100_000)

    assert joined(large, [(0, 1_000)], table).equals(Dataset(SEED, 1_000).table(table))


@settings(deadline=None, max_examples=15)
@given(
    cuts=st.lists(
        st.integers(0, RECORDS) | st.sampled_from([9_999, 10_000, 10_001, 50_000]), max_size=4
    ),
    table=st.sampled_from(TABLES),
)
def test_any_split_makes_the_whole(cuts: list[int], table: str) -> None:
    """Ranges cut anywhere, empty ones too, joined again are the table."""
    bounds = [0, *sorted(cuts), RECORDS]
    ranges = list(pairwise(bounds))

    assert whole(table).equals(joined(Dataset(SEED, RECORDS), ranges, table))


@settings(deadline=None, max_examples=30)
@given(
    start=st.integers(0, RECORDS - 60),
    length=st.integers(0, 60),
    table=st.sampled_from(TABLES),
)
def test_any_range_is_a_slice_of_the_whole(start: int, length: int, table: str) -> None:
    """A few rows asked for alone are those rows of the table."""
    rows = joined(Dataset(SEED, RECORDS), [(start, start + length)], table)

    assert whole(table).slice(start, length).equals(rows)


@pytest.mark.parametrize("tables", SUBSETS, ids="+".join)
def test_the_tables_asked_for_change_no_value(tables: tuple[str, ...]) -> None:
    """Every choice of tables gives the rows of the full dataset, and only those tables."""
    dataset = Dataset(SEED, 300, tables=tables)

    blocks = list(dataset.iter_blocks())

    assert [list(tables)] == [list(block) for block in blocks]
    for table in tables:
        assert whole(table).slice(0, 300).equals(joined(dataset, [(0, 300)], table))


@pytest.mark.parametrize("records", [1, 49_999, 50_000, 50_001, 100_001])
def test_blocks_hold_at_most_fifty_thousand_owners(records: int) -> None:
    """Sizes around a block: all blocks are full but the last, and nothing is missing."""
    sizes = [block["persons"].num_rows for block in Dataset(SEED, records).iter_blocks()]

    assert records == sum(sizes)
    assert all(size == 50_000 for size in sizes[:-1])


@pytest.mark.parametrize(("start", "stop"), [(-1, 5), (5, 4), (0, 11), (11, 11)])
def test_owners_outside_of_the_dataset_are_refused(start: int, stop: int) -> None:
    """A range must lie inside."""
    with pytest.raises(errors.InvalidRequestError, match="0 to 10"):
        list(Dataset(SEED, 10).iter_blocks(start, stop))


def test_a_dataset_pickles() -> None:
    """Another process can be handed the value, and gets the same rows from it."""
    dataset = Dataset(SEED, 50, tables=["vehicles"])

    copy = pickle.loads(pickle.dumps(dataset))  # noqa: S301

    assert dataset == copy
    assert dataset.table("vehicles").equals(copy.table("vehicles"))


def test_a_recorded_request_makes_the_dataset_again() -> None:
    """Through JSON and back, a request gives an equal dataset."""
    dataset = Dataset(SEED, 50, tables=["profiles"], as_of_date=date(2025, 6, 30))
    recorded = DatasetRequest.model_validate_json(dataset.request.canonical_json)

    assert dataset == Dataset.from_request(recorded)


def test_the_rules_of_another_release_cannot_be_followed() -> None:
    """A request with a rules version that is not here is refused."""
    request = Dataset(SEED, 50).request
    identity = request.identity.model_copy(update={"rules_version": 999})

    with pytest.raises(errors.CannotRegenerateError, match="rules version 999"):
        Dataset.from_request(request.model_copy(update={"identity": identity}))


def test_defaults_are_those_of_the_contract() -> None:
    """200 records of seed 20251101 on 2026-01-01."""
    request = Dataset().request

    assert (200, 20251101, date(2026, 1, 1), TABLES) == (
        request.records,
        request.identity.seed,
        request.identity.as_of_date,
        request.tables,
    )


def test_the_last_owners_that_the_keys_can_number_exist() -> None:
    """At the capacity of 2^40 records the last rows are made, and their keys are unique."""
    dataset = Dataset(SEED, 2**40)

    block = next(dataset.iter_blocks(2**40 - 1_000))

    assert [len(set(block[table].column(key).to_pylist())) for table, key in KEYS] == [1_000] * 4


@pytest.mark.parametrize("records", [2**40 + 1, 2**64, 10**30])
def test_more_records_than_the_keys_can_number_are_refused(records: int) -> None:
    """The error names the column and the largest number."""
    with pytest.raises(errors.CapacityError, match=r"vehicles\.vin .*1,099,511,627,776"):
        Dataset(SEED, records)


@pytest.mark.parametrize("records", [0, -1, 2.5, "10", True, float("nan")])
def test_impossible_record_counts_are_refused(records: object) -> None:
    """Whole numbers from 1 on, and nothing that merely looks like one."""
    with pytest.raises(errors.InvalidRequestError, match="records"):
        Dataset(SEED, records)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", [-1, 2**64, 1.0, "1", True])
def test_impossible_seeds_are_refused(seed: object) -> None:
    """Whole numbers from 0 to 2^64-1."""
    with pytest.raises(errors.InvalidRequestError, match="seed"):
        Dataset(seed, 1)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", [0, 2**64 - 1])
def test_both_ends_of_the_seeds_work(seed: int) -> None:
    """The least and the greatest seed make rows."""
    assert [Dataset(seed, 10).table(table).num_rows for table in TABLES] == [10] * 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"contract_version": "v9.9"},
        {"scenario": "baselin"},
        {"tables": ["persons", "policies"]},
    ],
    ids=str,
)
def test_unknown_names_are_refused(wrong: dict[str, object]) -> None:
    """The error says what there is to choose from."""
    with pytest.raises(errors.UnknownNameError, match="choose from"):
        Dataset(SEED, 10, **wrong)  # type: ignore[arg-type]


def test_an_unknown_table_is_refused() -> None:
    """A dataset has the tables of its contract and no other."""
    with pytest.raises(errors.UnknownNameError, match="choose from persons, vehicles, profiles"):
        Dataset(SEED, 10).table("claims")


def _column(name: str, column: str) -> list[int]:
    path = resources.files("esdh_generator") / "reference_data" / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return [int(row[column]) for row in csv.DictReader(file)]


def _years_with_a_catalogue() -> tuple[int, int]:
    """As-of years whose oldest and newest vehicles are in the catalogue."""
    catalogue = _column("vehicle_models", "model_year")
    oldest = max(_column("vehicle_ages", "vehicle_age_years"))
    return min(catalogue) + oldest, max(catalogue)


def test_every_as_of_date_with_a_catalogue_makes_rows() -> None:
    """First and last day of the range: model years reach from the oldest age to the as-of year."""
    first, last = _years_with_a_catalogue()
    for day in (date(first, 1, 1), date(last, 12, 31)):
        years = Dataset(SEED, 10_000, as_of_date=day).table("vehicles").column("model_year")
        assert day.year == max(years.to_pylist())
        assert day.year - 29 == min(years.to_pylist())


def test_as_of_dates_without_a_catalogue_are_refused() -> None:
    """A year before the first and after the last, the error names the range."""
    first, last = _years_with_a_catalogue()
    for day in (date(first - 1, 12, 31), date(last + 1, 1, 1)):
        with pytest.raises(errors.InvalidRequestError, match=f"{first} to {last}"):
            Dataset(SEED, 10, as_of_date=day)


@pytest.mark.parametrize("table", TABLES)
def test_a_table_has_exactly_the_contracts_schema(table: str) -> None:
    """Names, types, nullability and no metadata, as the contract derives them."""
    expected = get_contract("v0.1").table(table).arrow_schema

    assert expected.equals(whole(table).schema, check_metadata=True)


@pytest.mark.parametrize("table", TABLES)
def test_rows_are_valid_by_their_row_model(table: str) -> None:
    """The pydantic model, the single truth, accepts each of 400 rows as they are."""
    model = get_contract("v0.1").table(table).row_model
    rows = whole(table).slice(9_800, 400).to_pylist()

    assert rows == [model.model_validate(row).model_dump() for row in rows]


@pytest.mark.parametrize("table", TABLES)
def test_only_nullable_columns_hold_nulls(table: str) -> None:
    """address_line_2 does, nothing else."""
    with_nulls = [name for name in whole(table).column_names if whole(table)[name].null_count]

    assert (["address_line_2"] if table == "persons" else []) == with_nulls


@pytest.mark.parametrize("table", TABLES)
def test_no_text_begins_like_a_formula(table: str) -> None:
    """No cell begins with = + - @, tab or CR, is empty, or needs quotes in CSV."""
    for column in whole(table).select(_text_columns(table)).itercolumns():
        for text in column.unique().to_pylist():
            assert text is None or (
                text.strip() == text
                and text[:1] not in "=+-@\t\r"
                and not set(text) & set(',"\r\n')
            )


def _text_columns(table: str) -> list[str]:
    return [field.name for field in whole(table).schema if field.type == pa.string()]


def test_twenty_seeds_share_no_key() -> None:
    """Another seed is another dataset: no identifier or VIN occurs in two of them."""
    keys: list[str] = []
    contents = set()
    for seed in range(20):
        dataset = Dataset(seed, 500)
        keys += [text for table, key in KEYS for text in dataset.table(table)[key].to_pylist()]
        persons = dataset.table("persons").drop_columns(["person_id"])
        contents.add(str(persons.slice(0, 20).to_pylist()))

    assert len(set(keys)) == 20 * 4 * 500
    assert len(contents) == 20


def test_the_as_of_date_moves_only_what_depends_on_it() -> None:
    """A year later people keep name, address and keys; dates of birth and model years move on."""
    now, later = (Dataset(SEED, 300, as_of_date=date(year, 1, 1)) for year in (2025, 2026))

    changed = {
        f"{table}.{name}"
        for table in TABLES
        for name in now.contract.table(table).column_names
        if not now.table(table)[name].equals(later.table(table)[name])
    }

    assert {"persons.date_of_birth", "vehicles.model_year"} <= changed
    assert changed <= {
        "persons.date_of_birth",
        "vehicles.vin",
        "vehicles.make",
        "vehicles.model",
        "vehicles.model_year",
        "vehicles.body_style",
        "vehicles.risk_rating",
        "profiles.primary_vehicle_vin",
        "profiles.vehicle_summary",
        "profiles.risk_rating",
    }


def test_reference_data_and_makers_are_named() -> None:
    """A dataset says by which reference data and library versions its values are made."""
    dataset = Dataset(SEED, 10)

    assert len(dataset.reference_data_digest) == 64
    assert {"esdh-generator", "esdh-models", "numpy"} == set(dataset.produced_by)
