"""Verifies a snapshot: its files against its manifest, its rows against their digests.

The answer never claims more than was proved. Hashes that agree with a manifest beside them show
that a snapshot is self-consistent; only a digest known from elsewhere, or making the data again,
shows that it is the one that was meant.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Final

from esdh_models import DatasetRequest, DatasetSource, errors, manifest

from .chunks import iter_source_chunks
from .content_digest import PREFIX
from .progress import Progress, ignore_progress
from .snapshot_check import SnapshotCheck
from .snapshot_files import open_directory
from .snapshot_manifest import NewerReleaseNeededError, read_manifest
from .table_tally import TableTally
from .verification_report import Answer, Problem, VerificationReport

SourceFactory = Callable[[DatasetRequest], DatasetSource]
"""Makes the source of a request; raises `CannotRegenerateError` where it cannot."""

_PROBLEM_LIMIT: Final = 1_000
_NOT_COMPARED: Final = (
    "README.md was written by another release of esdh-exporters, so its wording was not held"
    " against the manifest"
)


def verify_snapshot(
    directory: str | os.PathLike[str],
    *,
    deep: bool = False,
    expected_digest: str | None = None,
    source_factory: SourceFactory | None = None,
    progress: Progress = ignore_progress,
) -> VerificationReport:
    """Check every file of a snapshot, and its rows too where `deep` is set or implied.

    `expected_digest` (a dataset digest known from elsewhere) and `source_factory` (which makes
    the data again) imply `deep`, so that a forgery with matching hashes is found. Memory stays
    flat whatever the size. Raises `OSError` only where the directory itself cannot be opened.
    """
    deep = deep or expected_digest is not None or source_factory is not None
    with open_directory(directory) as descriptor:
        try:
            document, content = read_manifest(descriptor)
        except NewerReleaseNeededError as error:
            note = f"{manifest.MANIFEST_NAME} cannot be used here: {error}"
            return VerificationReport(Answer.CANNOT_VERIFY, (), None, False, note)
        except errors.ManifestError as error:
            problem = Problem(manifest.MANIFEST_NAME, str(error))
            return VerificationReport(Answer.BROKEN, (problem,), None, False)
        check = SnapshotCheck(descriptor, document, progress)
        problems = _first(check.iter_file_problems(content))
        deep = deep and not problems
        if deep:
            problems = _first(check.iter_row_problems())
    if expected_digest is not None and not problems:
        problems = _first(_compare_expected(document, expected_digest))
    if problems:
        return VerificationReport(Answer.BROKEN, problems, document, deep)
    if source_factory is not None:
        return _regenerate(check, source_factory)
    answer = Answer.SELF_CONSISTENT if expected_digest is None else Answer.MATCHES_EXPECTED
    return VerificationReport(answer, (), document, deep)


def _first(problems: Iterator[Problem]) -> tuple[Problem, ...]:
    return tuple(problem for problem, _ in zip(problems, range(_PROBLEM_LIMIT), strict=False))


def _compare_expected(document: manifest.Manifest, expected: str) -> Iterator[Problem]:
    wanted = expected.strip().lower().removeprefix(PREFIX)
    if document.dataset_digest != PREFIX + wanted:
        yield Problem("dataset", f"its digest is {document.dataset_digest}, not {PREFIX}{wanted}")


def _regenerate(check: SnapshotCheck, source_factory: SourceFactory) -> VerificationReport:
    """Make the rows again and compare content digests, and what explains them too."""
    document = check.document
    try:
        source = source_factory(document.request)
    except errors.CannotRegenerateError as error:
        return VerificationReport(Answer.CANNOT_REGENERATE, (), document, True, str(error))
    problems = list(_iter_regeneration_problems(check, source))
    if not problems:
        problems += check.iter_explanation_problems()
    answer = Answer.BROKEN if problems else Answer.REGENERATED_IDENTICAL
    note = "" if check.readme_is_comparable else _NOT_COMPARED
    return VerificationReport(answer, tuple(problems), document, True, note)


def _iter_regeneration_problems(check: SnapshotCheck, source: DatasetSource) -> Iterator[Problem]:
    document = check.document
    tallies = {name: TableTally(source.contract.table(name)) for name in source.request.tables}
    for owners, chunks in iter_source_chunks(source, 0, source.owner_count):
        for name, chunk in chunks.items():
            tallies[name].add(chunk)
        check.progress("regenerating", owners, source.owner_count)
    for claimed in document.tables:
        if tallies[claimed.name].entry().content_digest != claimed.content_digest:
            yield Problem(claimed.name, "its rows are not those that its request makes")
    if document.reference_data_digest != source.reference_data_digest:
        message = "its reference-data digest is not that of the data its rows are made from"
        yield Problem(manifest.MANIFEST_NAME, message)
