"""The one seam of the hub: what anything must offer to be written as a snapshot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Protocol, TypeAlias

import pyarrow as pa

from .contracts import Contract
from .dataset_request import DatasetRequest

PlainValue: TypeAlias = str | int | date | None
"""A value as plain Python: a text, an integer or a date of just these types, None for null."""


class DatasetSource(Protocol):
    """A small frozen value that pickles: any process can be handed it and a range of owners.

    A leaf (10,000 owners) of it holds the same rows whoever asks for it, in whatever ranges. It may
    have a method `few_rows` too, a `FewRows`.
    """

    @property
    def contract(self) -> Contract:
        """The contract that every block keeps."""
        ...

    @property
    def request(self) -> DatasetRequest:
        """What was asked for; its digest identifies the dataset."""
        ...

    @property
    def owner_count(self) -> int:
        """How many owners (policyholders) there are; owners are numbered from 0."""
        ...

    @property
    def reference_data_digest(self) -> str:
        """SHA-256 over the reference data that the values were made from."""
        ...

    @property
    def produced_by(self) -> Mapping[str, str]:
        """Versions of the libraries that make the values, by distribution name."""
        ...

    def iter_blocks(self, start: int, stop: int) -> Iterator[Mapping[str, pa.RecordBatch]]:
        """Yield, for consecutive sub-ranges of owners [start, stop), one batch per table.

        Columns stand in contract order; text columns may be dictionary-encoded.
        """
        ...


class FewRows(Protocol):
    """A method `few_rows` that a source may have besides: plain values, quicker for few rows.

    They are those that `iter_blocks` yields for owners [start, stop), by table and column. Columns
    stand in contract order; one that several tables share may be one object.
    """

    def __call__(self, start: int, stop: int) -> Mapping[str, Mapping[str, Sequence[PlainValue]]]:
        """Make the values of all tables asked for."""
        ...
