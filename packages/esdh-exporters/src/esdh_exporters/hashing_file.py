"""A file that is hashed as it is written, and synced to disk before it counts as written."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path
from typing import IO, Final

Sink = io.RawIOBase | IO[bytes]
"""Anything that rows can be written to."""

_LARGE_BYTES: Final = 2**24


class HashingFile(io.RawIOBase):
    """A new file, open for writing, that keeps the SHA-256 of what went in.

    Closing does not sync: call `sync` after the last write.
    """

    def __init__(self, path: Path) -> None:
        """Create the file; raises `FileExistsError` if something has its name."""
        super().__init__()
        self._descriptor = -1
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
        return written

    def sync(self) -> None:
        """Wait until the bytes are on disk, and let the system forget those of a large file.

        Keeping gigabytes in memory that were only written costs the system more than the writing.
        """
        os.fsync(self._descriptor)
        if self.size >= _LARGE_BYTES and hasattr(os, "posix_fadvise"):
            os.posix_fadvise(self._descriptor, 0, 0, os.POSIX_FADV_DONTNEED)

    def close(self) -> None:
        """Close the file without syncing it."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)
        super().close()


def write_synced(path: Path, content: bytes) -> HashingFile:
    """Write a small file whole and sync it; the closed file tells its size and hash."""
    with HashingFile(path) as file:
        file.write(content)
        file.sync()
    return file
