"""100,000 rows looked at by independent checkers: everything they know stands in this file.

Figures are typed from the published tables that governance/data_sources.md names; of the product
only the rows themselves and its reference files are read.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterable
from datetime import date
from importlib import resources
from typing import Any

import pytest

from esdh_generator import Dataset

ROWS = 100_000
AS_OF = date(2026, 1, 1)
ONE_POINT = 0.01
Columns = dict[str, list[Any]]

# Persons and places

POPULATIONS = {
    "AL": 5_024_279, "AK": 733_391, "AZ": 7_151_502, "AR": 3_011_524, "CA": 39_538_223,
    "CO": 5_773_714, "CT": 3_605_944, "DE": 989_948, "DC": 689_545, "FL": 21_538_187,
    "GA": 10_711_908, "HI": 1_455_271, "ID": 1_839_106, "IL": 12_812_508, "IN": 6_785_528,
    "IA": 3_190_369, "KS": 2_937_880, "KY": 4_505_836, "LA": 4_657_757, "ME": 1_362_359,
    "MD": 6_177_224, "MA": 7_029_917, "MI": 10_077_331, "MN": 5_706_494, "MS": 2_961_279,
    "MO": 6_154_913, "MT": 1_084_225, "NE": 1_961_504, "NV": 3_104_614, "NH": 1_377_529,
    "NJ": 9_288_994, "NM": 2_117_522, "NY": 20_201_249, "NC": 10_439_388, "ND": 779_094,
    "OH": 11_799_448, "OK": 3_959_353, "OR": 4_237_256, "PA": 13_002_700, "RI": 1_097_379,
    "SC": 5_118_425, "SD": 886_667, "TN": 6_910_840, "TX": 29_145_505, "UT": 3_271_616,
    "VT": 643_077, "VA": 8_631_393, "WA": 7_705_281, "WV": 1_793_716, "WI": 5_893_718,
    "WY": 576_851,
}  # fmt: skip
"""2020 Census, resident population."""

ZIP3 = {
    "AL": "350-369", "AK": "995-999", "AZ": "850-865", "AR": "716-729", "CA": "900-961",
    "CO": "800-816", "CT": "060-069", "DE": "197-199", "DC": "200-205", "FL": "320-349",
    "GA": "300-319 398-399", "HI": "967-968", "ID": "832-838", "IL": "600-629", "IN": "460-479",
    "IA": "500-528", "KS": "660-679", "KY": "400-427", "LA": "700-714", "ME": "039-049",
    "MD": "206-219", "MA": "010-027 055", "MI": "480-499", "MN": "550-567", "MS": "386-397",
    "MO": "630-658", "MT": "590-599", "NE": "680-693", "NV": "889-898", "NH": "030-038",
    "NJ": "070-089", "NM": "870-884", "NY": "005 100-149", "NC": "270-289", "ND": "580-588",
    "OH": "430-459", "OK": "730-732 734-749", "OR": "970-979", "PA": "150-196", "RI": "028-029",
    "SC": "290-299", "SD": "570-577", "TN": "370-385", "TX": "733 750-799 885", "UT": "840-847",
    "VT": "050-054 056-059", "VA": "201 220-246", "WA": "980-994", "WV": "247-268",
    "WI": "530-549", "WY": "820-831",
}  # fmt: skip
"""First three digits as USPS assigns them to states."""
ACROSS_THE_LINE = {("06390", "NY"), ("73960", "TX"), ("83414", "WY")}
"""The few offices that lie in another state than their prefix."""

CITY_ZIP3 = [
    ("Los Angeles", "CA", "900"), ("Chicago", "IL", "606"), ("Houston", "TX", "770 772"),
    ("New York", "NY", "100 101 102"), ("Brooklyn", "NY", "112"), ("Bronx", "NY", "104"),
    ("Queens", "NY", "110 111 113 114 116"), ("Staten Island", "NY", "103"),
    ("Philadelphia", "PA", "191"), ("Phoenix", "AZ", "850"), ("San Antonio", "TX", "782"),
    ("San Diego", "CA", "921"), ("Dallas", "TX", "752 753"), ("Austin", "TX", "787"),
    ("Jacksonville", "FL", "322"), ("Columbus", "OH", "432"), ("Indianapolis", "IN", "462"),
    ("Seattle", "WA", "981"), ("Denver", "CO", "802"), ("Boston", "MA", "021 022"),
    ("Washington", "DC", "200 202 203 204 205"), ("Detroit", "MI", "482"),
    ("Memphis", "TN", "381"), ("Atlanta", "GA", "303"), ("Miami", "FL", "331"),
    ("Minneapolis", "MN", "554"), ("Honolulu", "HI", "968"), ("Anchorage", "AK", "995"),
    ("Las Vegas", "NV", "891"), ("Milwaukee", "WI", "532"), ("Kansas City", "MO", "641"),
    ("Kansas City", "KS", "661"), ("Portland", "OR", "972"), ("Portland", "ME", "041"),
    ("Albuquerque", "NM", "871"), ("Baltimore", "MD", "212"), ("New Orleans", "LA", "701"),
    ("Charlotte", "NC", "282"), ("Nashville", "TN", "372"), ("San Francisco", "CA", "941"),
    ("San Jose", "CA", "951"), ("Tucson", "AZ", "857"), ("Omaha", "NE", "681"),
    ("Boise", "ID", "837"), ("Salt Lake City", "UT", "841"), ("Charleston", "WV", "253"),
    ("Charleston", "SC", "294"), ("Wilmington", "DE", "198"), ("Wilmington", "NC", "284"),
]  # fmt: skip

NEIGHBOURS = [
    (
        "TX",
        {
            "Houston": 2_304_580,
            "San Antonio": 1_434_625,
            "Dallas": 1_304_379,
            "Austin": 961_855,
            "Fort Worth": 918_915,
        },
    ),
    (
        "CA",
        {
            "Los Angeles": 3_898_747,
            "San Diego": 1_386_932,
            "San Jose": 1_013_240,
            "San Francisco": 873_965,
            "Fresno": 542_107,
        },
    ),
    (
        "NY",
        {
            "Brooklyn": 2_736_074,
            "Queens": 2_405_464,
            "New York": 1_694_251,
            "Bronx": 1_472_654,
            "Staten Island": 495_747,
        },
    ),
]
"""2020 Census populations of a state's largest places: they must share their rows alike."""

