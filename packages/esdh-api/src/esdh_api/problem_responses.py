"""Errors as RFC 9457 problem documents: one shape for every refusal, with a stable code.

Nothing in them comes from inside: no traceback, path or query of a database.
"""

from __future__ import annotations

import difflib
import http
import json
import logging
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Final

from flask import Flask, Response, current_app, g, request
from werkzeug.exceptions import HTTPException

from esdh_models import errors

MEDIA_TYPE: Final = "application/problem+json"

MAXIMUM_BODY_BYTES: Final = 65_536

PROBLEMS: Final[Mapping[str, tuple[int, str]]] = {
    "invalid-request": (400, "The request asks for something that cannot be"),
    "unknown-name": (400, "A name in the request does not exist here"),
    "capacity": (400, "More records than a key can number"),
    "bad-request": (400, "The request cannot be understood"),
    "key-in-request": (400, "An API key stands where it could be logged"),
    "unauthorized": (401, "A valid API key is needed"),
    "not-found": (404, "There is nothing at this address"),
    "record-not-found": (404, "The dataset has no such record"),
    "method-not-allowed": (405, "The address does not take this method"),
    "not-acceptable": (406, "None of the media types asked for is offered here"),
    "body-too-large": (413, "The body is too large"),
    "unsupported-media-type": (415, "The body must be JSON"),
    "rate-limited": (429, "Too many requests"),
    "header-too-large": (431, "The header is too large"),
    "internal": (500, "A fault of the service"),
    "busy": (503, "Too many streams at once"),
    "storage-unreachable": (503, "The storage of the rate limit cannot be reached"),
    "stopping": (503, "The service is stopping"),
}
"""Status and title of each code; the page of the documentation lists them too."""

SCHEMA: Final[Mapping[str, Any]] = {
    "type": "object",
    "description": "RFC 9457 problem details.",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {
            "type": "string",
            "format": "uri-reference",
            "description": "Where the code is explained.",
        },
        "title": {"type": "string", "description": "The same for every problem of this code."},
        "status": {"type": "integer", "description": "The status of the response."},
        "detail": {
            "type": "string",
            "description": "What was wrong, what was given and what is allowed.",
        },
        "code": {"type": "string", "enum": list(PROBLEMS), "description": "For programs; stable."},
        "request_id": {"type": "string", "format": "uuid", "description": "X-Request-ID."},
    },
    "additionalProperties": False,
}

_OF_STATUS: Final = {
    400: "bad-request",
    401: "unauthorized",
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    413: "body-too-large",
    415: "unsupported-media-type",
    431: "header-too-large",
}

_log = logging.getLogger("esdh_api")


class RefusedError(errors.EsdhError):
    """A request that is refused for its form, its key or its haste rather than its dataset."""

    code: ClassVar[str] = "bad-request"

    def __init__(self, code: str, detail: str, headers: Mapping[str, str] | None = None) -> None:
        """Refuse with one of `PROBLEMS`, a sentence, and headers that go with it."""
        super().__init__(detail)
        self.code = code  # type: ignore[misc]  # each refusal has its own
        self.headers = dict(headers or {})


def problem_document(code: str, detail: str, request_id: str | None) -> dict[str, Any]:
    """The document of a problem."""
    status, title = PROBLEMS[code]
    document = {
        "type": f"/docs#problem-{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": request_id,
    }
    return {name: value for name, value in document.items() if value is not None}


def problem_response(code: str, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """The answer to a request that cannot be served."""
    document = problem_document(code, detail, g.get("request_id"))
    body = json.dumps(document) + "\n"
    response = Response(body, PROBLEMS[code][0], content_type=MEDIA_TYPE)
    response.headers.update(headers or {})
    response.headers["Cache-Control"] = "no-store"
    return response


def register(app: Flask) -> None:
    """Answer every error with a problem document."""
    app.register_error_handler(RefusedError, _refused)
    app.register_error_handler(errors.EsdhError, _family)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _fault)


def _refused(error: RefusedError) -> Response:
    return problem_response(error.code, str(error), error.headers)


def _family(error: errors.EsdhError) -> Response:
    if error.code not in PROBLEMS:
        return _fault(error)
    return problem_response(error.code, str(error))


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    code = _OF_STATUS.get(status, "bad-request" if status < 500 else "internal")
    details = {
        "not-found": f"there is no such route; {_nearest_route()}/docs lists them",
        "method-not-allowed": "use one of the methods in the Allow header",
        "body-too-large": f"a body may have at most {MAXIMUM_BODY_BYTES:,} bytes",
    }
    default = error.description or http.HTTPStatus(status).phrase
    allow = {name: value for name, value in error.get_headers() if name == "Allow"}
    return problem_response(code, details.get(code, default), allow)


def _nearest_route() -> str:
    """The route that was meant, perhaps; nothing that was sent is repeated."""
    rules = [rule.rule for rule in current_app.url_map.iter_rules()]
    routes = [rule for rule in rules if "<" not in rule]
    near = difflib.get_close_matches(request.path[:100], routes, n=1, cutoff=0.8)
    return f"did you mean {near[0]}? " if near else ""


def _fault(error: Exception) -> Response:
    """Tell the log where, but neither the log nor the caller what values were at hand."""
    last = traceback.extract_tb(error.__traceback__)[-1:]
    where = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in last]
    _log.error("fault", extra={"error": type(error).__name__, "where": "".join(where)})
    return problem_response("internal", "this is a fault of the service; please report it")
