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

import io
import json
import shutil
import tempfile
from collections.abc import Iterator
from typing import IO, Any, Final

import pyarrow as pa

from esdh_models import TableContract, errors

from ..hashing_file import Sink
from ..json_rows import JsonRows
from ..leaves import Leaf
from . import ndjson
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
        metadata = json.dumps(_metadata(part), ensure_ascii=False, separators=(",", ":"))
        file.write(f'{{"metadata": {metadata}'.encode())

    def write(self, leaf: Leaf) -> None:
        """Append the rows of a leaf to its table."""
        section = next(s for s in self._sections if s.table.name == leaf.table.name)
        section.write(leaf)

    def close(self) -> None:
        """Put the tables together."""
        for section in self._sections:
            with section.rows as rows:
                self._file.write(f',\n"{section.table.name}": [\n'.encode())
                rows.seek(0)
                shutil.copyfileobj(rows, self._file, _CHUNK_BYTES)
            self._file.write(b"\n]")
        self._file.write(b"}\n")


class _Section:
    """The rows of one table, waiting for their turn."""

    def __init__(self, table: TableContract, part: Part) -> None:
        self.table = table
        self.rows = tempfile.TemporaryFile(dir=part.folder)  # noqa: SIM115  # closed by its writer
        self._render = JsonRows(table, ",\n", "").render
        self._is_first = True

    def write(self, leaf: Leaf) -> None:
        """Append rows; a comma and a line feed stand before all but the first."""
        text = self._render(leaf)
        self.rows.write(text[2:] if self._is_first else text)
        self._is_first = False


def _metadata(part: Part) -> dict[str, Any]:
    return {
        "synthetic_source": part.contract.synthetic_source,
        "dataset_version": part.contract.version,
        "seed": part.request.identity.seed,
        "request": part.request.model_dump(mode="json"),
        "request_digest": part.request.digest,
        "part": part.number,
        "part_count": part.count,
        "first_record": part.start,
        "record_count": part.stop - part.start,
    }


def open_writer(file: Sink, tables: tuple[TableContract, ...], part: Part) -> JsonWriter:
    """Start one part of all tables."""
    return JsonWriter(file, tables, part)


def iter_batches(file: IO[bytes], table: TableContract) -> Iterator[pa.RecordBatch]:
    """Read one table of a part back, in flat memory; raises `SourceError`."""
    with io.BufferedReader(_SectionReader(file, table), _CHUNK_BYTES) as rows:
        yield from ndjson.iter_batches(rows, table)


class _SectionReader(io.RawIOBase):
    """The rows of one table of a bundle as NDJSON."""

    def __init__(self, file: IO[bytes], table: TableContract) -> None:
        super().__init__()
        self._table = table
        self._lines = self._iter_lines(file)
        self._rest = b""

    def readable(self) -> bool:
        """Answer yes: that is what it is for."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer with whole or broken lines; 0 at the end of the table."""
        pieces, size = [self._rest], len(self._rest)
        while size < len(buffer) and (line := next(self._lines, b"")):
            pieces.append(line)
            size += len(line)
        text = b"".join(pieces)
        ready, self._rest = text[: len(buffer)], text[len(buffer) :]
        buffer[: len(ready)] = ready
        return len(ready)

    def _iter_lines(self, file: IO[bytes]) -> Iterator[bytes]:
        start = f'"{self._table.name}": [\n'.encode()
        if not any(line == start for line in _bounded_lines(file)):
            message = f"it has no rows of {self._table.name} where a bundle has them"
            raise errors.SourceError(message)
        for line in _bounded_lines(file):
            if line.startswith(b"]"):
                return
            yield line.removesuffix(b"\n").removesuffix(b",") + b"\n"


def _bounded_lines(file: IO[bytes]) -> Iterator[bytes]:
    """Lines of at most 1 MiB, so that a file without line feeds takes no memory."""
    return iter(lambda: file.readline(_CHUNK_BYTES), b"")
