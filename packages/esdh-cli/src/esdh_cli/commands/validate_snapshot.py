"""`esdh-cli validate-snapshot`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..console import print_facts, print_json, progress_bars
from ..main import EXIT_CHECK_FAILED
from ..options import json_option, snapshot_argument

if TYPE_CHECKING:
    from collections.abc import Iterator

    from esdh_exporters import ValidationReport

_SHOWN_ROWS = 5
_READABLE = "readable:"
"""What the rule begins with that a file breaks which cannot be read."""


@click.command("validate-snapshot")
@snapshot_argument
@json_option
def command(*, directory: str, as_json: bool) -> int:
    """Validate the content of the snapshot in DIRECTORY against its contract.

    Checks files, row counts, schema, formats, code lists, keys, foreign keys, and that every
    identifier lies in its never-real or format-only class, in every format of the snapshot.
    Suspicious values are never printed. Whether the rows are those that the seed makes is not asked
    here: verify-snapshot --regenerate does.

    \b
    Example:
      esdh-cli validate-snapshot data/snapshots/v0.1
    """
    from esdh_exporters import validate_snapshot  # noqa: PLC0415

    try:
        with progress_bars() as progress:
            report = validate_snapshot(directory, progress=progress)
    except OSError as error:
        message = f"{directory} cannot be opened as a directory: {error.strerror}"
        raise click.UsageError(message, click.get_current_context()) from None
    if as_json:
        print_json(_document(report, directory))
    else:
        _print_report(report, directory)
    return 0 if report.passed else EXIT_CHECK_FAILED


def _document(report: ValidationReport, directory: str) -> dict[str, object]:
    return {
        "passed": report.passed,
        "directory": directory,
        "tables": list(report.tables),
        "rows": {read.format: read.rows for read in report.formats},
        "rules_broken": [
            {
                "format": read.format,
                "table": table,
                "column": column,
                "rule": rule,
                "violations": count,
            }
            for read in report.formats
            for (table, column, rule), count in read.counts.items()
        ],
        "violations": [
            {
                "format": read.format,
                "table": v.table,
                "column": v.column,
                "rule": v.rule,
                "row": v.row,
            }
            for read in report.formats
            for v in read.violations
        ],
    }


def _print_report(report: ValidationReport, directory: str) -> None:
    rows = "; ".join(f"{read.rows:,} rows as {read.format}" for read in report.formats)
    facts = {"snapshot": directory, "checked": f"{', '.join(report.tables)}: {rows}"}
    print_facts("valid" if report.passed else "not valid", facts, good=report.passed)
    for line in _iter_lines(report):
        click.echo(line)
    if not report.passed:
        click.echo(
            f"esdh-cli: {directory} breaks its contract; --json lists table, row and rule",
            err=True,
        )


def _iter_lines(report: ValidationReport) -> Iterator[str]:
    for read in report.formats:
        for (table, column, rule), count in read.counts.items():
            rows = [
                str(v.row)
                for v in read.violations
                if (v.table, v.column, v.rule) == (table, column, rule) and v.row is not None
            ][:_SHOWN_ROWS]
            place = f"{table}.{column}" if column else table
            more = ", ..." if count > len(rows) else ""
            where = f" (rows {', '.join(rows)}{more})" if rows else ""
            if rule.startswith(_READABLE):
                file = rule.removeprefix(_READABLE)
                yield f"  - {file} cannot be read as {read.format} of {table}"
                continue
            times = "once" if count == 1 else f"{count:,} times"
            yield f"  - {place} as {read.format} breaks {rule} {times}{where}"
