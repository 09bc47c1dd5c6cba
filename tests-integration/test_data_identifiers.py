"""Streets, licences and VINs of 100,000 records: well formed, and impossible as real ones.

Everything the checkers know stands in this file; figures are typed from the published tables that
governance/data_sources.md names.
"""

import re
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))
from data_of_100k import Columns, reference_rows

LICENCES = {
    "AL": r"\d{7,8}", "AK": r"\d{7}", "AZ": r"[A-Z]\d{8}", "AR": r"\d{9}", "CA": r"[A-Z]\d{7}",
    "CO": r"\d{9}", "CT": r"\d{9}", "DE": r"\d{1,7}", "DC": r"\d{7}|\d{9}", "FL": r"[A-Z]\d{12}",
    "GA": r"\d{7}|\d{9}", "HI": r"H\d{8}", "ID": r"[A-Z]{2}\d{6}[A-Z]|\d{9}",
    "IL": r"[A-Z]\d{11}", "IN": r"\d{10}", "IA": r"\d{9}|\d{3}[A-Z]{2}\d{4}", "KS": r"K\d{8}",
    "KY": r"[A-Z]\d{8}", "LA": r"0\d{8}", "ME": r"\d{7}", "MD": r"[A-Z]\d{12}",
    "MA": r"S\d{8}|SA\d{7}|\d{9}", "MI": r"[A-Z]\d{12}", "MN": r"[A-Z]\d{12}", "MS": r"\d{9}",
    "MO": r"[A-Z]\d{9}", "MT": r"\d{13}|\d{14}|\d{9}", "NE": r"[A-Z]\d{8}",
    "NV": r"\d{9}|\d{10}|\d{12}|X\d{8}", "NH": r"\d{2}[A-Z]{3}\d{5}|[A-Z]{3}\d{8}",
    "NJ": r"[A-Z]\d{14}", "NM": r"\d{9}", "NY": r"\d{9}", "NC": r"\d{12}",
    "ND": r"[A-Z]{3}\d{6}|\d{9}", "OH": r"[A-Z]{2}\d{6}", "OK": r"[A-Z]\d{9}|\d{9}",
    "OR": r"[A-Z]\d{6,7}", "PA": r"\d{8}", "RI": r"\d{7}|V\d{6}", "SC": r"\d{5,11}",
    "SD": r"\d{8}", "TN": r"\d{7,9}", "TX": r"\d{8}", "UT": r"\d{7,10}", "VT": r"\d{8}|\d{7}A",
    "VA": r"[A-Z]\d{8}", "WA": r"WDL[A-Z0-9]{9}", "WV": r"\d{7}|[A-Z]{1,2}\d{5,6}",
    "WI": r"[A-Z]\d{13}", "WY": r"\d{9,10}",
}  # fmt: skip
"""The common form of each state, as collected in 2024."""
BIRTHDAY_CODES = {"FL": slice(9, 12), "IL": slice(9, 12), "WI": slice(9, 12)}
"""Where SSSS-FFF-YY-DDD puts the birthday: after letter, seven name digits and two year digits."""

VIN_VALUES = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", [*range(1, 9), *range(1, 6), 7, 9, *range(2, 10)],
                      strict=True))  # fmt: skip
VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
YEAR_CODES = "ABCDEFGHJKLMNPRSTVWXY123456789"
NO_COUNTRY = {
    "E": "ABCEFGHJKLMNPRSTUVWXYZ1234567890",
    "F": "ABCDEFGHJKLNPRTUWXYZ1234567890",
    "G": "BCDEFGHJLMNPRSTUVWXYZ12357890",
}
"""Second characters that ISO 3780 gives to no country, by first character."""


