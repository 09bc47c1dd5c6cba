"""Row and key rules: each broken rule is found where it is broken, and nowhere else."""

from datetime import date

import pyarrow as pa
import pytest

from esdh_models import get_contract, validation

CONTRACT = get_contract("v0.1")
VEHICLES, PERSONS = CONTRACT.table("vehicles"), CONTRACT.table("persons")
ID = "a419ec71-8057-8d2e-bed3-c6231ed7eb6f"
OTHER_ID = "a419ec71-8057-8d2e-bed3-c6231ed7eb60"
SOUND = {
    "vehicle_id": ID,
    "person_id": ID,
    "vin": "E9ZAA1B28MA000001",
    "make": "Ford",
    "model": "Focus",
    "model_year": 2010,
    "body_style": "Sedan",
    "risk_rating": "Low",
    "lob_type": "Personal",
    "garaging_state": "CA",
    "garaging_postal_code": "94110",
    "synthetic_source": "enterprise-synthetic-data-hub v0.1",
}


def vehicles(*rows: dict[str, object]) -> pa.RecordBatch:
    """A batch of vehicles that differ from a sound one."""
    return pa.RecordBatch.from_pylist(
        [{**SOUND, **row} for row in rows], schema=VEHICLES.arrow_schema
    )


@pytest.mark.parametrize(
    ("change", "rules"),
    [
        ({}, []),
        ({"make": None}, ["make required"]),
        ({"make": "=HYPERLINK()"}, ["make pattern"]),
        ({"make": "A,B"}, ["make pattern"]),
        ({"body_style": "Truck"}, ["body_style allowed"]),
        ({"garaging_state": "PR"}, ["garaging_state allowed"]),
        ({"garaging_postal_code": "9411"}, ["garaging_postal_code pattern"]),
        ({"vin": "1M8GDM9AXKP042788"}, ["vin identifier-class:unassigned-vin"]),
        ({"vin": "short"}, ["vin pattern", "vin identifier-class:unassigned-vin"]),
        ({"synthetic_source": "production"}, ["synthetic_source allowed"]),
        ({"model_year": 1901}, ["model_year limits"]),
    ],
)
def test_each_rule_is_found_in_its_row(change: dict[str, object], rules: list[str]) -> None:
    """The second of three rows is wrong; the violation says so, counted from the first row."""
    found = list(validation.iter_row_violations(VEHICLES, vehicles({}, change, {}), 100))

    assert [f"{v.column} {v.rule}" for v in found] == rules
    assert {v.row for v in found} <= {101}


def test_repeated_keys_and_orphans_are_found() -> None:
    """Both rows of a repeated key, and the row whose parent is missing."""
    keys = validation.KeyCheck([PERSONS, VEHICLES])
    persons = pa.RecordBatch.from_pylist([{"person_id": ID}], schema=PERSONS.arrow_schema)
    keys.add(PERSONS, persons)
    keys.add(VEHICLES, vehicles({}))
    keys.add(VEHICLES, vehicles({"person_id": OTHER_ID, "vin": "E9ZAA1B2XMA000002"}))
    found = [(v.table, v.column, v.rule, v.row) for v in keys.iter_violations()]

    assert found == [
        ("vehicles", "vehicle_id", "unique", 0),
        ("vehicles", "vehicle_id", "unique", 1),
        ("vehicles", "person_id", "foreign-key", 1),
    ]


def test_tables_that_were_not_asked_for_are_not_missed() -> None:
    """A foreign key to a table that is not there is no violation."""
    keys = validation.KeyCheck([VEHICLES])
    keys.add(VEHICLES, vehicles({}))

    assert list(keys.iter_violations()) == []


@pytest.mark.parametrize(
    ("born", "kept"),
    [
        (date(2010, 1, 1), True),
        (date(2010, 1, 2), False),
        (date(1915, 1, 2), True),
        (date(1915, 1, 1), False),
        (date(1801, 1, 1), False),
    ],
)
def test_ages_count_at_the_as_of_date(born: date, kept: bool) -> None:
    """Sixteen on the very day is old enough, a day later is not; nobody is 111."""
    persons = pa.RecordBatch.from_pylist([{"date_of_birth": born}], schema=PERSONS.arrow_schema)
    found = validation.iter_row_violations(PERSONS, persons, 0, as_of=date(2026, 1, 1))

    assert kept == ("age" not in {v.rule for v in found})


def test_a_copy_that_differs_from_its_parent_is_found() -> None:
    """The vehicle in another state than its owner is named; an orphan is not, that is its own."""
    copies = validation.CopyCheck([PERSONS, VEHICLES])
    owner = {"person_id": ID, "lob_type": "Personal", "state": "CA", "postal_code": "94110"}
    copies.add(PERSONS, pa.RecordBatch.from_pylist([owner], schema=PERSONS.arrow_schema))
    copies.add(VEHICLES, vehicles({}, {"garaging_state": "HI"}, {"person_id": OTHER_ID}))
    found = [(v.column, v.rule, v.row) for v in copies.iter_violations()]

    assert found == [("garaging_state", "copy", 1)]


def test_of_very_many_broken_rows_the_first_are_placed_and_all_are_counted() -> None:
    """A table of one key over and over costs no list of its rows."""
    keys = validation.KeyCheck([PERSONS, VEHICLES])
    keys.add(PERSONS, pa.RecordBatch.from_pylist([], schema=PERSONS.arrow_schema))
    for _ in range(3):
        keys.add(VEHICLES, vehicles(*[{}] * 700))
    found = list(keys.iter_violations())
    broken = {(v.column, v.rule) for v in found}

    assert broken == {("vehicle_id", "unique"), ("vin", "unique"), ("person_id", "foreign-key")}
    for rule in broken:
        own = [v for v in found if (v.column, v.rule) == rule]
        assert [v.row for v in own] == [*range(1_000), None]
        assert sum(v.count for v in own) == 2_100


def test_of_very_many_rows_that_break_a_rule_all_are_counted() -> None:
    """The same holds within one batch."""
    found = list(validation.iter_row_violations(VEHICLES, vehicles(*[{"make": "=A"}] * 1_500), 50))

    assert [v.row for v in found] == [*range(50, 1_050), None]
    assert sum(v.count for v in found) == 1_500
