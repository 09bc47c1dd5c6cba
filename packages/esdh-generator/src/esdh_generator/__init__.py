"""Deterministic synthetic auto-insurance data: ask for a `Dataset`, take its tables."""

from .dataset import RULES_VERSIONS, SCENARIOS, Dataset
from .record_lookup import RecordLocation

__all__ = ["RULES_VERSIONS", "SCENARIOS", "Dataset", "RecordLocation"]