DRIVER_AGES = {
    (16, 19): 4.8, (20, 24): 8.3, (25, 29): 8.8, (30, 34): 8.5, (35, 39): 9.2, (40, 44): 9.5,
    (45, 49): 10.2, (50, 54): 9.7, (55, 59): 8.5, (60, 64): 7.0, (65, 69): 5.1, (70, 74): 3.8,
    (75, 120): 6.6,
}  # fmt: skip
"""FHWA table DL-20, 2008: per cent of licensed drivers."""

SURNAMES = {
    "Smith": 1.006, "Johnson": 0.810, "Williams": 0.699, "Jones": 0.621, "Brown": 0.621,
    "Davis": 0.480, "Miller": 0.424, "Wilson": 0.339, "Garcia": 0.254, "Lee": 0.220,
    "Nguyen": 0.091,
}  # fmt: skip
"""1990 Census, per cent; the list reaches 90.483 %."""
FIRST_NAMES = {
    "James": 3.318, "John": 3.271, "Robert": 3.143, "Michael": 2.629, "Mary": 2.629,
    "Patricia": 1.073, "Linda": 1.035, "Barbara": 0.980, "Elizabeth": 0.937,
}  # fmt: skip
"""1990 Census, per cent of men or of women; both lists reach 90.0 %, each is half of the people."""

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
STREET = re.compile(r"[1-9]\d{0,3} ([A-Z][a-z]+) (Ave|Blvd|Cir|Ct|Dr|Ln|Pl|Rd|St|Way)")
BIRTHDAY_CODES = {"FL": slice(9, 12), "IL": slice(9, 12), "WI": slice(9, 12)}
"""Where SSSS-FFF-YY-DDD puts the birthday: after letter, seven name digits and two year digits."""

