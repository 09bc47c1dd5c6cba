"""Opens files of a snapshot that may be hostile: regular files of the directory, nothing else.

Names are opened relative to the directory's descriptor, never through links, and never so that a
FIFO or a device could hold the program up.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, Final

from .progress import Steps

_CHUNK_BYTES: Final = 2**20


class NotARegularFileError(OSError):
    """A name of the snapshot that is a link, a FIFO, a device or a directory."""

    def __init__(self, name: str) -> None:
        """Say so as the system would."""
        super().__init__(errno.EINVAL, "it is not a regular file", name)


def reading_problem(error: OSError) -> str:
    """Why a file of the snapshot could not be opened or read, in words without its path."""
    if isinstance(error, FileNotFoundError):
        return "it is missing"
    if isinstance(error, NotARegularFileError):
        return "it is not a regular file"
    return f"it cannot be read: {error.strerror or error}"


@contextmanager
def open_directory(path: str | os.PathLike[str]) -> Iterator[int]:
    """Open a directory; raises `OSError`."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def open_regular_file(directory: int, name: str) -> Iterator[BinaryIO]:
    """Open a file of the directory for reading; raises `NotARegularFileError` or `OSError`."""
    found = os.stat(name, dir_fd=directory, follow_symlinks=False)
    if not stat.S_ISREG(found.st_mode):
        raise NotARegularFileError(name)
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    descriptor = os.open(name, flags, dir_fd=directory)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise NotARegularFileError(name)
        yield file


def hash_file(file: BinaryIO, expected_bytes: int, progress: Steps) -> tuple[int, str]:
    """Size and SHA-256 of a file; a wrong size is told without reading the content."""
    size = os.fstat(file.fileno()).st_size
    if size != expected_bytes:
        return size, ""
    digest = hashlib.sha256()
    while chunk := file.read(_CHUNK_BYTES):
        digest.update(chunk)
        progress(len(chunk))
    return size, digest.hexdigest()
