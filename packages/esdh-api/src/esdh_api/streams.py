"""Answers that are made while they are sent: flat memory, and never every thread at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Final

from flask import Response, after_this_request

from .problem_responses import RefusedError

LARGE_RECORDS: Final = 500
"""An answer of more records takes a slot, whatever its form.

One of fewer waits in its connection's queue, if need be, so that a slow reader holds no thread.
"""


class StreamSlots:
    """How many large answers a process gives at once; a slow reader holds one, not the service."""

    def __init__(self, count: int) -> None:
        """Offer so many."""
        self._free = threading.BoundedSemaphore(count)

    def hold(self) -> None:
        """Take one until the answer to this request is sent, or raise `RefusedError`."""
        self.take()
        after_this_request(self._release_after)

    def _release_after(self, response: Response) -> Response:
        response.call_on_close(self.release)
        return response

    def take(self) -> None:
        """Take one or raise `RefusedError`; `release` gives it back."""
        if not self._free.acquire(blocking=False):
            detail = "as many large answers as this process gives at once are under way; try again"
            raise RefusedError("busy", detail, {"Retry-After": "2"})

    def release(self) -> None:
        """Give one back."""
        self._free.release()


class Stream:
    """Chunks of a body; `complete` tells whether the last of them was handed over."""

    def __init__(
        self, chunks: Iterator[bytes | memoryview], on_close: Callable[[], None] | None = None
    ) -> None:
        """Wrap chunks that nothing was taken of yet."""
        self._chunks = chunks
        self._on_close = on_close
        self.complete = False

    def __iter__(self) -> Iterator[bytes | memoryview]:
        """The chunks themselves."""
        for chunk in self._chunks:
            if chunk:
                yield chunk
        self.complete = True

    def close(self) -> None:
        """Be done, whether or not everything was sent."""
        on_close, self._on_close = self._on_close, None
        if on_close is not None:
            on_close()
