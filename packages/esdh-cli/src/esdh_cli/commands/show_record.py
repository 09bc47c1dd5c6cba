"""`esdh-cli show-record`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from ..console import make_console, print_json
from ..options import (
    DEFAULT_VERSION,
    DirectoryName,
    Version,
    WholeNumber,
    json_option,
)

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from esdh_generator import Dataset

_NAME_WIDTH: Final = 21
"""As wide as the longest column name, so that the records of all tables line up."""


@click.command("show-record")
@click.argument("record_id", metavar="ID")
@click.option("--snapshot", type=DirectoryName(), help="The snapshot whose record it is.")
@click.option("--seed", type=WholeNumber(), help="The seed whose record it is, without a snapshot.")
@click.option(
    "--dataset-version",
    type=Version(),
    help=f"Contract version, with --seed.  [default: {DEFAULT_VERSION}]",
)
@click.option(
    "--records",
    type=WholeNumber(),
    help="Number of policyholders, with --seed.  [default: as many as a seed can have]",
)
@json_option
def command(
    *,
    record_id: str,
    snapshot: str | None,
    seed: int | None,
    dataset_version: str | None,
    records: int | None,
    as_json: bool,
) -> None:
    """Show the record with the identifier ID, and the other records of the same policyholder.

    Nothing else is made, and of a snapshot only manifest.json is read: the record is made again
    from its request. Records of tables that the snapshot leaves out are shown too.

    \b
    Examples:
      esdh-cli show-record a419ec71-8057-8d2e-bed3-c6231ed7eb6f --snapshot data/snapshots/v0.1
      esdh-cli show-record a419ec71-8057-8d2e-bed3-c6231ed7eb6f --seed 20251101
    """
    context = click.get_current_context()
    if (snapshot is None) == (seed is None):
        message = (
            "say which dataset it is of: either --snapshot DIR or --seed N"
            if seed is None
            else "--snapshot DIR knows its seed: leave out --seed, or give --seed alone"
        )
        raise click.UsageError(message, context)
    if snapshot is None:
        dataset = _dataset_of_seed(seed, dataset_version or DEFAULT_VERSION, records)
    elif dataset_version is None and records is None:
        dataset = _dataset_of_snapshot(snapshot)
    else:
        message = (
            "a snapshot knows its own version and size: leave out --dataset-version, --records"
        )
        raise click.UsageError(message, context)
    document = dataset.record_document(record_id)
    if as_json:
        print_json(document)
    else:
        _print_record(document)


def _dataset_of_seed(seed: int | None, version: str, records: int | None) -> Dataset:
    from esdh_generator import Dataset  # noqa: PLC0415
    from esdh_models import dataset_request  # noqa: PLC0415

    size = dataset_request.MAXIMUM_RECORDS if records is None else records
    return Dataset(seed, size, contract_version=version)


def _dataset_of_snapshot(directory: str) -> Dataset:
    from esdh_exporters import load_snapshot_manifest  # noqa: PLC0415
    from esdh_generator import Dataset  # noqa: PLC0415

    try:
        return Dataset.from_request(load_snapshot_manifest(directory).request)
    except OSError as error:
        message = f"{directory} cannot be opened as a directory: {error.strerror}"
        raise click.UsageError(message, click.get_current_context()) from None


def _print_record(document: dict[str, Any]) -> None:
    """The record asked for first; its identifier stands out wherever a relative names it."""
    from rich.text import Text  # noqa: PLC0415

    console = make_console(soft_wrap=True)
    request, record_id = document["request"], document["record_id"]
    title = Text(f"{document['table']}, record {document['owner'] + 1:,}", style="bold green")
    identity = request["identity"]
    title.append(f"  {identity['contract_version']}, seed {identity['seed']}", style="not bold dim")
    title.append(_absence(document["table"], request), style="not bold yellow")
    _print_row(console, title, document["record"], record_id)
    for table, rows in document["relatives"].items():
        for row in rows:
            console.print()
            heading = Text.assemble((table, "bold"), (_absence(table, request), "yellow"))
            _print_row(console, heading, row, record_id)


def _absence(table: str, request: dict[str, Any]) -> str:
    """What to say of a record whose table a snapshot leaves out."""
    return "" if table in request["tables"] else "  not in this snapshot"


def _print_row(console: Console, title: Text, row: dict[str, Any], record_id: str) -> None:
    from rich.text import Text  # noqa: PLC0415

    console.print(title)
    for name, value in row.items():
        style = "bold green" if value == record_id else "dim" if value is None else ""
        cell = "-" if value is None else str(value)
        console.print(Text.assemble((f"  {name:<{_NAME_WIDTH}}  ", "dim"), (cell, style)))
