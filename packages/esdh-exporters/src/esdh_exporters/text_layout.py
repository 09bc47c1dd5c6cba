"""Text columns as what they are in memory: lengths, and bytes end to end."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

# Given its type: without it pyarrow looks for date libraries at every call.
_EMPTY: Final = pa.scalar("", pa.string())


class TextLayout(NamedTuple):
    """Lengths of texts in bytes (0 where null), and their UTF-8 bytes end to end.

    Text `row` is `content[offsets[row] - offsets[0] : offsets[row + 1] - offsets[0]]`.
    """

    lengths: npt.NDArray[np.uint32]
    offsets: npt.NDArray[np.int32]
    content: memoryview


def text_layout(values: pa.StringArray) -> TextLayout:
    """The layout of a text column."""
    filled = pc.fill_null(values, _EMPTY) if values.null_count else values
    offsets, data = _offsets(filled), filled.buffers()[2]
    content = memoryview(b"") if data is None else memoryview(data)
    lengths = np.diff(offsets).view(np.uint32)
    return TextLayout(lengths, offsets, content[int(offsets[0]) : int(offsets[-1])])


def common_width(values: pa.StringArray) -> int:
    """The length in bytes that all texts have; 0 if they differ, or if one is null or empty."""
    if len(values) == 0 or values.null_count:
        return 0
    offsets = _offsets(values)
    width, total = int(offsets[1]) - int(offsets[0]), int(offsets[-1]) - int(offsets[0])
    # The sum alone tells most tables apart, and costs nothing.
    return width if total == width * len(values) and (np.diff(offsets) == width).all() else 0


def _offsets(values: pa.StringArray) -> npt.NDArray[np.int32]:
    """Where each text begins, and where the last one ends."""
    buffer = values.buffers()[1]
    if len(values) == 0 or buffer is None:
        return np.zeros(1, np.int32)
    return np.frombuffer(buffer, np.int32)[values.offset :][: len(values) + 1]


def texts_of_width(width: int, rows: int, data: bytes | npt.NDArray[np.void]) -> pa.StringArray:
    """A column of texts of one width whose bytes stand end to end in `data`."""
    offsets = np.arange(rows + 1, dtype=np.int32) * np.int32(width)
    return pa.StringArray.from_buffers(rows, pa.py_buffer(offsets), pa.py_buffer(data))
