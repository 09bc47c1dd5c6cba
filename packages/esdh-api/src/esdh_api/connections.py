"""One connection: what waitress lacks against clients that are slow, broken or mean.

As it comes, waitress lets a client that drips its request keep its connection for ever, and one
that stops reading keep the thread that answers it; here a connection knows since when it does. What
waitress itself refuses is told as a problem document too.
"""

from __future__ import annotations

import http
import json
import socket
import time
from contextlib import suppress
from typing import Any, Final

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.task import ErrorTask, WSGITask

from .pieces import Pieces, has_room
from .problem_responses import MAXIMUM_BODY_BYTES, MEDIA_TYPE, PROBLEMS, problem_document
from .security_headers import HEADERS

HEADER_BYTES: Final = 32_768
REQUESTS_AHEAD: Final = 8
"""So many requests may wait on one connection; what is sent beyond them is not read."""

_LARGE_BYTES: Final = 2**16
_SLICE_BYTES: Final = 2**20


class ProblemTask(ErrorTask):  # type: ignore[misc]  # waitress ships no annotations
    """Answers what waitress refuses, before any application sees it, with a problem document."""

    def execute(self) -> None:
        """Write the answer and end the connection."""
        code, detail = _REFUSALS.get(self.request.error.code, _FAULT)
        status, _ = PROBLEMS[code]
        request_id = self.channel.server.note_refused(status)
        body = json.dumps(problem_document(code, detail, request_id)).encode() + b"\n"
        self.status = f"{status} {http.HTTPStatus(status).phrase}"
        self.response_headers += [
            *HEADERS.items(),
            ("Cache-Control", "no-store"),
            ("Content-Type", MEDIA_TYPE),
            ("X-Request-ID", request_id),
        ]
        self.set_close_on_finish()
        self.channel.is_refused = True
        self.content_length = len(body)
        self.write(body)


_FAULT: Final = ("internal", "this is a fault of the service; please report it")
_REFUSALS: Final = {
    400: ("bad-request", "the request is not valid HTTP"),
    413: ("body-too-large", f"a body may have at most {MAXIMUM_BODY_BYTES:,} bytes"),
    431: ("header-too-large", f"the header may have at most {HEADER_BYTES:,} bytes"),
    501: ("bad-request", "the transfer encoding is not supported; send a Content-Length"),
}


class AnswerTask(WSGITask):  # type: ignore[misc]
    """Answers a request of the application; an answer to HEAD ends with its header."""

    wrote_header: bool

    def __init__(self, channel: Any, request: Any) -> None:
        """Answer a request, of which nothing is sent yet."""
        super().__init__(channel, request)
        self._gathered = Pieces()

    def write(self, data: bytes | memoryview) -> None:
        """Send a piece of the body.

        A small body that is whole goes out with its header, which saves a call of the system. A
        large chunk goes out beside its length, not joined to it; so do memoryviews, which are parts
        of a chunk, together with the `bytes` that end it.
        """
        is_whole = self.has_body and not self.wrote_header and self.content_length == len(data)
        is_chunk = self.chunked_response and self.wrote_header
        if is_whole and len(data) < _LARGE_BYTES:
            header = self.build_response_header()
            self.wrote_header, self.content_bytes_written = True, len(data)
            self.channel.write_soon(header + data)
        elif is_chunk and isinstance(data, memoryview):
            self._gathered.append(data)
        elif is_chunk and (self._gathered or len(data) >= _LARGE_BYTES):
            self._gathered.append(memoryview(data))
            self._write_gathered()
        else:
            super().write(bytes(data))

    def _write_gathered(self) -> None:
        chunk, self._gathered = self._gathered, Pieces()
        if not chunk.size:
            return  # a chunk without content would end the body
        chunk.appendleft(memoryview(b"%X\r\n" % chunk.size))
        chunk.append(memoryview(b"\r\n"))
        self.channel.write_pieces(chunk)

    def finish(self) -> None:
        """End the answer, without the chunk that ends a body if there is none."""
        if self.request.command == "HEAD":
            if not self.wrote_header:
                self.write(b"")
            self.chunked_response = False  # only now, since the header sets it
        if self._gathered:
            self._write_gathered()
        super().finish()


