"""One JSON line per request, on standard error: no bodies, keys, addresses or generated values.

The route is told as its template, since an address may hold a record identifier. What libraries
say may hold anything, so only where they said it is told.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import time
import uuid
from datetime import UTC, datetime
from typing import Any, Final

from flask import Flask, Response, current_app, g, request
from werkzeug.exceptions import MethodNotAllowed

from .auth import Keys
from .current_request import current_request

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER: Final = "other"
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}")
_STANDARD: Final = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime"}
_OWN_LOGGERS: Final = ("esdh_api", "esdh_api.requests")

_encode = json.JSONEncoder(default=str).encode

_log = logging.getLogger("esdh_api.requests")


class JsonLines(logging.Formatter):
    """A record as one line of JSON: time in UTC, level, event, and what was added to it."""

    def format(self, record: logging.LogRecord) -> str:
        """Render one record; of an exception, the type alone."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
        }
        if record.name in _OWN_LOGGERS:
            line["event"] = record.getMessage()
            line |= {k: v for k, v in record.__dict__.items() if k not in _STANDARD}
        else:
            line["event"] = "library"
            line["where"] = f"{record.name} {record.module}.{record.funcName}:{record.lineno}"
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
        return _encode(line)


def configure_logging() -> None:
    """Send everything that is logged in this process to standard error, as JSON lines.

    What no line tells is not gathered: thread and process.
    """
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("waitress").setLevel(logging.WARNING)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)


def register(app: Flask, keys: Keys) -> None:
    """Give every request an id and a line."""

    @app.before_request
    def _start() -> None:
        g.started = time.perf_counter()
        g.request_id = _kept_id(request.headers.get("X-Request-ID", ""), keys) or str(uuid.uuid4())

    @app.after_request
    def _finish(response: Response) -> Response:
        request_id = g.request_id
        response.headers.add("X-Request-ID", request_id)
        line = {
            "request_id": request_id,
            "method": method_label(),
            "route": route_label(),
            "status": response.status_code,
        }
        started, stream = g.started, g.get("stream")

        def _write_line() -> None:
            spent = round((time.perf_counter() - started) * 1000, 1)
            ended = {} if stream is None else {"complete": stream.complete}
            _tell({**line, "milliseconds": spent, **ended})

        response.call_on_close(_write_line)
        return response


def _kept_id(given: str, keys: Keys) -> str | None:
    """The caller's own id if it is one, and is not a key or a piece of one in disguise."""
    if not _UUID.fullmatch(given):
        return None
    found = uuid.UUID(given)
    return None if keys.touch(str(found)) or keys.touch(found.hex) else str(found)


def log_refused(status: int) -> str:
    """Write the line of a request that came to no route; returns its new id."""
    request_id = str(uuid.uuid4())
    line = {"request_id": request_id, "method": OTHER, "route": OTHER, "status": status}
    _tell(line)
    return request_id


def _tell(line: dict[str, Any]) -> None:
    """Log a request; where in this file that was is not looked for, which would cost more."""
    if _log.isEnabledFor(logging.INFO):
        _log.handle(
            _log.makeRecord(_log.name, logging.INFO, "", 0, "request", (), None, extra=line)
        )


def method_label() -> str:
    """The method, if it is a common one: a caller can make up any."""
    method: str = current_request().method
    return method if method in METHODS else OTHER


def route_label() -> str:
    """The template of the route, such as `/records/<record_id>`, also if the method was wrong."""
    asked = current_request()
    if asked.url_rule:
        return asked.url_rule.rule
    error = asked.routing_exception
    if not isinstance(error, MethodNotAllowed) or not error.valid_methods:
        return OTHER
    routes, method = current_app.url_map.bind(""), next(iter(error.valid_methods))
    return routes.match(asked.path, method, return_rule=True)[0].rule
