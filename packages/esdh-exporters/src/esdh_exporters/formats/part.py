"""One part of a snapshot, as the format modules see it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from esdh_models import Contract, DatasetRequest, TableContract, get_contract, manifest


@dataclass(frozen=True, slots=True)
class Part:
    """The owners [start, stop) of a request, as number `number` of `count` parts.

    `folder` is where a writer may keep temporary files; a reader needs none.
    """

    contract: Contract
    request: DatasetRequest
    number: int
    count: int
    start: int
    stop: int
    folder: Path = Path()

    @property
    def tables(self) -> tuple[TableContract, ...]:
        """The tables asked for, in contract order."""
        return tuple(self.contract.table(name) for name in self.request.tables)


def claimed_part(document: manifest.Manifest, number: int) -> Part:
    """Part `number` as a manifest's request and packaging have it, to be read."""
    request, packaging = document.request, document.packaging
    contract = get_contract(request.identity.contract_version)
    count = packaging.part_count(request.records)
    start, stop = packaging.part_range(number, request.records)
    return Part(contract, request, number, count, start, stop)
