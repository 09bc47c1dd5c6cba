"""Closed code lists of the contracts. Every member's value is what stands in the data."""

from enum import StrEnum
from typing import Literal


class LobType(StrEnum):
    """Line of business under which a policyholder is insured."""

    PERSONAL = "Personal"
    COMMERCIAL = "Commercial"


class RiskRating(StrEnum):
    """Underwriting tier of a vehicle with its driver."""

    LOW = "Low"
    MEDIUM = "Medium"
    HIGH = "High"


class BodyStyle(StrEnum):
    """Body of a passenger car or light truck."""

    SEDAN = "Sedan"
    COUPE = "Coupe"
    HATCHBACK = "Hatchback"
    WAGON = "Wagon"
    CONVERTIBLE = "Convertible"
    SUV = "SUV"
    PICKUP = "Pickup"
    MINIVAN = "Minivan"
    VAN = "Van"


StateCode = Literal[
    "AK", "AL", "AR", "AZ", "CA", "CO", "CT", "DC", "DE", "FL", "GA", "HI", "IA", "ID", "IL", "IN",
    "KS", "KY", "LA", "MA", "MD", "ME", "MI", "MN", "MO", "MS", "MT", "NC", "ND", "NE", "NH", "NJ",
    "NM", "NV", "NY", "OH", "OK", "OR", "PA", "RI", "SC", "SD", "TN", "TX", "UT", "VA", "VT", "WA",
    "WI", "WV", "WY",
]  # fmt: skip
"""USPS code of one of the 50 states or the District of Columbia."""
