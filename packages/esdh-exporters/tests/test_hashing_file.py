"""Files that are hashed as they are written."""

import errno
import gc
import hashlib
import os
import threading
import time
from concurrent.futures import Future
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from esdh_exporters import hashing_file
from esdh_exporters.hashing_file import HashingFile, write_synced


@settings(deadline=None)
@given(st.lists(st.binary(max_size=2000)))
def test_hash_and_size_are_those_of_the_file(
    tmp_path_factory: pytest.TempPathFactory, chunks: list[bytes]
) -> None:
    """However it is written, what is told is what is there."""
    path = tmp_path_factory.mktemp("hashing") / "file"
    with HashingFile(path) as file:
        for chunk in chunks:
            file.write(chunk)
    content = path.read_bytes()

    assert content == b"".join(chunks)
    assert (file.size, file.sha256) == (len(content), hashlib.sha256(content).hexdigest())


def test_an_existing_file_is_never_overwritten(tmp_path: Path) -> None:
    """A name that is taken is refused."""
    write_synced(tmp_path / "file", b"first")

    with pytest.raises(FileExistsError):
        write_synced(tmp_path / "file", b"second")

    assert (tmp_path / "file").read_bytes() == b"first"


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> int:
    """From how many bytes on a file is large: a few, here."""
    monkeypatch.setattr(hashing_file, "_LARGE_BYTES", 100)
    return 100


def test_a_large_file_goes_to_disk_while_it_is_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, large: int
) -> None:
    """Once in a while, beside the writing; and once more at the end."""
    synced: list[tuple[int, bool]] = []

    def sync(descriptor: int) -> None:
        beside = threading.current_thread() is not threading.main_thread()
        synced.append((os.fstat(descriptor).st_size, beside))

    monkeypatch.setattr(os, "fsync", sync)
    with HashingFile(tmp_path / "file") as file:
        file.write(b"a" * (large - 1))
        assert synced == []
        file.write(b"a")
        file.write(b"b")
        file.sync()

    assert synced[0][1], "a large part goes beside the writing"
    assert synced[-1] == (large + 1, False)


def test_what_was_begun_with_the_last_byte_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Begun in another thread, the sync is over when `sync` returns, and is made once."""
    synced: list[tuple[int, bool]] = []
    may_end = threading.Event()

    def sync(descriptor: int) -> None:
        assert may_end.wait(timeout=60)
        time.sleep(0.1)
        beside = threading.current_thread() is not threading.main_thread()
        synced.append((os.fstat(descriptor).st_size, beside))

    monkeypatch.setattr(os, "fsync", sync)
    with HashingFile(tmp_path / "file") as file:
        file.write(b"abc")
        file.begin_sync()
        assert synced == []
        may_end.set()
        file.sync()

        assert synced == [(3, True)]


def test_an_empty_file_is_synced_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Its name must be there after a power loss."""
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    with HashingFile(tmp_path / "file") as file:
        file.sync()

    assert len(synced) == 1


def test_what_is_written_after_a_sync_was_begun_is_synced_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """However often it is begun."""
    sizes: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: sizes.append(os.fstat(descriptor).st_size))
    with HashingFile(tmp_path / "file") as file:
        file.begin_sync()
        file.write(b"abc")
        file.sync()

    assert sizes[-1] == 3


