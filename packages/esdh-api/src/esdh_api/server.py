"""One server process: waitress, with an end to patience, and a stop that finishes what it began.

Health and readiness have a thread each, so that nothing which takes longer keeps them waiting.
"""

from __future__ import annotations

import logging
import os
import resource
import socket
import time
from contextlib import suppress
from typing import Final

from flask import Flask
from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher

from esdh_generator import Dataset
from esdh_models import errors

from .answers import JSON, STREAMED, etag, json_answer, offered
from .blueprints.generate import kinds
from .connections import HEADER_BYTES, ImpatientChannel
from .extension import extension
from .problem_responses import MAXIMUM_BODY_BYTES
from .request_log import log_refused
from .settings import Settings, is_loopback

IDLE_SECONDS: Final = 10
"""A connection without any progress is closed after this, whoever is to blame."""

RECEIVE_SECONDS: Final = 20
"""A request must be complete within this, however steadily it drips in."""

CONNECTION_LIMIT: Final = 1000
_OTHER_FILES: Final = 64
HEALTH_PATH: Final = "/healthz"
READY_PATH: Final = "/readyz"
_SEND_BUFFER_BYTES: Final = 2**20
"""What an answer may be ahead of its reader."""

_KERNEL_BUFFER_BYTES: Final = 2**17
_ACCEPTED_AT_ONCE: Final = 16

_log = logging.getLogger("esdh_api")


class Server(TcpWSGIServer):  # type: ignore[misc]
    """One process: answers until it is told to stop, then finishes what it began."""

    channel_class = ImpatientChannel

    def __init__(
        self,
        app: Flask,
        settings: Settings,
        listening: socket.socket,
        *,
        idle_seconds: int = IDLE_SECONDS,
        receive_seconds: int = RECEIVE_SECONDS,
    ) -> None:
        """Take over a socket that is bound; `run` listens."""
        self._app = app
        self._settings = settings
        self._idle_seconds = idle_seconds
        self._receive_seconds = receive_seconds
        self._is_stopping = False
        self._stalled: list[ImpatientChannel] = []
        self._own_threads = {path: _one_thread() for path in (HEALTH_PATH, READY_PATH)}
        super().__init__(
            app,
            map={},
            _start=False,
            _sock=listening,
            adj=_adjustments(settings, listening, idle_seconds),
            bind_socket=False,
            sockinfo=(listening.family, listening.type, listening.proto, listening.getsockname()),
        )

    def handle_accept(self) -> None:
        """Accept some at once, lest the last of many waits for a turn of the loop for each."""
        for _ in range(_ACCEPTED_AT_ONCE):
            known = len(self.active_channels)
            super().handle_accept()
            if len(self.active_channels) == known:
                break

    def set_socket_options(self, conn: socket.socket) -> None:
        """Take urgent data as data, and see soon that a slow client reads.

        Urgent data apart would wake the loop again and again. With megabytes in the kernel's own
        buffer, a client that reads steadily would look for many seconds as if it did not.
        """
        super().set_socket_options(conn)
        conn.setsockopt(socket.SOL_SOCKET, socket.SO_OOBINLINE, 1)
        if hasattr(socket, "TCP_NOTSENT_LOWAT"):
            conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _KERNEL_BUFFER_BYTES)

    def add_task(self, task: ImpatientChannel) -> None:
        """Queue a request that is complete; health is not kept waiting by what takes longer.

        Nor is what waitress refuses, which is as quick.
        """
        task.answering_since = time.time()
        request = task.requests[0]
        path = HEALTH_PATH if request.error else request.path
        (self._own_threads.get(path) or self.task_dispatcher).add_task(task)

    def note_refused(self, status: int) -> str:
        """Log and count a request that came to no route; returns its new id."""
        extension(self._app).metrics.count_refused(status)
        return log_refused(status)

    def maintenance(self, now: float) -> None:
        """Close what is idle, and remember what is stalled though it is being answered."""
        super().maintenance(now)
        channels = list(self.active_channels.values())
        self._stalled = [channel for channel in channels if self._is_stalled(channel, now)]

    def _is_stalled(self, channel: ImpatientChannel, now: float) -> bool:
        """Whether the client does not read, reads for too long, or does not finish its request."""
        if channel.is_drained:
            return channel.answering_since < now - self._idle_seconds
        if channel.is_answering:
            waits = channel.total_outbufs_len and channel.last_activity < now - self._idle_seconds
            return bool(waits or channel.answering_since < now - self._settings.answer_seconds)
        is_receiving = channel.request is not None
        return is_receiving and channel.receiving_since < now - self._receive_seconds

    def stop(self) -> None:
        """Begin to stop; safe in signal handlers, from any thread, and any number of times."""
        self._is_stopping = True
        with suppress(OSError):  # the trigger is closed once everything has stopped
            self.pull_trigger()

    def stop_at_once(self, code: int) -> None:
        """Leave with a code, whatever is being answered."""
        os._exit(code)

    def run(self) -> None:
        """Answer until stopped."""
        while not self._is_stopping:
            self._step()
        _log.info("stopping", extra={"running": len(self._busy())})
        extension(self._app).is_stopping = True
        self.del_channel()
        self.socket.close()
        deadline = time.monotonic() + self._settings.stop_seconds
        while self._busy() and time.monotonic() < deadline:
            self._step()
            self.maintenance(time.time())
        cut = len(self._busy())
        for channel in list(self.active_channels.values()):
            channel.handle_close()
        self.task_dispatcher.shutdown(timeout=2)
        for thread in self._own_threads.values():
            thread.shutdown(timeout=2)
        self.trigger.close()
        _log.info("stopped", extra={"cut_short": cut})

    def _step(self) -> None:
        """One turn of the loop; connections are closed between turns.

        Maintenance runs within a turn. What it closed would leave its number to a connection that
        is accepted in the same turn, which would then be cut for what was said of the old one.
        """
        self.asyncore.loop(timeout=1, map=self._map, use_poll=True, count=1)
        if not (self._stalled or self._is_stopping):
            return
        stalled, self._stalled = self._stalled, []
        for channel in list(self.active_channels.values()):
            if channel in stalled or (self._is_stopping and channel.is_idle):
                channel.handle_close()

    def _busy(self) -> list[ImpatientChannel]:
        return [channel for channel in self.active_channels.values() if not channel.is_idle]


