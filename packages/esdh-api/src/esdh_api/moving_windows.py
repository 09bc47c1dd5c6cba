"""Who asked when, in the memory of one process.

The storage of `limits` tidies up in a thread that it starts anew every ten milliseconds, which
costs as much as the rest of a small answer; here each request forgets what is over.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque

from limits.storage import MemoryStorage


class MovingWindows(MemoryStorage):
    """Moments of the requests that passed, by caller; a caller without any is forgotten."""

    def __init__(self) -> None:
        """Start with nobody."""
        super().__init__()
        self._moments: OrderedDict[str, _Moments] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """How many callers are known."""
        return len(self._moments)

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count `amount` requests of a caller, unless they would be more than the limit."""
        now = time.time()
        with self._lock:
            self._forget(now)
            moments = self._moments.setdefault(key, _Moments(expiry))
            self._moments.move_to_end(key)
            _drop(moments, now - expiry)
            if len(moments) + amount > limit:
                return False
            moments.extend([now] * amount)
            return True

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """When the oldest request within the window was, and how many there are."""
        now = time.time()
        with self._lock:
            moments = self._moments.get(key, _Moments(expiry))
            _drop(moments, now - expiry)
            return (moments[0], len(moments)) if moments else (now, 0)

    def clear(self, key: str) -> None:
        """Forget a caller."""
        with self._lock:
            self._moments.pop(key, None)

    def reset(self) -> int:
        """Forget every caller; returns how many there were."""
        with self._lock:
            count = len(self._moments)
            self._moments.clear()
        return count

    def _forget(self, now: float) -> None:
        """Forget the callers that asked longest ago, as far as all of their requests are over."""
        while self._moments:
            key, moments = next(iter(self._moments.items()))
            if moments and moments[-1] >= now - moments.expiry:
                break
            del self._moments[key]


class _Moments(deque[float]):
    """When a caller asked, and for how long that counts: a key belongs to one limit."""

    def __init__(self, expiry: int) -> None:
        """Start with none."""
        super().__init__()
        self.expiry = expiry


def _drop(moments: deque[float], before: float) -> None:
    while moments and moments[0] < before:
        moments.popleft()
