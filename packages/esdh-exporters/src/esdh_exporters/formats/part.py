"""One part of a snapshot, as the format modules see it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from esdh_models import Contract, DatasetRequest, TableContract


@dataclass(frozen=True, slots=True)
class Part:
    """The owners [start, stop) of a request, as number `number` of `count` parts.

    `folder` is where a writer may keep temporary files.
    """

    contract: Contract
    request: DatasetRequest
    number: int
    count: int
    start: int
    stop: int
    folder: Path

    @property
    def tables(self) -> tuple[TableContract, ...]:
        """The tables asked for, in contract order."""
        return tuple(self.contract.table(name) for name in self.request.tables)
