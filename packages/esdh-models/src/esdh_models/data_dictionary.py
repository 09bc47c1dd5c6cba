"""The data dictionary of a contract, derived from its columns: for people and for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from .contracts import ColumnContract, Contract, TableContract
from .never_real import get_identifier_class

HEADINGS: Final = ("column", "type", "key", "identifier", "description")


def rows(table: TableContract) -> list[tuple[str, str, str, str, str]]:
    """One row of text per column, under `HEADINGS`."""
    return [
        (
            column.name,
            f"{column.kind}, nullable" if column.nullable else str(column.kind),
            _key(column),
            _identifier(column),
            _description(column),
        )
        for column in table.columns
    ]


def as_document(contract: Contract, tables: Sequence[TableContract]) -> dict[str, Any]:
    """The dictionary as plain data."""
    return {
        "dataset_version": contract.version,
        "synthetic_source": contract.synthetic_source,
        "tables": {
            table.name: [
                {
                    "name": column.name,
                    "type": str(column.kind),
                    "nullable": column.nullable,
                    "description": column.facts.description,
                    "primary_key": column.facts.primary_key,
                    "unique": column.unique,
                    "foreign_key": column.facts.foreign_key,
                    "identifier_class": column.facts.identifier_class,
                    "guarantee": _guarantee(column),
                    "pattern": column.pattern,
                    "allowed": list(column.allowed) if column.allowed else None,
                    "statistic": str(column.statistic),
                }
                for column in table.columns
            ]
            for table in tables
        },
    }


def as_markdown(contract: Contract, tables: Sequence[TableContract]) -> str:
    """The dictionary as a Markdown page."""
    lines = [f"# Data dictionary of contract {contract.version}", ""]
    for table in tables:
        lines += [f"## {table.name}", "", _line(HEADINGS), _line(["---"] * len(HEADINGS))]
        lines += [_line(row) for row in rows(table)]
        lines.append("")
    lines += ["## Identifier classes", "", _line(("class", "guarantee", "why", "source"))]
    lines.append(_line(["---"] * 4))
    used = {column.facts.identifier_class for table in tables for column in table.columns}
    for name in sorted(name for name in used if name):
        entry = get_identifier_class(name)
        lines.append(_line((name, entry.guarantee, entry.description, entry.source)))
    return "\n".join(lines) + "\n"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _key(column: ColumnContract) -> str:
    if column.facts.primary_key:
        return "primary"
    if column.facts.foreign_key:
        return f"to {column.facts.foreign_key}"
    return "unique" if column.unique else ""


def _identifier(column: ColumnContract) -> str:
    name = column.facts.identifier_class
    return f"{name} ({_guarantee(column)})" if name else ""


def _guarantee(column: ColumnContract) -> str | None:
    name = column.facts.identifier_class
    return str(get_identifier_class(name).guarantee) if name else None


def _description(column: ColumnContract) -> str:
    allowed = column.allowed or ()
    listed = f" ({', '.join(allowed)})" if 1 < len(allowed) <= 10 else ""
    return column.facts.description + listed
