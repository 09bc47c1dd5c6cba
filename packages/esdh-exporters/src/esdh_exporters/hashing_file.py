"""A file that is hashed as it is written, and synced to disk before it counts as written."""

from __future__ import annotations

import hashlib
import io
import math
import os
from concurrent.futures import Future, ThreadPoolExecutor
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
        self._beside: ThreadPoolExecutor | None = None
        self._syncs: list[Future[None]] = []
        self._begun_size = -1
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
            self._end_syncs()
            self.begin_sync()
        return written

    def begin_sync(self) -> None:
        """Let all that is written so far go to disk beside whatever is done next."""
        try:
            self._beside = self._beside or ThreadPoolExecutor(1, thread_name_prefix="sync")
            self._syncs.append(self._beside.submit(_sync, self._descriptor, self.size))
        except RuntimeError:  # no thread is to be had: all of the waiting comes at the end
            self._next_sync = math.inf
        else:
            self._begun_size = self.size
            self._next_sync = self.size + _LARGE_BYTES

    def _end_syncs(self) -> None:
        syncs, self._syncs = self._syncs, []
        for sync in syncs:
            sync.result()

    def sync(self) -> None:
        """Wait until the bytes are on disk; raises `OSError`, of syncs that were begun too."""
        self._end_syncs()
        if self._begun_size < self.size:
            _sync(self._descriptor, self.size)

    def close(self) -> None:
        """Close the file without syncing it, once nothing of it is being synced."""
        if self._beside is not None:
            self._beside.shutdown()
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)
        super().close()


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
