"""Sources of snapshots that need no generator; a process that is given one can import them."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from esdh_models import (
    ColumnContract,
    ColumnKind,
    Contract,
    DatasetRequest,
    Statistic,
    get_contract,
)

_SECONDS = 60


@dataclass(frozen=True)
class PlainSource:
    """Rows that say where they stand; the seed is part of every name.

    The first row's date is 1970-01-01, whose number is 0.
    """

    request: DatasetRequest
    reference_data_digest: str = "0" * 64

    @property
    def contract(self) -> Contract:
        """Contract v0.1."""
        return get_contract(self.request.identity.contract_version)

    @property
    def owner_count(self) -> int:
        """Number of policyholders."""
        return self.request.records

    @property
    def produced_by(self) -> Mapping[str, str]:
        """Nothing but this module."""
        return {"plain-source": "1"}

    def iter_blocks(self, start: int, stop: int) -> Iterator[Mapping[str, pa.RecordBatch]]:
        """One block."""
        yield {
            name: pa.RecordBatch.from_arrays(
                [self._column(column, start, stop) for column in self.contract.table(name).columns],
                schema=self.contract.table(name).arrow_schema,
            )
            for name in self.request.tables
        }

    def _column(self, column: ColumnContract, start: int, stop: int) -> pa.Array:
        rows = range(start, stop)
        if column.kind is ColumnKind.DATE:
            return pa.array([row % 9000 for row in rows], pa.int32()).cast(pa.date32())
        if column.kind is ColumnKind.INTEGER:
            return pa.array([1990 + row % 30 for row in rows], pa.int64())
        if column.nullable:
            return pa.array([None if row % 3 else "Unit 1" for row in rows], pa.string())
        original = (column.facts.copy_of or column.name).rpartition(".")[2]
        if column.statistic is Statistic.COUNTS:
            return pa.array([f"{original} {row % 4}" for row in rows], pa.string())
        seed = self.request.identity.seed
        return pa.array([f"{original} {seed} {row}" for row in rows], pa.string())


@dataclass(frozen=True)
class MeetingSource(PlainSource):
    """Rows that come once two processes ask for some; each tells what Arrow allocates with there.

    Processes other than `here` then end as `fault` says: with an error, or by an exit code.
    """

    folder: Path = Path()
    fault: Exception | int | None = None
    here: int = field(default_factory=os.getpid)

    def iter_blocks(self, start: int, stop: int) -> Iterator[Mapping[str, pa.RecordBatch]]:
        """One block, or the fault."""
        (self.folder / str(os.getpid())).write_text(pa.default_memory_pool().backend_name)
        end = time.monotonic() + _SECONDS
        while len(list(self.folder.iterdir())) < 2:
            assert time.monotonic() < end, "no other process came"
            time.sleep(0.01)
        if isinstance(self.fault, int) and os.getpid() != self.here:
            os._exit(self.fault)
        if isinstance(self.fault, Exception) and os.getpid() != self.here:
            raise self.fault
        yield from super().iter_blocks(start, stop)
