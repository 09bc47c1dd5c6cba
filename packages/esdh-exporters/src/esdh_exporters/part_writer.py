"""Writes one part of a snapshot: every table of a range of owners, in every format, in one pass."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from esdh_models import DatasetSource, Packaging, manifest

from .formats import TableWriter, get_format
from .hashing_file import HashingFile
from .leaves import iter_source_leaves
from .progress import Steps
from .table_tally import TableTally


@dataclass(frozen=True, slots=True)
class PartResult:
    """What one part adds to the manifest."""

    tallies: dict[str, TableTally]
    files: tuple[manifest.FileEntry, ...]


@dataclass(frozen=True, slots=True)
class _OpenFile:
    table: str
    format: str
    path: str
    file: HashingFile
    writer: TableWriter


def part_file_name(table: str, extension: str, part: int, part_count: int) -> str:
    """`persons.csv`, or `persons-00000-of-00004.csv` where there are several parts."""
    if part_count == 1:
        return f"{table}.{extension}"
    return f"{table}-{part:05d}-of-{part_count:05d}.{extension}"


def write_part(
    source: DatasetSource, packaging: Packaging, folder: Path, part: int, progress: Steps
) -> PartResult:
    """Write and sync all files of part number `part` into `folder`; raises `OSError`."""
    ranges = packaging.part_ranges(source.owner_count)
    start, stop = ranges[part]
    tallies = {name: TableTally(source.contract.table(name)) for name in source.request.tables}
    with ExitStack() as stack:
        opened = [
            _open(source, table, format_name, folder, part, len(ranges), stack)
            for format_name in packaging.formats
            for table in source.request.tables
        ]
        for owners, leaves in iter_source_leaves(source, start, stop):
            for name, leaf in leaves.items():
                tallies[name].add(leaf)
            for item in opened:
                item.writer.write(leaves[item.table])
            progress(owners)
        files = tuple(_finish(item, part, tallies[item.table].rows) for item in opened)
    return PartResult(tallies, files)


def _open(
    source: DatasetSource,
    table: str,
    format_name: str,
    folder: Path,
    part: int,
    part_count: int,
    stack: ExitStack,
) -> _OpenFile:
    format_module = get_format(format_name)
    path = part_file_name(table, format_module.EXTENSION, part, part_count)
    file = stack.enter_context(HashingFile(folder / path))
    writer = format_module.open_writer(file, source.contract.table(table))
    return _OpenFile(table, format_name, path, file, writer)


def _finish(item: _OpenFile, part: int, rows: int) -> manifest.FileEntry:
    item.writer.close()
    item.file.sync()
    return manifest.FileEntry(
        path=item.path,
        table=item.table,
        format=item.format,
        part=part,
        rows=rows,
        bytes=item.file.size,
        sha256=item.file.sha256,
    )
