"""One module per file format, all with the same names in the same order.

Each offers `NAME`, `EXTENSION`, `MEDIA_TYPE`, `open_writer` and `iter_batches`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Final, Protocol

import pyarrow as pa

from esdh_models import TableContract, errors

from ..hashing_file import Sink
from ..leaves import Leaf
from . import csv, parquet


class TableWriter(Protocol):
    """Writes the leaves of one part of one table."""

    def write(self, leaf: Leaf) -> None:
        """Append one leaf."""
        ...

    def close(self) -> None:
        """Write what is still held back; the file below stays open."""
        ...


class Format(Protocol):
    """What a format module offers."""

    NAME: str
    EXTENSION: str
    MEDIA_TYPE: str

    def open_writer(self, file: Sink, table: TableContract) -> TableWriter:
        """Start one part of a table."""
        ...

    def iter_batches(self, file: IO[bytes], table: TableContract) -> Iterator[pa.RecordBatch]:
        """Read a part back with the contract's schema, in flat memory; raises `SourceError`."""
        ...


_MODULES: Final[tuple[Format, ...]] = (csv, parquet)


def get_format(name: str) -> Format:
    """Return the module of a format; raises `UnknownNameError`."""
    for module in _MODULES:
        if name == module.NAME:
            return module
    raise errors.UnknownNameError("output format", name, (module.NAME for module in _MODULES))
