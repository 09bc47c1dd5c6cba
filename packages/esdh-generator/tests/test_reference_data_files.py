"""The reference tables as files: shape, sums, shares and provenance, read with the csv module."""

import csv
import hashlib
import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[3]
DIRECTORIES = {
    name: REPOSITORY / "packages" / name / "src" / name.replace("-", "_") / "reference_data"
    for name in ("esdh-generator", "esdh-models")
}
HEADERS = {
    "body_styles.csv": "lob_type,model_year,body_style,weight",
    "driver_ages.csv": "age,weight",
    "first_names.csv": "first_name,weight",
    "invented_streets.csv": "street_name",
    "licence_formats.csv": "state,template,safety,note",
    "locations.csv": "state,city,postal_code,weight",
    "makes.csv": "make,wmi",
    "states.csv": "state,state_name,population_2020",
    "surnames.csv": "last_name,weight",
    "unassigned_vin_prefixes.csv": "prefix",
    "vehicle_ages.csv": "vehicle_age_years,weight",
    "vehicle_models.csv": "model_year,make,model,body_style,weight",
}
OF_MODELS = ("invented_streets.csv", "licence_formats.csv", "unassigned_vin_prefixes.csv")
KEYS = {
    "body_styles.csv": 3,
    "vehicle_models.csv": 4,
}
"""Number of leading columns that make a row unique and give the order; 1 unless listed."""
BODY_GROUPS = {
    "Car": ("Sedan", "Coupe", "Hatchback", "Wagon", "Convertible"),
    "SUV": ("SUV",),
    "Pickup": ("Pickup",),
    "Van": ("Minivan", "Van"),
}
UNASSIGNED = {
    "E": "ABCEFGHJKLMNPRSTUVWXYZ1234567890",
    "F": "ABCDEFGHJKLNPRTUWXYZ1234567890",
    "G": "BCDEFGHJLMNPRSTUVWXYZ12357890",
}
SHARES_OF_FHWA = {
    (16, 19): 48, (20, 24): 83, (25, 29): 88, (30, 34): 85, (35, 39): 92, (40, 44): 95,
    (45, 49): 102, (50, 54): 97, (55, 59): 85, (60, 64): 70, (65, 69): 51, (70, 74): 38,
    (75, 94): 66,
}  # fmt: skip
ALL = pytest.mark.parametrize("name", sorted(HEADERS))


def path_of(name: str) -> Path:
    """Return where a table stands."""
    return DIRECTORIES["esdh-models" if name in OF_MODELS else "esdh-generator"] / name


