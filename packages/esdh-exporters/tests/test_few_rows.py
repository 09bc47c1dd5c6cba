"""Few rows from plain values: the bytes and digests of whole columns, and the same refusals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from esdh_exporters import RenderedTable, few_rows, render_tables
from esdh_exporters.chunks import make_chunk
from esdh_exporters.content_digest import leaf_digest, leaf_digests, plain_column_digest
from esdh_models import (
    ColumnContract,
    ColumnKind,
    Contract,
    DatasetRequest,
    TableContract,
    errors,
    get_contract,
)

CONTRACT = get_contract("v0.1")
IDENTITY = {"contract_version": "v0.1", "rules_version": 1, "seed": 1, "as_of_date": "2026-01-01"}
VALUES: Mapping[ColumnKind, st.SearchStrategy[Any]] = {
    ColumnKind.TEXT: st.text(st.characters(exclude_categories=["Cs"]), max_size=9),
    ColumnKind.INTEGER: st.integers(-(2**63), 2**63 - 1),
    ColumnKind.DATE: st.dates(),
}
ORDINARY = {ColumnKind.TEXT: "x", ColumnKind.INTEGER: 2020, ColumnKind.DATE: date(1970, 1, 1)}
Tables = Mapping[str, Mapping[str, Sequence[Any]]]


@dataclass(frozen=True)
class ColumnSource:
    """Rows given as plain values, and offered as Arrow columns alone."""

    contract: Contract
    tables: Tables
    owner_count: int
    reference_data_digest: str = "0" * 64

    @property
    def request(self) -> DatasetRequest:
        """All of its tables."""
        return DatasetRequest.parse(
            identity=IDENTITY, records=self.owner_count, tables=tuple(self.tables)
        )

    @property
    def produced_by(self) -> Mapping[str, str]:
        """Nothing."""
        return {}

    def iter_blocks(self, start: int, stop: int) -> Iterator[Mapping[str, pa.RecordBatch]]:
        """One block of all rows."""
        yield {
            name: pa.RecordBatch.from_pydict(
                {column: values[start:stop] for column, values in table.items()},
                schema=self.contract.table(name).arrow_schema,
            )
            for name, table in self.tables.items()
        }


class FewSource(ColumnSource):
    """The same rows, offered as plain values too."""

    def few_rows(self, start: int, stop: int) -> Tables:
        """All rows, which are what is asked for."""
        assert (start, stop) == (0, self.owner_count)
        return self.tables


class MadeWhenAsked(Mapping[str, Any]):
    """A mapping whose values nobody else holds: each is made anew when it is asked for."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def __getitem__(self, name: str) -> Any:
        values = self._values[name]
        return MadeWhenAsked(values) if isinstance(values, Mapping) else tuple(values)

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


class Kind(str, Enum):  # noqa: UP042  # whose str() is not its text
    """What is text and says something else of itself."""

    AUTO = "auto"


def source_of(**changed: Any) -> FewSource:
    """Two ordinary persons with some columns changed."""
    rows = 2
    persons = {
        column.name: [ORDINARY[column.kind]] * rows for column in CONTRACT.table("persons").columns
    }
    return FewSource(CONTRACT, {"persons": {**persons, **changed}}, rows)


def ordinary(source: FewSource) -> Mapping[str, RenderedTable]:
    """What the ordinary way makes of the same rows."""
    return render_tables(ColumnSource(source.contract, source.tables, source.owner_count), "ndjson")


@st.composite
def sources(draw: st.DrawFn) -> FewSource:
    """Any rows at all in the columns of the contract; some columns stand in several tables."""
    rows = draw(st.integers(1, 4))
    shared = draw(st.lists(VALUES[ColumnKind.TEXT], min_size=rows, max_size=rows))
    tables = {}
    for name in draw(st.sampled_from([("persons",), ("vehicles",), CONTRACT.table_names])):
        table: dict[str, Sequence[Any]] = {}
        for column in CONTRACT.table(name).columns:
            values = VALUES[column.kind]
            if column.nullable:
                values = st.none() | values
            table[column.name] = draw(st.lists(values, min_size=rows, max_size=rows))
            if column.name in ("person_id", "lob_type", "address_line_2"):
                table[column.name] = shared
        tables[name] = table
    return FewSource(CONTRACT, tables, rows)


