"""Exact integer arithmetic for weights: split a whole number by shares, interpolate shares.

Everything is done with integers and fractions, so that every machine gets the same weights.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction

Share = int | Fraction


def split_by_shares(total: int, shares: Sequence[Share]) -> list[int]:
    """Split `total` in proportion to `shares`; the largest remainders get the units left over.

    The parts sum to `total` exactly. Ties go to the earlier share.
    """
    whole = sum(shares, start=Fraction(0))
    exact = [total * Fraction(share) / whole for share in shares]
    parts = [int(value) for value in exact]
    by_remainder = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for index in by_remainder[: total - sum(parts)]:
        parts[index] += 1
    return parts


def interpolate(anchors: Mapping[int, Fraction], year: int) -> Fraction:
    """Return the value at `year`: linear between anchor years, constant outside them."""
    years = sorted(anchors)
    if year <= years[0] or year >= years[-1]:
        return anchors[years[0] if year <= years[0] else years[-1]]
    after = next(anchor for anchor in years if anchor >= year)
    before = max(anchor for anchor in years if anchor < year)
    step = Fraction(year - before, after - before)
    return anchors[before] + step * (anchors[after] - anchors[before])
