"""Writes a snapshot: all parts into a staging directory, then the proof, then the name.

A snapshot's name is absent or holds a complete snapshot, at any instant. The order that keeps it
so: each data file is synced after its last write, then the manifest and SHA256SUMS, then the
staging directory; the rename is the commit, and the parent directory is synced after it.
"""

from __future__ import annotations

import importlib.metadata
import os
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Final

from esdh_models import DatasetSource, Packaging, errors, manifest

from .content_digest import dataset_digest
from .descriptors import checksums, explanations
from .hashing_file import HashingFile, write_synced
from .part_writer import PartResult
from .progress import Progress, ignore_progress, steps_of
from .snapshot_manifest import load_snapshot_manifest
from .staging import Staging, make_directories, open_staging, sweep_abandoned
from .verify import verify_snapshot
from .worker_pool import write_parts
from .worker_processes import Workers

_MOST_FILES: Final = 50_000
"""A manifest of so many files stays well below what its loader accepts."""


class SnapshotStatus(StrEnum):
    """How a snapshot came to be where it was asked for."""

    WRITTEN = "written"
    REPLACED = "replaced"
    ALREADY_VERIFIED = "already there, verified"


@dataclass(frozen=True, slots=True)
class SnapshotResult:
    """A complete snapshot, where it is, and whether this call wrote it."""

    directory: Path
    manifest: manifest.Manifest
    status: SnapshotStatus


def write_snapshot(
    source: DatasetSource,
    directory: str | os.PathLike[str],
    packaging: Packaging | None = None,
    *,
    workers: int | Workers = 1,
    force: bool = False,
    progress: Progress = ignore_progress,
) -> SnapshotResult:
    """Write the snapshot of `source` as `directory`, whole or not at all.

    If the directory already holds the same request in the same packaging and verifies, nothing
    is written. Otherwise an existing snapshot is replaced only with `force`, in one step; a
    directory that holds anything else is never replaced. Parts are written by `workers`
    processes, of which this is one, or by this one and those that `start_workers` started;
    `progress` is told of owners done.

    Raises `SnapshotExistsError`, `SnapshotWriteError` or `SourceError`; nothing is left behind.
    """
    target = Path(os.path.abspath(directory))  # noqa: PTH100  # resolve() would follow a link
    packaging = packaging or Packaging()
    _check_file_count(source, packaging)
    try:
        already = _find_existing(source, target, packaging, force=force)
        if already is not None:
            sweep_abandoned(target)
            return already
        make_directories(target.parent)
        with open_staging(target) as staging:
            results = write_parts(
                source,
                packaging,
                staging.path,
                workers=workers,
                lock_descriptor=staging.descriptor,
                progress=steps_of(progress, "generating", source.owner_count),
            )
            written = _write_proof(source, packaging, staging.path, results)
            return _commit(source, packaging, staging, written, force=force)
    except errors.EsdhError:
        raise
    except OSError as error:
        reason = error.strerror or str(error)
        message = f"cannot write the snapshot {target}: {reason}; nothing was left there"
        raise errors.SnapshotWriteError(message) from error


def _commit(
    source: DatasetSource,
    packaging: Packaging,
    staging: Staging,
    written: manifest.Manifest,
    *,
    force: bool,
) -> SnapshotResult:
    replaced = force and os.path.lexists(staging.target)
    try:
        staging.commit(
            check_replaced=partial(_refuse_foreign_files, target=staging.target) if force else None
        )
    except FileExistsError:
        already = _find_existing(source, staging.target, packaging, force=False)
        if already is None:
            raise
        return already
    status = SnapshotStatus.REPLACED if replaced else SnapshotStatus.WRITTEN
    return SnapshotResult(staging.target, written, status)