@given(source=sources())
@settings(max_examples=60, deadline=None)
def test_bytes_and_digests_are_those_of_whole_columns(source: FewSource) -> None:
    """Any text that UTF-8 holds, nulls, any dates and integers."""
    assert ordinary(source) == render_tables(source, "ndjson")


def test_columns_that_nobody_else_holds_are_told_apart() -> None:
    """Memory is used again, so a column must be held as long as it is known by its place."""
    tables = {
        table.name: {
            column.name: [f'"{table.name}.{column.name}"' if column.kind == "text" else values]
            for column in table.columns
            for values in [ORDINARY[column.kind]]
        }
        for table in CONTRACT.tables
    }
    made = FewSource(CONTRACT, MadeWhenAsked(tables), 1)

    assert render_tables(made, "ndjson") == ordinary(FewSource(CONTRACT, tables, 1))


@given(kind=st.sampled_from(ColumnKind), nullable=st.booleans(), data=st.data())
def test_the_digest_of_plain_values_is_that_of_their_column(
    kind: ColumnKind, nullable: bool, data: st.DataObject
) -> None:
    """Every kind of column, with and without nulls, also where the contract has no such column."""
    strategy = VALUES[kind] | st.none() if nullable else VALUES[kind]
    values = data.draw(st.lists(strategy, min_size=1, max_size=9))
    first = CONTRACT.table("persons").columns[0]
    column: ColumnContract = replace(first, kind=kind, nullable=nullable)
    table: TableContract = replace(CONTRACT.table("persons"), columns=(column,))
    chunk = make_chunk(
        table, pa.RecordBatch.from_pydict({column.name: values}, schema=table.arrow_schema)
    )

    digest = leaf_digest(len(values), [plain_column_digest(column, values)])
    assert leaf_digests(chunk) == [digest]


@pytest.mark.parametrize(
    "changed",
    [
        {"city": ["x", None]},
        {"city": ["x", 5]},
        {"city": ["x", Kind.AUTO]},
        {"address_line_2": [None, Kind.AUTO]},
        {"city": ["x", "\ud800"]},
        {"date_of_birth": ["1970-01-01"] * 2},
        {"date_of_birth": [date(1970, 1, 1), None]},
        {"address_line_2": [None, 7]},
    ],
)
def test_values_that_no_column_can_hold_are_refused(changed: dict[str, list[Any]]) -> None:
    """With the table and the column, before anything is written."""
    (name,) = changed
    with pytest.raises(errors.SourceError, match=f"persons.{name} has values"):
        render_tables(source_of(**changed), "ndjson")


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, True, 1.0])
def test_what_is_no_integer_of_64_bits_is_refused(value: object) -> None:
    """As Arrow refuses it."""
    vehicles = {
        column.name: [value if column.kind is ColumnKind.INTEGER else "x"]
        for column in CONTRACT.table("vehicles").columns
    }
    with pytest.raises(errors.SourceError, match=r"vehicles\.model_year has values"):
        render_tables(FewSource(CONTRACT, {"vehicles": vehicles}, 1), "ndjson")


def test_too_few_values_are_refused() -> None:
    """Every table of the contract has one row per policyholder."""
    with pytest.raises(errors.SourceError, match="gave 1 rows of persons for 2 policyholders"):
        render_tables(source_of(city=["x"]), "ndjson")


def test_other_columns_are_refused() -> None:
    """Names and order are those of the contract."""
    with pytest.raises(errors.SourceError, match="but the contract says person_id, first_name"):
        render_tables(source_of(town=["x", "y"]), "ndjson")


def test_other_formats_and_more_rows_take_whole_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plain values are asked for few rows of NDJSON, and for nothing else."""
    monkeypatch.setattr(FewSource, "few_rows", None)
    source = source_of()
    many = {
        name: [*values] * few_rows.FEW_OWNERS for name, values in source.tables["persons"].items()
    }

    assert render_tables(source, "csv")["persons"].rows == 2
    large = FewSource(CONTRACT, {"persons": many}, 2 * few_rows.FEW_OWNERS)
    assert render_tables(large, "ndjson")["persons"].rows == 2 * few_rows.FEW_OWNERS
