"""What a check found: where, and against which rule, but never the value itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

_PLACED_ROWS = 1_000


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule.

    `row` counts from 0 within the table; it is None where the rule concerns the whole table, or
    where the violation stands for `count` rows behind those that were placed. The offending value
    is left out on purpose: it may be somebody's.
    """

    table: str
    column: str | None
    rule: str
    row: int | None
    count: int = 1


def iter_broken_rows(
    table: str, column: str, rule: str, broken: pa.ChunkedArray, first_row: int = 0
) -> Iterator[Violation]:
    """Yield one violation for each of the first 1,000 broken rows, and one for all the others."""
    total = pc.sum(broken).as_py() or 0
    placed = 0
    for chunk in broken.chunks:
        if placed == min(total, _PLACED_ROWS):
            break
        for row in pc.indices_nonzero(chunk).slice(0, _PLACED_ROWS - placed).to_pylist():
            yield Violation(table, column, rule, first_row + row)
            placed += 1
        first_row += len(chunk)
    if total > placed:
        yield Violation(table, column, rule, None, total - placed)