# Vehicles

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

VEHICLE_AGES = {(0, 5): 31, (6, 14): 38, (15, 99): 31}
"""S&P Global Mobility 2024-2025: under 6, 6 to 14, older; per cent."""

BODY_GROUPS = {
    "Sedan": "Car", "Coupe": "Car", "Hatchback": "Car", "Wagon": "Car", "Convertible": "Car",
    "SUV": "SUV", "Pickup": "Pickup", "Minivan": "Van", "Van": "Van",
}  # fmt: skip
PRODUCTION = {
    1995: {"Car": 62, "SUV": 12, "Pickup": 15, "Van": 11},
    2000: {"Car": 55, "SUV": 19, "Pickup": 16, "Van": 10},
    2005: {"Car": 51, "SUV": 26, "Pickup": 14, "Van": 9},
    2010: {"Car": 55, "SUV": 29, "Pickup": 11, "Van": 5},
    2015: {"Car": 47, "SUV": 38, "Pickup": 11, "Van": 4},
    2020: {"Car": 31, "SUV": 52, "Pickup": 14, "Van": 3},
}
"""EPA production shares by model year, per cent; in between on a line, later as in 2020."""

BRAND_YEARS = {
    "Plymouth": (0, 2001), "Oldsmobile": (0, 2004), "Eagle": (0, 1998), "Geo": (0, 1997),
    "Daewoo": (1999, 2002), "Isuzu": (0, 2008), "Pontiac": (0, 2010), "Saturn": (0, 2010),
    "Mercury": (0, 2011), "Saab": (0, 2011), "Suzuki": (0, 2013), "Scion": (2004, 2016),
    "Hummer": (0, 2010), "Ram": (2010, 9999), "Genesis": (2017, 9999), "MINI": (2002, 9999),
    "Tesla": (2008, 9999), "Smart": (2008, 2019), "Fiat": (2011, 9999),
}  # fmt: skip
"""First and last model year sold in the United States."""
MODEL_YEARS = {
    ("Ford", "Crown Victoria"): (0, 2012), ("Ford", "Fusion"): (2006, 2020),
    ("Ford", "Focus"): (2000, 2018), ("Ford", "Taurus"): (0, 2019),
    ("Chevrolet", "Cruze"): (2011, 2019), ("Chevrolet", "Volt"): (2011, 2019),
    ("Chevrolet", "Impala"): (0, 2020), ("Dodge", "Grand Caravan"): (0, 2020),
    ("Toyota", "Prius"): (2001, 9999), ("Toyota", "Tundra"): (2000, 9999),
    ("Honda", "CR-V"): (1997, 9999), ("Honda", "Odyssey"): (1995, 9999),
    ("Toyota", "RAV4"): (1996, 9999), ("Tesla", "Model S"): (2012, 9999),
    ("Tesla", "Model 3"): (2017, 9999), ("Nissan", "LEAF"): (2011, 9999),
    ("Pontiac", "G6"): (2005, 2010), ("Chevrolet", "Bolt EV"): (2017, 2023),
}  # fmt: skip
MODEL_BODIES = {
    ("Ford", "F-150"): {"Pickup"}, ("Ram", "1500"): {"Pickup"}, ("Toyota", "Tacoma"): {"Pickup"},
    ("Honda", "Odyssey"): {"Minivan"}, ("Dodge", "Grand Caravan"): {"Minivan"},
    ("Jeep", "Wrangler"): {"SUV"}, ("Honda", "CR-V"): {"SUV"}, ("Ford", "Explorer"): {"SUV"},
    ("Mazda", "MX-5 Miata"): {"Convertible"}, ("Tesla", "Model S"): {"Sedan"},
    ("Toyota", "Camry"): {"Sedan", "Coupe", "Wagon"},
    ("Honda", "Civic"): {"Sedan", "Coupe", "Hatchback"},
    ("Chevrolet", "Corvette"): {"Coupe", "Convertible", "Hatchback"},
}  # fmt: skip


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    """The default seed, 100,000 policyholders."""
    return Dataset(records=ROWS)


