"""A colourful look at the records of a demo profile, made here or asked of a running service.

python scripts/demo_data.py --profile baseline
python scripts/demo_data.py --use-api http://127.0.0.1:5000
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from esdh_generator import Dataset
from esdh_models import LATEST_CONTRACT_VERSION, errors, get_contract

from .api_client import ApiClient
from .configuration import DEFAULT_CONFIG, Profile, load_configuration
from .failure import StepError
from .program import Parser

Rows = Sequence[Mapping[str, Any]]

_COLUMNS: Final = {
    "persons": ("first_name", "last_name", "date_of_birth", "state", "lob_type", "city"),
    "vehicles": ("make", "model", "model_year", "risk_rating", "vin", "body_style"),
    "profiles": ("full_name", "vehicle_summary", "risk_rating", "residence_state", "city"),
}
"""What tells most about a row, by table: the columns that are shown while there is room."""

_COUNTED: Final = (("persons", "state"), ("vehicles", "body_style"), ("vehicles", "risk_rating"))
_GAP: Final = 2
_BAR: Final = 30
_SHOWN_ROWS: Final = 8


def main(arguments: list[str]) -> int:
    """Show what was asked for; returns the exit code."""
    options = _parse(arguments)
    profile = load_configuration(options.config).profile(options.profile)
    if options.use_api is None:
        source, (seed, tables) = "made here", _make(profile)
    else:
        client = ApiClient.at(options.use_api)
        source, (seed, tables) = client.url, _ask(profile, client)
    console = Console(highlight=False)
    title = (f"{options.profile}: ", "bold")
    console.print(Text.assemble(title, f"{profile.description} (seed {seed}, {source})"))
    for name, rows in tables.items():
        _print_table(console, name, rows)
    for table, column in _COUNTED:
        _print_counts(console, column, Counter(str(row[column]) for row in tables[table]))
    return 0


def _make(profile: Profile) -> tuple[int, Mapping[str, Rows]]:
    """The records, made in this process; a random seed is drawn by the service alone."""
    if profile.seed == "random":
        raise errors.InvalidRequestError(
            "this profile draws its seed: ask a service for it with --use-api"
        )
    dataset = Dataset(profile.seed, profile.records)
    names = dataset.request.tables
    return profile.seed, {name: dataset.table(name).to_pylist() for name in names}


def _ask(profile: Profile, client: ApiClient) -> tuple[int, Mapping[str, Rows]]:
    """The same records from a service."""
    body = {"records": profile.records, "seed": profile.seed}
    answer = client.ask("POST", "/generate/bundle", body)
    names = get_contract(LATEST_CONTRACT_VERSION).table_names
    if missing := [name for name in ("seed", *names) if name not in answer]:
        reason = f"the answer of {client.url} has no {missing[0]}"
        raise StepError(reason, "see that it is the service of this release, esdh-api serve")
    return answer["seed"], {name: answer[name] for name in names}


def _print_table(console: Console, name: str, rows: Rows) -> None:
    shown = rows[:_SHOWN_ROWS]
    grid = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="bold")
    columns = _columns_that_fit(name, shown, console.width)
    for column in columns:
        grid.add_column(column, no_wrap=True)
    for row in shown:
        grid.add_row(*(Text(str(row[column])) for column in columns))
    console.print(Text(f"\n{name} ({len(rows)})", style="bold green"))
    console.print(grid)


def _columns_that_fit(name: str, rows: Rows, width: int) -> list[str]:
    """The first columns that fit beside each other whole; one in any case."""
    room, columns = width + _GAP, []
    for column in _COLUMNS[name]:
        room -= max(len(column), *(len(str(row[column])) for row in rows)) + _GAP
        if room < 0 and columns:
            break
        columns.append(column)
    return columns


def _print_counts(console: Console, column: str, counts: Counter[str]) -> None:
    console.print(Text(f"\n{column}", style="bold green"))
    most = counts.most_common(_SHOWN_ROWS)
    for value, count in most:
        bar = "█" * max(1, _BAR * count // most[0][1])
        console.print(Text.assemble(f"  {value:<14}", (bar, "cyan"), f" {count}"))


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = Parser(
        prog="demo_data.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--profile", default="baseline", help="a profile of the configuration")
    parser.add_argument("--config", type=Path, default=DEFAULT_CONFIG, help="config/demo.yaml")
    parser.add_argument("--use-api", metavar="URL", help="ask this service instead")
    return parser.parse_args(arguments)
