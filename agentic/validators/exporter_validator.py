"""Validates the exporters: whole snapshots, the same each time, and no damage that goes unseen."""

from __future__ import annotations

import contextlib
import hashlib
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from validator import CheckFailedError, importing, require_none, run_validator

with importing("exporter"):
    from esdh_exporters import (
        Answer,
        SnapshotStatus,
        render_tables,
        validate_snapshot,
        verify_snapshot,
        write_snapshot,
    )
    from esdh_generator import Dataset
    from esdh_models import Packaging, dataset_request, errors, manifest

_SEED: Final = 7
_RECORDS: Final = 25


def _dataset(seed: int = _SEED) -> Dataset:
    return Dataset(seed, _RECORDS)


def _packaging() -> Packaging:
    return Packaging.parse(formats=dataset_request.FORMATS)


@contextlib.contextmanager
def _written() -> Iterator[Path]:
    """A small snapshot in every format, alone in its folder."""
    with tempfile.TemporaryDirectory() as folder:
        yield write_snapshot(_dataset(), Path(folder) / "snapshot", _packaging()).directory


def snapshots_verify_in_every_format(_: Path) -> str:
    """What was written is self-consistent, and the same rows when they are made again."""
    with _written() as snapshot:
        answers = (
            verify_snapshot(snapshot, deep=True).answer,
            verify_snapshot(snapshot, source_factory=Dataset.from_request).answer,
        )
    if answers != (Answer.SELF_CONSISTENT, Answer.REGENERATED_IDENTICAL):
        raise CheckFailedError(f"the answers are {' and '.join(answers)}")
    return f"{', '.join(_packaging().formats)}: {' and '.join(answers)}"


def snapshots_keep_their_contract(_: Path) -> str:
    """The rows of every format break no rule of the contract, and none of them is left out."""
    with _written() as snapshot:
        report = validate_snapshot(snapshot)
    expected = _RECORDS * len(_dataset().contract.tables)
    require_none(
        f"{read.format}: {read.rows} of {expected} rows, {sum(read.counts.values())} violations"
        for read in report.formats
        if read.counts or read.rows != expected
    )
    if [read.format for read in report.formats] != list(_packaging().formats):
        raise CheckFailedError("a format was not validated")
    return f"{expected} rows in each of {len(report.formats)} formats"


def writing_twice_gives_the_same_bytes(_: Path) -> str:
    """Two snapshots of one request are equal file by file."""
    with _written() as one, _written() as two:
        names = _names(one)
        if names != _names(two):
            raise CheckFailedError("the second snapshot has other files")
        require_none(
            f"{name} differs" for name in names if _content(one, name) != _content(two, name)
        )
    return f"{len(names)} files"


def checksums_are_those_of_coreutils(_: Path) -> str:
    """SHA256SUMS names every other file with its hash."""
    with _written() as snapshot:
        lines = (snapshot / manifest.CHECKSUMS_NAME).read_text(encoding="utf-8").splitlines()
        told = {name: digest for digest, name in (line.split("  ") for line in lines)}
        found = {
            name: hashlib.sha256(_content(snapshot, name)).hexdigest()
            for name in _names(snapshot)
            if name != manifest.CHECKSUMS_NAME
        }
    if told != found:
        raise CheckFailedError("SHA256SUMS does not hold the hashes of the other files")
    return f"{len(found)} files"


def a_flipped_bit_is_found(_: Path) -> str:
    """One bit in the middle of any file makes the snapshot broken, and the file is named.

    The manifest's bit may lie in what it says of another file, which is then named instead.
    """
    problems = []
    with _written() as snapshot:
        names = _names(snapshot)
        for name in names:
            path, content = snapshot / name, _content(snapshot, name)
            middle = len(content) // 2
            path.write_bytes(
                content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
            )
            report = verify_snapshot(snapshot)
            if report.answer is not Answer.BROKEN:
                problems.append(f"a flipped bit in {name} gives the answer {report.answer}")
            elif name not in {manifest.MANIFEST_NAME, *(found.name for found in report.problems)}:
                problems.append(f"a flipped bit in {name} is blamed on another file")
            path.write_bytes(content)
    require_none(problems)
    return f"{len(names)} files"


