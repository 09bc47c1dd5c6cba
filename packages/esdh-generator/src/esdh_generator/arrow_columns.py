"""Numpy results wrapped as Arrow columns without touching a value twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

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


_WORD = 8
"""Rows of whole words are copied quickest."""


@dataclass(frozen=True, slots=True, eq=False)
class PaddedTexts:
    """A table of texts, each padded with zeros to one width, that rows can be put together from."""

    padded: npt.NDArray[np.void]
    lengths: npt.NDArray[np.int32]

    @classmethod
    def of(cls, texts: pa.StringArray) -> PaddedTexts:
        """From any texts without zero characters."""
        encoded = [text.encode() for text in texts.to_pylist()]
        lengths = np.array([len(text) for text in encoded], np.int32)
        width = -(-int(lengths.max()) // _WORD) * _WORD
        padded = np.frombuffer(b"".join(text.ljust(width, b"\0") for text in encoded), f"V{width}")
        return cls(padded, lengths)


def joined_rows(*parts: tuple[PaddedTexts, Codes]) -> pa.StringArray:
    """Look a text up in each table by its codes, and put them beside each other, row by row."""
    fields = [(f"part_{place}", texts.padded.dtype) for place, (texts, _) in enumerate(parts)]
    rows = np.empty(len(parts[0][1]), np.dtype(fields))
    lengths = np.zeros(len(rows), np.int32)
    for (name, _), (texts, codes) in zip(fields, parts, strict=True):
        rows[name] = texts.padded.take(codes)
        lengths += texts.lengths.take(codes)
    return unpadded_text(rows, lengths)


def unpadded_text(rows: npt.NDArray[Any], lengths: npt.NDArray[np.int32]) -> pa.StringArray:
    """Wrap rows of characters as texts, without the zeros in them; `lengths` counts the others."""
    offsets = np.zeros(len(lengths) + 1, np.int32)
    np.cumsum(lengths, out=offsets[1:])
    data = rows.tobytes().translate(None, b"\0")
    return pa.StringArray.from_buffers(len(lengths), pa.py_buffer(offsets), pa.py_buffer(data))


def character_table(texts: list[str]) -> npt.NDArray[np.uint8]:
    """An (n, width) matrix of the bytes of ASCII texts that all have one width."""
    return np.frombuffer("".join(texts).encode("ascii"), np.uint8).reshape(len(texts), -1)
