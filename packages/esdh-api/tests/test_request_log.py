"""One line for each request, and nothing in it that the caller or the generator made up."""

from __future__ import annotations

import io
import json
import logging
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, Response

from esdh_api import Settings, create_app, request_log
from esdh_api.streams import Stream

KEY = "8d2e1c5a-9f0b-4c3d-8e7f-6a5b4c3d2e1f"
PERSON = "Angela Hart of 1861 Malolnock Rd"
RECORD = "a419ec71-8057-8d2e-bed3-c6231ed7eb6f"


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What a process that was told to log writes to standard error."""
    written = io.StringIO()
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    monkeypatch.setattr("sys.stderr", written)
    request_log.configure_logging()
    yield written
    root.handlers[:] = before
    root.setLevel(level)
    for name in ("waitress", "waitress.queue"):
        logging.getLogger(name).setLevel(logging.NOTSET)


@pytest.fixture
def app() -> Flask:
    """An application with a key that looks like a request id."""
    return create_app(Settings.parse(rate_limit="off", api_keys=[KEY]))


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    """What was logged."""
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_a_request_has_one_line(app: Flask, log: io.StringIO) -> None:
    """Id, method, template of the route, status and time; no address, header or value."""
    answer = app.test_client().get(
        f"/records/{RECORD}?seed=20251101",
        headers={"X-API-Key": KEY, "User-Agent": PERSON},
        buffered=True,
    )
    (line,) = lines(log)

    assert answer.status_code == 200
    assert list(line) == [
        "time", "level", "event", "request_id", "method", "route", "status", "milliseconds",
    ]  # fmt: skip
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert (line["method"], line["route"], line["status"]) == ("GET", "/records/<record_id>", 200)
    assert line["time"].endswith("+00:00")
    for value in (RECORD, "20251101", KEY, PERSON, answer.get_json()["record"]["last_name"]):
        assert value not in log.getvalue()


def test_what_no_route_knows_is_one_label(app: Flask, log: io.StringIO) -> None:
    """Neither addresses nor methods that callers make up get into the log."""
    app.test_client().open(f"/{RECORD}", method="BREW", buffered=True)
    (line,) = lines(log)

    assert (line["method"], line["route"], line["status"]) == ("other", "other", 401)


@pytest.mark.parametrize("given", [RECORD, RECORD.upper(), RECORD.replace("-", "")])
def test_the_id_of_a_caller_is_kept(app: Flask, log: io.StringIO, given: str) -> None:
    """A UUID, as callers and proxies spell it."""
    answer = app.test_client().get("/healthz", headers={"X-Request-ID": given}, buffered=True)

    assert answer.headers["X-Request-ID"] == lines(log)[0]["request_id"] == RECORD


@pytest.mark.parametrize(
    "given", ["", "1", PERSON, RECORD + "0", KEY, KEY.upper(), KEY.replace("-", "")]
)
def test_any_other_id_is_replaced(app: Flask, log: io.StringIO, given: str) -> None:
    """Something else than a UUID, or a key in whatever spelling that is one, is not repeated."""
    answer = app.test_client().get("/healthz", headers={"X-Request-ID": given}, buffered=True)
    found = answer.headers["X-Request-ID"]

    assert str(uuid.UUID(found)) == found == lines(log)[0]["request_id"]
    assert found.replace("-", "") != given.lower().replace("-", "")


@pytest.mark.parametrize("read", [1, 3])
def test_a_stream_tells_whether_it_was_whole(app: Flask, log: io.StringIO, read: int) -> None:
    """The line comes when the stream ends, and knows whether the client stayed."""
    headers = {"X-API-Key": KEY, "Accept": "application/x-ndjson"}
    answer = app.test_client().get("/generate/person?records=30000", headers=headers)
    chunks = iter(answer.response)
    assert len([next(chunks) for _ in range(read)]) == read
    if read == 3:
        assert next(chunks, None) is None
    assert lines(log) == []
    answer.close()

    assert [line["complete"] for line in lines(log)] == [read == 3]


def test_a_fault_has_a_type_and_a_place_and_no_value(app: Flask, log: io.StringIO) -> None:
    """Before the answer began, and in the middle of it."""

    def fail() -> Response:
        raise ValueError(PERSON)

    app.add_url_rule("/fail", view_func=fail)
    answer = app.test_client().get("/fail", headers={"X-API-Key": KEY}, buffered=True)
    fault, line = lines(log)

    assert answer.status_code == line["status"] == 500
    assert (fault["event"], fault["error"]) == ("fault", "ValueError")
    assert fault["where"].startswith("test_request_log.py:")
    assert PERSON not in log.getvalue() + answer.text


def test_libraries_are_not_quoted(log: io.StringIO) -> None:
    """Where they spoke and what kind of error it was is told, never what they said."""
    foreign = logging.getLogger("waitress")
    foreign.info(f"Client disconnected while serving /records/{RECORD}")
    caught = ValueError(PERSON)
    foreign.error(f"Exception while serving /records/{RECORD}", exc_info=caught)
    logging.getLogger("esdh_api.app").error("Exception on %s", PERSON)
    first, second = lines(log)

    assert (first["event"], first["level"], first["error"]) == ("library", "error", "ValueError")
    assert first["where"].startswith("waitress test_request_log.test_libraries_are_not_quoted:")
    assert second["where"].startswith("esdh_api.app test_request_log.")
    assert RECORD not in log.getvalue()
    assert PERSON not in log.getvalue()


def test_own_words_are_told_with_what_belongs_to_them(log: io.StringIO) -> None:
    """Figures stand beside the event."""
    logging.getLogger("esdh_api").info("stopped", extra={"cut_short": 3})

    assert [(line["event"], line["cut_short"]) for line in lines(log)] == [("stopped", 3)]


def test_a_stream_without_chunks_is_whole() -> None:
    """Empty chunks would end a chunked body, so they are left out."""
    stream = Stream(iter([b"", b"a", b"", b"b"]))

    assert list(stream) == [b"a", b"b"]
    assert stream.complete