def _one_thread() -> ThreadedTaskDispatcher:
    dispatcher = ThreadedTaskDispatcher()
    dispatcher.set_thread_count(1)
    return dispatcher


def _adjustments(settings: Settings, listening: socket.socket, idle_seconds: int) -> Adjustments:
    return Adjustments(
        sockets=[listening],
        threads=settings.threads,
        connection_limit=_connection_limit(),
        channel_timeout=idle_seconds,
        cleanup_interval=1,
        max_request_header_size=HEADER_BYTES,
        max_request_body_size=MAXIMUM_BODY_BYTES + 1,  # which it refuses itself
        outbuf_high_watermark=_SEND_BUFFER_BYTES,
        outbuf_overflow=4 * _SEND_BUFFER_BYTES,
        asyncore_use_poll=True,
        clear_untrusted_proxy_headers=False,  # the rate limit reads them, if it may
        ident=None,
    )


def _connection_limit() -> int:
    """As many as the process may open files for: accepting more would fail again and again."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    spared = CONNECTION_LIMIT if files == resource.RLIM_INFINITY else files - _OTHER_FILES
    return max(1, min(CONNECTION_LIMIT, spared))


def bind(settings: Settings) -> socket.socket:
    """Bind the port; raises `InvalidRequestError` if it is taken or not of this machine.

    Whatever a name stands for today, without a key nothing but loopback is bound.
    """
    shown = address_of(settings.host, settings.port)
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        if not settings.api_keys and not is_loopback(str(address[0])):
            raise errors.InvalidRequestError(
                f"without ESDH_API_KEY only loopback may be bound, and {shown} is not; set a key"
            )
        listening = socket.socket(family, kind, protocol)
        with suppress(OSError):
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(address)
        except OSError:
            listening.close()
            raise
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "that is no name of a host"
        raise errors.InvalidRequestError(
            f"cannot bind {shown}: {reason}; choose another --port or --host"
        ) from None
    return listening


def warm_up() -> None:
    """Make one record in every form, since tables and libraries load when they are first used."""
    for tables in kinds().values():
        dataset = Dataset(records=1, tables=tables)
        json_answer(dataset)
        etag(dataset, JSON)
        for media_type in set(STREAMED).intersection(offered(len(tables))):
            b"".join(STREAMED[media_type](dataset))


def address_of(host: str, port: int) -> str:
    """Host and port as an address shows them."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def welcome(settings: Settings, listening: socket.socket) -> str:
    """What to know of a server that has just begun, for whoever started it."""
    host, port = listening.getsockname()[:2]
    near = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    url = f"http://{address_of(near, port)}"
    if settings.api_keys:
        access = f"with {len(settings.api_keys)} API key(s)"
    else:
        access = "without a key, so on loopback only"
    reach = "" if is_loopback(host) else f", on every machine that reaches {host}"
    return f"serving {url} {access}{reach}; try {url}/demo; Ctrl-C stops"
