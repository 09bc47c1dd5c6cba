"""States, cities and ZIP codes of 100,000 people.

Everything the checkers know stands in this file; figures are typed from the published tables that
governance/data_sources.md names.
"""

import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))
from data_of_100k import ROWS, Columns, off_target, reference_rows, shares

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
