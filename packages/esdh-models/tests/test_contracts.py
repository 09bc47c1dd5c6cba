"""Contracts are derived from the row models, completely."""

import re
from datetime import date

import pyarrow as pa
import pytest

from esdh_models import ColumnKind, Statistic, errors, get_contract, never_real

V0_1 = get_contract("v0.1")
COLUMNS = [(table, column) for table in V0_1.tables for column in table.columns]

PERSONS = (
    "person_id first_name last_name date_of_birth driver_license_number driver_license_state"
    " address_line_1 address_line_2 city state postal_code country lob_type synthetic_source"
)
VEHICLES = (
    "vehicle_id person_id vin make model model_year body_style risk_rating lob_type"
    " garaging_state garaging_postal_code synthetic_source"
)
PROFILES = (
    "profile_id person_id vehicle_id full_name lob_type residence_state city postal_code"
    " garaging_state primary_vehicle_vin vehicle_summary risk_rating synthetic_source"
)


@pytest.mark.parametrize(
    ("table", "columns"), [("persons", PERSONS), ("vehicles", VEHICLES), ("profiles", PROFILES)]
)
def test_columns_stand_in_contract_order(table: str, columns: str) -> None:
    """v0.1 has these columns in this order."""
    assert tuple(columns.split()) == V0_1.table(table).column_names


def test_defaults_of_v0_1() -> None:
    """A request that says nothing means 200 records of seed 20251101 as of 2026-01-01."""
    expected = (200, 20251101, date(2026, 1, 1), "enterprise-synthetic-data-hub v0.1")

    assert expected == (
        V0_1.default_records,
        V0_1.default_seed,
        V0_1.default_as_of_date,
        V0_1.synthetic_source,
    )


def test_only_the_second_address_line_is_nullable() -> None:
    """One column of v0.1 may be absent."""
    assert [column.name for _, column in COLUMNS if column.nullable] == ["address_line_2"]


def test_arrow_types_follow_the_row_models() -> None:
    """Dates are days, integers are 64 bits wide, everything else is text."""
    schema = V0_1.table("persons").arrow_schema

    assert pa.date32() == schema.field("date_of_birth").type
    assert pa.int64() == V0_1.table("vehicles").arrow_schema.field("model_year").type
    assert pa.string() == schema.field("first_name").type


def test_every_identifier_column_names_a_registered_class() -> None:
    """Keys, foreign keys, VINs, licences and streets are under the safe-identifier registry."""
    for table, column in COLUMNS:
        key = column.unique or column.facts.foreign_key
        named = column.facts.identifier_class
        if key or column.name in {"driver_license_number", "address_line_1"}:
            assert named, f"{table.name}.{column.name}"
        if named:
            assert never_real.get_identifier_class(named).name == named


def test_statistics_fit_the_kind_of_column() -> None:
    """Ranges are kept for numbers and days only, and code lists are counted."""
    for _, column in COLUMNS:
        if column.statistic is Statistic.RANGE:
            assert column.kind is not ColumnKind.TEXT
            assert sorted(column.facts.bin_edges) == list(column.facts.bin_edges) != []
        if column.allowed is not None:
            assert column.statistic is Statistic.COUNTS
            assert len(column.allowed) <= 1000


def test_foreign_keys_name_unique_columns() -> None:
    """A foreign key leads to a key of a table that stands before its own."""
    for table, column in COLUMNS:
        if column.facts.foreign_key:
            parent, _, key = column.facts.foreign_key.partition(".")
            assert V0_1.table(parent).column(key).unique
            assert V0_1.table_names.index(parent) < V0_1.table_names.index(table.name)


def test_copies_name_a_column_of_a_parent() -> None:
    """A copied column has the kind of its original, and a foreign key leads there."""
    for table, column in COLUMNS:
        if column.facts.copy_of:
            parent, _, name = column.facts.copy_of.partition(".")
            assert V0_1.table(parent).column(name).kind is column.kind
            keys = {c.facts.foreign_key for c in table.columns if c.facts.foreign_key}
            assert f"{parent}.{V0_1.table(parent).primary_key}" in keys


def test_every_column_is_described() -> None:
    """Descriptions are there and patterns are anchored."""
    for _, column in COLUMNS:
        assert column.facts.description
        if column.pattern:
            assert re.fullmatch(r"\^.*\$", column.pattern)


def test_json_schema_carries_keys_and_classes() -> None:
    """The JSON Schema of a row says what is a key and how safe it is."""
    person_id = V0_1.table("vehicles").json_schema["properties"]["person_id"]

    assert person_id["x-esdh"] == {
        "foreignKey": "persons.person_id",
        "identifierClass": "esdh-record-id",
    }


def test_unknown_names_are_refused_with_a_suggestion() -> None:
    """Whoever misspells a name is told the nearest one."""
    with pytest.raises(errors.UnknownNameError, match=r"did you mean 'persons'"):
        V0_1.table("person")
    with pytest.raises(errors.UnknownNameError, match=r"choose from v0\.1"):
        get_contract("v9")