def test_streets_are_invented(persons: Columns) -> None:
    """Every street is registered, and no registered name is a place's or a person's."""
    stems = {row["street_name"] for row in reference_rows("invented_streets.csv", "esdh_models")}
    real = {row["city"] for row in reference_rows("locations.csv")}
    real |= {row["last_name"] for row in reference_rows("surnames.csv")}
    real |= {row["first_name"] for row in reference_rows("first_names.csv")}
    used = set()
    for line in set(persons["address_line_1"]):
        match = re.fullmatch(
            r"[1-9]\d{0,3} ([A-Z][a-z]+) (Ave|Blvd|Cir|Ct|Dr|Ln|Pl|Rd|St|Way)", line
        )
        assert match, "an address line of another form"
        used.add(match[1])

    assert used - stems == set()
    assert {stem.lower() for stem in stems} & {name.lower() for name in real} == set()


def test_licences_are_of_the_state_of_residence(persons: Columns) -> None:
    """Everybody has the licence of the state they live in."""
    assert persons["driver_license_state"] == persons["state"]


def test_licences_have_their_states_format(persons: Columns) -> None:
    """Each matches the form typed above for its state."""
    formats = {state: re.compile(pattern) for state, pattern in LICENCES.items()}
    numbers = zip(persons["driver_license_state"], persons["driver_license_number"], strict=True)

    assert {state for state, number in numbers if not formats[state].fullmatch(number)} == set()
    assert set(LICENCES) == set(persons["driver_license_state"])


def test_birthday_codes_in_licences_are_impossible(persons: Columns) -> None:
    """In Florida, Illinois and Wisconsin the birthday is day 000, which nobody can have."""
    codes = {
        number[BIRTHDAY_CODES[state]]
        for state, number in zip(
            persons["driver_license_state"], persons["driver_license_number"], strict=True
        )
        if state in BIRTHDAY_CODES
    }

    assert codes == {"000"}


def test_licences_do_not_tell_the_year_of_birth(persons: Columns) -> None:
    """Where the format has a place for it, the year is right no more often than by chance."""
    hits = [
        number[7:9] == f"{birth.year % 100:02d}"
        for state, number, birth in zip(
            persons["driver_license_state"],
            persons["driver_license_number"],
            persons["date_of_birth"],
            strict=True,
        )
        if state in BIRTHDAY_CODES
    ]

    assert sum(hits) < 0.02 * len(hits)


def test_vins_are_of_no_country(vehicles: Columns) -> None:
    """The first two characters are assigned to no country."""
    assert [v for v in vehicles["vin"] if v[1] not in NO_COUNTRY.get(v[0], "")] == []


def test_vins_have_a_right_check_digit(vehicles: Columns) -> None:
    """Computed here by 49 CFR 565 for each of 100,000."""
    assert [vin for vin in vehicles["vin"] if vin[8] != _check_digit(vin)] == []


def _check_digit(vin: str) -> str:
    total = sum(
        weight * (VIN_VALUES[character] if character in VIN_VALUES else int(character))
        for weight, character in zip(VIN_WEIGHTS, vin, strict=True)
    )
    return "0123456789X"[total % 11]


@pytest.mark.parametrize(
    "vin", ["11111111111111111", "1M8GDM9AXKP042788", "WDBEA30D3HA391172", "1C6RR7LT2JS179571"]
)
def test_the_check_digit_of_this_file_is_right(vin: str) -> None:
    """Numbers that are printed in rules and manuals pass it."""
    assert vin[8] == _check_digit(vin)


def test_vins_tell_the_model_year(vehicles: Columns) -> None:
    """Position 10 is the year's code, position 7 tells its cycle, the last five are digits."""
    for vin, year in zip(vehicles["vin"], vehicles["model_year"], strict=True):
        assert vin[9] == YEAR_CODES[(year - 1980) % 30]
        assert vin[6].isalpha() == (year >= 2010)
        assert vin[12:].isdigit()


def test_a_manufacturer_code_is_of_one_make(vehicles: Columns) -> None:
    """Codes and makes belong together one to one."""
    pairs = {(vin[:3], make) for vin, make in zip(vehicles["vin"], vehicles["make"], strict=True)}

    assert len(pairs) == len({code for code, _ in pairs}) == len({make for _, make in pairs})
