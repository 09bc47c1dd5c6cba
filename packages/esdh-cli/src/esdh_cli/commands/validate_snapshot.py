"""`esdh-cli validate-snapshot`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..console import print_facts, print_json, progress_bars
from ..main import EXIT_CHECK_FAILED
from ..options import json_option, snapshot_argument

if TYPE_CHECKING:
    from esdh_exporters import ValidationReport

_SHOWN_ROWS = 5


@click.command("validate-snapshot")
@snapshot_argument
@json_option
def command(*, directory: str, as_json: bool) -> int:
    """Validate the content of the snapshot in DIRECTORY against its contract.

    Checks schema, formats, code lists, keys, foreign keys and that every identifier lies in its
    never-real or format-only class. Suspicious values are never printed.

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
        "format": report.format,
        "rows": report.rows,
        "rules_broken": [
            {"table": table, "column": column, "rule": rule, "violations": count}
            for (table, column, rule), count in report.counts.items()
        ],
        "violations": [
            {"table": v.table, "column": v.column, "rule": v.rule, "row": v.row}
            for v in report.violations
        ],
    }


def _print_report(report: ValidationReport, directory: str) -> None:
    facts = {
        "snapshot": directory,
        "checked": f"{report.rows:,} rows of {', '.join(report.tables)}, read from {report.format}",
    }
    print_facts("valid" if report.passed else "not valid", facts, good=report.passed)
    for (table, column, rule), count in report.counts.items():
        rows = [
            str(v.row)
            for v in report.violations
            if (v.table, v.column, v.rule) == (table, column, rule) and v.row is not None
        ][:_SHOWN_ROWS]
        place = f"{table}.{column}" if column else table
        where = f" (rows {', '.join(rows)}{', ...' if count > len(rows) else ''})" if rows else ""
        click.echo(f"  - {place} breaks {rule} {count:,} times{where}")
    if not report.passed:
        click.echo(
            f"esdh-cli: {directory} breaks its contract; --json lists table, row and rule",
            err=True,
        )
