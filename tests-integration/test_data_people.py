"""Names, ages, lines of business and address lines of 100,000 people.

Everything the checkers know stands in this file; figures are typed from the published tables that
governance/data_sources.md names.
"""

import re
import sys
from collections import Counter
from pathlib import Path

sys.path.append(str(Path(__file__).parent))
from data_of_100k import ONE_POINT, ROWS, Columns, bracketed, off_target, shares

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