def _write_proof(
    source: DatasetSource, packaging: Packaging, folder: Path, results: Sequence[PartResult]
) -> manifest.Manifest:
    """Write the descriptors, the manifest and SHA256SUMS, in this order."""
    tallies = results[0].tallies
    for later in results[1:]:
        for name, tally in tallies.items():
            tally.extend(later.tallies[name])
    tables = tuple(tally.entry() for tally in tallies.values())
    data_files = tuple(entry for result in results for entry in result.files)
    request = source.request
    digest = dataset_digest(request, {table.name: table.content_digest for table in tables})
    texts = explanations(source.contract, request, packaging, digest, data_files)
    described = tuple(
        _entry(name, write_synced(folder / name, content)) for name, content in texts.items()
    )
    document = manifest.Manifest(
        dataset_digest=digest,
        request=request,
        request_digest=request.digest,
        reference_data_digest=source.reference_data_digest,
        packaging=packaging,
        tables=tables,
        files=(*data_files, *described),
        produced_by={**source.produced_by, **_own_versions()},
    )
    own = write_synced(folder / manifest.MANIFEST_NAME, document.to_json())
    hashes = {entry.path: entry.sha256 for entry in document.files}
    hashes[manifest.MANIFEST_NAME] = own.sha256
    write_synced(folder / manifest.CHECKSUMS_NAME, checksums(hashes))
    return document


def _entry(name: str, file: HashingFile) -> manifest.FileEntry:
    return manifest.FileEntry(path=name, bytes=file.size, sha256=file.sha256)


def _own_versions() -> dict[str, str]:
    names = ("esdh-exporters", "pyarrow")
    return {name: importlib.metadata.version(name) for name in names}


def _find_existing(
    source: DatasetSource, target: Path, packaging: Packaging, *, force: bool
) -> SnapshotResult | None:
    """The snapshot that makes writing needless, or None where the way is free.

    Raises `SnapshotExistsError` where something else is in the way.
    """
    if not os.path.lexists(target):
        return None
    if target.is_symlink() or not target.is_dir():
        kind = "a symbolic link" if target.is_symlink() else "not a directory"
        message = f"{target} exists and is {kind}; choose another output directory"
        raise errors.SnapshotExistsError(message)
    if not any(target.iterdir()):
        return None
    report = verify_snapshot(target)
    found = report.manifest
    same = found is not None and found.request == source.request and found.packaging == packaging
    if same and found is not None and report.passed:
        return SnapshotResult(target, found, SnapshotStatus.ALREADY_VERIFIED)
    _refuse_foreign_files(target, target)
    if force:
        return None
    state = f"this dataset, but damaged ({report.problems[0]})" if same else _described(found)
    raise errors.SnapshotExistsError(
        f"{target} already holds {state}; choose another output directory, or force its replacement"
    )


def _described(found: manifest.Manifest | None) -> str:
    if found is None:
        return "a damaged snapshot"
    identity = found.request.identity
    return (
        f"another snapshot ({identity.contract_version}, seed {identity.seed},"
        f" {found.request.records} records, {', '.join(found.packaging.formats)})"
    )


def _refuse_foreign_files(found: Path, target: Path) -> None:
    """Never replace what has the target's name, now found there or elsewhere, if it is not ours."""
    if found.is_symlink() or not found.is_dir():
        raise errors.SnapshotExistsError(
            f"{target} is no snapshot and is never replaced; choose another output directory"
        )
    if not any(found.iterdir()):
        return
    try:
        listed = load_snapshot_manifest(found).files
    except (errors.ManifestError, OSError):
        raise errors.SnapshotExistsError(
            f"{target} is no snapshot that could be replaced; remove it yourself or choose"
            " another output directory"
        ) from None
    ours = {manifest.MANIFEST_NAME, manifest.CHECKSUMS_NAME, *(entry.path for entry in listed)}
    for path in sorted(found.iterdir()):
        if path.name not in ours or path.is_symlink() or not path.is_file():
            what = "no regular file" if path.name in ours else "no part of a snapshot"
            raise errors.SnapshotExistsError(
                f"{target} holds {path.name!a}, which is {what}, and is never replaced; choose"
                " another output directory"
            )


def _check_file_count(source: DatasetSource, packaging: Packaging) -> None:
    parts = packaging.part_count(source.owner_count)
    files = parts * len(source.request.tables) * len(packaging.formats)
    if files > _MOST_FILES:
        raise errors.InvalidRequestError(
            f"this would be {files} files, more than {_MOST_FILES}; raise records_per_file above"
            f" {packaging.records_per_file}"
        )
