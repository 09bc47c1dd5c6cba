"""Sources of snapshots that need no generator; a process that is given one can import them."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from esdh_models import (
    ColumnContract,
    ColumnKind,
    Contract,
    DatasetRequest,
    Statistic,
    get_contract,
)

LIFE_OF_A_CHILD = 60
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
    """Rows that come once two processes ask for some; each tells what it has in a file.

    That is Arrow's allocator and the directories that are open. Processes other than `here` then
    end as `fault` says: with an error, or by an exit code while a child of theirs lives on.
    """

    folder: Path = Path()
    fault: Exception | int | None = None
    here: int = field(default_factory=os.getpid)
    here_alone: list[Any] = field(default_factory=list)

    def iter_blocks(self, start: int, stop: int) -> Iterator[Mapping[str, pa.RecordBatch]]:
        """One block, or the fault."""
        self.here_alone.append(threading.Lock())  # which cannot be pickled
        has = [pa.default_memory_pool().backend_name, *_open_directories()]
        partial = self.folder.with_name(f"{os.getpid()}")
        partial.write_text("\n".join(has))
        partial.rename(self.folder / partial.name)
        _wait_until(self.folder, 2)
        if isinstance(self.fault, int) and os.getpid() != self.here:
            child = subprocess.Popen(["sleep", str(LIFE_OF_A_CHILD)])
            self.folder.with_name("child").write_text(str(child.pid))
            os._exit(self.fault)
        if isinstance(self.fault, Exception) and os.getpid() != self.here:
            raise self.fault
        yield from super().iter_blocks(start, stop)


@dataclass(frozen=True)
class UnreadableSource(PlainSource):
    """Rows that no other process can be given; here they wait until one was."""

    folder: Path = Path()

    def __reduce__(self) -> tuple[Any, ...]:
        """What fails where it is read."""
        return _refuse, (self.folder,)

    def iter_blocks(self, start: int, stop: int) -> Iterator[Mapping[str, pa.RecordBatch]]:
        """One block."""
        _wait_until(self.folder, 1)
        yield from super().iter_blocks(start, stop)


@dataclass(frozen=True)
class UnwritableSource(PlainSource):
    """Rows that cannot be given away."""

    fault: Exception = field(default_factory=ValueError)

    def __reduce__(self) -> tuple[Any, ...]:
        """Fail where it is written."""
        raise self.fault


def _refuse(folder: Path) -> PlainSource:
    (folder / "refused").touch()
    message = "unreadable"
    raise ConnectionError(message)


def _wait_until(folder: Path, files: int) -> None:
    end = time.monotonic() + _SECONDS
    while len(list(folder.iterdir())) < files:
        assert time.monotonic() < end, "no other process came"
        time.sleep(0.01)


def _open_directories() -> list[str]:
    return [
        str(path.readlink())
        for path in Path("/proc/self/fd").glob("*")
        if path.is_symlink() and path.is_dir()
    ]
