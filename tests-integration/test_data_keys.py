"""Keys, copies and marks in 100,000 rows: tables are joined here again and compared."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))
from data_of_100k import ROWS, Columns


def test_every_table_has_a_row_per_policyholder(
    persons: Columns, vehicles: Columns, profiles: Columns
) -> None:
    """One person, one vehicle, one profile each."""
    lengths = {len(column) for table in (persons, vehicles, profiles) for column in table.values()}

    assert lengths == {ROWS}


def test_keys_are_unique(persons: Columns, vehicles: Columns, profiles: Columns) -> None:
    """No identifier and no VIN occurs twice, in one table or over tables."""
    ids = [*persons["person_id"], *vehicles["vehicle_id"], *profiles["profile_id"]]

    assert len(set(ids)) == 3 * ROWS
    assert len(set(vehicles["vin"])) == ROWS


def test_a_vehicle_repeats_its_owner(persons: Columns, vehicles: Columns) -> None:
    """Looked up by key, the owner has the line of business, state and ZIP of the vehicle."""
    owner = {key: row for row, key in enumerate(persons["person_id"])}
    copies = {"lob_type": "lob_type", "garaging_state": "state"}
    copies["garaging_postal_code"] = "postal_code"

    for copy, original in copies.items():
        expected = [persons[original][owner[key]] for key in vehicles["person_id"]]
        assert expected == vehicles[copy]


def test_a_profile_repeats_its_person_and_vehicle(
    persons: Columns, vehicles: Columns, profiles: Columns
) -> None:
    """Looked up by key, every denormalised cell is the one of its parent."""
    person = {key: row for row, key in enumerate(persons["person_id"])}
    vehicle = {key: row for row, key in enumerate(vehicles["vehicle_id"])}
    for number, (person_id, vehicle_id) in enumerate(
        zip(profiles["person_id"], profiles["vehicle_id"], strict=True)
    ):
        who, what = person[person_id], vehicle[vehicle_id]
        expected = {
            "full_name": f"{persons['first_name'][who]} {persons['last_name'][who]}",
            "lob_type": persons["lob_type"][who],
            "residence_state": persons["state"][who],
            "city": persons["city"][who],
            "postal_code": persons["postal_code"][who],
            "garaging_state": vehicles["garaging_state"][what],
            "primary_vehicle_vin": vehicles["vin"][what],
            "vehicle_summary": " ".join(
                (str(vehicles["model_year"][what]), vehicles["make"][what], vehicles["model"][what])
            ),
            "risk_rating": vehicles["risk_rating"][what],
        }
        assert vehicles["person_id"][what] == person_id
        assert expected == {name: profiles[name][number] for name in expected}


def test_every_row_says_that_it_is_synthetic(
    persons: Columns, vehicles: Columns, profiles: Columns
) -> None:
    """The mark and the country stand in every row."""
    for table in (persons, vehicles, profiles):
        assert set(table["synthetic_source"]) == {"enterprise-synthetic-data-hub v0.1"}
    assert set(persons["country"]) == {"US"}


def test_no_cell_is_a_spreadsheet_formula(
    persons: Columns, vehicles: Columns, profiles: Columns
) -> None:
    """Nothing begins with = + - @, tab or CR."""
    beginnings = {
        str(cell)[:1]
        for table in (persons, vehicles, profiles)
        for column in table.values()
        for cell in column
    }

    assert beginnings & set("=+-@\t\r") == set()
