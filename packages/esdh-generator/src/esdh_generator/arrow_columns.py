"""Numpy results wrapped as Arrow columns without touching a value twice."""

from __future__ import annotations

import itertools
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
    # Not checked a second time: codes are rows of the dictionary by how they were drawn.
    return pa.DictionaryArray.from_arrays(pa.array(codes), dictionary, safe=False)


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


@dataclass(frozen=True, slots=True, eq=False)
class JoinedTables:
    """Tables of texts, from each of which a row takes one; the rows are these beside each other.

    The tables stand end to end, so that one look-up in the order of the result writes all bytes
    where they belong.
    """

    texts: pa.StringArray
    starts: tuple[int, ...]

    @classmethod
    def of(cls, *tables: pa.StringArray) -> JoinedTables:
        """From any tables without nulls."""
        starts = itertools.accumulate(map(len, tables[:-1]), initial=0)
        return cls(pa.concat_arrays(tables), tuple(starts))

    def rows(self, *codes: Codes) -> pa.StringArray:
        """One text a row; as many columns of codes as there are tables."""
        rows, tables = len(codes[0]), len(self.starts)
        places = np.empty((rows, tables), np.int32)
        for number, (column, start) in enumerate(zip(codes, self.starts, strict=True)):
            np.add(column, np.int32(start), out=places[:, number])
        _, offsets, data = self.texts.take(pa.array(places.reshape(-1))).buffers()
        ends = np.frombuffer(offsets, np.int32)[: rows * tables + 1 : tables]
        return pa.StringArray.from_buffers(rows, pa.py_buffer(np.ascontiguousarray(ends)), data)


def unpadded_text(rows: npt.NDArray[Any], lengths: npt.NDArray[np.int32]) -> pa.StringArray:
    """Wrap rows of characters as texts, without the zeros in them; `lengths` counts the others."""
    offsets = np.zeros(len(lengths) + 1, np.int32)
    np.cumsum(lengths, out=offsets[1:])
    data = rows.tobytes().translate(None, b"\0")
    return pa.StringArray.from_buffers(len(lengths), pa.py_buffer(offsets), pa.py_buffer(data))


def character_table(texts: list[str]) -> npt.NDArray[np.uint8]:
    """An (n, width) matrix of the bytes of ASCII texts that all have one width."""
    return np.frombuffer("".join(texts).encode("ascii"), np.uint8).reshape(len(texts), -1)
