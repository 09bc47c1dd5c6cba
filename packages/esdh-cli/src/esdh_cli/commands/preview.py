"""`esdh-cli preview`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from ..console import make_console, print_json
from ..options import (
    WholeNumber,
    json_option,
    seed_option,
    version_option,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

    from esdh_models import TableContract

    Rows = Sequence[dict[str, Any]]

_MOST_RECORDS: Final = 1_000
_GAP: Final = 2
_FAVOURITES: Final = {
    "persons": (
        "first_name", "last_name", "date_of_birth", "city", "state", "lob_type", "postal_code",
        "address_line_1", "address_line_2", "driver_license_number", "person_id",
    ),
    "vehicles": (
        "make", "model", "model_year", "body_style", "risk_rating", "vin", "garaging_state",
        "lob_type", "vehicle_id", "garaging_postal_code",
    ),
    "profiles": (
        "full_name", "vehicle_summary", "risk_rating", "city", "residence_state", "lob_type",
        "postal_code", "primary_vehicle_vin", "profile_id",
    ),
}  # fmt: skip
"""What tells most about a row, by table: the columns that are shown while there is room."""
_STYLES: Final = {
    "Low": "green", "Medium": "yellow", "High": "bold red", "Commercial": "magenta",
    "Personal": "blue",
}  # fmt: skip


@click.command("preview")
@click.option(
    "--records", type=WholeNumber(), default=5, show_default=True, help="Number of policyholders."
)
@seed_option
@version_option
@json_option
def command(*, records: int, seed: int, dataset_version: str, as_json: bool) -> None:
    """Look at the first records of each table; nothing is written.

    Shows the most telling columns that the terminal has room for, and names the others; --json
    prints all of them.

    \b
    Examples:
      esdh-cli preview
      esdh-cli preview --records 20 --seed 7
    """
    if records > _MOST_RECORDS:
        message = f"--records must be at most {_MOST_RECORDS} here, but got {records}"
        raise click.UsageError(message, click.get_current_context())

    from esdh_generator import Dataset  # noqa: PLC0415

    dataset = Dataset(seed, records, contract_version=dataset_version)
    rows = {
        table.name: [
            table.row_model.model_validate(row).model_dump(mode="json")
            for row in dataset.table(table.name).to_pylist()
        ]
        for table in dataset.contract.tables
    }
    if as_json:
        print_json({"request": dataset.request.model_dump(mode="json"), "tables": rows})
    else:
        _print_tables(dataset.contract.tables, rows, seed)


def _print_tables(tables: Sequence[TableContract], rows: Mapping[str, Rows], seed: int) -> None:
    from rich.text import Text  # noqa: PLC0415

    console = make_console()
    for table in tables:
        shown = _columns_that_fit(table, rows[table.name], console.width)
        _print_table(console, table, rows[table.name], shown)
        console.print()
    first = rows[tables[0].name][0][tables[0].primary_key]
    console.print(Text("One record in full:", style="dim"))
    console.print(Text(f"esdh-cli show-record {first} --seed {seed}"), soft_wrap=True)


def _columns_that_fit(table: TableContract, rows: Rows, width: int) -> list[str]:
    """The favourites that fit beside each other, in contract order; one in any case."""
    room = width + _GAP
    shown: set[str] = set()
    for name in _FAVOURITES.get(table.name, table.column_names):
        needed = max(len(name), *(len(_cell(row[name])) for row in rows)) + _GAP
        if needed <= room or not shown:
            shown.add(name)
            room -= needed
    return [name for name in table.column_names if name in shown]


def _print_table(console: Console, table: TableContract, rows: Rows, shown: list[str]) -> None:
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    grid = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="bold")
    for name in shown:
        grid.add_column(name, no_wrap=True)
    for row in rows:
        grid.add_row(*(Text(_cell(row[name]), _style(table, name, row[name])) for name in shown))
    hidden = [name for name in table.column_names if name not in shown]
    what = table.json_schema.get("description", "").partition(";")[0].rstrip(".")
    console.print(Text.assemble((table.name, "bold green"), f"  {what}"))
    console.print(grid)
    console.print(Text(f"also {', '.join(hidden)}", style="dim"))


def _cell(value: object) -> str:
    return "-" if value is None else str(value)


def _style(table: TableContract, column: str, value: object) -> str:
    """Colours for codes alone: High is a family name too."""
    if value is None:
        return "dim"
    return _STYLES.get(str(value), "") if table.column(column).allowed else ""
