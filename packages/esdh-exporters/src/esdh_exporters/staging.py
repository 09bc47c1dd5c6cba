"""The staging directory: where a snapshot is made before it gets its name.

It is a sibling of the target, so that one rename on one file system is the commit. Its own
descriptor is locked for as long as a writer or one of its workers lives; a staging directory that
can be locked is abandoned and may be swept.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from esdh_models import errors

from .atomic_rename import exchange_names, rename_to_free_name
from .deferred_signals import deferred_signals

_TOKEN_BYTES: Final = 8
_LONGEST_NAME_BYTES: Final = 200


@dataclass(frozen=True, slots=True)
class Staging:
    """A locked directory beside its target."""

    path: Path
    target: Path
    descriptor: int

    def commit(self, *, check_replaced: Callable[[Path], None] | None) -> None:
        """Sync the directory, give it the target's name, and sync the parent.

        With `check_replaced`, whatever has the name is exchanged for the new directory and ends
        under the staging name, from where it is removed; the function is asked first and may
        refuse by raising, which undoes the exchange. Without it, a taken name raises
        `FileExistsError`.
        """
        os.fsync(self.descriptor)
        if check_replaced is not None and os.path.lexists(self.target):
            self._exchange(check_replaced)
        else:
            rename_to_free_name(self.path, self.target)
        try:
            sync_directory(self.target.parent)
        except OSError as error:
            raise errors.SnapshotWriteError(
                f"{self.target} is complete, but its name may not survive a power loss:"
                f" {error.strerror}"
            ) from error

    def _exchange(self, check_replaced: Callable[[Path], None]) -> None:
        with deferred_signals():
            exchange_names(self.path, self.target)
            try:
                check_replaced(self.path)
            except BaseException:
                exchange_names(self.path, self.target)
                raise


@contextmanager
def open_staging(target: Path) -> Iterator[Staging]:
    """Make and lock a staging directory; on the way out remove whatever has its name."""
    staging = None
    try:
        with deferred_signals():
            sweep_abandoned(target)
            staging = _make_locked(target)
        yield staging
    finally:
        if staging is not None:
            with deferred_signals():
                shutil.rmtree(staging.path, ignore_errors=True)
                os.close(staging.descriptor)


def sweep_abandoned(target: Path) -> None:
    """Remove staging directories of `target` whose writers are gone, and nothing of other names."""
    for path in target.parent.glob(_escaped(_prefix(target)) + "[0-9a-f]" * 2 * _TOKEN_BYTES):
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:
            continue  # not a directory, or gone already: not ours to touch
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(path, ignore_errors=True)
        except BlockingIOError:
            pass  # its writer lives
        finally:
            os.close(descriptor)


def sync_directory(path: Path) -> None:
    """Wait until the names in a directory are on disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_directories(path: Path) -> None:
    """Make a directory and its missing parents, each on disk in its own parent."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(exist_ok=True)
        sync_directory(folder.parent)


def _make_locked(target: Path) -> Staging:
    """Make and lock; a sweeper that came between the two makes us start again."""
    while True:
        path = target.parent / (_prefix(target) + secrets.token_hex(_TOKEN_BYTES))
        path.mkdir()
        try:
            descriptor = _lock(path)
        except BaseException:
            path.rmdir()
            raise
        if descriptor is not None:
            return Staging(path, target, descriptor)


def _lock(path: Path) -> int | None:
    """Open and lock a new directory; None if it has been swept away."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.path.samestat(os.fstat(descriptor), path.stat()):
            return descriptor
    except FileNotFoundError:
        pass
    except BaseException:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return None


def _prefix(target: Path) -> str:
    """The target's name, shortened where the whole would be longer than a name may be."""
    name = os.fsdecode(os.fsencode(target.name)[:_LONGEST_NAME_BYTES])
    return f".{name}.esdh-staging-"


def _escaped(text: str) -> str:
    return "".join(f"[{mark}]" if mark in "*?[" else mark for mark in text)
