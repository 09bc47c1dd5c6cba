"""A source of snapshots that needs no generator, and snapshots of it."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pytest

from esdh_exporters import write_snapshot
from esdh_models import (
    ColumnContract,
    ColumnKind,
    Contract,
    DatasetIdentity,
    DatasetRequest,
    Packaging,
    Statistic,
    get_contract,
)
from esdh_models.dataset_request import FORMATS

_CPU_SECONDS = 5
_KIBIBYTES = 400 * 1024


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


SourceMaker = Callable[..., PlainSource]
SnapshotMaker = Callable[..., Path]


@pytest.fixture
def make_source() -> SourceMaker:
    """Makes a source; any keyword of a request or an identity changes it."""

    def make(
        records: int = 20, seed: int = 1, tables: tuple[str, ...] = ("persons", "vehicles")
    ) -> PlainSource:
        contract = get_contract("v0.1")
        identity = DatasetIdentity.parse(
            contract_version=contract.version,
            rules_version=1,
            seed=seed,
            as_of_date=contract.default_as_of_date,
        )
        request = DatasetRequest.parse(identity=identity, records=records, tables=tables)
        return PlainSource(request)

    return make


@pytest.fixture
def make_snapshot(tmp_path: Path, make_source: SourceMaker) -> SnapshotMaker:
    """Makes a small snapshot with one part or, from 10,001 records on, several."""

    def make(
        records: int = 20,
        seed: int = 1,
        name: str = "snapshot",
        formats: tuple[str, ...] = ("csv", "parquet"),
    ) -> Path:
        packaging = Packaging.parse(formats=formats, records_per_file=10_000)
        source = make_source(records=records, seed=seed)
        return write_snapshot(source, tmp_path / name, packaging).directory

    return make


@pytest.fixture
def snapshot(make_snapshot: SnapshotMaker) -> Path:
    """A snapshot of 20 records, in CSV and Parquet."""
    return make_snapshot()


@pytest.fixture
def whole(make_snapshot: SnapshotMaker) -> Path:
    """A snapshot of 20 records, in every format."""
    return make_snapshot(formats=FORMATS)


@pytest.fixture
def soon_and_small() -> Iterator[None]:
    """Whatever a test does ends within seconds, and without a jump in memory."""
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    yield
    assert time.process_time() - started < _CPU_SECONDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < _KIBIBYTES
