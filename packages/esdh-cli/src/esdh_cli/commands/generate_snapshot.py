"""`esdh-cli generate-snapshot`."""

from __future__ import annotations

import os
import secrets
import shlex
from typing import TYPE_CHECKING, Any

import click

from ..console import print_facts, print_json, progress_bars
from ..options import (
    DEFAULT_FORMATS,
    DEFAULT_RECORDS_PER_FILE,
    DEFAULT_SEED,
    RANDOM_SEED_BOUND,
    DirectoryName,
    NameList,
    WholeNumber,
    json_option,
    records_option,
    version_option,
)

if TYPE_CHECKING:
    from esdh_exporters import SnapshotResult
    from esdh_models import Packaging


@click.command("generate-snapshot")
@records_option
@click.option(
    "--seed",
    type=WholeNumber(),
    default=None,
    help=f"From 0 to 2^64-1; it decides every value.  [default: {DEFAULT_SEED}]",
)
@click.option("--randomize", is_flag=True, help="Draw a seed, print it and record it.")
@version_option
@click.option(
    "--entity-filter",
    "tables",
    type=NameList(),
    default=None,
    help="Only these tables, such as persons,vehicles.  [default: all]",
)
@click.option(
    "--output-format",
    "formats",
    type=NameList(),
    default=DEFAULT_FORMATS,
    show_default=True,
    help="One or more of csv, json, ndjson, parquet.",
)
@click.option(
    "--output-dir",
    type=DirectoryName(),
    default=None,
    help="The snapshot's own directory.  [default: data/snapshots/VERSION]",
)
@click.option(
    "--records-per-file",
    type=WholeNumber(),
    default=DEFAULT_RECORDS_PER_FILE,
    show_default=True,
    help="Policyholders per file, a multiple of 10000.",
)
@click.option(
    "--workers",
    type=WholeNumber(),
    default=None,
    help="Processes; they change no byte.  [default: one per core]",
)
@click.option("--force", is_flag=True, help="Replace another snapshot, all or nothing.")
@json_option
def command(
    *,
    records: int,
    seed: int | None,
    randomize: bool,
    dataset_version: str,
    tables: tuple[str, ...] | None,
    formats: tuple[str, ...],
    output_dir: str | None,
    records_per_file: int,
    workers: int | None,
    force: bool,
    as_json: bool,
) -> None:
    """Write a snapshot of policyholders, vehicles and profiles.

    The directory gets its name only when everything in it is complete. If it already holds what
    is asked for, and verifies, nothing is written.

    \b
    Examples:
      esdh-cli generate-snapshot
      esdh-cli generate-snapshot --records 1000000 --seed 7 --output-format csv --output-dir big
    """
    if randomize and seed is not None:
        message = "--randomize draws a seed, so --seed must be left out"
        raise click.UsageError(message, click.get_current_context())
    if workers is not None and not 1 <= workers <= 1024:
        message = f"--workers must be from 1 to 1024, but got {workers}"
        raise click.UsageError(message, click.get_current_context())

    from esdh_exporters import start_workers  # noqa: PLC0415

    directory = f"data/snapshots/{dataset_version}" if output_dir is None else output_dir
    drawn = secrets.randbelow(RANDOM_SEED_BOUND) if randomize else seed
    processes = _processes(workers or _cores(), records, records_per_file)
    with start_workers(processes - 1 if processes <= _cores() else 0) as others:
        # these imports take as long as the others take to start
        from esdh_exporters import use_system_allocator, write_snapshot  # noqa: PLC0415
        from esdh_generator import Dataset  # noqa: PLC0415

        use_system_allocator()
        dataset = Dataset(drawn, records, contract_version=dataset_version, tables=tables)
        packaging = _packaging(formats, records_per_file)
        with progress_bars() as progress:
            result = write_snapshot(
                dataset,
                directory,
                packaging,
                workers=others or processes,
                force=force,
                progress=progress,
            )
    summary = _summary(result, directory)
    if as_json:
        print_json(summary)
    else:
        _print_summary(summary)


def _packaging(formats: tuple[str, ...], records_per_file: int) -> Packaging:
    """Refusals name the options."""
    from esdh_models import Packaging, errors  # noqa: PLC0415

    try:
        return Packaging.parse(formats=formats, records_per_file=records_per_file)
    except errors.InvalidRequestError as error:
        message = str(error).replace("records_per_file", "--records-per-file")
        raise errors.InvalidRequestError(message.replace("formats", "--output-format")) from None


def _processes(workers: int, records: int, records_per_file: int) -> int:
    """No more than there are files to write; neither number was checked yet."""
    return max(1, min(workers, -(-records // max(1, records_per_file))))


def _cores() -> int:
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _summary(result: SnapshotResult, directory: str) -> dict[str, Any]:
    document = result.manifest
    return {
        "status": str(result.status),
        "directory": directory,
        "dataset_version": document.request.identity.contract_version,
        "seed": document.request.identity.seed,
        "records": document.request.records,
        "dataset_digest": document.dataset_digest,
        "request_digest": document.request_digest,
        "tables": {
            table.name: {"rows": table.rows, "content_digest": table.content_digest}
            for table in document.tables
        },
        "formats": list(document.packaging.formats),
        "records_per_file": document.packaging.records_per_file,
        "files": len(document.files) + 2,
        "bytes": sum(entry.bytes for entry in document.files),
    }


def _print_summary(summary: dict[str, Any]) -> None:
    print_facts(
        f"Snapshot {summary['status']}: {summary['directory']}",
        {
            "dataset": f"{summary['dataset_version']}, seed {summary['seed']},"
            f" {summary['records']:,} records",
            "tables": ", ".join(
                f"{name} {table['rows']:,}" for name, table in summary["tables"].items()
            ),
            "files": f"{summary['files']} ({', '.join(summary['formats'])}),"
            f" {summary['bytes']:,} bytes",
            "digest": summary["dataset_digest"],
            "verify": f"esdh-cli verify-snapshot {shlex.quote(summary['directory'])} --regenerate",
        },
    )
