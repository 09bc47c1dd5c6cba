"""What a dataset is: versions, their tables and columns, all derived from the row models.

A contract adds nothing to the row models but their order and the defaults of a request. A new
version is a new folder under `entities/` and one entry in `_DEFINITIONS`.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import pyarrow as pa

from .columns import Column, Statistic
from .entities import v0_1
from .entities.row import Row
from .errors import UnknownNameError


class ColumnKind(StrEnum):
    """How a column's values are typed, digested and compared."""

    TEXT = "text"
    INTEGER = "integer"
    DATE = "date"


_ARROW_TYPES: dict[ColumnKind, pa.DataType] = {
    ColumnKind.TEXT: pa.string(),
    ColumnKind.INTEGER: pa.int64(),
    ColumnKind.DATE: pa.date32(),
}


@dataclass(frozen=True, slots=True)
class ColumnContract:
    """One column: its type as derived from the row model, and the facts its marker adds."""

    name: str
    kind: ColumnKind
    nullable: bool
    pattern: str | None
    allowed: tuple[str, ...] | None
    facts: Column

    @property
    def arrow_type(self) -> pa.DataType:
        """Logical Arrow type; text may travel dictionary-encoded."""
        return _ARROW_TYPES[self.kind]

    @property
    def unique(self) -> bool:
        """Whether no value may occur twice."""
        return self.facts.unique or self.facts.primary_key

    @property
    def statistic(self) -> Statistic:
        """What the manifest tells of this column."""
        return self.facts.statistic


@dataclass(frozen=True)
class TableContract:
    """One table: its name, the row model that is its truth, and its columns in order."""

    name: str
    row_model: type[Row]
    columns: tuple[ColumnContract, ...]

    def __hash__(self) -> int:
        """By name: quick, as tables are looked up by for every small answer."""
        return hash(self.name)

    @functools.cached_property
    def column_names(self) -> tuple[str, ...]:
        """Names in contract order."""
        return tuple(column.name for column in self.columns)

    @property
    def primary_key(self) -> str:
        """Name of the column that identifies a row."""
        return next(column.name for column in self.columns if column.facts.primary_key)

    @functools.cached_property
    def arrow_schema(self) -> pa.Schema:
        """Logical Arrow schema, without metadata."""
        return pa.schema(
            [pa.field(c.name, c.arrow_type, nullable=c.nullable) for c in self.columns]
        )

    @property
    def json_schema(self) -> dict[str, Any]:
        """JSON Schema (2020-12) of one row."""
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            **self.row_model.model_json_schema(),
        }

    def column(self, name: str) -> ColumnContract:
        """Return one column; raises `UnknownNameError`."""
        for column in self.columns:
            if column.name == name:
                return column
        raise UnknownNameError(f"column of {self.name}", name, self.column_names)


@dataclass(frozen=True, slots=True)
class Contract:
    """One version of the dataset and the defaults of a request for it."""

    version: str
    tables: tuple[TableContract, ...]
    synthetic_source: str
    default_records: int
    default_seed: int
    default_as_of_date: date

    @property
    def table_names(self) -> tuple[str, ...]:
        """Names in contract order; a parent stands before its children."""
        return tuple(table.name for table in self.tables)

    def table(self, name: str) -> TableContract:
        """Return one table; raises `UnknownNameError`."""
        for table in self.tables:
            if table.name == name:
                return table
        raise UnknownNameError("table", name, self.table_names)


@dataclass(frozen=True, slots=True)
class _Definition:
    row_models: tuple[tuple[str, type[Row]], ...]
    default_records: int
    default_seed: int
    default_as_of_date: date


_DEFINITIONS = {
    "v0.1": _Definition(
        row_models=(
            ("persons", v0_1.Person),
            ("vehicles", v0_1.Vehicle),
            ("profiles", v0_1.Profile),
        ),
        default_records=200,
        default_seed=20251101,
        default_as_of_date=date(2026, 1, 1),
    ),
}

CONTRACT_VERSIONS = tuple(_DEFINITIONS)
LATEST_CONTRACT_VERSION = CONTRACT_VERSIONS[-1]


@functools.cache
def get_contract(version: str) -> Contract:
    """Return the contract of a version, such as "v0.1"; raises `UnknownNameError`."""
    if version not in _DEFINITIONS:
        raise UnknownNameError("dataset version", version, CONTRACT_VERSIONS)
    definition = _DEFINITIONS[version]
    return Contract(
        version=version,
        tables=tuple(_derive_table(name, model) for name, model in definition.row_models),
        synthetic_source=f"enterprise-synthetic-data-hub {version}",
        default_records=definition.default_records,
        default_seed=definition.default_seed,
        default_as_of_date=definition.default_as_of_date,
    )


def _derive_table(name: str, row_model: type[Row]) -> TableContract:
    schema = row_model.model_json_schema()
    definitions = schema.get("$defs", {})
    columns = tuple(
        _derive_column(column, row_model, _resolve(properties, definitions))
        for column, properties in schema["properties"].items()
    )
    return TableContract(name=name, row_model=row_model, columns=columns)


def _resolve(properties: dict[str, Any], definitions: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the alternatives of a property with references replaced by what they name."""
    alternatives = properties.get("anyOf") or properties.get("allOf") or [properties]
    return [
        definitions[part["$ref"].rsplit("/", 1)[1]] if "$ref" in part else part
        for part in alternatives
    ]


def _derive_column(
    name: str, row_model: type[Row], alternatives: list[dict[str, Any]]
) -> ColumnContract:
    value = next(part for part in alternatives if part.get("type") != "null")
    allowed = value.get("enum") or ([value["const"]] if "const" in value else None)
    return ColumnContract(
        name=name,
        kind=_kind_of(value),
        nullable=len(alternatives) > 1,
        pattern=value.get("pattern"),
        allowed=tuple(allowed) if allowed else None,
        facts=next(
            fact for fact in row_model.model_fields[name].metadata if isinstance(fact, Column)
        ),
    )


def _kind_of(value: dict[str, Any]) -> ColumnKind:
    if value["type"] == "integer":
        return ColumnKind.INTEGER
    return ColumnKind.DATE if value.get("format") == "date" else ColumnKind.TEXT
