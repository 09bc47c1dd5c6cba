"""Processes that write parts beside this one, from their start to their end.

A fresh interpreter takes half a second to import what writing needs, so a program may start them
before it does so itself: nothing heavy is imported here.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from typing import Final

from .worker_line import Line

_MODULE: Final = "esdh_exporters.worker"
_MOMENT_SECONDS: Final = 10


class Worker:
    """Another process, from its start to its end."""

    def __init__(self) -> None:
        """Start it; raises `OSError`."""
        ours, theirs = socket.socketpair()
        with ours, theirs:
            self.line = Line(ours.fileno())
            try:
                self.process: subprocess.Popen[bytes] = subprocess.Popen(
                    [sys.executable, "-P", "-m", _MODULE, str(os.getpid())],
                    stdin=theirs.fileno(),
                    process_group=0,  # an interrupt from the terminal is for the parent to handle
                )
            except BaseException:
                self.line.close()
                raise

    def exit_code(self) -> int:
        """How it ended, once its line is closed; it is ended if it lingers."""
        try:
            return self.process.wait(_MOMENT_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

    def kill(self) -> None:
        """End it, whatever it does, and its line, even if a child of it has that too."""
        self.process.kill()
        self.line.shut_down()

    def wait(self) -> None:
        """Wait until it is gone, and forget its line, which nobody may be using any more."""
        self.process.wait()
        self.line.close()


def end(workers: Sequence[Worker]) -> None:
    """Leave none of them behind; needless to say twice, harmless if said."""
    for worker in workers:
        worker.kill()
    for worker in workers:
        worker.wait()


class Workers:
    """Other processes that are to write parts of a snapshot."""

    def __init__(self) -> None:
        self._workers: list[Worker] = []
        self._free: list[Worker] = []
        self._lock = threading.Lock()

    def start(self, count: int) -> None:
        """Start so many; raises `OSError`."""
        for _ in range(count):
            self._workers.append(Worker())
            self._free.append(self._workers[-1])

    def __len__(self) -> int:
        """How many nobody took yet."""
        return len(self._free)

    def take(self, most: int) -> Sequence[Worker]:
        """Take so many, or as many as there are, for one snapshot; who takes them ends them."""
        with self._lock:
            taken, self._free = self._free[:most], self._free[most:]
        return taken

    def end(self) -> None:
        """Leave none of them behind."""
        end(self._workers)


@contextlib.contextmanager
def start_workers(count: int) -> Iterator[Workers]:
    """Start `count` processes that are to write beside this one, and end them on the way out.

    They are ready in half a second, and end with the thread that started them. Directory and
    environment are theirs as they are now. Each serves one call of `write_snapshot`; once all have,
    this process writes alone. Raises `SnapshotWriteError` if the system has none to give.
    """
    workers = Workers()
    try:
        try:
            workers.start(count)
        except OSError as error:
            raise _not_started(error) from error
        yield workers
    finally:
        workers.end()


def _not_started(error: OSError) -> Exception:
    from esdh_models import errors  # noqa: PLC0415

    return errors.SnapshotWriteError(
        f"cannot start another process: {error.strerror}; ask for fewer workers"
    )
