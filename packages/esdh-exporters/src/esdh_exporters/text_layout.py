"""Text columns as what they are in memory: lengths, and bytes end to end."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

# Given its type: without it pyarrow looks for date libraries at every call.
_EMPTY: Final = pa.scalar("", pa.string())


TextLayout = tuple[npt.NDArray[np.uint32], memoryview]


def text_layout(values: pa.StringArray) -> TextLayout:
    """Lengths in bytes (0 where null) and the concatenated UTF-8 bytes of a text column."""
    filled = pc.fill_null(values, _EMPTY) if values.null_count else values
    _, offset_buffer, data = filled.buffers()
    if len(filled) == 0 or offset_buffer is None:
        return np.zeros(0, np.uint32), memoryview(b"")
    offsets = np.frombuffer(offset_buffer, np.int32)[filled.offset :][: len(filled) + 1]
    content = memoryview(b"") if data is None else memoryview(data)
    return (offsets[1:] - offsets[:-1]).view(np.uint32), content[int(offsets[0]) : int(offsets[-1])]
