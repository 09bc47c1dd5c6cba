"""Contract v0.1: policyholders, one vehicle and one profile each."""

from .person import Person
from .profile import Profile
from .vehicle import Vehicle

__all__ = ["Person", "Profile", "Vehicle"]
