"""Plain CSV tables: UTF-8, LF, a header row, comma, and no cell that would ever need a quote.

A cell that breaks the rule stops the build; nothing is repaired silently.
"""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

INPUTS = Path(__file__).resolve().parent.parent / "reference_data_inputs"
FORBIDDEN_CHARACTERS = frozenset(',"\r\n\t')
FORBIDDEN_STARTS = ("=", "+", "-", "@")

Cell = str | int


class BadCellError(ValueError):
    """A cell that the CSV rule of the reference tables does not allow."""

    def __init__(self, cell: str) -> None:
        super().__init__(f"cell {cell!r} is empty, padded, or holds a forbidden character")


def is_safe_cell(text: str) -> bool:
    """Tell whether a text may stand unquoted in a reference table."""
    if not text or text != text.strip() or text.startswith(FORBIDDEN_STARTS):
        return False
    return text.isprintable() and not FORBIDDEN_CHARACTERS.intersection(text)


@dataclass(frozen=True)
class Table:
    """One reference table: its package, file name, header and rows in their final order."""

    package: str
    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str

    @property
    def path(self) -> Path:
        """Path below the repository's root."""
        module = self.package.replace("-", "_")
        return Path("packages", self.package, "src", module, "reference_data", self.name)

    def to_bytes(self) -> bytes:
        """Return the file's bytes."""
        lines = [",".join(self.header), *(_line(row) for row in self.rows)]
        return ("\n".join(lines) + "\n").encode("utf-8")


def generator_table(name: str, header: str, rows: Iterable[Sequence[Cell]], *, note: str) -> Table:
    """Make a table of esdh-generator; `header` is the header line."""
    return Table(
        "esdh-generator", name, tuple(header.split(",")), tuple(tuple(r) for r in rows), note
    )


def models_table(name: str, header: str, rows: Iterable[Sequence[Cell]], *, note: str) -> Table:
    """Make a table of esdh-models; `header` is the header line."""
    return Table("esdh-models", name, tuple(header.split(",")), tuple(tuple(r) for r in rows), note)


def load_typed_facts(name: str) -> list[dict[str, str]]:
    """Read a typed fact file from `reference_data_inputs/`."""
    with (INPUTS / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _line(row: Sequence[Cell]) -> str:
    cells = [str(cell) for cell in row]
    for cell in cells:
        if not is_safe_cell(cell):
            raise BadCellError(cell)
    return ",".join(cells)
