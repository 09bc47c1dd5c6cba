"""A file that is hashed as it is written, and synced to disk before it counts as written."""

from __future__ import annotations

import hashlib
import io
import math
import os
import threading
from concurrent.futures import Future, wait
from pathlib import Path
from typing import IO, Final

Sink = io.RawIOBase | IO[bytes]
"""Anything that rows can be written to."""

_LARGE_BYTES: Final = 2**24
_TAIL_BYTES: Final = 2**20


class HashingFile(io.RawIOBase):
    """A new file, open for writing, that keeps the SHA-256 of what went in.

    Closing does not sync: call `sync` after the last write. What a large file has so far goes to
    disk while more is written to it, and `begin_sync` lets the rest go while something else is
    done, so that little is left to wait for.
    """

    def __init__(self, path: Path) -> None:
        """Create the file; raises `FileExistsError` if something has its name."""
        super().__init__()
        self._descriptor = -1
        self._syncs: list[Future[None]] = []
        self._begun_size = -1  # what the begun syncs cover: not even an empty file, before them
        self._next_sync: float = _LARGE_BYTES
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        self._digest = hashlib.sha256()
        self.size = 0

    @property
    def sha256(self) -> str:
        """SHA-256 of everything written so far, in hexadecimal."""
        return self._digest.hexdigest()

    def writable(self) -> bool:
        """Answer yes: that is what it is for."""
        return True

    def tell(self) -> int:
        """The number of bytes written so far."""
        return self.size

    def write(self, data: bytes) -> int:  # type: ignore[override]  # Buffer is Python 3.12
        """Write and hash all of `data`; raises `OSError`, of syncs that were begun too."""
        with memoryview(data).cast("B") as view:
            self._digest.update(view)
            written = 0
            while written < len(view):
                written += os.write(self._descriptor, view[written:])
            self.size += written
        if self.size >= self._next_sync and all(sync.done() for sync in self._syncs):
            self._await_syncs()
            self._syncs.clear()
            self.begin_sync()
        return written

    def begin_sync(self) -> None:
        """Let all that is written so far go to disk beside whatever is done next."""
        sync: Future[None] = Future()
        order = (sync, self._descriptor, self.size)
        try:
            threading.Thread(target=_settle, args=order, name="sync").start()
        except RuntimeError:  # no thread is to be had: all of the waiting comes at the end
            self._next_sync = math.inf
        else:
            self._note(sync)

    def _note(self, sync: Future[None]) -> None:
        self._syncs.append(sync)
        self._begun_size = self.size
        self._next_sync = self.size + _LARGE_BYTES

    def _await_syncs(self) -> None:
        for sync in self._syncs:
            sync.result()

    def sync(self) -> None:
        """Wait until the bytes are on disk; raises `OSError`, of syncs that were begun too.

        The system tells of a failure once. It is kept, so that every later call tells it too.
        """
        self._await_syncs()
        if self._begun_size < self.size:
            sync: Future[None] = Future()
            _settle(sync, self._descriptor, self.size)
            self._note(sync)
            self._await_syncs()

    def close(self) -> None:
        """Close the file without syncing it, once nothing of it is being synced."""
        wait(self._syncs)
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)
        super().close()


def _settle(sync: Future[None], descriptor: int, size: int) -> None:
    try:
        _sync(descriptor, size)
    except BaseException as error:  # noqa: BLE001  # whatever it is, who waits must hear of it
        sync.set_exception(error)
    else:
        sync.set_result(None)


def _sync(descriptor: int, size: int) -> None:
    """Wait until the bytes are on disk, and let the system forget those of a large file.

    Keeping gigabytes in memory that were only written costs the system more than the writing. The
    end is kept: to append to a block that it forgot, the system has to read it back.
    """
    os.fsync(descriptor)
    if size >= _LARGE_BYTES and hasattr(os, "posix_fadvise"):
        whole = size - size % _TAIL_BYTES
        os.posix_fadvise(descriptor, 0, whole, os.POSIX_FADV_DONTNEED)


def write_synced(path: Path, content: bytes) -> HashingFile:
    """Write a small file whole and sync it; the closed file tells its size and hash."""
    with HashingFile(path) as file:
        file.write(content)
        file.sync()
    return file
