"""Validates the content of a snapshot against its contract, whatever made it.

Where `verify_snapshot` asks whether these are the bytes that were written, this asks whether what
they say is right: files, rows, schema, formats, code lists, keys, never-real classes.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from esdh_models import TableContract, errors, get_contract, manifest, validation

from .formats import get_format
from .formats.part import claimed_part
from .progress import Progress, Steps, ignore_progress, steps_of
from .snapshot_check import lists_expected_files
from .snapshot_files import open_directory, open_regular_file
from .snapshot_manifest import read_usable_manifest

_VIOLATION_LIMIT = 1_000


@dataclass(slots=True)
class FormatReport:
    """Violations in the files of one format: how many of each kind, and where the first are."""

    format: str
    rows: int = 0
    counts: Counter[tuple[str, str | None, str]] = field(default_factory=Counter)
    violations: list[validation.Violation] = field(default_factory=list)

    def add(self, violation: validation.Violation) -> None:
        """Count a violation, and keep it if there is room."""
        self.counts[violation.table, violation.column, violation.rule] += violation.count
        if len(self.violations) < _VIOLATION_LIMIT:
            self.violations.append(violation)


@dataclass(frozen=True, slots=True)
class ValidationReport:
    """What was found in each format of the snapshot; each holds all of its tables."""

    tables: tuple[str, ...]
    formats: tuple[FormatReport, ...]

    @property
    def passed(self) -> bool:
        """Whether no rule was broken."""
        return not any(report.counts for report in self.formats)


def validate_snapshot(
    directory: str | os.PathLike[str], *, progress: Progress = ignore_progress
) -> ValidationReport:
    """Check every row of every table of a snapshot, in each of its formats.

    The files are not held against their hashes: that is `verify_snapshot`. Key columns of one
    format are held in memory, some 80 bytes a key. Raises `ManifestError` where the manifest
    cannot be used and `OSError` where the directory cannot be opened.
    """
    with open_directory(directory) as descriptor:
        document = read_usable_manifest(descriptor, os.fspath(directory))
        request, formats = document.request, document.packaging.formats
        rows = request.records * len(request.tables) * len(formats)
        steps = steps_of(progress, "validating", rows)
        reports = tuple(_validate_format(descriptor, document, name, steps) for name in formats)
    return ValidationReport(request.tables, reports)


def _validate_format(
    directory: int, document: manifest.Manifest, name: str, progress: Steps
) -> FormatReport:
    report = FormatReport(name)
    contract = get_contract(document.request.identity.contract_version)
    tables = [contract.table(table) for table in document.request.tables]
    checks = (validation.KeyCheck(tables), validation.CopyCheck(tables))
    for table in tables:
        for violation in _iter_table(directory, document, table, report, checks, progress):
            report.add(violation)
    for check in checks:
        for violation in check.iter_violations():
            report.add(violation)
    return report


def _iter_table(
    directory: int,
    document: manifest.Manifest,
    table: TableContract,
    report: FormatReport,
    checks: tuple[validation.KeyCheck, validation.CopyCheck],
    progress: Steps,
) -> Iterator[validation.Violation]:
    if not lists_expected_files(document):
        yield validation.Violation(table.name, None, "files", None)
    rows, as_of, is_readable = 0, document.request.identity.as_of_date, True
    for entry in document.parts_of(table.name, report.format):
        part = claimed_part(document, entry.part or 0)
        try:
            with open_regular_file(directory, entry.path) as file:
                for batch in get_format(report.format).iter_batches(file, table, part):
                    yield from validation.iter_row_violations(table, batch, rows, as_of=as_of)
                    for check in checks:
                        check.add(table, batch)
                    rows += batch.num_rows
                    progress(batch.num_rows)
        except (errors.SourceError, OSError):
            is_readable = False
            yield validation.Violation(table.name, None, f"readable:{entry.path}", None)
    report.rows += rows
    if not is_readable:
        for check in checks:  # else each row that was not read would be missed once more
            check.leave_out(table)
    elif rows != document.request.records:
        yield validation.Violation(table.name, None, "rows", None)
