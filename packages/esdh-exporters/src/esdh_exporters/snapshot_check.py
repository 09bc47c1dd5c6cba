"""Holds a directory against the manifest in it: names, bytes, hashes, rows."""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
from collections.abc import Iterator
from dataclasses import dataclass

from esdh_models import Contract, errors, get_contract, manifest

from .chunks import iter_file_chunks
from .content_digest import dataset_digest
from .descriptors import (
    DATA_PACKAGE_NAME,
    METADATA_NAME,
    README_NAME,
    checksums,
    explanations,
)
from .formats import get_format, part_files
from .formats.part import Part, claimed_part
from .progress import Progress, Steps, steps_of
from .snapshot_files import hash_file, open_regular_file, reading_problem
from .table_tally import TableTally
from .verification_report import Problem


@dataclass(frozen=True, slots=True)
class SnapshotCheck:
    """One directory and what its manifest claims."""

    directory: int
    document: manifest.Manifest
    progress: Progress

    @property
    def _contract(self) -> Contract:
        return get_contract(self.document.request.identity.contract_version)

    def iter_file_problems(self, manifest_content: bytes) -> Iterator[Problem]:
        """Names, kinds, sizes and hashes of files, and the manifest against itself."""
        yield from self._iter_claim_problems()
        listed = {entry.path for entry in self.document.files}
        proof = {manifest.MANIFEST_NAME, manifest.CHECKSUMS_NAME}
        for name in sorted(set(os.listdir(self.directory)) - listed - proof):  # noqa: PTH208
            yield Problem(ascii(name)[1:-1], "it is not in the manifest")
        total = sum(entry.bytes for entry in self.document.files)
        steps = steps_of(self.progress, "hashing", total)
        for entry in self.document.files:
            message = self._file_problem(entry, steps)
            if message:
                yield Problem(entry.path, message)
        yield from self._iter_checksum_problems(manifest_content)

    @property
    def readme_is_comparable(self) -> bool:
        """Whether this release claims to have written README.md; another may word it otherwise.

        A forger can claim any release, so what programs read is compared in any case.
        """
        here = importlib.metadata.version("esdh-exporters")
        return self.document.produced_by.get("esdh-exporters") == here

    def iter_explanation_problems(self) -> Iterator[Problem]:
        """Texts that do not follow from the manifest, though their hashes stand in it.

        To be asked only of a manifest that has no other problem.
        """
        document = self.document
        texts = explanations(
            self._contract,
            document.request,
            document.packaging,
            document.dataset_digest,
            document.data_files(),
        )
        if not self.readme_is_comparable:
            del texts[README_NAME]
        hashes = {name: hashlib.sha256(text).hexdigest() for name, text in texts.items()}
        for entry in document.files:
            if entry.sha256 != hashes.get(entry.path, entry.sha256):
                yield Problem(entry.path, "it does not say what follows from the manifest")

    def _iter_claim_problems(self) -> Iterator[Problem]:
        """What the manifest says, against what follows from its own request."""
        document, request = self.document, self.document.request

        def wrong(message: str) -> Problem:
            return Problem(manifest.MANIFEST_NAME, message)

        if document.request_digest != request.digest:
            yield wrong("its request digest is not that of its request")
        digests = {table.name: table.content_digest for table in document.tables}
        if document.dataset_digest != dataset_digest(request, digests):
            yield wrong("its dataset digest does not follow from its table digests")
        for table in document.tables:
            empty = TableTally(self._contract.table(table.name)).entry()
            if (table.primary_key, table.foreign_keys) != (empty.primary_key, empty.foreign_keys):
                yield wrong(f"the keys of {table.name} are not those of the contract")
            if table.rows != request.records:
                yield wrong(f"{table.name} has {table.rows} rows, not one for each record")
        if not lists_expected_files(document):
            yield wrong("its files are not those of its request and packaging")

    def _file_problem(self, entry: manifest.FileEntry, steps: Steps) -> str:
        try:
            with open_regular_file(self.directory, entry.path) as file:
                size, sha256 = hash_file(file, entry.bytes, steps)
        except OSError as error:
            return reading_problem(error)
        if size != entry.bytes:
            return f"it has {size} bytes, but the manifest says {entry.bytes}"
        if sha256 != entry.sha256:
            return "its SHA-256 is not the one in the manifest"
        return ""

    def _iter_checksum_problems(self, manifest_content: bytes) -> Iterator[Problem]:
        hashes = {entry.path: entry.sha256 for entry in self.document.files}
        hashes[manifest.MANIFEST_NAME] = hashlib.sha256(manifest_content).hexdigest()
        expected = checksums(hashes)
        try:
            with open_regular_file(self.directory, manifest.CHECKSUMS_NAME) as file:
                if file.read(len(expected) + 1) != expected:
                    yield Problem(manifest.CHECKSUMS_NAME, "it does not agree with the manifest")
        except OSError as error:
            yield Problem(manifest.CHECKSUMS_NAME, reading_problem(error))

    def iter_row_problems(self) -> Iterator[Problem]:
        """Rows of every table in every format, against content digests and statistics."""
        total = sum(entry.rows or 0 for entry in self.document.data_files())
        steps = steps_of(self.progress, "reading", total)
        for claimed in self.document.tables:
            for format_name in self.document.packaging.formats:
                yield from self._iter_table_problems(claimed, format_name, steps)

    def _iter_table_problems(
        self, claimed: manifest.TableEntry, format_name: str, steps: Steps
    ) -> Iterator[Problem]:
        tally = TableTally(self._contract.table(claimed.name))
        for entry in self.document.parts_of(claimed.name, format_name):
            part, before = claimed_part(self.document, entry.part or 0), tally.rows
            try:
                self._tally_file(entry.path, format_name, part, tally, steps)
            except errors.SourceError as error:
                yield Problem(entry.path, str(error))
                return
            except OSError as error:
                yield Problem(entry.path, reading_problem(error))
                return
            found, rows = tally.rows - before, part.stop - part.start
            if found != rows:
                yield Problem(entry.path, f"it has {found} rows of {claimed.name}, not {rows}")
                return
        found_entry = tally.entry()
        name = f"{claimed.name} as {format_name}"
        if found_entry.content_digest != claimed.content_digest:
            yield Problem(name, "its rows do not have the content digest in the manifest")
        elif found_entry.columns != claimed.columns:
            yield Problem(name, "its column statistics are not those in the manifest")

    def _tally_file(
        self, path: str, format_name: str, part: Part, tally: TableTally, steps: Steps
    ) -> None:
        with open_regular_file(self.directory, path) as file:
            batches = get_format(format_name).iter_batches(file, tally.table, part)
            for chunk in iter_file_chunks(tally.table, batches):
                tally.add(chunk)
                steps(chunk.plain.num_rows)


def lists_expected_files(document: manifest.Manifest) -> bool:
    """Whether the manifest lists what its request and packaging make; cheap for any claim."""
    request, packaging = document.request, document.packaging
    count = packaging.part_count(request.records)
    if count > len(document.files):
        return False
    names = (METADATA_NAME, DATA_PACKAGE_NAME, README_NAME)
    expected: set[tuple[str, str | None, str | None, int | None, int | None]] = {
        (name, None, None, None, None) for name in names
    }
    for number in range(count):
        start, stop = packaging.part_range(number, request.records)
        for file in part_files(packaging, request.tables, number, count):
            rows = (stop - start) * len(file.tables(request.tables))
            expected.add((file.path, file.table, file.format, number, rows))
    return expected == {(e.path, e.table, e.format, e.part, e.rows) for e in document.files}