@pytest.mark.skipif(not hasattr(os, "posix_fadvise"), reason="this system cannot be told to forget")
def test_the_end_of_a_large_file_is_not_forgotten(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, large: int
) -> None:
    """More will be appended to it, and a block that was forgotten would have to be read back."""
    forgotten: list[tuple[int, int]] = []

    def advise(_: int, start: int, length: int, advice: int) -> None:
        assert advice == os.POSIX_FADV_DONTNEED
        forgotten.append((start, length))

    monkeypatch.setattr(hashing_file, "_TAIL_BYTES", 8)
    monkeypatch.setattr(os, "posix_fadvise", advise)
    with HashingFile(tmp_path / "file") as file:
        file.write(b"a" * (large + 3))
        file.sync()

    assert forgotten == [(0, (large + 3) // 8 * 8)]


def test_an_error_on_the_way_is_told_at_the_end(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, large: int
) -> None:
    """The system tells a failed write to disk once; it must not be lost in the other thread."""

    def sync(_: int) -> None:
        if threading.current_thread() is not threading.main_thread():
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", sync)
    with HashingFile(tmp_path / "file") as file:
        file.write(b"a" * large)
        with pytest.raises(OSError, match="Input/output error"):
            file.sync()


def test_an_error_of_what_was_begun_is_told_though_more_is_begun_after_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A later sync of the same file succeeds: it was told already, and only once."""
    told = iter([OSError(errno.EIO, os.strerror(errno.EIO)), None])

    def sync(_: int) -> None:
        error = next(told)
        if error is not None:
            raise error

    monkeypatch.setattr(os, "fsync", sync)
    with HashingFile(tmp_path / "file") as file:
        file.write(b"a")
        file.begin_sync()
        file.begin_sync()
        with pytest.raises(OSError, match="Input/output error"):
            file.sync()


def test_an_error_on_the_way_is_told_at_the_next_write(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, large: int
) -> None:
    """If there is one before the end."""
    failed = threading.Event()

    def sync(_: int) -> None:
        failed.set()
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    def write_on(file: HashingFile) -> None:
        for _ in range(1000):
            file.write(b"a" * large)
            time.sleep(0.001)

    monkeypatch.setattr(os, "fsync", sync)
    with HashingFile(tmp_path / "file") as file:
        file.write(b"a" * large)
        assert failed.wait(timeout=60)
        with pytest.raises(OSError, match="Input/output error"):
            write_on(file)


@pytest.mark.parametrize("is_begun", [False, True])
def test_without_a_thread_all_of_the_waiting_comes_at_the_end(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, large: int, *, is_begun: bool
) -> None:
    """A limit on threads, or an interpreter that is ending, makes a file no less safe."""
    synced: list[int] = []
    starts = []

    def refuse(thread: threading.Thread) -> None:
        starts.append(thread)
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(os.fstat(descriptor).st_size))
    with HashingFile(tmp_path / "file") as file:
        for _ in range(3):
            file.write(b"a" * large)
        assert len(starts) == 1, "one refusal is enough"
        if is_begun:
            file.begin_sync()
        file.sync()

    assert synced == [3 * large]


def test_an_error_is_told_though_a_thread_was_refused_before(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, large: int
) -> None:
    """Nothing is synced that nobody asks: the system tells of a failure once."""
    start, refused = threading.Thread.start, iter([True, False])
    told = iter([OSError(errno.EIO, os.strerror(errno.EIO))])

    def refuse_once(thread: threading.Thread) -> None:
        if next(refused):
            raise RuntimeError("can't start new thread")
        start(thread)

    def sync(_: int) -> None:
        for error in told:
            raise error

    monkeypatch.setattr(threading.Thread, "start", refuse_once)
    monkeypatch.setattr(os, "fsync", sync)
    with HashingFile(tmp_path / "file") as file:
        file.write(b"a" * large)
        file.begin_sync()
        with pytest.raises(OSError, match="Input/output error"):
            file.sync()


@pytest.mark.parametrize("is_begun", [False, True])
def test_an_error_is_told_to_everyone_who_asks(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, is_begun: bool
) -> None:
    """Bytes that did not reach the disk once are not there the next time."""
    told = iter([OSError(errno.EIO, os.strerror(errno.EIO))])

    def sync(_: int) -> None:
        for error in told:
            raise error

    monkeypatch.setattr(os, "fsync", sync)
    with HashingFile(tmp_path / "file") as file:
        file.write(b"a")
        if is_begun:
            file.begin_sync()
        for _ in range(3):
            with pytest.raises(OSError, match="Input/output error"):
                file.sync()


def test_a_file_that_cannot_be_made_is_forgotten(tmp_path: Path) -> None:
    """What was begun of it ends without a word."""
    with pytest.raises(FileNotFoundError):
        HashingFile(tmp_path / "nowhere" / "file")
    gc.collect()  # an error while it is forgotten would be a warning, which fails


def test_closing_waits_for_the_disk(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, large: int
) -> None:
    """A descriptor is not given to another file while it is being synced."""
    ended: list[bool] = []

    def sync(descriptor: int) -> None:
        time.sleep(0.2)
        os.fstat(descriptor)
        ended.append(True)

    monkeypatch.setattr(os, "fsync", sync)
    with HashingFile(tmp_path / "file") as file:
        file.write(b"a" * large)

    assert ended == [True]


def test_closing_again_waits_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An interrupt of the waiting leaves the descriptor open, and whoever closes then waits too."""
    ended: list[bool] = []
    interrupts = iter([KeyboardInterrupt()])
    wait = hashing_file.wait

    def sync(descriptor: int) -> None:
        time.sleep(0.2)
        os.fstat(descriptor)
        ended.append(True)

    def interrupted(syncs: list[Future[None]]) -> None:
        for interrupt in interrupts:
            raise interrupt
        wait(syncs)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(hashing_file, "wait", interrupted)
    file = HashingFile(tmp_path / "file")
    file.write(b"a")
    file.begin_sync()
    with pytest.raises(KeyboardInterrupt):
        file.close()

    file.close()

    assert ended == [True]
