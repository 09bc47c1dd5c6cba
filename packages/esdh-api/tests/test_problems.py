"""Problem documents: one shape, stable codes, and nothing from inside."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING

import pytest
from werkzeug.exceptions import ImATeapot, RequestTimeout

from esdh_api import answers
from esdh_api.blueprints import records
from esdh_api.problem_responses import PROBLEMS, RefusedError
from esdh_models import errors

if TYPE_CHECKING:
    from conftest import Api, ApiMaker

JSON = "application/json"
KEY = "correct-horse-battery-staple"
FIRST = "a419ec71-8057-8d2e-bed3-c6231ed7eb6f"
VALUE = "Angela Hart of 1861 Malolnock Rd"


def test_codes_are_pinned() -> None:
    """Programs hang on them: one may be added, none changed."""
    assert {code: status for code, (status, _) in PROBLEMS.items()} == {
        "invalid-request": 400,
        "unknown-name": 400,
        "capacity": 400,
        "bad-request": 400,
        "key-in-request": 400,
        "unauthorized": 401,
        "not-found": 404,
        "record-not-found": 404,
        "method-not-allowed": 405,
        "not-acceptable": 406,
        "body-too-large": 413,
        "unsupported-media-type": 415,
        "rate-limited": 429,
        "header-too-large": 431,
        "internal": 500,
        "busy": 503,
        "storage-unreachable": 503,
        "stopping": 503,
    }


@pytest.mark.parametrize(
    ("code", "method", "address", "options"),
    [
        ("invalid-request", "GET", "/generate/person?records=0", {}),
        ("unknown-name", "GET", "/generate/person?colour=red", {}),
        ("bad-request", "POST", "/generate/person", {"data": b"{", "content_type": JSON}),
        ("bad-request", "POST", "/generate/person", {"json": []}),
        ("key-in-request", "GET", f"/generate/person?seed={KEY}", {}),
        ("unauthorized", "GET", "/contracts", {"headers": {"X-API-Key": "wrong"}}),
        ("not-found", "GET", "/nothing", {}),
        ("record-not-found", "GET", f"/records/{FIRST}?seed=1", {}),
        ("method-not-allowed", "DELETE", "/contracts", {}),
        ("not-acceptable", "GET", "/generate/person", {"headers": {"Accept": "text/html"}}),
        ("body-too-large", "POST", "/generate/person", {"data": b" " * 70_000}),
        ("unsupported-media-type", "POST", "/generate/person", {"data": b"{}"}),
    ],
)
def test_every_refusal_has_one_shape(
    make_api: ApiMaker, code: str, method: str, address: str, options: dict[str, object]
) -> None:
    """RFC 9457 with a code and the id of the request, never cached, with or without a key."""
    headers = {"X-API-Key": KEY, **options.pop("headers", {})}  # type: ignore[dict-item]
    answer = make_api(api_keys=KEY).ask(method, address, headers=headers, **options)
    document = json.loads(answer.data)
    status, title = PROBLEMS[code]

    assert list(document) == ["type", "title", "status", "detail", "code", "request_id"]
    assert document["type"] == f"/docs#problem-{code}"
    assert (document["title"], document["status"], document["code"]) == (title, status, code)
    assert document["request_id"] == answer.headers["X-Request-ID"]
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "ETag" not in answer.headers


def test_the_page_explains_every_code(api: Api) -> None:
    """The type of a problem leads to a place on it."""
    page = api.get("/docs").data.decode()

    assert [code for code in PROBLEMS if f'id="problem-{code}"' not in page] == []


@pytest.mark.parametrize(
    "fault",
    [
        RuntimeError(VALUE),
        errors.SourceError(VALUE),
        errors.ManifestError(f"/etc/{VALUE}"),
        OSError(5, VALUE, f"/home/{VALUE}"),
        RecursionError(VALUE),
        UnicodeEncodeError("utf-8", VALUE, 0, 1, VALUE),
    ],
    ids=lambda fault: type(fault).__name__,
)
def test_a_fault_tells_nothing_from_inside(
    api: Api,
    fault: Exception,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Neither the caller nor the log learns a value; the log learns where."""

    def fail(*_: object) -> None:
        raise fault

    monkeypatch.setattr(records, "ask_dataset", fail)
    with caplog.at_level(logging.ERROR, "esdh_api"):
        answer = api.get(f"/records/{FIRST}?seed=1")
    document = json.loads(answer.data)

    assert (answer.status_code, document["code"]) == (500, "internal")
    assert document["detail"] == "this is a fault of the service; please report it"
    assert not any(secret in answer.data.decode() for secret in ("Angela", "Traceback", ".py"))
    assert [record.getMessage() for record in caplog.records] == ["fault"]
    assert vars(caplog.records[0])["error"] == type(fault).__name__
    assert vars(caplog.records[0])["where"].startswith("test_problems.py:")
    assert "Angela" not in caplog.text + str(vars(caplog.records[0]))


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (errors.CapacityError("vehicles.vin", 2, 1), 400, "capacity"),
        (errors.RecordNotFoundError("not here"), 404, "record-not-found"),
        (RefusedError("busy", "wait", {"Retry-After": "2"}), 503, "busy"),
        (RequestTimeout(), 400, "bad-request"),
        (ImATeapot(), 400, "bad-request"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_every_error_of_the_family_has_a_status(
    api: Api, error: Exception, status: int, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Errors of the library, of this package and of the framework all come out as problems."""

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(records, "ask_dataset", fail)
    answer = api.app.test_client().get(f"/records/{FIRST}?seed=1", buffered=True)
    document = json.loads(answer.data)

    assert (answer.status_code, document["status"], document["code"]) == (status, status, code)


def test_a_fault_before_the_first_byte_is_told(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """A JSON answer is whole or a problem, never a half."""

    def fail(*_: object) -> None:
        raise errors.SourceError(VALUE)

    monkeypatch.setattr(answers, "render_tables", fail)
    answer = api.get("/generate/bundle")

    assert (answer.status_code, json.loads(answer.data)["code"]) == (500, "internal")
