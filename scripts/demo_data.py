"""A colourful look at the records of a demo profile, made here or asked of a running service.

python scripts/demo_data.py --profile baseline
python scripts/demo_data.py --use-api http://127.0.0.1:5000
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from demo_flow.api_process import ApiError, RunningApi
from demo_flow.configuration import DEFAULT_CONFIG, Profile, load_configuration
from rich.console import Console
from rich.table import Table
from rich.text import Text

from esdh_generator import Dataset
from esdh_models import LATEST_CONTRACT_VERSION, errors, get_contract

Rows = Mapping[str, Sequence[Mapping[str, Any]]]

_COLUMNS: Final = {
    "persons": ("first_name", "last_name", "date_of_birth", "city", "state", "lob_type"),
    "vehicles": ("vin", "make", "model", "model_year", "body_style", "risk_rating"),
    "profiles": ("full_name", "vehicle_summary", "city", "residence_state", "risk_rating"),
}
_COUNTED: Final = (("persons", "state"), ("vehicles", "body_style"), ("vehicles", "risk_rating"))
_BAR: Final = 30
_SHOWN_ROWS: Final = 8


def main(arguments: Sequence[str]) -> int:
    """Show what was asked for; returns the exit code."""
    options = _parse(arguments)
    try:
        profile = load_configuration(options.config).profile(options.profile)
        seed, rows = _ask(profile, options.use_api) if options.use_api else _make(profile)
    except (errors.EsdhError, ApiError) as error:
        print(f"demo data: {error}", file=sys.stderr)
        return 2
    console = Console(highlight=False)
    source = options.use_api or "made here"
    console.print(
        Text.assemble(
            (f"{options.profile}: ", "bold"), profile.description, f" (seed {seed}, {source})"
        )
    )
    for name in get_contract(LATEST_CONTRACT_VERSION).table_names:
        _print_table(console, name, rows[name])
    for table, column in _COUNTED:
        _print_counts(console, column, Counter(row[column] for row in rows[table]))
    return 0


def _make(profile: Profile) -> tuple[int, Rows]:
    """The records, made in this process; a random seed is drawn by the service alone."""
    if profile.seed == "random":
        raise errors.InvalidRequestError(
            "this profile draws its seed: ask a service for it with --use-api"
        )
    dataset = Dataset(profile.seed, profile.records)
    names = dataset.request.tables
    return profile.seed, {name: dataset.table(name).to_pylist() for name in names}


def _ask(profile: Profile, url: str) -> tuple[int, Rows]:
    """The same records from a service."""
    parts = urlsplit(url)
    api = RunningApi(parts.hostname or "127.0.0.1", parts.port or 80, 0)
    body = {"records": profile.records, "seed": profile.seed}
    answer = api.ask("POST", "/generate/bundle", body)
    return answer["seed"], {name: answer[name] for name in answer["tables"]}


def _print_table(console: Console, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
    grid = Table(title=f"{name} ({len(rows)})", title_justify="left", title_style="bold green")
    for column in _COLUMNS[name]:
        grid.add_column(column, no_wrap=True)
    for row in rows[:_SHOWN_ROWS]:
        grid.add_row(*(Text(str(row[column])) for column in _COLUMNS[name]))
    console.print(grid)


def _print_counts(console: Console, column: str, counts: Counter[str]) -> None:
    console.print(Text(column, style="bold green"))
    most = counts.most_common(_SHOWN_ROWS)
    for value, count in most:
        bar = "█" * max(1, _BAR * count // most[0][1])
        console.print(Text.assemble(f"  {value:<14}", (bar, "cyan"), f" {count}"))


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--profile", default="baseline", help="a profile of the configuration")
    parser.add_argument("--config", type=Path, default=DEFAULT_CONFIG, help="config/demo.yaml")
    parser.add_argument("--use-api", metavar="URL", help="ask this service instead")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
