"""Makes, models, bodies, ages and risk ratings of 100,000 vehicles.

Everything the checkers know stands in this file; figures are typed from the published tables that
governance/data_sources.md names.
"""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))
from data_of_100k import AS_OF, ONE_POINT, Columns, bracketed, off_target, reference_rows, shares

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