@pytest.fixture(scope="module")
def persons(dataset: Dataset) -> Columns:
    """Columns of persons."""
    return dataset.table("persons").to_pydict()


@pytest.fixture(scope="module")
def vehicles(dataset: Dataset) -> Columns:
    """Columns of vehicles."""
    return dataset.table("vehicles").to_pydict()


@pytest.fixture(scope="module")
def profiles(dataset: Dataset) -> Columns:
    """Columns of profiles."""
    return dataset.table("profiles").to_pydict()


@pytest.fixture(scope="module")
def ages(persons: Columns) -> list[int]:
    """Completed years at the as-of date, by the calendar."""
    return [
        AS_OF.year - birth.year - ((AS_OF.month, AS_OF.day) < (birth.month, birth.day))
        for birth in persons["date_of_birth"]
    ]


def reference_rows(name: str, package: str = "esdh_generator") -> list[dict[str, str]]:
    """A reference file as it lies in the wheel."""
    path = resources.files(package) / "reference_data" / name
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def shares(values: Iterable[Any]) -> dict[Any, float]:
    """Share of each value."""
    counts = Counter(values)
    total = sum(counts.values())
    return {value: count / total for value, count in counts.items()}


def off_target(
    expected: dict[Any, float], actual: dict[Any, float], tolerance: float = ONE_POINT
) -> dict[Any, tuple[float, float]]:
    """Values whose share is further from its target than the tolerance."""
    return {
        value: (expected.get(value, 0.0), actual.get(value, 0.0))
        for value in expected.keys() | actual.keys()
        if abs(expected.get(value, 0.0) - actual.get(value, 0.0)) > tolerance
    }


