"""One table as an Arrow IPC stream, in pieces that are the memory of its columns.

pyarrow gives a file of Python's each buffer as it lies there: no value is copied on the way.
"""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Iterator
from typing import Final

import pyarrow as pa

from esdh_models import DatasetSource, errors

from .chunks import iter_source_chunks

_SMALL_BYTES: Final = 2**13
"""Less than this is joined with its like, which costs less than a piece of its own."""
_END_BYTES: Final = 8
"""So many bytes of a batch, or fewer, end it."""


def iter_arrow_stream(source: DatasetSource, table: str) -> Iterator[bytes | memoryview]:
    """Yield one table as an Arrow IPC stream with the contract's schema, 50,000 rows a batch.

    A batch comes in pieces, which are all made with the first of them: memoryviews, and a few
    `bytes` as the last. Raises `UnknownNameError` for a table that the source was not asked for,
    at the first step.
    """
    if table not in source.request.tables:
        raise errors.UnknownNameError("entity", table, source.request.tables)
    pieces = _Pieces()
    writer = pa.ipc.new_stream(pieces, source.contract.table(table).arrow_schema)
    for _, chunks in iter_source_chunks(source, 0, source.owner_count):
        writer.write_batch(chunks[table].plain)
        del chunks  # while a reader takes its time
        yield from pieces.take()
    writer.close()
    yield from pieces.take()


class _Pieces(io.RawIOBase):
    """Holds what was written, where it lies, until it is taken."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: deque[bytes | memoryview] = deque()
        self._small = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes | pa.Buffer) -> int:
        if len(data) < _SMALL_BYTES:
            self._small += data
        else:
            self._join_small()
            self._pieces.append(memoryview(data))
        return len(data)

    def take(self) -> Iterator[bytes | memoryview]:
        """What was written since the last time; a piece is let go of when it is given."""
        self._join_small()
        pieces, self._pieces = self._pieces, deque()
        last = pieces.pop()
        if len(last) > _END_BYTES:
            pieces.append(last[:-_END_BYTES])
        pieces.append(bytes(last[-_END_BYTES:]))
        del last
        while pieces:
            yield pieces.popleft()

    def _join_small(self) -> None:
        if self._small:
            self._pieces.append(memoryview(self._small))
            self._small = bytearray()
