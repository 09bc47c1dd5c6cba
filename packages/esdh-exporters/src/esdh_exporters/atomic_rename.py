"""Giving a directory its name in one step: onto nothing, or in exchange for what has the name.

Linux offers both as `renameat2`, macOS as `renamex_np`. Elsewhere, and on file systems without
them, plain `rename` is used and an exchange is refused.
"""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from pathlib import Path
from typing import Final

_AT_FDCWD: Final = -100
_RENAME_NOREPLACE: Final = 1
_RENAME_EXCHANGE: Final = 2
_MACOS_RENAME_SWAP: Final = 2
_MACOS_RENAME_EXCL: Final = 4
_NOT_OFFERED: Final = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP)


def rename_to_free_name(source: Path, target: Path) -> None:
    """Rename a directory; raises `FileExistsError` unless the name is free or an empty directory.

    An empty directory, as `mktemp -d` leaves one, is replaced by plain `rename`, which POSIX lets
    succeed for a directory on no other kind of existing name.
    """
    try:
        _rename(source, target, _RENAME_NOREPLACE, _MACOS_RENAME_EXCL)
    except OSError as error:
        if error.errno not in (*_NOT_OFFERED, errno.EEXIST):
            raise
        _rename_onto_empty(source, target)


def _rename_onto_empty(source: Path, target: Path) -> None:
    try:
        source.rename(target)
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
            raise FileExistsError(errno.EEXIST, "File exists", str(target)) from None
        raise


def exchange_names(first: Path, second: Path) -> None:
    """Swap two names; raises `FileNotFoundError` if one is absent, `OSError` if not offered."""
    _rename(first, second, _RENAME_EXCHANGE, _MACOS_RENAME_SWAP)


def _rename(source: Path, target: Path, linux_flag: int, macos_flag: int) -> None:
    old, new = os.fsencode(source), os.fsencode(target)
    library = ctypes.CDLL(None, use_errno=True)
    if sys.platform == "linux" and hasattr(library, "renameat2"):
        failed = library.renameat2(_AT_FDCWD, old, _AT_FDCWD, new, linux_flag)
    elif sys.platform == "darwin":
        failed = library.renamex_np(old, new, macos_flag)
    else:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS), str(target))
    if failed:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(target))
