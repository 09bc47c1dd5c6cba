"""The line on which a worker and who started it talk; only the two of them hold an end of it."""

from __future__ import annotations

import contextlib
import fcntl
import pickle
import socket
from collections.abc import Iterator
from typing import Any, Final

_LENGTH_BYTES: Final = 8


class LineClosedError(Exception):
    """Whoever was at the other end is gone."""


class Line:
    """Pickled messages both ways between a worker and who started it, and first a descriptor.

    All of its calls raise `LineClosedError`; what pickling raises comes as it is.
    """

    def __init__(self, end: int) -> None:
        """Use a copy of one end of a pair of sockets, above the three descriptors of a program."""
        self._socket = socket.socket(fileno=fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 3))
        self._socket.setblocking(True)  # whatever is usual for sockets in this program
        self._file = self._socket.makefile("rwb")

    def send_descriptor(self, descriptor: int) -> None:
        """Share an open file."""
        with _closed_told():
            socket.send_fds(self._socket, [b"\0"], [descriptor])

    def receive_descriptor(self) -> int:
        """Wait for the open file that comes before all messages; it is this process's own."""
        with _closed_told():
            _, descriptors, _, _ = socket.recv_fds(self._socket, 1, 1)
        if not descriptors:
            raise LineClosedError
        return descriptors[0]

    def send(self, message: object) -> None:
        """Send a message, and all that it refers to."""
        self.send_pickled(pickle.dumps(message))

    def send_pickled(self, *messages: bytes) -> None:
        """Send messages that were pickled before."""
        with _closed_told():
            for message in messages:
                self._file.write(len(message).to_bytes(_LENGTH_BYTES, "little"))
                self._file.write(message)
            self._file.flush()

    def receive(self) -> Any:
        """Wait for a message."""
        length = int.from_bytes(self._read(_LENGTH_BYTES), "little")
        return pickle.loads(self._read(length))  # noqa: S301  # from a process of this program

    def _read(self, size: int) -> bytes:
        with _closed_told():
            content = self._file.read(size)
        if len(content) < size:
            raise LineClosedError
        return content

    def pass_over_the_rest(self) -> None:
        """Wait until the other end closes, so that it can still read what was sent to it."""
        with _closed_told():
            while self._file.read(_LENGTH_BYTES):
                pass

    def shut_down(self) -> None:
        """End it for both, whoever else may hold an end."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close this end."""
        with contextlib.suppress(OSError):  # what it could not send is of no use any more
            self._file.close()
        self._socket.close()


@contextlib.contextmanager
def _closed_told() -> Iterator[None]:
    try:
        yield
    except ConnectionError as error:
        raise LineClosedError from error