class StrictParser(HTTPRequestParser):  # type: ignore[misc]
    """Refuses what waitress stumbles over, and what proxies and servers read differently."""

    def parse_header(self, header_plus: bytes) -> None:
        """Read the header; raises `ParsingError`."""
        try:
            super().parse_header(header_plus)
        except ValueError as error:
            raise ParsingError("a number or an address that is none") from error
        if self.chunked and "CONTENT_LENGTH" in self.headers:
            raise ParsingError("two lengths of one body")


class NoParser:
    """Takes the place of a parser for what nobody reads any more."""

    completed = empty = True
    expect_continue = False

    def received(self, data: bytes) -> int:
        """Pass over all of it."""
        return len(data)


class ImpatientChannel(HTTPChannel):  # type: ignore[misc]
    """A connection that knows since when its request comes in and its answer goes out.

    One that was refused while it was sending is drained for a while before it is closed, because
    closing on unread bytes would take the answer away from the client.
    """

    task_class = AnswerTask
    error_task_class = ProblemTask
    receiving_since = 0.0
    answering_since = 0.0
    close_when_flushed = False
    is_refused = False
    is_drained = False

    def parser_class(self, adjustments: Any) -> StrictParser | NoParser:
        """What reads the next request; a client that sends too many ahead is cut off there.

        The answer before it is the last one, and says so.
        """
        if len(self.requests) < REQUESTS_AHEAD:
            return StrictParser(adjustments)
        self.requests[-1].headers["CONNECTION"] = "close"
        self.is_refused = True
        return NoParser()

    def readable(self) -> bool:
        """Whether to look for something to read."""
        return bool(self.is_drained or super().readable())

    def writable(self) -> bool:
        """Whether to look for room to send.

        A little that a thread is sending just now is left to it. Else the loop would turn and turn
        around it, and keep the interpreter from the very thread that it waits for.
        """
        if self.requests and 0 < self.total_outbufs_len < _LARGE_BYTES:
            if not self.outbuf_lock.acquire(False):
                return False
            self.outbuf_lock.release()
        return bool(super().writable())

    def handle_write(self) -> None:
        """Send what waits, and close after the last of it."""
        if self.is_refused and self.close_when_flushed and not self.will_close:
            self._flush_exception(self._flush_some)
            if not self.total_outbufs_len:
                self.close_when_flushed = False
                self.is_drained = True
                with suppress(OSError):
                    self.socket.shutdown(socket.SHUT_WR)
        else:
            super().handle_write()

    def handle_expt(self) -> None:
        """Pass over urgent data, which stands among the rest of the bytes."""

    def received(self, data: bytes) -> Any:
        """Take what came; the first bytes of a request start its clock."""
        if self.is_drained:
            return False
        if self.request is None:
            self.receiving_since = time.time()
        return super().received(data)

    def write_soon(self, data: Any) -> int:
        """Queue a little; send much past the queue while the reader keeps up."""
        if not isinstance(data, bytes | memoryview) or len(data) < _LARGE_BYTES:
            return int(super().write_soon(data))
        self.write_pieces(Pieces([data]))
        return len(data)

    def write_pieces(self, pieces: Pieces) -> None:
        """Send pieces at once as far as the reader keeps up, and queue the rest in slices.

        So even a large answer waits for its reader, and one that is read at once is not copied.
        None of the pieces is left.
        """
        self._send_at_once(pieces)
        while pieces:
            view = pieces.popleft()
            for start in range(0, len(view), _SLICE_BYTES):
                super().write_soon(view[start : start + _SLICE_BYTES])

    def _send_at_once(self, pieces: Pieces) -> None:
        """Send until the reader lags behind.

        What the queue takes at once is not waited with: the thread has better things to do. Of what
        is larger the end is, since sending it from the queue takes more of the processor.
        """
        left = pieces.size
        waits = left > _SLICE_BYTES
        with suppress(OSError, ValueError):  # closed, which queuing the rest finds out too
            while left:
                with self.outbuf_lock:
                    if self.total_outbufs_len:
                        self._flush_some(do_close=False)
                    if self.total_outbufs_len or not self.connected:
                        break
                    connection = self.socket  # which closing takes away
                    size = pieces.send_what_fits(connection)
                if size:
                    left -= size
                    self.last_activity = time.time()
                elif not (waits and has_room(connection)):
                    break

    @property
    def is_answering(self) -> bool:
        """Whether something is being made or waits to be read."""
        return bool(self.requests or self.total_outbufs_len)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being received or answered."""
        return self.request is None and not self.is_answering
