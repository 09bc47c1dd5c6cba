"""Processes that write parts beside this one: what they are given, and how they end."""

from __future__ import annotations

import errno
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

sys.path.append(str(Path(__file__).parent))
from plain_source import LIFE_OF_A_CHILD, MeetingSource, UnreadableSource, UnwritableSource

from esdh_exporters import Workers, part_writer, start_workers, write_snapshot
from esdh_exporters.worker_processes import Worker, end
from esdh_models import Packaging, errors

if TYPE_CHECKING:
    from conftest import SourceMaker

PACKAGING = Packaging(records_per_file=10_000, formats=("csv",))
TWO_PARTS = 10_001
Write = Callable[..., Path]


@pytest.fixture
def met(tmp_path: Path) -> Path:
    """The folder in which processes meet."""
    folder = tmp_path / "met"
    folder.mkdir()
    return folder


@pytest.fixture
def write(make_source: SourceMaker, tmp_path: Path, met: Path) -> Write:
    """Writes a snapshot of two parts, which two processes make side by side."""

    def write(workers: int | Workers = 2, name: str = "snapshot", **fields: Any) -> Path:
        source = make_source(records=TWO_PARTS, kind=MeetingSource, folder=met, **fields)
        return write_snapshot(source, tmp_path / name, PACKAGING, workers=workers).directory

    return write


def told_by_each(met: Path) -> list[list[str]]:
    """What each process told of itself: its allocator and its open directories."""
    return [path.read_text().splitlines() for path in met.iterdir()]


@pytest.fixture
def allocator() -> Iterator[None]:
    """Arrow's pool is that of before, whatever a test sets."""
    before = pa.default_memory_pool()
    yield
    pa.set_memory_pool(before)


@pytest.mark.usefixtures("allocator")
@pytest.mark.parametrize("name", ["mimalloc", "system"])
def test_they_allocate_as_who_gives_them_work(write: Write, met: Path, name: str) -> None:
    """Whatever the process has set by then, in code too."""
    with start_workers(1) as workers:
        pa.set_memory_pool(getattr(pa, f"{name}_memory_pool")())
        write(workers)

    assert [told[0] for told in told_by_each(met)] == [name, name]


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="nothing tells what is open here")
def test_each_holds_the_staging_directory(write: Write, met: Path, tmp_path: Path) -> None:
    """As it is locked by it for as long as one of them lives."""
    write()

    for _, *directories in told_by_each(met):
        staging = [path for path in directories if path.startswith(f"{tmp_path}/.snapshot.")]
        assert len(staging) == 1


def test_sockets_of_the_program_may_time_out(write: Write, tmp_path: Path) -> None:
    """What is usual for its other sockets is nothing to these."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(0.001)
    try:
        with start_workers(1) as workers:
            assert write(workers) == tmp_path / "snapshot"
    finally:
        socket.setdefaulttimeout(before)


def test_those_that_were_started_before_write_the_same(
    write: Write, make_source: SourceMaker, tmp_path: Path
) -> None:
    """One serves one snapshot, and the process alone the next; both are what one process writes."""
    source = make_source(records=TWO_PARTS)
    alone = write_snapshot(source, tmp_path / "alone", PACKAGING).directory
    with start_workers(1) as workers:
        assert len(workers) == 1
        first = write(workers, "first")
        assert len(workers) == 0
        second = write(workers, "second")

    expected = {path.name: path.read_bytes() for path in alone.iterdir()}
    for written in (first, second):
        assert expected == {path.name: path.read_bytes() for path in written.iterdir()}


@pytest.mark.parametrize(
    "fault", [EOFError("no rows"), BrokenPipeError("the source's own"), ValueError("odd")], ids=repr
)
def test_what_a_source_raises_in_one_is_raised_here(
    write: Write, tmp_path: Path, fault: Exception
) -> None:
    """Errors that a lost line has too are still the source's."""
    expected = errors.SnapshotWriteError if isinstance(fault, OSError) else type(fault)
    with pytest.raises(expected, match=str(fault)):
        write(fault=fault)

    assert [path.name for path in tmp_path.iterdir()] == ["met"]


