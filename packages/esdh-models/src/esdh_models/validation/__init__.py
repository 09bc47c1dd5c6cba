"""Checks of content: rows against their columns, keys against each other."""

from .copy_rules import CopyCheck
from .key_rules import KeyCheck
from .row_rules import iter_row_violations
from .violations import Violation

__all__ = ["CopyCheck", "KeyCheck", "Violation", "iter_row_violations"]
