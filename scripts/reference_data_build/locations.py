"""City, state and ZIP together: every usable ZIP code with its city and an integer weight.

A ZIP code gets the nearest place of its own state; prefixes that USPS serves as one city get that
city, and a town that got no ZIP code takes one from a much smaller neighbour. States weigh by their
2020 population, places by theirs inside the state.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

from .csv_tables import Table, generator_table, load_typed_facts
from .integer_shares import split_by_shares
from .places import Place, load_places
from .sphere import distance_km, index_of_nearest
from .states import load_state_populations
from .zip_codes import ZipCode, load_zip_codes

WEIGHT_PER_INHABITANT = 100
TOWN_POPULATION = 5_000
TOWN_RADIUS_KM = 15.0
"""Only a town of this many inhabitants claims, and only this far away (assumption A-05)."""
CityKey = tuple[str, str]
CITIES_OF_THEIR_OWN = frozenset({("VA", "Chesapeake")})
"""Their GeoNames point stands on a neighbour's one-city prefix; their own ZIP codes do not."""


class LocationBuilder:
    """Assign the ZIP codes to places and weigh them, keeping the figures for the checks."""

    def __init__(self, inputs: Path) -> None:
        self.zip_codes = load_zip_codes(inputs)
        self.fixed_cities = {
            row["zip3"]: (row["state"], row["geonames_name"])
            for row in load_typed_facts("zip3_cities.csv")
        }
        self.places = {
            state: self._without_absorbed(state, places)
            for state, places in load_places(inputs).items()
        }
        self.place_populations = {
            state: sum(place.population for place in places)
            for state, places in self.places.items()
        }

    def build(self) -> Table:
        """Build locations.csv, sorted by postal code."""
        rows: list[tuple[str, str, str, int]] = []
        for state, population in load_state_populations().items():
            assigned = self._assign(state)
            weights = self._weigh(state, assigned, population * WEIGHT_PER_INHABITANT)
            rows += [
                (state, place.city, zip_code.postal_code, weight)
                for (zip_code, place), weight in zip(assigned, weights, strict=True)
            ]
        rows.sort(key=lambda row: row[2])
        note = "a state's weights sum to 100 times its 2020 population exactly"
        return generator_table("locations.csv", "state,city,postal_code,weight", rows, note=note)

    def _zips_of(self, state: str) -> list[ZipCode]:
        return [zip_code for zip_code in self.zip_codes if zip_code.state == state]

    def _without_absorbed(self, state: str, places: list[Place]) -> list[Place]:
        """Leave out places that stand on a ZIP code of a one-city prefix: the city has them."""
        zips = self._zips_of(state)
        points = [zip_code.position for zip_code in zips]
        fixed_places = set(self._fixed_places(state, places).values())
        kept = []
        for place in places:
            nearest = zips[index_of_nearest(place.position, points)]
            is_own = place in fixed_places or (state, place.name) in CITIES_OF_THEIR_OWN
            if is_own or nearest.postal_code[:3] not in self.fixed_cities:
                kept.append(place)
        return kept

    def _fixed_places(self, state: str, places: list[Place]) -> dict[str, Place]:
        """Return the place of each one-city prefix of a state (the largest of that name)."""
        largest: dict[CityKey, Place] = {}
        for place in places:
            largest.setdefault((place.state, place.name), place)
        return {zip3: largest[key] for zip3, key in self.fixed_cities.items() if key[0] == state}

    def _assign(self, state: str) -> list[tuple[ZipCode, Place]]:
        """Give every ZIP code of a state its place."""
        places = self.places[state]
        points = [place.position for place in places]
        fixed = self._fixed_places(state, places)
        zips = self._zips_of(state)
        assigned = [
            fixed.get(zip_code.postal_code[:3])
            or places[index_of_nearest(zip_code.position, points)]
            for zip_code in zips
        ]
        open_indexes = [i for i, z in enumerate(zips) if z.postal_code[:3] not in fixed]
        _let_towns_claim(places, zips, assigned, open_indexes)
        return list(zip(zips, assigned, strict=True))

    def _weigh(self, state: str, assigned: list[tuple[ZipCode, Place]], total: int) -> list[int]:
        """Split a state's weight over its ZIP codes: places by population, then evenly."""
        populations = _populations_with_zips(self.places[state], [p for _, p in assigned])
        counts = Counter(place.geoname_id for _, place in assigned)
        shares = [
            Fraction(populations[place.geoname_id], counts[place.geoname_id])
            for _, place in assigned
        ]
        return split_by_shares(total, shares)


def _let_towns_claim(
    places: list[Place], zips: list[ZipCode], assigned: list[Place], open_indexes: list[int]
) -> None:
    """Let each town that got no ZIP code take the nearest one from a place of half its size.

    Largest town first. A hamlet beside the centroid of a town's ZIP code would else have it.
    """
    with_zip = set(assigned)
    for town in places:
        if town.population >= TOWN_POPULATION and town not in with_zip:
            claimable = [
                (distance_km(town.position, zips[index].position), index)
                for index in open_indexes
                if 2 * assigned[index].population < town.population
            ]
            distance, index = min(claimable, default=(TOWN_RADIUS_KM, -1))
            if distance < TOWN_RADIUS_KM:
                assigned[index] = town
                with_zip.add(town)


def _populations_with_zips(places: list[Place], used: list[Place]) -> Mapping[int, int]:
    """Give each place without a ZIP code to the nearest place of the state that has one."""
    with_zip = set(used)
    receivers = [place for place in places if place in with_zip]
    points = [place.position for place in receivers]
    populations: dict[int, int] = defaultdict(int)
    for place in places:
        has_zip = place in with_zip
        receiver = place if has_zip else receivers[index_of_nearest(place.position, points)]
        populations[receiver.geoname_id] += place.population
    return populations
