"""How often one caller may ask: a moving window per key, or per address where no key was given.

One process counts in its memory; several count in a Redis that they share, or the limit would be
as many times higher. Health, readiness and preflights, which carry no key, are never limited.
"""

from __future__ import annotations

import functools
import hashlib
import ipaddress
import logging
import math
import time
from typing import Final

import limits
from flask import Flask, Request, Response, g
from limits.errors import StorageError
from limits.storage import RedisStorage
from limits.strategies import MovingWindowRateLimiter

from .auth import Keys, given_keys, is_preflight
from .current_request import current_request
from .moving_windows import MovingWindows
from .problem_responses import RefusedError
from .settings import MEMORY_STORAGE, Network, Settings

UNLIMITED_ENDPOINTS: Final = frozenset({"health.healthz", "health.readyz", "static"})
_STORAGE_SECONDS: Final = 1
"""A storage that does not answer within this is as good as down."""

_PROBE_SECONDS: Final = 0.5
"""The same for readiness, which is asked by impatient probes; a failure is believed as long."""

_MOST_CALLERS: Final = 100_000
"""Whom memory knows; then it is emptied, lest a flood of addresses fill it."""

_IPV6_CLIENT_BITS: Final = 64
"""One client has all addresses of such a network."""

_log = logging.getLogger("esdh_api")


class RateLimit:
    """The limit of a deployment and where it is counted."""

    def __init__(self, settings: Settings) -> None:
        """Open the storage; nothing is sent to it yet."""
        self.item = limits.parse(settings.rate_limit)
        address = settings.rate_limit_storage
        self._probe: RedisStorage | None = None
        self._failed_until = 0.0
        if address == MEMORY_STORAGE:
            self._open(MovingWindows())
        else:
            self._open(_open_redis(address, _STORAGE_SECONDS))
            self._probe = _open_redis(address, _PROBE_SECONDS)

    def _open(self, storage: MovingWindows | RedisStorage) -> None:
        self._storage = storage
        self._limiter = MovingWindowRateLimiter(storage)

    def is_reachable(self) -> bool:
        """Whether the storage answers; those who ask while it hangs do not wait in turn for it."""
        if self._probe is None:
            return True
        if time.monotonic() < self._failed_until:
            return False
        is_found = bool(self._probe.check())
        if not is_found:
            self._failed_until = time.monotonic() + _PROBE_SECONDS
        return is_found

    def take(self, caller: str) -> tuple[bool, int, int]:
        """Count one request: whether it may pass, how many may follow, seconds until more may.

        Raises `RefusedError` if the storage cannot be reached.
        """
        if isinstance(self._storage, MovingWindows) and len(self._storage) >= _MOST_CALLERS:
            self._open(MovingWindows())
        try:
            passes = self._limiter.hit(self.item, caller)
            window = self._limiter.get_window_stats(self.item, caller)
        except StorageError as error:
            reason = type(error.storage_error).__name__
            _log.error("rate limit storage unreachable", extra={"error": reason})
            detail = "the rate limit cannot be counted; try again in a few seconds"
            raise RefusedError("storage-unreachable", detail, {"Retry-After": "5"}) from None
        wait = max(1, math.ceil(window.reset_time - time.time()))
        return passes, max(0, window.remaining), wait


def _open_redis(address: str, seconds: float) -> RedisStorage:
    return RedisStorage(
        address,
        key_prefix="esdh-api",
        wrap_exceptions=True,
        socket_timeout=seconds,
        socket_connect_timeout=seconds,
    )


def register(app: Flask, settings: Settings, keys: Keys) -> RateLimit | None:
    """Count every request before it is looked at, failed keys among them."""
    if settings.rate_limit == "off":
        return None
    limit = RateLimit(settings)
    policy = f'"default";q={limit.item.amount};w={limit.item.get_expiry()}'

    @app.before_request
    def _count() -> None:
        asked = current_request()
        if asked.endpoint in UNLIMITED_ENDPOINTS or is_preflight(asked, settings):
            return
        passes, remaining, wait = limit.take(_caller(asked, keys, settings.trusted_proxy))
        g.rate_limit = f'"default";r={remaining};t={wait}'
        if not passes:
            detail = f"{limit.item} are allowed; try again in {wait} s"
            raise RefusedError("rate-limited", detail, {"Retry-After": str(wait)})

    @app.after_request
    def _tell(response: Response) -> Response:
        told = g.get("rate_limit")
        if told is not None:
            response.headers.extend([("RateLimit-Policy", policy), ("RateLimit", told)])
        return response

    return limit


def _caller(asked: Request, keys: Keys, proxy: Network | None) -> str:
    """A valid key counts for itself wherever it is used; anybody else is an address."""
    given = given_keys(asked)
    if keys and keys.know_all(given):
        return "key:" + hashlib.sha256(given[0].encode()).hexdigest()[:32]
    return f"address:{_client(asked, proxy)}"


def _client(asked: Request, proxy: Network | None) -> str:
    """Who is at the other end; a trusted proxy tells whom it saw in the last place of the header.

    What stands before that place is the client's own tale.
    """
    peer = _parse_address(asked.remote_addr or "")
    if proxy is not None and peer is not None and peer in proxy:
        last = asked.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
        peer = _parse_address(last) or peer
    if isinstance(peer, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((peer, _IPV6_CLIENT_BITS), strict=False))
    return str(peer)


@functools.lru_cache(maxsize=1024)
def _parse_address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
