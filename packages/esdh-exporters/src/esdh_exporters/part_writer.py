"""Writes parts of a snapshot: every table of a range of owners, in every format, in one pass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from esdh_models import DatasetSource, Packaging, manifest

from .chunks import iter_source_chunks
from .formats import PartFile, PartWriter, get_format, part_files
from .formats.part import Part
from .hashing_file import HashingFile
from .progress import Steps
from .table_tally import TableTally


@dataclass(frozen=True, slots=True)
class PartResult:
    """What one part adds to the manifest."""

    number: int
    tallies: dict[str, TableTally]
    files: tuple[manifest.FileEntry, ...]


@dataclass(frozen=True, slots=True)
class _OpenFile:
    about: PartFile
    tables: tuple[str, ...]
    file: HashingFile
    writer: PartWriter


@dataclass(frozen=True, slots=True)
class _WrittenPart:
    """A part that is written, but perhaps not yet on disk; what wrote it is not kept."""

    result: PartResult
    files: tuple[HashingFile, ...]
    open_files: ExitStack

    def when_on_disk(self) -> PartResult:
        """Wait until all of its files are there, and close them."""
        with self.open_files:
            for file in self.files:
                file.sync()
        return self.result


def write_parts(
    source: DatasetSource,
    packaging: Packaging,
    folder: Path,
    numbers: Iterable[int],
    progress: Steps,
) -> Iterator[PartResult]:
    """Write parts into `folder`; each comes out once all of its files are on disk.

    A part goes to disk while the next one is written. Raises `OSError`.
    """
    before: _WrittenPart | None = None
    try:
        for number in numbers:
            written = _write_part(source, packaging, folder, number, progress)
            done, before = before, written
            if done is not None:
                yield done.when_on_disk()
        if before is not None:
            yield before.when_on_disk()
    finally:
        if before is not None:
            before.open_files.close()


def _write_part(
    source: DatasetSource, packaging: Packaging, folder: Path, number: int, progress: Steps
) -> _WrittenPart:
    part = _part(source, packaging, folder, number)
    tallies = {table.name: TableTally(table) for table in part.tables}
    with ExitStack() as stack:
        opened = tuple(
            _open(about, part, stack)
            for about in part_files(packaging, source.request.tables, number, part.count)
        )
        for owners, chunks in iter_source_chunks(source, part.start, part.stop):
            for name, chunk in chunks.items():
                tallies[name].add(chunk)
            for item in opened:
                for name in item.tables:
                    item.writer.write(chunks[name])
            progress(owners)
        for item in opened:
            item.writer.close()
            item.file.begin_sync()
        entries = tuple(_entry(item, number, tallies) for item in opened)
        files = tuple(item.file for item in opened)
        return _WrittenPart(PartResult(number, tallies, entries), files, stack.pop_all())


def _part(source: DatasetSource, packaging: Packaging, folder: Path, number: int) -> Part:
    start, stop = packaging.part_range(number, source.owner_count)
    count = packaging.part_count(source.owner_count)
    return Part(source.contract, source.request, number, count, start, stop, folder)


def _open(about: PartFile, part: Part, stack: ExitStack) -> _OpenFile:
    tables = about.tables(part.request.tables)
    file = stack.enter_context(HashingFile(part.folder / about.path))
    contracts = tuple(part.contract.table(name) for name in tables)
    writer = get_format(about.format).open_writer(file, contracts, part)
    return _OpenFile(about, tables, file, writer)


def _entry(item: _OpenFile, number: int, tallies: dict[str, TableTally]) -> manifest.FileEntry:
    return manifest.FileEntry(
        path=item.about.path,
        table=item.about.table,
        format=item.about.format,
        part=number,
        rows=sum(tallies[name].rows for name in item.tables),
        bytes=item.file.size,
        sha256=item.file.sha256,
    )