def test_one_that_ends_early_is_told(write: Write, tmp_path: Path) -> None:
    """With its exit code, at once, even if a child of it lives; nothing is left behind."""
    message, start = r"a worker process ended early \(exit code 7\)", time.monotonic()
    with pytest.raises(errors.SnapshotWriteError, match=message):
        write(fault=7)

    assert time.monotonic() - start < LIFE_OF_A_CHILD / 2
    child = tmp_path / "child"
    os.kill(int(child.read_text()), signal.SIGKILL)
    child.unlink()
    assert [path.name for path in tmp_path.iterdir()] == ["met"]


def test_what_cannot_be_read_there_is_told(
    make_source: SourceMaker, tmp_path: Path, met: Path
) -> None:
    """As what cannot be written is, which it is told as: the source raises an error of files."""
    source = make_source(records=TWO_PARTS, kind=UnreadableSource, folder=met)
    with pytest.raises(errors.SnapshotWriteError, match="unreadable"):
        write_snapshot(source, tmp_path / "snapshot", PACKAGING, workers=2)


def test_one_that_told_an_error_stays_until_it_was_heard(tmp_path: Path) -> None:
    """Whoever still sends to it would else be told of a closed line instead."""
    worker, folder = Worker(), os.open(tmp_path, os.O_RDONLY)
    worker.line.send_descriptor(folder)
    worker.line.send((sys.path, "no such allocator"))
    kind, error = worker.line.receive()
    with pytest.raises(subprocess.TimeoutExpired):
        worker.process.wait(1)
    worker.line.send("something late")
    os.close(folder)
    end([worker])

    assert (kind, type(error)) == ("error", KeyError)


@pytest.mark.parametrize("fault", [EOFError("odd"), ConnectionError("odd")], ids=repr)
def test_what_cannot_be_written_here_is_told(
    make_source: SourceMaker, tmp_path: Path, fault: Exception
) -> None:
    """As it comes, and at once."""
    source = make_source(records=TWO_PARTS, kind=UnwritableSource, fault=fault)
    with pytest.raises((type(fault), errors.SnapshotWriteError), match="odd"):
        write_snapshot(source, tmp_path / "snapshot", PACKAGING, workers=2)


def test_each_is_taken_once(write: Write) -> None:
    """Two snapshots written at the same time never talk on one line."""
    with start_workers(2) as workers:
        assert [len(workers.take(1)), len(workers.take(5)), len(workers.take(5))] == [1, 1, 0]


def test_one_that_gets_no_work_ends_quietly() -> None:
    """Where whoever started it is gone without a word."""
    ours, theirs = socket.socketpair()
    with theirs:
        worker = subprocess.Popen(
            [sys.executable, "-P", "-m", "esdh_exporters.worker", str(os.getpid())],
            stdin=theirs.fileno(),
            stderr=subprocess.PIPE,
        )
    ours.close()

    assert worker.communicate(timeout=60) == (None, b"")
    assert worker.returncode == 0


def test_all_or_none_are_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system has too few, those that it had are ended, and one sentence tells."""
    start, started = subprocess.Popen, []

    def scarce(*arguments: Any, **options: Any) -> subprocess.Popen[bytes]:
        if started:
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        started.append(start(*arguments, **options))
        return started[0]

    monkeypatch.setattr(subprocess, "Popen", scarce)
    message = "cannot start another process: Resource temporarily unavailable; ask for fewer"
    with pytest.raises(errors.SnapshotWriteError, match=message), start_workers(2):
        pass

    assert started[0].returncode is not None


def test_a_part_that_nobody_wrote_is_missed(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All parts are counted before anything is committed, whatever a process leaves out."""
    write_parts = part_writer.write_parts

    def leave_out(*task: Any) -> Iterator[Any]:
        return (result for result in write_parts(*task) if result is None)

    monkeypatch.setattr(part_writer, "write_parts", leave_out)
    with pytest.raises(errors.SnapshotWriteError, match="no process says that it wrote part"):
        write()

    assert not (tmp_path / "snapshot").exists()
