"""Rules that one row can break on its own: nulls, formats, code lists, identifier classes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from ..contracts import ColumnContract, TableContract
from ..never_real import get_identifier_class
from .violations import Violation, iter_broken_rows


def iter_row_violations(
    table: TableContract, batch: pa.RecordBatch, first_row: int, *, as_of: date | None = None
) -> Iterator[Violation]:
    """Check a batch whose first row is row `first_row` of its table.

    The batch must already have the contract's schema, with text as plain strings. Ages are
    checked where the day is given at which they count.
    """
    for column in table.columns:
        values = batch.column(column.name)
        for rule, kept in (*_rules(column, values, batch), *_bounds(column, values, as_of)):
            if not pc.all(kept, min_count=0).as_py():
                broken = pa.chunked_array([pc.invert(kept)])
                yield from iter_broken_rows(table.name, column.name, rule, broken, first_row)


def _rules(
    column: ColumnContract, values: pa.Array, batch: pa.RecordBatch
) -> Iterator[tuple[str, pa.BooleanArray]]:
    if not column.nullable:
        yield "required", pc.is_valid(values)
    if column.pattern is not None:
        yield "pattern", _or_null(pc.match_substring_regex(values, column.pattern), values)
    if column.allowed is not None:
        yield "allowed", _or_null(pc.is_in(values, value_set=pa.array(column.allowed)), values)
    if column.facts.identifier_class is not None:
        identifier_class = get_identifier_class(column.facts.identifier_class)
        kept = _or_null(identifier_class.scan(values, batch), values)
        yield f"identifier-class:{identifier_class.name}", kept


def _bounds(
    column: ColumnContract, values: pa.Array, as_of: date | None
) -> Iterator[tuple[str, pa.BooleanArray]]:
    if column.facts.limits is not None:
        lowest, highest = (pa.scalar(limit, pa.int64()) for limit in column.facts.limits)
        yield "limits", _or_null(_between(values, lowest, highest), values)
    if column.facts.ages is not None and as_of is not None:
        youngest, oldest = column.facts.ages
        first = _years_before(as_of, oldest + 1) + timedelta(days=1)
        born = (pa.scalar(day, pa.date32()) for day in (first, _years_before(as_of, youngest)))
        yield "age", _or_null(_between(values, *born), values)


def _between(values: pa.Array, lowest: pa.Scalar, highest: pa.Scalar) -> pa.BooleanArray:
    return pc.and_(pc.greater_equal(values, lowest), pc.less_equal(values, highest))


def _years_before(day: date, years: int) -> date:
    """The same day so many years ago; 29 February counts on the 28th where there is none."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def _or_null(kept: pa.BooleanArray, values: pa.Array) -> pa.BooleanArray:
    return pc.or_(pc.fill_null(kept, False), pc.is_null(values))
