"""Text columns as what they are in memory: lengths, and bytes end to end."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

# Given its type: without it pyarrow looks for date libraries at every call.
_EMPTY: Final = pa.scalar("", pa.string())


@dataclass(frozen=True, eq=False)
class TextLayout:
    """Where texts begin and end, and their UTF-8 bytes end to end; a null is an empty text.

    Text `row` is `content[offsets[row] - offsets[0] : offsets[row + 1] - offsets[0]]`.
    """

    offsets: npt.NDArray[np.int32]
    content: memoryview

    @cached_property
    def lengths(self) -> npt.NDArray[np.uint32]:
        """Lengths in bytes."""
        return (self.offsets[1:] - self.offsets[:-1]).view(np.uint32)

    def content_of(self, start: int, stop: int) -> memoryview:
        """The bytes of the texts [start, stop)."""
        origin = int(self.offsets[0])
        return self.content[int(self.offsets[start]) - origin : int(self.offsets[stop]) - origin]


def text_layout(values: pa.StringArray) -> TextLayout:
    """The layout of a text column."""
    offsets, data = _offsets(values), values.buffers()[2]
    if values.null_count and np.logical_and(offsets[1:] - offsets[:-1], null_mask(values)).any():
        return text_layout(pc.fill_null(values, _EMPTY))  # bytes that are no text of any row
    content = memoryview(b"") if data is None else memoryview(data)
    return TextLayout(offsets, content[int(offsets[0]) : int(offsets[-1])])


def null_mask(values: pa.Array) -> npt.NDArray[np.bool_]:
    """Which rows have no value."""
    nulls: npt.NDArray[np.bool_] = values.is_null().to_numpy(zero_copy_only=False)
    return nulls


def common_width(values: pa.StringArray) -> int:
    """The length in bytes that all texts have; 0 if they differ, or if one is null or empty."""
    if len(values) == 0 or values.null_count:
        return 0
    offsets = _offsets(values)
    width, total = int(offsets[1]) - int(offsets[0]), int(offsets[-1]) - int(offsets[0])
    # The sum alone tells most tables apart, and costs nothing.
    if total != width * len(values):
        return 0
    return width if (offsets[1:] - offsets[:-1] == width).all() else 0


def _offsets(values: pa.StringArray) -> npt.NDArray[np.int32]:
    """Where each text begins, and where the last one ends."""
    buffer = values.buffers()[1]
    if len(values) == 0 or buffer is None:
        return np.zeros(1, np.int32)
    return np.frombuffer(buffer, np.int32)[values.offset :][: len(values) + 1]


def texts_of_width(width: int, rows: int, data: bytes | npt.NDArray[np.void]) -> pa.StringArray:
    """A column of texts of one width whose bytes stand end to end in `data`."""
    offsets = np.arange(0, (rows + 1) * width, width, dtype=np.int32)
    return pa.StringArray.from_buffers(rows, pa.py_buffer(offsets), pa.py_buffer(data))
