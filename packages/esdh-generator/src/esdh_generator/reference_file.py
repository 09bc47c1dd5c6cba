"""The reference files in this wheel: CSV with a header, all text but for a few integer columns."""

from __future__ import annotations

import functools
import hashlib
import io
from collections.abc import Iterator
from importlib import resources
from typing import Any, Final

import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pa_csv

from .distributions import Codes

_FOLDER: Final = resources.files("esdh_generator") / "reference_data"
_NUMBERS: Final = {
    "weight": pa.int64(),
    "age": pa.int32(),
    "vehicle_age_years": pa.int32(),
    "model_year": pa.int32(),
}
"""Types of the columns that are not text."""


class ReferenceFile:
    """One file; columns by name, as Arrow text or as numpy integers."""

    def __init__(self, name: str) -> None:
        """Read the file called `name`."""
        content = (_FOLDER / name).read_bytes()
        header = content[: content.index(b"\n")].decode()
        convert = pa_csv.ConvertOptions(
            column_types={column: _NUMBERS.get(column, pa.string()) for column in header.split(",")}
        )
        read = pa_csv.ReadOptions(use_threads=False)
        self._table = pa_csv.read_csv(
            io.BytesIO(content), read_options=read, convert_options=convert
        )

    def text(self, column: str) -> pa.StringArray:
        """A text column."""
        return pa.concat_arrays(self._table.column(column).chunks)

    def numbers(self, column: str) -> npt.NDArray[Any]:
        """A column of integers."""
        values: npt.NDArray[Any] = self._table.column(column).to_numpy()
        return values

    def coded(self, column: str) -> tuple[Codes, pa.StringArray]:
        """A text column as codes and its distinct values in order of first appearance."""
        encoded = self.text(column).dictionary_encode()
        codes: Codes = encoded.indices.to_numpy()
        return codes, encoded.dictionary


@functools.cache
def reference_data_digest() -> str:
    """SHA-256 over the name and SHA-256 of every reference file, here and in esdh-models."""
    digest = hashlib.sha256()
    for name, content in _iter_files():
        digest.update(f"{name} {hashlib.sha256(content).hexdigest()}\n".encode())
    return digest.hexdigest()


def _iter_files() -> Iterator[tuple[str, bytes]]:
    folders = [_FOLDER, resources.files("esdh_models") / "reference_data"]
    entries = [entry for folder in folders for entry in folder.iterdir()]
    for entry in sorted(entries, key=lambda entry: entry.name):
        if entry.name.endswith(".csv"):
            yield entry.name, entry.read_bytes()
