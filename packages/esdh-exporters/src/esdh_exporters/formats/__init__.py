"""One module per file format, all with the same names in the same order.

Each offers `NAME`, `EXTENSION`, `MEDIA_TYPE`, `BUNDLED` (whether one file holds all tables),
`open_writer` and `iter_batches`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Final, Protocol

import pyarrow as pa

from esdh_models import Packaging, TableContract, errors

from ..chunks import Chunk
from ..hashing_file import Sink
from . import csv, json, ndjson, parquet
from .part import Part

_BUNDLE: Final = "bundle"


class PartWriter(Protocol):
    """Writes the chunks of one part, of the tables it was opened for."""

    def write(self, chunk: Chunk) -> None:
        """Append one chunk."""
        ...

    def close(self) -> None:
        """Write what is still held back; the file below stays open."""
        ...


class Format(Protocol):
    """What a format module offers."""

    NAME: str
    EXTENSION: str
    MEDIA_TYPE: str
    BUNDLED: bool

    def open_writer(self, file: Sink, tables: tuple[TableContract, ...], part: Part) -> PartWriter:
        """Start one file of a part: of one table, or of all where the format is bundled."""
        ...

    def iter_batches(
        self, file: IO[bytes], table: TableContract, part: Part
    ) -> Iterator[pa.RecordBatch]:
        """Read one table of a part back with the contract's schema, in flat memory.

        Raises `SourceError`, for anything beyond `bounds` too.
        """
        ...


_MODULES: Final[tuple[Format, ...]] = (csv, json, ndjson, parquet)


def get_format(name: str) -> Format:
    """Return the module of a format; raises `UnknownNameError`."""
    for module in _MODULES:
        if name == module.NAME:
            return module
    raise errors.UnknownNameError("output format", name, (module.NAME for module in _MODULES))


@dataclass(frozen=True, slots=True)
class PartFile:
    """One file of one part; `table` is None where it holds all of them."""

    path: str
    format: str
    table: str | None

    def tables(self, asked_for: tuple[str, ...]) -> tuple[str, ...]:
        """Names of the tables it holds."""
        return asked_for if self.table is None else (self.table,)


def part_files(
    packaging: Packaging, tables: tuple[str, ...], part: int, part_count: int
) -> list[PartFile]:
    """The files of one part: `persons.csv`, or `persons-00000-of-00004.csv` among several."""
    number = "" if part_count == 1 else f"-{part:05d}-of-{part_count:05d}"
    files = []
    for name in packaging.formats:
        module = get_format(name)
        for table in (None,) if module.BUNDLED else tables:
            path = f"{table or _BUNDLE}{number}.{module.EXTENSION}"
            files.append(PartFile(path, name, table))
    return files
