"""The generated parts of governance/data_sources.md: inputs, produced files, state comparison.

Everything between a pair of markers is replaced; the prose around them is written by hand.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from .csv_tables import INPUTS, Table
from .location_checks import state_comparison_rows
from .locations import LocationBuilder
from .source_archives import ARCHIVES

PAGE = Path("governance", "data_sources.md")
RETRIEVED = "2026-11-20"


def render_page(page: str, tables: Sequence[Table], locations: LocationBuilder) -> str:
    """Return the page with its generated parts renewed."""
    locations_table = next(table for table in tables if table.name == "locations.csv")
    parts = {
        "archives": _archive_rows(),
        "typed facts": _typed_fact_rows(),
        "files": _file_rows(tables),
        "states": state_comparison_rows(locations, locations_table),
    }
    for name, lines in parts.items():
        page = _replace_part(page, name, lines)
    return page


def _replace_part(page: str, name: str, lines: Sequence[str]) -> str:
    begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
    before, _, rest = page.partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        raise ValueError(f"{PAGE} lacks the markers {begin!r} and {end!r}")
    return before + "\n".join([begin, *lines, end]) + after


def _archive_rows() -> list[str]:
    lines = [
        "| package | licence | attribution | used for | retrieved | SHA-256 of the archive |",
        "|---|---|---|---|---|---|",
    ]
    return lines + [
        f"| {a.kind} `{a.package}` {a.version} | {a.licence} | {a.attribution} "
        f"| {a.used_for} | {RETRIEVED} | `{a.sha256}` |"
        for a in ARCHIVES
    ]


def _typed_fact_rows() -> list[str]:
    lines = ["| typed file | rows | SHA-256 |", "|---|---|---|"]
    for path in sorted(INPUTS.glob("*.csv")):
        content = path.read_bytes()
        lines.append(
            f"| `{path.name}` | {len(content.splitlines()) - 1:,} | `{_sha256(content)}` |"
        )
    return lines


def _file_rows(tables: Sequence[Table]) -> list[str]:
    lines = ["| file | package | rows | what it is | SHA-256 |", "|---|---|---|---|---|"]
    return lines + [
        f"| `{table.name}` | {table.package} | {len(table.rows):,} | {table.note} "
        f"| `{_sha256(table.to_bytes())}` |"
        for table in tables
    ]


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
