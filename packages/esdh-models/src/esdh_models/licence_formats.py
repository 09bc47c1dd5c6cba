"""Formats of driver's licence numbers, one template per state.

In a template `?` stands for a letter, `#` for a digit, anything else for itself. Florida, Illinois
and Wisconsin carry a birthday code that no birthday has; elsewhere no range is reserved, so the
least plausible band of the format is used.
"""

from __future__ import annotations

import csv
import functools
from dataclasses import dataclass
from importlib import resources


@dataclass(frozen=True, slots=True)
class LicenceFormat:
    """One state's template; `safety` is `impossible_birthday_code` or `format_only`."""

    state: str
    template: str
    safety: str

    @property
    def pattern(self) -> str:
        """Anchored regular expression of the template."""
        symbols = {"?": "[A-Z]", "#": "[0-9]"}
        return "^" + "".join(symbols.get(mark, mark) for mark in self.template) + "$"


@functools.cache
def load_licence_formats() -> tuple[LicenceFormat, ...]:
    """Read the formats of all 51 jurisdictions, by state code."""
    path = resources.files("esdh_models") / "reference_data" / "licence_formats.csv"
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return tuple(LicenceFormat(row["state"], row["template"], row["safety"]) for row in rows)
