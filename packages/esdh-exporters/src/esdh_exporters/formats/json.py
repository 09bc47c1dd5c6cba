"""JSON bundles: each part one document with all tables of its owners, one row per line.

    {"metadata": {...},
    "persons": [
    {...},
    {...}
    ],
    "vehicles": [
    ...
    ]}

Rows come table by table, but are made side by side: all tables but the first wait in a temporary
file of the staging directory.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from typing import IO, Final

import pyarrow as pa

from esdh_models import TableContract

from ..chunks import Chunk
from ..hashing_file import Sink
from ..json_rows import JsonRows
from . import ndjson
from .bounds import BoundedLines
from .bundle_layout import (
    BUNDLE_END,
    SECTION_END,
    bundle_start,
    iter_section,
    section_start,
)
from .part import Part

NAME: Final = "json"
EXTENSION: Final = "json"
MEDIA_TYPE: Final = "application/json"
BUNDLED: Final = True

_CHUNK_BYTES: Final = 2**20


class JsonWriter:
    """Writes one part: metadata, then one array per table."""

    def __init__(self, file: Sink, tables: tuple[TableContract, ...], part: Part) -> None:
        """Write the metadata and prepare a place for the rows of each table."""
        self._file = file
        self._sections = [_Section(table, part) for table in tables]
        file.write(bundle_start(part))

    def write(self, chunk: Chunk) -> None:
        """Append the rows of a chunk to its table."""
        section = next(s for s in self._sections if s.table.name == chunk.table.name)
        section.write(chunk)

    def close(self) -> None:
        """Put the tables together."""
        for section in self._sections:
            with section.rows as rows:
                self._file.write(section_start(section.table.name))
                rows.seek(0)
                shutil.copyfileobj(rows, self._file, _CHUNK_BYTES)
            self._file.write(SECTION_END)
        self._file.write(BUNDLE_END)


class _Section:
    """The rows of one table, waiting for their turn."""

    def __init__(self, table: TableContract, part: Part) -> None:
        self.table = table
        self.rows = tempfile.TemporaryFile(dir=part.folder)  # noqa: SIM115  # closed by its writer
        self._render = JsonRows(table, ",\n", "").render
        self._is_first = True

    def write(self, chunk: Chunk) -> None:
        """Append rows; a comma and a line feed stand before all but the first."""
        for text in self._render(chunk):
            self.rows.write(text[2:] if self._is_first else text)
            self._is_first = False


def open_writer(file: Sink, tables: tuple[TableContract, ...], part: Part) -> JsonWriter:
    """Start one part of all tables."""
    return JsonWriter(file, tables, part)


def iter_batches(file: IO[bytes], table: TableContract, part: Part) -> Iterator[pa.RecordBatch]:
    """Read one table of a part back, in flat memory; raises `SourceError`."""
    blocks = iter_section(BoundedLines(file), table.name, part)
    return ndjson.iter_rows(blocks, table)
