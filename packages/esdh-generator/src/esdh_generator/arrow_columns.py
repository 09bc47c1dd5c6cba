"""Numpy results wrapped as Arrow columns without touching a value twice."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from .distributions import Codes


def fixed_width_text(characters: npt.NDArray[np.uint8]) -> pa.StringArray:
    """Wrap an (n, width) matrix of ASCII bytes as n texts of that width."""
    rows, width = characters.shape
    offsets = np.arange(0, (rows + 1) * width, width, dtype=np.int32)
    data = np.ascontiguousarray(characters)
    return pa.StringArray.from_buffers(rows, pa.py_buffer(offsets), pa.py_buffer(data))


def coded_text(codes: Codes, dictionary: pa.StringArray) -> pa.DictionaryArray:
    """Text as indices into a table."""
    return pa.DictionaryArray.from_arrays(pa.array(codes), dictionary)


def constant_text(text: str, rows: int) -> pa.DictionaryArray:
    """One text in every row."""
    return coded_text(np.zeros(rows, np.int32), pa.array([text], pa.string()))


def plain(column: pa.Array) -> pa.Array:
    """The same values without dictionary encoding."""
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


def joined(*parts: pa.Array | str) -> pa.StringArray:
    """Put texts beside each other, row by row; a plain `str` stands in every row."""
    # Scalars are given their type: without it pyarrow looks for date libraries at every call.
    return pc.binary_join_element_wise(
        *(pa.scalar(part, pa.string()) if isinstance(part, str) else plain(part) for part in parts),
        pa.scalar("", pa.string()),
    )


def character_table(texts: list[str]) -> npt.NDArray[np.uint8]:
    """An (n, width) matrix of the bytes of ASCII texts that all have one width."""
    return np.frombuffer("".join(texts).encode("ascii"), np.uint8).reshape(len(texts), -1)
