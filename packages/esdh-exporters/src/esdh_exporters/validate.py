"""Validates the content of a snapshot against its contract, whatever made it.

Where `verify_snapshot` asks whether these are the bytes that were written, this asks whether what
they say is right: schema, formats, code lists, keys, foreign keys, never-real classes.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from esdh_models import TableContract, errors, get_contract, manifest, validation

from .formats import get_format
from .progress import Progress, Steps, ignore_progress, steps_of
from .snapshot_files import open_directory, open_regular_file
from .snapshot_manifest import read_manifest

_VIOLATION_LIMIT = 1_000


@dataclass(slots=True)
class ValidationReport:
    """Violations found: how many of each kind, and where the first 1,000 are."""

    tables: tuple[str, ...]
    format: str
    rows: int = 0
    counts: Counter[tuple[str, str | None, str]] = field(default_factory=Counter)
    violations: list[validation.Violation] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether no rule was broken."""
        return not self.counts

    def add(self, violation: validation.Violation) -> None:
        """Count a violation, and keep it if there is room."""
        self.counts[violation.table, violation.column, violation.rule] += 1
        if len(self.violations) < _VIOLATION_LIMIT:
            self.violations.append(violation)


def validate_snapshot(
    directory: str | os.PathLike[str], *, progress: Progress = ignore_progress
) -> ValidationReport:
    """Check every row of every table of a snapshot, read from the first of its formats.

    The files are not held against their hashes: that is `verify_snapshot`. Key columns are held
    in memory, some 40 bytes a key. Raises `ManifestError` where the manifest cannot be used and
    `OSError` where the directory cannot be opened.
    """
    with open_directory(directory) as descriptor:
        document, _ = read_manifest(descriptor)
        contract = get_contract(document.request.identity.contract_version)
        tables = [contract.table(name) for name in document.request.tables]
        report = ValidationReport(document.request.tables, document.packaging.formats[0])
        keys = validation.KeyCheck(tables)
        rows = document.request.records * len(tables)
        steps = steps_of(progress, "validating", rows)
        for table in tables:
            for violation in _iter_table(descriptor, document, table, report, keys, steps):
                report.add(violation)
        for violation in keys.iter_violations():
            report.add(violation)
    return report


def _iter_table(
    directory: int,
    document: manifest.Manifest,
    table: TableContract,
    report: ValidationReport,
    keys: validation.KeyCheck,
    progress: Steps,
) -> Iterator[validation.Violation]:
    first_row = 0
    for entry in document.parts_of(table.name, report.format):
        try:
            with open_regular_file(directory, entry.path) as file:
                for batch in get_format(report.format).iter_batches(file, table):
                    yield from validation.iter_row_violations(table, batch, first_row)
                    keys.add(table, batch)
                    first_row += batch.num_rows
                    report.rows += batch.num_rows
                    progress(batch.num_rows)
        except (errors.SourceError, OSError):
            yield validation.Violation(table.name, None, f"readable:{entry.path}", None)
