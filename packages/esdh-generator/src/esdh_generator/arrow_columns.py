"""Numpy results wrapped as Arrow columns without touching a value twice."""

from __future__ import annotations

import functools
import itertools
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from .distributions import Codes

_CODED_TEXT: Final = pa.dictionary(pa.int32(), pa.string())


def fixed_width_text(characters: npt.NDArray[np.uint8]) -> pa.StringArray:
    """Wrap an (n, width) matrix of ASCII bytes as n texts of that width."""
    rows, width = characters.shape
    offsets = np.arange(0, (rows + 1) * width, width, dtype=np.int32)
    data = np.ascontiguousarray(characters)
    return pa.StringArray.from_buffers(rows, pa.py_buffer(offsets), pa.py_buffer(data))


def coded_text(codes: Codes, dictionary: pa.StringArray) -> pa.DictionaryArray:
    """Text as indices into a table."""
    # Not checked a second time: codes are rows of the dictionary by how they were drawn.
    buffers = [None, pa.py_buffer(codes)]
    return pa.DictionaryArray.from_buffers(_CODED_TEXT, len(codes), buffers, dictionary)


def constant_text(text: str, rows: int) -> pa.DictionaryArray:
    """One text in every row."""
    return coded_text(np.zeros(rows, np.int32), texts(text))


@functools.cache
def texts(*values: str) -> pa.StringArray:
    """A table of few texts; asked for again, it is the same, which is quicker to count by."""
    return pa.array(values, pa.string())


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
        # Not checked: places lie within the tables by how their codes were drawn.
        taken = pc.take(self.texts, pa.array(places.reshape(-1)), boundscheck=False)
        _, offsets, data = taken.buffers()
        ends = np.frombuffer(offsets, np.int32)[: rows * tables + 1 : tables]
        return pa.StringArray.from_buffers(rows, pa.py_buffer(np.ascontiguousarray(ends)), data)


def character_table(texts: list[str]) -> npt.NDArray[np.uint8]:
    """An (n, width) matrix of the bytes of ASCII texts that all have one width."""
    return np.frombuffer("".join(texts).encode("ascii"), np.uint8).reshape(len(texts), -1)
