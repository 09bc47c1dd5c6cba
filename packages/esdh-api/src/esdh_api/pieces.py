"""Pieces that go out one after the other: many by one call of the system, none of them copied."""

from __future__ import annotations

import itertools
import select
import socket
from collections import deque
from collections.abc import Iterable
from typing import Final

_AT_ONCE: Final = 512
"""Pieces that one call may take on every system, and to spare."""
_MOMENT_MILLISECONDS: Final = 20


class Pieces(deque[memoryview]):
    """What waits to be sent, in order."""

    def __init__(self, pieces: Iterable[bytes | memoryview] = ()) -> None:
        """Hold these, wherever they lie."""
        super().__init__(memoryview(piece) for piece in pieces)

    @property
    def size(self) -> int:
        """How many bytes there are."""
        return sum(map(len, self))

    def send_what_fits(self, connection: socket.socket) -> int:
        """Send what there is room for, and let go of it.

        Returns how many bytes went out: none where there is no room; raises `OSError`.
        """
        try:
            size = connection.sendmsg(itertools.islice(self, _AT_ONCE))
        except BlockingIOError:
            return 0
        self._drop(size)
        return size

    def _drop(self, size: int) -> None:
        """Let go of so many bytes."""
        while size > 0:
            size -= len(self[0])
            if size < 0:
                self[0] = self[0][size:]
            else:
                self.popleft()


def has_room(connection: socket.socket) -> bool:
    """Whether the reader makes room within a moment."""
    room = select.poll()
    room.register(connection.fileno(), select.POLLOUT)
    return bool(room.poll(_MOMENT_MILLISECONDS))
