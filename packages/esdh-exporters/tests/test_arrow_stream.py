"""An Arrow IPC stream in pieces: the bytes that pyarrow would write, from where they lie."""

from __future__ import annotations

import gc

import pyarrow as pa
import pytest
from plain_source import PlainSource

from esdh_exporters import iter_arrow_stream
from esdh_exporters.arrow_stream import _SMALL_BYTES, _Pieces
from esdh_exporters.chunks import Column
from esdh_models import DatasetRequest

ROWS = 20_000
END = b"\xff\xff\xff\xff\0\0\0\0"


def batch_of(rows: int) -> pa.RecordBatch:
    """Columns of every layout that contracts have, with nulls and without."""
    texts = [None if row % 3 == 0 else f"text {row}" for row in range(rows)]
    return pa.record_batch(
        {
            "text": pa.array(map(str, range(rows)), pa.string()),
            "text_or_null": pa.array(texts, pa.string()),
            "only_nulls": pa.nulls(rows, pa.string()),
            "day": pa.array(range(rows), pa.date32()),
            "number_or_null": pa.array([row or None for row in range(rows)], pa.int64()),
            "flag": pa.array([row % 5 == 0 for row in range(rows)], pa.bool_()),
        }
    )


def written(*batches: pa.RecordBatch) -> list[list[bytes | memoryview]]:
    """The pieces of each batch, and what ends the stream."""
    pieces = _Pieces()
    writer = pa.ipc.new_stream(pieces, batches[0].schema)
    taken = []
    for batch in batches:
        writer.write_batch(batch)
        taken.append(list(pieces.take()))
    writer.close()
    return [*taken, list(pieces.take())]


@pytest.mark.parametrize("rows", [0, 1, 7, 8, ROWS])
@pytest.mark.parametrize("start", [0, 3, 8, 13])
def test_pieces_are_what_pyarrow_serialises(rows: int, start: int) -> None:
    """Byte for byte, whether or not the columns begin where their buffers do."""
    whole = batch_of(rows + start + 5)
    batches = [whole.slice(start, rows), batch_of(rows), whole.slice(rows, start)]
    expected = [whole.schema.serialize(), *(batch.serialize() for batch in batches), END]

    assert b"".join(expected) == b"".join(b"".join(pieces) for pieces in written(*batches))


def test_each_batch_ends_with_bytes() -> None:
    """And with nothing else, so that a server knows when there is no more to wait for."""
    texts = batch_of(ROWS - 1).select(["text"])
    for *views, end in written(texts, texts.slice(5), texts.slice(0, 1), texts.slice(0, 0)):
        assert all(isinstance(view, memoryview) and view for view in views)
        assert isinstance(end, bytes)
        assert 0 < len(end) <= len(END)


def test_columns_are_not_copied() -> None:
    """Every large buffer of a batch is a piece, or the beginning of the last one."""
    batch = batch_of(ROWS)
    buffers = [buffer for column in batch.columns for buffer in column.buffers() if buffer]
    large = {buffer.address for buffer in buffers if buffer.size >= _SMALL_BYTES}
    pieces, _ = written(batch)

    assert large
    assert large <= {pa.py_buffer(piece).address for piece in pieces}


def test_a_piece_is_let_go_of_when_it_is_given() -> None:
    """A reader that takes its time holds what it has not read, and no more."""
    content = [bytearray(8 * ROWS), bytearray(8 * ROWS)]
    columns = [
        pa.Array.from_buffers(pa.int64(), ROWS, [None, pa.py_buffer(data)]) for data in content
    ]
    pieces = _Pieces()
    writer = pa.ipc.new_stream(pieces, pa.schema({"a": pa.int64(), "b": pa.int64()}))
    writer.write_batch(pa.record_batch(columns, names=["a", "b"]))
    columns.clear()
    taken = pieces.take()

    assert len(next(taken)) < _SMALL_BYTES
    assert len(next(taken)) == 8 * ROWS
    content[0].clear()  # which is an error while somebody looks at it
    with pytest.raises(BufferError):
        content[1].clear()
    assert len(next(taken)) < 8 * ROWS
    next(taken)
    content[1].clear()


def test_no_column_is_held_while_pieces_of_it_are_sent() -> None:
    """Whoever makes the rows keeps nothing of them, so that a slow reader holds what is left."""
    request = DatasetRequest.parse(
        identity={
            "contract_version": "v0.1",
            "rules_version": 1,
            "seed": 1,
            "as_of_date": "2026-01-01",
        },
        records=20_000,
        tables=("persons",),
    )
    stream = iter_arrow_stream(PlainSource(request), "persons")
    next(stream)

    assert [one for one in gc.get_objects() if isinstance(one, Column)] == []
    stream.close()
