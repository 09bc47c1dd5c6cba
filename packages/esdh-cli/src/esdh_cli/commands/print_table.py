"""`esdh-cli print-table`."""

from __future__ import annotations

import sys

import click

from ..options import (
    records_option,
    seed_option,
    version_option,
)


@click.command("print-table")
@click.argument("table")
@records_option
@seed_option
@version_option
@click.option(
    "--output-format",
    type=click.Choice(["csv", "ndjson"]),
    default="ndjson",
    show_default=True,
    help="How rows are written.",
)
def command(
    *, table: str, records: int, seed: int, dataset_version: str, output_format: str
) -> None:
    """Print the rows of TABLE to standard output, for pipes.

    \b
    Examples:
      esdh-cli print-table persons --records 1000 --output-format csv > persons.csv
      esdh-cli print-table vehicles --records 1000000 | head
    """
    from esdh_exporters import write_table  # noqa: PLC0415
    from esdh_generator import Dataset  # noqa: PLC0415

    if sys.stdout is None:
        message = "standard output is closed, so there is nowhere to print rows to"
        raise click.UsageError(message, click.get_current_context())
    dataset = Dataset(seed, records, contract_version=dataset_version, tables=(table,))
    write_table(dataset, table, output_format, sys.stdout.buffer)
