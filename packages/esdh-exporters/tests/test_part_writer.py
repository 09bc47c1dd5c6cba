"""Parts that go to disk while others are written."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from plain_source import PlainSource

from esdh_exporters import part_writer
from esdh_exporters.part_writer import PartResult
from esdh_models import Packaging

OPEN_FILES = Path("/proc/self/fd")
WAIT_SECONDS = 20
FILES = 2
"""Files of a part."""

pytestmark = pytest.mark.skipif(not OPEN_FILES.exists(), reason="nothing tells what is open here")


@dataclass(frozen=True)
class ToldSource(PlainSource):
    """Rows that tell when they are asked for, and are missing from some owner on."""

    told: list[str] = field(default_factory=list)
    second_part: threading.Event = field(default_factory=threading.Event)
    first_syncs: threading.Semaphore | None = None
    missing_from: int | None = None

    def iter_blocks(self, start: int, stop: int) -> Iterator[Mapping[str, pa.RecordBatch]]:
        """One block."""
        self.told.append(f"rows from {start}")
        if start == 10_000 and self.first_syncs is not None:
            for _ in range(FILES):
                assert self.first_syncs.acquire(timeout=WAIT_SECONDS), "no sync has begun"
            self.second_part.set()
        if start == self.missing_from:
            message = "no more rows"
            raise ValueError(message)
        yield from super().iter_blocks(start, stop)


Parts = Callable[[ToldSource], Iterator[PartResult]]
MakeTold = Callable[..., ToldSource]


@pytest.fixture
def make_told(make_source: Callable[..., PlainSource]) -> MakeTold:
    """Makes a source of three parts; keywords are its fields."""

    def make(**fields: Any) -> ToldSource:
        source = make_source(records=20_001, tables=("persons",), kind=ToldSource, **fields)
        assert isinstance(source, ToldSource)
        return source

    return make


@pytest.fixture
def write_parts(tmp_path: Path) -> Parts:
    """Writes three parts of a source, each in two files, and nobody watches."""
    packaging = Packaging.parse(formats=("csv", "ndjson"), records_per_file=10_000)

    def write(source: ToldSource) -> Iterator[PartResult]:
        return part_writer.write_parts(source, packaging, tmp_path, range(3), lambda _: None)

    return write


def open_files() -> set[str]:
    """What this process has open."""
    return {str(path) for path in OPEN_FILES.iterdir() if path.is_symlink()}


def test_the_next_part_is_written_while_one_goes_to_disk(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, make_told: MakeTold, write_parts: Parts
) -> None:
    """All files of a part are on their way when the next rows are asked for, and nobody waits."""
    begun = threading.Semaphore(0)
    source = make_told(first_syncs=begun)
    in_time: list[bool] = []

    def sync(descriptor: int) -> None:
        name = (OPEN_FILES / str(descriptor)).readlink().name
        if "-00000-" in name:
            begun.release()
            in_time.append(source.second_part.wait(WAIT_SECONDS))
        source.told.append(f"{name} is on disk")

    monkeypatch.setattr(os, "fsync", sync)
    numbers = []
    for result in write_parts(source):
        numbers.append(result.number)
        for entry in result.files:
            assert f"{entry.path} is on disk" in source.told, "what came out is on disk"
            assert entry.bytes == (tmp_path / entry.path).stat().st_size

    assert numbers == [0, 1, 2]
    assert in_time == [True, True]


def test_a_part_that_cannot_go_to_disk_never_comes_out(
    monkeypatch: pytest.MonkeyPatch, make_told: MakeTold, write_parts: Parts
) -> None:
    """Its error does, after the next part at the latest."""

    def sync(_: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", sync)
    source = make_told()

    with pytest.raises(OSError, match="Input/output error"):
        next(write_parts(source))

    assert source.told == ["rows from 0", "rows from 10000"]


@pytest.mark.parametrize("missing_from", [0, 10_000, 20_000])
def test_whatever_goes_wrong_no_file_stays_open(
    make_told: MakeTold, write_parts: Parts, missing_from: int
) -> None:
    """Not those of a part that is on its way to disk either."""
    before = open_files()

    with pytest.raises(ValueError, match="no more rows"):
        list(write_parts(make_told(missing_from=missing_from)))

    assert open_files() == before


def test_no_file_stays_open_where_nobody_wants_more(
    make_told: MakeTold, write_parts: Parts
) -> None:
    """Results may be taken one by one, and left."""
    before = open_files()
    parts = write_parts(make_told())
    next(parts)
    assert open_files() != before

    del parts

    assert open_files() == before
