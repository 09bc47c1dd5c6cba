"""A file that is hashed as it is written, and synced to disk before it counts as written."""

from __future__ import annotations

import hashlib
import io
import os
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import IO, Final

Sink = io.RawIOBase | IO[bytes]
"""Anything that rows can be written to."""

_LARGE_BYTES: Final = 2**24


class HashingFile(io.RawIOBase):
    """A new file, open for writing, that keeps the SHA-256 of what went in.

    Closing does not sync: call `sync` after the last write. What a large file has so far goes to
    disk while more is written to it, so that little is left to wait for.
    """

    def __init__(self, path: Path) -> None:
        """Create the file; raises `FileExistsError` if something has its name."""
        super().__init__()
        self._descriptor = -1
        self._beside: ThreadPoolExecutor | None = None
        self._early: Future[None] | None = None
        self._early_size = 0
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
        """Write and hash all of `data`."""
        with memoryview(data).cast("B") as view:
            self._digest.update(view)
            written = 0
            while written < len(view):
                written += os.write(self._descriptor, view[written:])
            self.size += written
        if self.size - self._early_size >= _LARGE_BYTES:
            self._sync_early()
        return written

    def _sync_early(self) -> None:
        if self._early is None or self._early.done():
            self._finish_early()
            self._early_size = self.size
            try:
                self._beside = self._beside or ThreadPoolExecutor(1, thread_name_prefix="sync")
                self._early = self._beside.submit(_sync, self._descriptor, self.size)
            except RuntimeError:  # no thread is to be had: all of the waiting comes at the end
                self._early_size = sys.maxsize

    def _finish_early(self) -> None:
        early, self._early = self._early, None
        if early is not None:
            early.result()

    def sync(self) -> None:
        """Wait until the bytes are on disk; raises `OSError`, of an earlier part of them too."""
        self._finish_early()
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

    Keeping gigabytes in memory that were only written costs the system more than the writing.
    """
    os.fsync(descriptor)
    if size >= _LARGE_BYTES and hasattr(os, "posix_fadvise"):
        os.posix_fadvise(descriptor, 0, size, os.POSIX_FADV_DONTNEED)


def write_synced(path: Path, content: bytes) -> HashingFile:
    """Write a small file whole and sync it; the closed file tells its size and hash."""
    with HashingFile(path) as file:
        file.write(content)
        file.sync()
    return file
