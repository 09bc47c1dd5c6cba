"""What a contract says about one column beyond its type: the marker that row models carry.

A row model writes `name: Annotated[Type, Column(...)]`; everything else about the column (kind,
pattern, allowed values, nullability) is read from the type itself, so nothing is said twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import GetJsonSchemaHandler
from pydantic_core import CoreSchema


class Statistic(StrEnum):
    """What the manifest tells of a column; nulls are counted for every kind."""

    COUNTS = "counts"
    """How often each value occurs; for at most 1,000 possible values."""
    RANGE = "range"
    """Least, greatest, sum and counts in fixed bins; for integers and days."""
    NONE = "none"
    """Least and greatest length only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """Facts of one column.

    `unique` marks a key that never repeats; `primary_key` implies it. `foreign_key` is written
    "table.column". `identifier_class` names an entry of the safe-identifier registry and is
    required of every column that could point at a real person or thing. `bin_edges` are the
    ascending lower bounds of the bins of a `range` column: integers, or days since 1970-01-01.
    `copy_of`, written "table.column", says that a row holds what the parent row does that its
    foreign key to that table names. `ages` bounds, in whole years at the as-of date, what a date
    of birth may give; `limits` bounds an integer. All bounds are inclusive.
    """

    description: str
    statistic: Statistic = Statistic.NONE
    primary_key: bool = False
    unique: bool = False
    foreign_key: str | None = None
    identifier_class: str | None = None
    bin_edges: tuple[int, ...] = ()
    copy_of: str | None = None
    ages: tuple[int, int] | None = None
    limits: tuple[int, int] | None = None

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Carry the description and the key facts into the JSON Schema of the row."""
        json_schema = handler(schema)
        json_schema["description"] = self.description
        facts = {
            "primaryKey": self.primary_key,
            "unique": self.unique or self.primary_key,
            "foreignKey": self.foreign_key,
            "identifierClass": self.identifier_class,
        }
        json_schema["x-esdh"] = {name: fact for name, fact in facts.items() if fact}
        return json_schema
