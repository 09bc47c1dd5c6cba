"""Tables without a snapshot around them: for pipes, responses, and files of the caller's.

Nothing here touches a disk. Memory stays flat: a chunk of each table is held at a time.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from esdh_models import DatasetSource, dataset_request, errors

from .chunks import iter_source_chunks
from .content_digest import leaf_digests, table_digest
from .few_rows import FEW_OWNERS, render_few_rows
from .formats import PartWriter, get_format, ndjson
from .formats.part import Part
from .hashing_file import Sink
from .progress import Steps
from .rendered_table import RenderedTable

_TEXT_OWNERS: Final = dataset_request.LEAF_OWNERS
"""Made in one go for responses in text, which each of many readers holds some of."""


def write_table(
    source: DatasetSource,
    table: str,
    format_name: str,
    file: Sink,
    *,
    progress: Steps = lambda _: None,
) -> None:
    """Write all rows of `table` to `file` in flat memory, with nothing around them.

    Raises `UnknownNameError` for a table that the source was not asked for or a format that does
    not exist, `InvalidRequestError` for a format that only holds whole datasets, and `OSError`.
    """
    if table not in source.request.tables:
        raise errors.UnknownNameError("entity", table, source.request.tables)
    writer = _open_writer(source, table, format_name, file)
    for owners, chunks in iter_source_chunks(source, 0, source.owner_count):
        writer.write(chunks[table])
        progress(owners)
    writer.close()


def iter_tables(source: DatasetSource, format_name: str) -> Iterator[Mapping[str, bytes]]:
    """Yield the tables asked for side by side, as chunks that are written one after the other.

    Each step is the next chunk of every table: the rows of 10,000 owners, a header before the
    first, whatever the format ends with in a last step. Raises as `write_table` does, at the
    first step.
    """
    sinks = {name: _Collected() for name in source.request.tables}
    writers = {name: _open_writer(source, name, format_name, sinks[name]) for name in sinks}
    for _, chunks in iter_source_chunks(source, 0, source.owner_count, _TEXT_OWNERS):
        for name, writer in writers.items():
            writer.write(chunks[name])
        yield {name: sink.take() for name, sink in sinks.items()}
    for writer in writers.values():
        writer.close()
    last = {name: sink.take() for name, sink in sinks.items()}
    if any(last.values()):
        yield last


def render_tables(source: DatasetSource, format_name: str) -> Mapping[str, RenderedTable]:
    """Render every table asked for in memory, with its content digest; raises as `iter_tables`.

    Few rows are rendered from plain values where the source has them and the format is NDJSON.
    """
    if source.owner_count <= FEW_OWNERS and format_name == ndjson.NAME:
        few = render_few_rows(source)
        if few is not None:
            return few
    sinks = {name: _Collected() for name in source.request.tables}
    writers = {name: _open_writer(source, name, format_name, sinks[name]) for name in sinks}
    digests: dict[str, list[str]] = {name: [] for name in sinks}
    rows = dict.fromkeys(sinks, 0)
    for _, chunks in iter_source_chunks(source, 0, source.owner_count):
        for name, chunk in chunks.items():
            writers[name].write(chunk)
            digests[name] += leaf_digests(chunk)
            rows[name] += chunk.plain.num_rows
    for writer in writers.values():
        writer.close()
    return {
        name: RenderedTable(
            rows=rows[name],
            content_digest=table_digest(source.contract.table(name), rows[name], digests[name]),
            content=sink.take(),
        )
        for name, sink in sinks.items()
    }


class _Collected(io.RawIOBase):
    """Holds what was written until it is taken."""

    def __init__(self) -> None:
        super().__init__()
        self._chunks: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]  # Buffer is Python 3.12
        self._chunks.append(bytes(data))
        return len(self._chunks[-1])

    def take(self) -> bytes:
        """What was written since the last time."""
        chunks, self._chunks = self._chunks, []
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _open_writer(source: DatasetSource, table: str, format_name: str, file: Sink) -> PartWriter:
    format_module = get_format(format_name)
    if format_module.BUNDLED:
        raise errors.InvalidRequestError(
            f"{format_name} holds whole datasets, not one table; choose csv, ndjson or parquet"
        )
    whole = Part(
        contract=source.contract,
        request=source.request,
        number=0,
        count=1,
        start=0,
        stop=source.owner_count,
        folder=Path(tempfile.gettempdir()),
    )
    return format_module.open_writer(file, (source.contract.table(table),), whole)
