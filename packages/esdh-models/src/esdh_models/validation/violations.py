"""What a check found: where, and against which rule, but never the value itself."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule.

    `row` counts from 0 within the table; it is None where the rule concerns the whole table. The
    offending value is left out on purpose: it may be somebody's.
    """

    table: str
    column: str | None
    rule: str
    row: int | None