def missing_and_extra_files_are_found(_: Path) -> str:
    """A file too few or too many makes the snapshot broken, and the file is named."""
    with _written() as snapshot:
        (snapshot / "notes.txt").write_text("not of this snapshot\n", encoding="utf-8")
        (snapshot / "persons.csv").unlink()
        report = verify_snapshot(snapshot)
    named = {problem.name for problem in report.problems}
    if report.answer is not Answer.BROKEN or named != {"notes.txt", "persons.csv"}:
        raise CheckFailedError(f"the answer is {report.answer}, naming {sorted(named)}")
    return "one missing and one extra file"


def a_forgery_is_found(_: Path) -> str:
    """A snapshot of other rows, sound in itself, is not the one that was expected."""
    with _written() as snapshot, tempfile.TemporaryDirectory() as folder:
        other = write_snapshot(
            _dataset(_SEED + 1), Path(folder) / "snapshot", _packaging()
        ).manifest
        report = verify_snapshot(snapshot, expected_digest=other.dataset_digest)
        same = verify_snapshot(snapshot, expected_digest=_digest(snapshot))
    answers = (report.answer, same.answer)
    if answers != (Answer.BROKEN, Answer.MATCHES_EXPECTED):
        raise CheckFailedError(f"the answers are {' and '.join(answers)}")
    return "another digest is refused, its own is confirmed"


def a_manifest_cannot_lead_outside(_: Path) -> str:
    """A manifest that names a file elsewhere is refused."""
    with _written() as snapshot:
        path = snapshot / manifest.MANIFEST_NAME
        document = json.loads(path.read_text(encoding="utf-8"))
        document["files"][0]["path"] = "../secret.csv"
        path.write_text(json.dumps(document), encoding="utf-8")
        report = verify_snapshot(snapshot)
    if report.answer is not Answer.BROKEN or report.manifest is not None:
        raise CheckFailedError(f"a manifest that names ../secret.csv gives {report.answer}")
    return "../secret.csv is refused"


def a_taken_name_is_kept(_: Path) -> str:
    """Another request never takes a name without force; the same request finds it there."""
    with _written() as snapshot:
        before, other = _digest(snapshot), _dataset(_SEED + 1)
        again = write_snapshot(_dataset(), snapshot, _packaging()).status
        try:
            write_snapshot(other, snapshot, _packaging())
        except errors.SnapshotExistsError:
            refused = True
        else:
            refused = False
        left = sorted(path.name for path in snapshot.parent.iterdir())
        kept = _digest(snapshot) == before
        forced = write_snapshot(other, snapshot, _packaging(), force=True).status
    require_none(
        problem
        for problem, holds in {
            "the same request is not found there": again is SnapshotStatus.ALREADY_VERIFIED,
            "another request takes the name": refused and kept,
            f"beside it is left {left}": left == ["snapshot"],
            "force does not replace it": forced is SnapshotStatus.REPLACED,
        }.items()
        if not holds
    )
    return f"{again}; another request is refused; with force it is {forced}"


def rendered_tables_are_the_files(_: Path) -> str:
    """Tables rendered in memory are byte for byte the files, with the manifest's digests."""
    problems = []
    with _written() as snapshot:
        claimed = manifest.load_manifest(_content(snapshot, manifest.MANIFEST_NAME)).tables
        digests = {table.name: table.content_digest for table in claimed}
        for name in ("csv", "ndjson"):
            for table, rendered in render_tables(_dataset(), name).items():
                if rendered.content != _content(snapshot, f"{table}.{name}"):
                    problems.append(f"{table} as {name} is not {table}.{name}")
                if rendered.content_digest != digests[table]:
                    problems.append(f"{table} as {name} has another digest than the manifest says")
    require_none(problems)
    return f"{len(digests)} tables as csv and ndjson"


def _names(snapshot: Path) -> list[str]:
    return sorted(path.name for path in snapshot.iterdir())


def _content(snapshot: Path, name: str) -> bytes:
    return (snapshot / name).read_bytes()


def _digest(snapshot: Path) -> str:
    return manifest.load_manifest(_content(snapshot, manifest.MANIFEST_NAME)).dataset_digest


CHECKS: Final = (
    snapshots_verify_in_every_format,
    snapshots_keep_their_contract,
    writing_twice_gives_the_same_bytes,
    checksums_are_those_of_coreutils,
    a_flipped_bit_is_found,
    missing_and_extra_files_are_found,
    a_forgery_is_found,
    a_manifest_cannot_lead_outside,
    a_taken_name_is_kept,
    rendered_tables_are_the_files,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the checks."""
    return run_validator("exporter", CHECKS, arguments)


if __name__ == "__main__":
    sys.exit(main())