def rows_of(name: str) -> list[dict[str, str]]:
    """Return a table's rows."""
    with path_of(name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def sort_key(name: str, row: dict[str, str]) -> tuple[str | int, ...]:
    """Return the columns that order a table: numbers by value, text by code point."""
    cells = (
        [row["postal_code"]] if name == "locations.csv" else list(row.values())[: KEYS.get(name, 1)]
    )
    keys = ("age", "vehicle_age_years")
    return tuple(int(c) if next(iter(row)) in keys else c for c in cells)


@ALL
def test_header_is_the_agreed_one(name: str) -> None:
    """Every table has exactly the agreed header."""
    first_line = path_of(name).read_text(encoding="utf-8").split("\n", 1)[0]
    assert first_line == HEADERS[name]


@ALL
def test_bytes_need_no_quoting(name: str) -> None:
    """UTF-8, LF, no quote, the same number of commas in every line, a final newline."""
    text = path_of(name).read_bytes().decode("utf-8")
    lines = text.removesuffix("\n").split("\n")
    assert text.endswith("\n")
    assert not re.search(r'["\r\t\ufeff]', text)
    assert {line.count(",") for line in lines} == {HEADERS[name].count(",")}


@ALL
def test_no_cell_is_empty_padded_or_a_formula(name: str) -> None:
    """No cell is empty, has outer blanks or could be read as a formula."""
    cells = [cell for row in rows_of(name) for cell in row.values()]
    assert [c for c in cells if not c or c != c.strip() or c[0] in "=+-@"] == []


@ALL
def test_rows_are_sorted_and_unique(name: str) -> None:
    """Rows stand in strictly rising order of their key."""
    keys = [sort_key(name, row) for row in rows_of(name)]
    assert keys == sorted(set(keys))


@ALL
def test_weights_are_whole_numbers_below_two_to_the_53(name: str) -> None:
    """Weights are non-negative integers whose total a double holds exactly."""
    rows = rows_of(name)
    if "weight" not in rows[0]:
        pytest.skip("a table without weights")
    weights = [row["weight"] for row in rows]
    assert all(weight.isascii() and weight.isdigit() for weight in weights)
    assert 0 < sum(map(int, weights)) < 2**53
    assert name == "body_styles.csv" or "0" not in weights


@ALL
def test_provenance_page_states_the_files_hash(name: str) -> None:
    """governance/data_sources.md names each file with its row count and SHA-256."""
    page = (REPOSITORY / "governance" / "data_sources.md").read_text(encoding="utf-8")
    line = next(line for line in page.splitlines() if line.startswith(f"| `{name}` |"))
    assert hashlib.sha256(path_of(name).read_bytes()).hexdigest() in line
    assert f"| {len(rows_of(name)):,} |" in line


def test_no_unlisted_file() -> None:
    """The folders hold the agreed CSV files and no other."""
    found = {path.name for folder in DIRECTORIES.values() for path in folder.glob("*.csv")}
    assert found == set(HEADERS)


def test_states_are_the_51_of_the_2020_census() -> None:
    """51 states, with the national count as their sum."""
    populations = [int(row["population_2020"]) for row in rows_of("states.csv")]
    assert (len(populations), sum(populations)) == (51, 331_449_281)


def test_location_weights_are_proportional_to_state_populations() -> None:
    """Every state's ZIP codes share 100 times its population exactly."""
    totals: Counter[str] = Counter()
    for row in rows_of("locations.csv"):
        totals[row["state"]] += int(row["weight"])
    expected = {row["state"]: 100 * int(row["population_2020"]) for row in rows_of("states.csv")}
    assert totals == expected


def test_zip_codes_of_a_city_differ_by_one_unit_at_most() -> None:
    """Inside New York's boroughs, counted once, weight is spread evenly."""
    boroughs = ("New York", "Brooklyn", "Queens", "Bronx", "Staten Island")
    weights: dict[str, list[int]] = defaultdict(list)
    for row in rows_of("locations.csv"):
        if row["state"] == "NY" and row["city"] in boroughs:
            weights[row["city"]].append(int(row["weight"]))
    assert sorted(weights) == sorted(boroughs)
    assert all(max(values) - min(values) <= 1 for values in weights.values())


@pytest.mark.parametrize(
    ("postal_code", "state", "city"),
    [
        ("10001", "NY", "New York"),
        ("20001", "DC", "Washington"),
        ("60601", "IL", "Chicago"),
        ("83414", "WY", None),
        ("06390", "NY", None),
        ("73960", "TX", None),
        ("99501", "AK", "Anchorage"),
        ("00901", None, None),
        ("96799", None, None),
        ("96910", None, None),
    ],
)
def test_known_zip_codes(postal_code: str, state: str | None, city: str | None) -> None:
    """Known ZIP codes have their state and city; those of territories are absent."""
    found = [row for row in rows_of("locations.csv") if row["postal_code"] == postal_code]
    assert [row["state"] for row in found] == ([state] if state else [])
    assert city is None or found[0]["city"] == city


def test_driver_age_brackets_equal_fhwa() -> None:
    """Ages 16 to 94; every bracket of DL-20 has its published share exactly."""
    weights = {int(row["age"]): int(row["weight"]) for row in rows_of("driver_ages.csv")}
    shares = {
        (first, last): sum(weights[age] for age in range(first, last + 1))
        for first, last in SHARES_OF_FHWA
    }
    assert sorted(weights) == list(range(16, 95))
    assert shares == {bracket: share * 1_000 for bracket, share in SHARES_OF_FHWA.items()}


def test_vehicle_age_groups_are_31_38_31_percent() -> None:
    """Under 6, 6 to 14 and 15 or more years have their published shares."""
    weights = [int(row["weight"]) for row in rows_of("vehicle_ages.csv")]
    assert len(weights) == 30
    assert [sum(weights[:6]), sum(weights[6:15]), sum(weights[15:])] == [310_000, 380_000, 310_000]


def body_weights(lob_type: str) -> dict[int, dict[str, int]]:
    """Return the body weights by model year."""
    weights: dict[int, dict[str, int]] = defaultdict(dict)
    for row in rows_of("body_styles.csv"):
        if row["lob_type"] == lob_type:
            weights[int(row["model_year"])][row["body_style"]] = int(row["weight"])
    return weights


@pytest.mark.parametrize("lob_type", ["Commercial", "Personal"])
def test_body_styles_are_complete(lob_type: str) -> None:
    """Every year has the nine bodies and sums to a million."""
    weights = body_weights(lob_type)
    bodies = sorted(body for group in BODY_GROUPS.values() for body in group)
    assert sorted(weights) == list(range(1992, 2027))
    assert {tuple(sorted(year)) for year in weights.values()} == {tuple(bodies)}
    assert {sum(year.values()) for year in weights.values()} == {1_000_000}


@pytest.mark.parametrize(
    ("model_year", "percents"),
    [
        (1995, (62, 12, 15, 11)),
        (2000, (55, 19, 16, 10)),
        (2005, (51, 26, 14, 9)),
        (2010, (55, 29, 11, 5)),
        (2015, (47, 38, 11, 4)),
        (2020, (31, 52, 14, 3)),
        (2026, (31, 52, 14, 3)),
    ],
)
def test_personal_groups_equal_epa(model_year: int, percents: tuple[int, ...]) -> None:
    """Published years have EPA's group shares exactly; 2020 is carried forward."""
    year = body_weights("Personal")[model_year]
    groups = tuple(sum(year[body] for body in bodies) for bodies in BODY_GROUPS.values())
    assert groups == tuple(10_000 * percent for percent in percents)


@pytest.mark.parametrize("lob_type", ["Commercial", "Personal"])
def test_a_body_has_weight_exactly_when_it_has_a_model(lob_type: str) -> None:
    """A body without a model in a year cannot be drawn, and one with a model can."""
    weights = body_weights(lob_type)
    drawable = {(y, body) for y, year in weights.items() for body, w in year.items() if w}
    with_model = {(int(r["model_year"]), r["body_style"]) for r in rows_of("vehicle_models.csv")}
    assert drawable == with_model


def test_commercial_vehicles_are_more_often_pickups_and_vans() -> None:
    """The written-down commercial shift points the right way in every year."""
    personal, commercial = body_weights("Personal"), body_weights("Commercial")
    assert all(commercial[y]["Pickup"] > personal[y]["Pickup"] for y in personal)
    assert all(commercial[y]["Van"] > personal[y]["Van"] for y in personal)


def test_model_names_are_clean() -> None:
    """No cab, cargo or bracket words, and no spreadsheet dates, are left in model names."""
    models = {row["model"] for row in rows_of("vehicle_models.csv")}
    odd = re.compile(r"[()]|Cab$|Cargo|Passenger|Crew|Sep$|WORKER|^$")
    assert [model for model in sorted(models) if odd.search(model)] == []


def test_ended_models_are_not_carried_forward() -> None:
    """Some well-known ended models are absent from the years after their end."""
    later = {
        (row["make"], row["model"]) for row in rows_of("vehicle_models.csv")
        if int(row["model_year"]) > 2020
    }  # fmt: skip
    ended = {("Ford", "Fusion"), ("Chevrolet", "Cruze"), ("Volkswagen", "Beetle")}
    assert later & ended == set()


def test_makes_have_distinct_codes_of_no_country() -> None:
    """Each make has its own code, and every code starts with an unassigned country pair."""
    rows = rows_of("makes.csv")
    codes = [row["wmi"] for row in rows]
    assert [row["make"] for row in rows] == sorted(
        {row["make"] for row in rows_of("vehicle_models.csv")}
    )
    assert len({code[:2] for code in codes}) == len(codes)
    assert all(re.fullmatch(r"[EFG][A-HJ-NPR-Z0-9][A-HJ-NPR-Z1-8]", code) for code in codes)
    assert all(code[1] in UNASSIGNED[code[0]] for code in codes)


def test_vin_prefixes_are_the_pinned_list() -> None:
    """The prefixes are those of letters E, F and G that no country has."""
    expected = sorted(first + second for first in UNASSIGNED for second in UNASSIGNED[first])
    assert [row["prefix"] for row in rows_of("unassigned_vin_prefixes.csv")] == expected


def test_licence_templates_are_well_formed() -> None:
    """51 jurisdictions; templates of ?, #, capitals and digits; at least three free digits."""
    rows = rows_of("licence_formats.csv")
    assert [row["state"] for row in rows] == [row["state"] for row in rows_of("states.csv")]
    assert all(re.fullmatch(r"[?#A-Z0-9]{6,15}", row["template"]) for row in rows)
    assert all(row["template"].count("#") >= 3 for row in rows)


def test_only_states_with_a_birthday_code_are_called_provable() -> None:
    """Florida, Illinois and Wisconsin hold 000 where the day of birth stands."""
    provable = {
        row["state"]: row["template"]
        for row in rows_of("licence_formats.csv")
        if row["safety"] == "impossible_birthday_code"
    }
    assert provable == {
        "FL": "?########000#", "IL": "?########000", "WI": "?########000##",
    }  # fmt: skip
    assert {row["safety"] for row in rows_of("licence_formats.csv")} == {
        "format_only",
        "impossible_birthday_code",
    }


def test_streets_are_invented() -> None:
    """512 title-case words of at most 14 letters that are no name and no city of the tables."""
    streets = [row["street_name"] for row in rows_of("invented_streets.csv")]
    real = {row["city"] for row in rows_of("locations.csv")}
    real |= {row["last_name"] for row in rows_of("surnames.csv")}
    real |= {row["first_name"] for row in rows_of("first_names.csv")}
    assert len(streets) == 512
    assert all(re.fullmatch(r"[A-Z][a-z]{4,13}", street) for street in streets)
    assert real.intersection(streets) == set()
