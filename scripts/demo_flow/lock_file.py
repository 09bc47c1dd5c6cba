"""Files that a living process holds locked: whoever ended, however it ended, holds none.

The lock belongs to whoever holds the open file, so it also says nothing wrong about a process id
that was given to somebody else.
"""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path
from typing import Final

_LOOK_SECONDS: Final = 0.02


def open_locked(path: Path) -> int:
    """Open a file for appending, made if need be, and lock it; gives the descriptor."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    return descriptor


def is_locked(path: Path) -> bool:
    """Whether a process holds it; a file that is not there is held by nobody."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(descriptor)


def is_unlocked_within(path: Path, seconds: float) -> bool:
    """Wait until nobody holds it; False if somebody still does."""
    deadline = time.monotonic() + seconds
    while is_locked(path):
        if time.monotonic() > deadline:
            return False
        time.sleep(_LOOK_SECONDS)
    return True
