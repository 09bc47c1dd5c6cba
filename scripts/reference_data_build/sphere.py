"""Great-circle geometry on unit vectors. Floats are allowed here and nowhere in the tables."""

import math
from collections.abc import Sequence

Point = tuple[float, float, float]
EARTH_RADIUS_KM = 6371.0088


def unit_vector(latitude: float, longitude: float) -> Point:
    """Return the point on the unit sphere for degrees of latitude and longitude."""
    phi, lam = math.radians(latitude), math.radians(longitude)
    return math.cos(phi) * math.cos(lam), math.cos(phi) * math.sin(lam), math.sin(phi)


def distance_km(a: Point, b: Point) -> float:
    """Return the great-circle distance."""
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.dist(a, b) / 2))


def index_of_nearest(point: Point, candidates: Sequence[Point]) -> int:
    """Return the index of the candidate with the smallest great-circle distance, first on ties."""
    x, y, z = point
    cosines = [x * a + y * b + z * c for a, b, c in candidates]
    return cosines.index(max(cosines))
