"""The layout of a JSON bundle, held against what its part must look like, byte for byte.

Only the rows vary. A bundle with anything before, between or after them is refused, so that two
programs that read it can never find different rows.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from esdh_models import errors

from .bounds import BLOCK_BYTES, BoundedLines
from .part import Part

SECTION_END: Final = b"\n]"
BUNDLE_END: Final = b"}\n"


def bundle_start(part: Part) -> bytes:
    """The metadata, which follow from the part."""
    metadata = json.dumps(_metadata(part), ensure_ascii=False, separators=(",", ":"))
    return f'{{"metadata": {metadata}'.encode()


def section_start(table: str) -> bytes:
    """What stands before the rows of a table."""
    return f',\n"{table}": [\n'.encode()


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


def iter_section(file: BoundedLines, table: str, part: Part) -> Iterator[bytes]:
    """Yield the lines of a table's rows in chunks, as NDJSON has them; raises `SourceError`.

    What stands before the section is checked, and what stands behind it up to the next one. So
    reading every table of a bundle checks the whole of it.
    """
    cursor = _Cursor(file)
    cursor.pass_over(bundle_start(part))
    names = part.request.tables
    place = names.index(table)
    for name in names[:place]:
        cursor.pass_over(section_start(name))
        for _ in cursor.iter_until(SECTION_END):
            pass
    cursor.pass_over(section_start(table))
    yield from _without_commas(cursor.iter_until(SECTION_END))
    if name_after := names[place + 1 : place + 2]:
        cursor.pass_over(section_start(*name_after))
    else:
        cursor.pass_over(BUNDLE_END)
        cursor.check_end()


def _without_commas(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Take the comma from every line but the last, which has none."""
    rest = b""
    for chunk in chunks:
        text = rest + chunk
        place = text.rfind(b"\n") + 1
        lines, rest = text[:place], text[place:]
        if lines.count(b"\n") != lines.count(b",\n"):
            raise _misplaced()
        if lines:
            yield lines.replace(b",\n", b"\n")
    yield rest + b"\n"


class _Cursor:
    """Goes through a file once, a chunk at a time."""

    def __init__(self, file: BoundedLines) -> None:
        self._file = file
        self._held = b""

    def pass_over(self, text: bytes) -> None:
        """Demand a text at this place."""
        while len(self._held) < len(text) and (chunk := self._file.read(BLOCK_BYTES)):
            self._held += chunk
        if not self._held.startswith(text):
            raise _misplaced()
        self._held = self._held[len(text) :]

    def iter_until(self, mark: bytes) -> Iterator[bytes]:
        """Yield what stands before the next `mark`, and go behind it."""
        overlap = len(mark) - 1
        while (place := self._held.find(mark)) < 0:
            chunk = self._file.read(BLOCK_BYTES)
            if not chunk:
                raise _misplaced()
            safe = max(len(self._held) - overlap, 0)
            ready, self._held = self._held[:safe], self._held[safe:] + chunk
            yield ready
        ready, self._held = self._held[:place], self._held[place + len(mark) :]
        yield ready

    def check_end(self) -> None:
        """Demand that nothing follows."""
        if self._held or self._file.read(1):
            raise _misplaced()


def _misplaced() -> errors.SourceError:
    return errors.SourceError("it is not laid out as the bundle of its part")
