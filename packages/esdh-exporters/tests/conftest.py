"""Sources of snapshots that need no generator, and snapshots of them."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from esdh_exporters import write_snapshot
from esdh_models import DatasetIdentity, DatasetRequest, Packaging, get_contract
from esdh_models.dataset_request import FORMATS

sys.path.append(str(Path(__file__).parent))
from plain_source import PlainSource

_CPU_SECONDS = 5
_KIBIBYTES = 150 * 1024
_STATUS = Path("/proc/self/status")


SourceMaker = Callable[..., PlainSource]
SnapshotMaker = Callable[..., Path]


@pytest.fixture
def make_source() -> SourceMaker:
    """Makes a source, of another class too; any keyword of it or of its request changes it."""

    def make(
        records: int = 20,
        seed: int = 1,
        tables: tuple[str, ...] = ("persons", "vehicles"),
        kind: type[PlainSource] = PlainSource,
        **fields: Any,
    ) -> PlainSource:
        contract = get_contract("v0.1")
        identity = DatasetIdentity.parse(
            contract_version=contract.version,
            rules_version=1,
            seed=seed,
            as_of_date=contract.default_as_of_date,
        )
        request = DatasetRequest.parse(identity=identity, records=records, tables=tables)
        return kind(request, **fields)

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
    """Whatever a test does ends within seconds, and without a jump in memory where that is told."""
    tells = _STATUS.exists()
    if tells:
        Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew: see proc_pid(5)
    before, started = _kibibytes("VmRSS") if tells else 0, time.process_time()
    yield
    assert time.process_time() - started < _CPU_SECONDS
    assert not tells or _kibibytes("VmHWM") - before < _KIBIBYTES


def _kibibytes(field: str) -> int:
    """Memory of this process."""
    found = re.search(rf"^{field}:\s*(\d+) kB$", _STATUS.read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1])
