"""Processes that write parts beside this one, and the line on which they are talked to.

A fresh interpreter takes half a second to import what writing needs, so a program may start them
before it does so itself: nothing heavy is imported here.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, Final

_MODULE: Final = "esdh_exporters.worker"


class LineClosedError(Exception):
    """Whoever was at the other end is gone."""


class Line:
    """Pickled messages both ways between a worker and who started it, and first a descriptor."""

    def __init__(self, end: socket.socket) -> None:
        self._socket = end
        self._file = end.makefile("rwb")

    def send_descriptor(self, descriptor: int) -> None:
        """Share an open file; raises `LineClosedError`, as all of these do."""
        with _closed_told():
            socket.send_fds(self._socket, [b"\0"], [descriptor])

    def receive_descriptor(self) -> int:
        """Wait for the open file that comes before all messages; it is this process's own."""
        with _closed_told():
            _, descriptors, _, _ = socket.recv_fds(self._socket, 1, 1)
        if not descriptors:
            raise LineClosedError
        return descriptors[0]

    def send(self, *messages: object) -> None:
        """Send messages, and all that they refer to."""
        with _closed_told():
            for message in messages:
                self._file.write(pickle.dumps(message))
            self._file.flush()

    def receive(self) -> Any:
        """Wait for a message."""
        with _closed_told():
            return pickle.load(self._file)  # noqa: S301  # from a process of this program

    def close(self) -> None:
        """Close this end."""
        with contextlib.suppress(OSError):  # what it could not send is of no use any more
            self._file.close()
        self._socket.close()


@contextlib.contextmanager
def _closed_told() -> Iterator[None]:
    try:
        yield
    except (EOFError, ConnectionError, pickle.UnpicklingError) as error:  # the last is half of one
        raise LineClosedError from error


class Worker:
    """Another process, from its start to its end."""

    def __init__(self) -> None:
        """Start it; raises `OSError`."""
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                self._process: subprocess.Popen[bytes] = subprocess.Popen(
                    [sys.executable, "-P", "-m", _MODULE, str(os.getpid())],
                    stdin=theirs.fileno(),
                    process_group=0,  # an interrupt from the terminal is for the parent to handle
                )
            except BaseException:
                ours.close()
                raise
        self.line = Line(ours)

    def wait(self) -> int:
        """Its exit code, once it ended."""
        return self._process.wait()

    def kill(self) -> None:
        """End it, whatever it does."""
        self._process.kill()


class Workers:
    """Other processes that write parts of one snapshot, the first that asks for them."""

    def __init__(self) -> None:
        self._workers: list[Worker] = []

    def start(self, count: int) -> None:
        """Start so many; raises `OSError`."""
        for _ in range(count):
            self._workers.append(Worker())

    def __iter__(self) -> Iterator[Worker]:
        """Those that live."""
        return iter(self._workers)

    def __len__(self) -> int:
        """How many live."""
        return len(self._workers)

    def end(self) -> None:
        """Leave none of them behind, whatever they do."""
        workers, self._workers = self._workers, []
        for worker in workers:
            worker.kill()
        for worker in workers:
            worker.wait()
            worker.line.close()


@contextlib.contextmanager
def start_workers(count: int) -> Iterator[Workers]:
    """Start `count` processes that are to write beside this one, and end them on the way out.

    They are ready in half a second, and end with the thread that started them. They serve one
    call of `write_snapshot`; a later one is written by this process alone. Raises
    `SnapshotWriteError` if the system has none to give.
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
