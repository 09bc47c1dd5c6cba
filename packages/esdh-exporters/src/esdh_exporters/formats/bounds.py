"""Bounds that keep reading flat in memory, whoever made the file.

They are far above what contracts hold: a row of them has some 200 bytes. A file that breaks one
is refused before more of it is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import IO, Final

import pyarrow as pa
import pyarrow.compute as pc

from esdh_models import TableContract, dataset_request, errors

LONGEST_TEXT: Final = 4 * 2**10
"""Bytes of one text."""
LONGEST_LINE: Final = 64 * 2**10
"""Bytes of one line of CSV, NDJSON or a bundle, its line feed included."""
BLOCK_BYTES: Final = 2**20
_LARGEST_LEAF: Final = 32 * 2**20
"""Bytes in memory of the 10,000 rows that are held at once."""


class BoundedLines:
    """A binary file whose lines are short: reading raises `SourceError` at a longer one."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._open = 0

    def read(self, size: int, /) -> bytes:
        """Read on; every chunk is checked before it is handed over."""
        chunk = self._file.read(size)
        self._check(chunk)
        return chunk

    def iter_blocks(self) -> Iterator[bytes]:
        """Yield what is left in blocks of whole lines, some 1 MiB each.

        Parsing them one by one keeps the file in this thread: a reader of Arrow's own would go on
        with it in another one, even while the program ends.
        """
        rest = b""
        while chunk := self.read(BLOCK_BYTES):
            text = rest + chunk
            place = text.rfind(b"\n") + 1
            block, rest = text[:place], text[place:]
            if block:
                yield block
        if rest:
            yield rest

    def _check(self, chunk: bytes) -> None:
        """Leap from line feed to line feed, each as far as a line may reach."""
        start = -self._open
        while len(chunk) - start > LONGEST_LINE:
            end = chunk.rfind(b"\n", max(start, 0), start + LONGEST_LINE)
            if end < 0:
                message = f"it has a line of more than {LONGEST_LINE} bytes"
                raise errors.SourceError(message)
            start = end + 1
        last = chunk.rfind(b"\n", max(start, 0))
        self._open = len(chunk) - (start if last < 0 else last + 1)


def check_exact(text: bytes, rendered: Iterable[bytes | memoryview], name: str) -> None:
    """Refuse text that holds the same rows otherwise than the writer does; raises `SourceError`.

    Parsers are lenient: `0x7e5`, a quoted name or keys in another order would read the same here,
    but not in other programs.
    """
    if b"".join(rendered) != text:
        message = f"it holds rows of {name} that are not written as a snapshot writes them"
        raise errors.SourceError(message)


def iter_typed(rows: pa.Table, table: TableContract) -> Iterator[pa.RecordBatch]:
    """What was parsed as batches of the contract's schema; nulls stay, even where none may be."""
    for batch in rows.to_batches():
        columns = [batch.column(column.name).cast(column.arrow_type) for column in table.columns]
        yield pa.RecordBatch.from_arrays(columns, schema=table.arrow_schema)


def iter_bounded(
    batches: Iterable[pa.RecordBatch], table: TableContract
) -> Iterator[pa.RecordBatch]:
    """Pass batches on while their texts, and each 10,000 rows together, stay within bounds."""
    rows = size = 0
    for batch in batches:
        check_texts(batch, table)
        rows, size = rows + batch.num_rows, size + batch.nbytes
        if size > _LARGEST_LEAF:
            message = f"its rows of {table.name} are larger than any that are held in memory"
            raise errors.SourceError(message)
        if rows >= dataset_request.LEAF_OWNERS:
            rows = size = 0
        yield batch


def check_texts(batch: pa.RecordBatch, table: TableContract) -> None:
    """Refuse texts above `LONGEST_TEXT`, in dictionaries too; raises `SourceError`."""
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        texts = column.dictionary if pa.types.is_dictionary(column.type) else column
        if not pa.types.is_string(texts.type):
            continue
        longest = pc.max(pc.binary_length(texts)).as_py()
        if longest is not None and longest > LONGEST_TEXT:
            message = f"a text in {table.name}.{name} has more than {LONGEST_TEXT} bytes"
            raise errors.SourceError(message)