def bracketed(values: Iterable[int], brackets: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The bracket of each value."""
    bounds = list(brackets)
    return [
        next((one for one in bounds if one[0] <= value <= one[1]), (-1, -1)) for value in values
    ]


# Keys and copies


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


# People


def test_names_follow_the_census(persons: Columns) -> None:
    """Common and less common names have their 1990 share within 0.2 points."""
    last, first = shares(persons["last_name"]), shares(persons["first_name"])
    expected_last = {name: percent / 90.483 for name, percent in SURNAMES.items()}
    expected_first = {name: percent / 90.0 / 2 for name, percent in FIRST_NAMES.items()}

    assert off_target(expected_last, {name: last[name] for name in SURNAMES}, 0.002) == {}
    assert off_target(expected_first, {name: first[name] for name in FIRST_NAMES}, 0.002) == {}


def test_rare_names_occur_too(persons: Columns) -> None:
    """The tail of the list is drawn from: many names, most of them rare."""
    surnames = Counter(persons["last_name"])

    assert len(surnames) > 20_000
    assert len(set(persons["first_name"])) > 2_000
    assert sum(count for count in surnames.values() if count == 1) > 0.05 * ROWS


def test_names_are_written_as_people_write_them(persons: Columns) -> None:
    """Letters with a capital first, nothing in capitals only."""
    odd = [
        name
        for name in {*persons["first_name"], *persons["last_name"]}
        if not re.fullmatch(r"[A-Z][A-Za-z' ]*", name) or (len(name) > 2 and name.isupper())
    ]

    assert odd == []


def test_everybody_may_drive(ages: list[int]) -> None:
    """16 years or more at the as-of date, and nobody is older than 100."""
    assert min(ages) == 16
    assert max(ages) <= 100


def test_ages_follow_the_licensed_drivers(ages: list[int]) -> None:
    """Each bracket of the FHWA within one point."""
    expected = {bracket: percent / 100 for bracket, percent in DRIVER_AGES.items()}

    assert off_target(expected, shares(bracketed(ages, DRIVER_AGES))) == {}


def test_birthdays_fall_on_all_days_of_the_year(persons: Columns) -> None:
    """Every day occurs, and no day of the month stands out."""
    days = Counter((birth.month, birth.day) for birth in persons["date_of_birth"])

    assert len(days) == 366
    assert max(days.values()) < 2 * ROWS / 365


def test_lines_of_business_are_seventy_to_thirty(persons: Columns) -> None:
    """Within one point."""
    assert off_target({"Personal": 0.7, "Commercial": 0.3}, shares(persons["lob_type"])) == {}


def test_minors_hold_no_commercial_policy(persons: Columns, ages: list[int]) -> None:
    """Under 18 everything is Personal."""
    minors = {lob for lob, age in zip(persons["lob_type"], ages, strict=True) if age < 18}

    assert minors == {"Personal"}


def test_one_in_three_has_a_second_address_line(persons: Columns) -> None:
    """Within one point, in the words of the line of business."""
    lines = persons["address_line_2"]
    words = {
        (lob, line.split()[0])
        for lob, line in zip(persons["lob_type"], lines, strict=True)
        if line is not None
    }

    assert abs(sum(line is not None for line in lines) / ROWS - 1 / 3) < ONE_POINT
    assert words == {
        ("Personal", "Apt"),
        ("Personal", "Unit"),
        ("Commercial", "Suite"),
        ("Commercial", "Unit"),
    }


# Places


def test_states_follow_their_population(persons: Columns) -> None:
    """All 51 within one point of the 2020 Census, and no territory."""
    total = sum(POPULATIONS.values())
    expected = {state: people / total for state, people in POPULATIONS.items()}

    assert total == 331_449_281
    assert set(persons["state"]) == set(POPULATIONS)
    assert off_target(expected, shares(persons["state"])) == {}


def test_small_states_are_not_forgotten(persons: Columns) -> None:
    """Each state's count lies within five standard deviations of its population."""
    counts, total = Counter(persons["state"]), sum(POPULATIONS.values())
    expected = {state: ROWS * people / total for state, people in POPULATIONS.items()}

    assert [s for s, rows in expected.items() if abs(counts[s] - rows) > 5 * rows**0.5] == []


def test_city_state_and_zip_belong_together(persons: Columns) -> None:
    """Each triple is one that the locations file holds with a weight."""
    known = {
        (row["city"], row["state"], row["postal_code"])
        for row in reference_rows("locations.csv")
        if int(row["weight"]) > 0
    }
    triples = set(zip(persons["city"], persons["state"], persons["postal_code"], strict=True))

    assert triples - known == set()
    assert len(known) > 25_000


def test_a_zip_code_is_of_one_place(persons: Columns) -> None:
    """Over all rows a ZIP code never names two places."""
    places = set(zip(persons["postal_code"], persons["city"], persons["state"], strict=True))

    assert len(places) == len(set(persons["postal_code"]))


def test_zip_codes_lie_in_their_state(persons: Columns) -> None:
    """The first three digits are the state's by the postal service's assignment."""
    prefixes = {state: set(_prefixes(ranges)) for state, ranges in ZIP3.items()}
    pairs = set(zip(persons["postal_code"], persons["state"], strict=True))

    strangers = {(code, state) for code, state in pairs if int(code[:3]) not in prefixes[state]}

    assert strangers - ACROSS_THE_LINE == set()


def _prefixes(ranges: str) -> Iterable[int]:
    for part in ranges.split():
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


@pytest.mark.parametrize(("city", "state", "prefixes"), CITY_ZIP3)
def test_large_cities_have_their_own_zip_codes(
    persons: Columns, city: str, state: str, prefixes: str
) -> None:
    """Nine in ten people of a city live under the prefixes that it is known for."""
    codes = [
        code[:3]
        for code, place, where in zip(
            persons["postal_code"], persons["city"], persons["state"], strict=True
        )
        if (place, where) == (city, state)
    ]

    assert codes != []
    assert sum(code in prefixes.split() for code in codes) >= 0.9 * len(codes)


@pytest.mark.parametrize(
    ("state", "offices"), [("DC", "202 203 204 205"), ("NY", "101")], ids=["federal", "towers"]
)
def test_nobody_lives_in_an_office(persons: Columns, state: str, offices: str) -> None:
    """Prefixes that hold single buildings only (the Senate, the Fed, office towers) have no people.

    20510 is the Senate and 10118 the Empire State Building: no policyholder has that address.
    """
    codes = {
        code
        for code, where in zip(persons["postal_code"], persons["state"], strict=True)
        if where == state and code[:3] in offices.split()
    }

    assert codes == set()


@pytest.mark.parametrize(("state", "populations"), NEIGHBOURS)
def test_large_cities_of_a_state_share_by_population(
    persons: Columns, state: str, populations: dict[str, int]
) -> None:
    """Among a state's largest places each has its share, within four points."""
    actual = shares(
        city
        for city, where in zip(persons["city"], persons["state"], strict=True)
        if where == state and city in populations
    )
    total = sum(populations.values())
    expected = {city: people / total for city, people in populations.items()}

    assert off_target(expected, actual, 0.04) == {}


def test_places_follow_their_weights(persons: Columns) -> None:
    """Each place with 50 or more expected rows lies within five standard deviations."""
    weights: Counter[tuple[str, str]] = Counter()
    for row in reference_rows("locations.csv"):
        weights[row["city"], row["state"]] += int(row["weight"])
    total = sum(weights.values())
    counts = Counter(zip(persons["city"], persons["state"], strict=True))
    expected = {place: ROWS * weight / total for place, weight in weights.items()}

    far = [
        place
        for place, rows in expected.items()
        if rows >= 50 and abs(counts[place] - rows) > 5 * rows**0.5
    ]

    assert far == []


# Identifiers that cannot be real


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


# Vehicles


def test_vehicles_are_in_the_catalogue(vehicles: Columns) -> None:
    """Each year, make, model and body is a row of it, with a weight."""
    known = {
        (int(row["model_year"]), row["make"], row["model"], row["body_style"])
        for row in reference_rows("vehicle_models.csv")
        if int(row["weight"]) > 0
    }
    columns = (vehicles[name] for name in ("model_year", "make", "model", "body_style"))

    assert set(zip(*columns, strict=True)) - known == set()


def test_every_body_that_can_be_drawn_has_models() -> None:
    """No line and year gives weight to a body without a single model in that year."""
    known = {
        (row["model_year"], row["body_style"])
        for row in reference_rows("vehicle_models.csv")
        if int(row["weight"]) > 0
    }
    drawn = {
        (row["model_year"], row["body_style"])
        for row in reference_rows("body_styles.csv")
        if int(row["weight"]) > 0
    }

    assert drawn - known == set()


def test_brands_are_driven_in_the_years_they_were_sold(vehicles: Columns) -> None:
    """No Pontiac after 2010, no Tesla before 2008, and so on."""
    cars = set(zip(vehicles["make"], vehicles["model_year"], strict=True))
    known = {(make, year, *BRAND_YEARS[make]) for make, year in cars if make in BRAND_YEARS}

    assert {(m, y) for m, y, first, last in known if not first <= y <= last} == set()
    assert {make for make, *_ in known} >= {"Pontiac", "Tesla", "Ram", "Saturn"}


def test_models_are_driven_in_the_years_they_were_sold(vehicles: Columns) -> None:
    """No Focus after 2018, no Prius before 2001, and so on."""
    cars = set(zip(vehicles["make"], vehicles["model"], vehicles["model_year"], strict=True))
    known = {(car[:2], car[2]) for car in cars if car[:2] in MODEL_YEARS}

    wrong = {
        (model, year)
        for model, year in known
        if not MODEL_YEARS[model][0] <= year <= MODEL_YEARS[model][1]
    }

    assert wrong == set()
    assert len({model for model, _ in known}) > 12


def test_models_have_bodies_that_they_were_built_with(vehicles: Columns) -> None:
    """An F-150 is a pickup, an Odyssey a minivan, and so on."""
    cars = set(zip(vehicles["make"], vehicles["model"], vehicles["body_style"], strict=True))
    known = {(car[:2], car[2]) for car in cars if car[:2] in MODEL_BODIES}

    assert {(m, body) for m, body in known if body not in MODEL_BODIES[m]} == set()
    assert len({model for model, _ in known}) > 9


def test_vehicle_ages_follow_the_fleet(vehicles: Columns) -> None:
    """Under 6 years, 6 to 14, older: each within one point; none newer than the as-of year."""
    ages = [AS_OF.year - year for year in vehicles["model_year"]]
    expected = {bracket: percent / 100 for bracket, percent in VEHICLE_AGES.items()}

    assert min(ages) == 0
    assert off_target(expected, shares(bracketed(ages, VEHICLE_AGES))) == {}


def test_personal_bodies_follow_production(vehicles: Columns) -> None:
    """Car, SUV, pickup and van as built in the years of the vehicles: each within one point."""
    years = [year for year, _ in _bodies(vehicles, "Personal")]
    mixes = {year: _production(year) for year in set(years)}
    expected = {
        group: sum(mixes[year][group] for year in years) / len(years)
        for group in ("Car", "SUV", "Pickup", "Van")
    }

    assert off_target(expected, shares(g for _, g in _bodies(vehicles, "Personal"))) == {}


@pytest.mark.parametrize("year", [2000, 2005, 2010, 2015, 2020, 2025])
def test_personal_bodies_follow_production_of_their_year(vehicles: Columns, year: int) -> None:
    """Single years too, within one point and the chance of a few thousand rows."""
    groups = [group for made, group in _bodies(vehicles, "Personal") if made == year]
    tolerance = ONE_POINT + 3 * (0.25 / len(groups)) ** 0.5

    assert off_target(_production(year), shares(groups), tolerance) == {}


def test_commercial_vehicles_are_more_often_pickups_and_vans(vehicles: Columns) -> None:
    """The assumed shift: fewer cars and SUVs, at least twice the pickups and vans."""
    personal, commercial = (
        shares(group for _, group in _bodies(vehicles, lob)) for lob in ("Personal", "Commercial")
    )

    assert commercial["Car"] < personal["Car"]
    assert commercial["SUV"] < personal["SUV"]
    assert commercial["Pickup"] > 1.9 * personal["Pickup"]
    assert commercial["Van"] > 1.9 * personal["Van"]


def _bodies(vehicles: Columns, lob_type: str) -> list[tuple[int, str]]:
    """Model year and group of body of one line's vehicles."""
    rows = zip(vehicles["model_year"], vehicles["body_style"], vehicles["lob_type"], strict=True)
    return [(year, BODY_GROUPS[body]) for year, body, lob in rows if lob == lob_type]


def _production(year: int) -> dict[str, float]:
    """Shares of a model year, between two published years on a line."""
    before = max((known for known in PRODUCTION if known <= year), default=min(PRODUCTION))
    after = min((known for known in PRODUCTION if known >= year), default=max(PRODUCTION))
    way = (year - before) / (after - before) if after > before else 0.0
    mix = {
        group: PRODUCTION[before][group] * (1 - way) + PRODUCTION[after][group] * way
        for group in PRODUCTION[before]
    }
    return {group: share / sum(mix.values()) for group, share in mix.items()}


def test_risk_ratings_follow_the_written_rule(vehicles: Columns, ages: list[int]) -> None:
    """Points by driver's age, vehicle's age and body, added up here again."""
    rows = zip(ages, vehicles["model_year"], vehicles["body_style"], strict=True)
    expected = [_rating(age, AS_OF.year - year, body) for age, year, body in rows]

    assert expected == vehicles["risk_rating"]
    assert set(expected) == {"Low", "Medium", "High"}


def _rating(driver_age: int, vehicle_age: int, body: str) -> str:
    points = 2
    for upper, value in ((75, 1), (65, 0), (30, 1), (25, 3), (21, 4)):
        if driver_age < upper:
            points = value
    points += 1 if vehicle_age < 3 or vehicle_age >= 12 else 0
    points += {"Coupe": 2, "Convertible": 2, "Pickup": 1}.get(body, 0)
    return "High" if points >= 4 else "Medium" if points >= 2 else "Low"
