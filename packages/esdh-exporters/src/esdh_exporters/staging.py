"""The staging directory: where a snapshot is made before it gets its name.

It is a sibling of the target, so that one rename on one file system is the commit. Its own
descriptor is locked for as long as a writer or one of its workers lives; a staging directory that
can be locked is abandoned and may be swept.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .atomic_rename import exchange_names, rename_to_free_name


@dataclass(frozen=True, slots=True)
class Staging:
    """A locked directory beside its target."""

    path: Path
    target: Path
    descriptor: int

    def commit(self, *, replace: bool) -> None:
        """Sync the directory, give it the target's name, and sync the parent.

        Raises `FileExistsError` where the name is taken and `replace` is false. What it replaces
        ends under the staging name, and is removed from there.
        """
        os.fsync(self.descriptor)
        if replace:
            try:
                exchange_names(self.path, self.target)
            except FileNotFoundError:
                rename_to_free_name(self.path, self.target)
        else:
            rename_to_free_name(self.path, self.target)
        sync_directory(self.target.parent)


@contextmanager
def open_staging(target: Path) -> Iterator[Staging]:
    """Make and lock a staging directory; on the way out remove whatever has its name."""
    sweep_abandoned(target)
    path, descriptor = _make_locked(target)
    try:
        yield Staging(path, target, descriptor)
    finally:
        shutil.rmtree(path, ignore_errors=True)
        os.close(descriptor)


def sweep_abandoned(target: Path) -> None:
    """Remove staging directories of `target` whose writers are gone."""
    for path in target.parent.glob(_escaped(_prefix(target)) + "*"):
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


def _make_locked(target: Path) -> tuple[Path, int]:
    """Make and lock; a sweeper that came between the two makes us start again."""
    while True:
        path = Path(tempfile.mkdtemp(prefix=_prefix(target), dir=target.parent))
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            path.chmod(0o777 & ~_umask())
            if os.path.samestat(os.fstat(descriptor), path.stat()):
                return path, descriptor
        except FileNotFoundError:
            pass
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _prefix(target: Path) -> str:
    return f".{target.name}.esdh-staging-"


def _escaped(text: str) -> str:
    return "".join(f"[{mark}]" if mark in "*?[" else mark for mark in text)
