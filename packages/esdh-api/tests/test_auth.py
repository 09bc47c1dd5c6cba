"""Who gets in, from where, and what browsers are told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.test import TestResponse

from esdh_api import Settings
from esdh_api.auth import OPEN_ENDPOINTS, Keys
from esdh_api.security_headers import HEADERS

if TYPE_CHECKING:
    from conftest import Api, ApiMaker

KEY = "correct-horse/battery+staple"
NEW_KEY = "Tr0ub4dor&3-and-more"
SHORT_KEY = "xyzzy"
PAGE = "https://pages.example"
PREFLIGHT = {"Access-Control-Request-Method": "POST"}


@pytest.fixture(scope="module")
def closed(make_api: ApiMaker) -> Api:
    """A service with three keys and one page that may call it."""
    return make_api(api_keys=[KEY, NEW_KEY, SHORT_KEY], cors_origins=[PAGE])


def ask(
    api: Api, headers: dict[str, str], address: str = "/contracts", **more: Any
) -> TestResponse:
    """Ask the application."""
    return api.app.test_client().open(address, headers=headers, **more)


@pytest.mark.parametrize("key", [KEY, NEW_KEY, SHORT_KEY])
@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer {}"},
        {"Authorization": "bearer {}"},
        {"Authorization": "Bearer   {} "},
        {"X-API-Key": "{}"},
        {"X-API-Key": "{}", "Authorization": "Bearer {}"},
    ],
)
def test_any_of_the_keys_opens(closed: Api, key: str, headers: dict[str, str]) -> None:
    """In either header, and in both."""
    sent = {name: text.format(key) for name, text in headers.items()}

    assert ask(closed, sent).status_code == 200


def test_two_different_keys_open_too(closed: Api) -> None:
    """While keys are rotated, a proxy may add the new one to the old."""
    assert ask(closed, {"X-API-Key": KEY, "Authorization": f"Bearer {NEW_KEY}"}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-API-Key": ""},
        {"X-API-Key": KEY[:-1]},
        {"X-API-Key": KEY + "x"},
        {"X-API-Key": KEY.upper()},
        {"X-API-Key": f"{KEY},{KEY}"},
        {"X-API-Key": f"{KEY},{NEW_KEY},{SHORT_KEY}"},
        {"X-API-Key": "ключ"},
        {"X-API-Key": "k" * 1_000_000},
        {"Authorization": KEY},
        {"Authorization": f"Basic {KEY}"},
        {"Authorization": "Bearer"},
        {"Authorization": f"Bearer {KEY} {KEY}"},
        {"X-API-Key": KEY, "Authorization": "Basic eDp5"},
        {"X-API-Key": "wrong", "Authorization": f"Bearer {KEY}"},
        {"Cookie": f"X-API-Key={KEY}"},
    ],
)
def test_anything_else_does_not(closed: Api, headers: dict[str, str]) -> None:
    """401, one body apart from its id, and how to ask."""
    encoded = {name: text.encode().decode("latin-1") for name, text in headers.items()}
    answer = ask(closed, encoded)
    document = answer.get_json()
    document.pop("request_id")

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="esdh"'
    assert document == {
        "type": "/docs#problem-unauthorized",
        "title": "A valid API key is needed",
        "status": 401,
        "detail": "send a valid key as Authorization: Bearer KEY or X-API-Key: KEY",
        "code": "unauthorized",
    }


def test_every_key_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time tells neither which key it was nor how much of one was right."""
    compared = []

    def compare(one: bytes, other: bytes) -> bool:
        compared.append((len(one), len(other)))
        return one == other

    keys = Keys(Settings.parse(api_keys=[KEY, NEW_KEY, SHORT_KEY]))
    monkeypatch.setattr("hmac.compare_digest", compare)

    for given in (KEY, SHORT_KEY, "wrong", "k" * 99_999):
        compared.clear()
        assert keys.know(given) == (given in (KEY, SHORT_KEY))
        assert compared == [(32, 32)] * 3


def test_routes_without_a_key_are_those_that_hold_no_data(closed: Api) -> None:
    """Every route of the application but the open ones asks for a key."""
    for rule in closed.app.url_map.iter_rules():
        address = rule.rule.replace("<", "").replace(">", "").replace("path:", "")
        for method in (rule.methods or set()) - {"OPTIONS"}:
            is_closed = ask(closed, {}, address, method=method).status_code == 401
            assert is_closed == (rule.endpoint not in OPEN_ENDPOINTS), rule.endpoint


@pytest.mark.parametrize("key", [KEY, SHORT_KEY])
@pytest.mark.parametrize(
    ("address", "body"),
    [
        ("/generate/person?records={}", None),
        ("/generate/person?{}=1", None),
        ("/records/{}?seed=1", None),
        ("/nothing/{}", None),
        ("/generate/person", '{{"records": "{}"}}'),
        ("/generate/person", '{{"{}": 1}}'),
        ("/generate/person", "{}"),
    ],
)
def test_a_key_in_the_wrong_place_is_refused(
    closed: Api, key: str, address: str, body: str | None
) -> None:
    """Before anything else could repeat it: in an address it would get into logs on the way."""
    coded = key.replace("/", "%2F").replace("+", "%2B")
    sent = {} if body is None else {"data": body.format(key), "method": "POST"}
    headers = {"X-API-Key": NEW_KEY, "Content-Type": "application/json"}
    answer = ask(closed, headers, address.format(coded), **sent)

    assert (answer.status_code, answer.get_json()["code"]) == (400, "key-in-request")
    assert key not in answer.text


@pytest.mark.parametrize("host", ["{}", "{}:80", "{}.example", "api-{}"])
@pytest.mark.parametrize("address", ["/docs", "/contracts"])
def test_a_key_in_the_host_does_not_come_back(make_api: ApiMaker, address: str, host: str) -> None:
    """The page shows the address that the caller used, unless a key stands in it."""
    key = "correct-horse-battery-staple"
    headers = {"Host": host.format(key), "X-API-Key": key}
    answer = ask(make_api(api_keys=[key]), headers, address)

    assert (answer.status_code, answer.get_json()["code"]) == (400, "key-in-request")
    assert key not in answer.text


def test_a_host_guesses_few_keys_at_once(closed: Api) -> None:
    """One request asks for one name; thousands in its place are refused unread."""
    answer = ask(closed, {"Host": f"{SHORT_KEY}." * 50}, "/docs")

    assert (answer.status_code, answer.get_json()["code"]) == (400, "bad-request")
    assert "http://api.example:8/" in ask(closed, {"Host": "api.example:8"}, "/docs").text


def test_an_escaped_key_is_found(closed: Api) -> None:
    """JSON has more than one spelling of a text."""
    escaped = "".join(f"\\u{ord(character):04X}" for character in KEY)
    headers = {"X-API-Key": NEW_KEY, "Content-Type": "application/json"}
    answer = ask(closed, headers, "/generate/person", method="POST", data=f'{{"seed":"{escaped}"}}')

    assert answer.get_json()["code"] == "key-in-request"


def test_a_short_key_within_a_word_is_chance(closed: Api) -> None:
    """It hinders nobody who did not send it."""
    answer = ask(closed, {"X-API-Key": KEY}, "/contracts/xyzzyx")

    assert answer.get_json()["code"] == "not-found"


@pytest.mark.parametrize("address", ["/healthz", "/contracts", "/nothing", "/docs", "/demo"])
def test_every_answer_has_the_security_headers(api: Api, address: str) -> None:
    """Pages, documents and problems alike; nothing is kept by caches on the way."""
    answer = api.get(address)

    assert HEADERS.items() <= dict(answer.headers).items()
    assert "no-" in answer.headers["Cache-Control"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert not {"Server", "X-Powered-By"}.intersection(answer.headers.keys())


def test_pages_elsewhere_may_not_call_unless_told(api: Api) -> None:
    """Without origins in the settings, no header allows any."""
    for method in ("GET", "OPTIONS"):
        answer = ask(api, {"Origin": PAGE, **PREFLIGHT}, method=method)
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]


def test_a_page_that_may_call_is_told_so(closed: Api) -> None:
    """The question needs no key, the call does; every answer names the page."""
    asked = ask(closed, {"Origin": PAGE, **PREFLIGHT}, method="OPTIONS")
    refused = ask(closed, {"Origin": PAGE})
    called = ask(closed, {"Origin": PAGE, "X-API-Key": KEY})

    assert [a.status_code for a in (asked, refused, called)] == [200, 401, 200]
    for answer in (asked, refused, called):
        assert answer.headers["Access-Control-Allow-Origin"] == PAGE
        assert "Origin" in answer.headers["Vary"]
        assert "Access-Control-Allow-Credentials" not in answer.headers
    assert asked.headers["Access-Control-Allow-Methods"] == "GET, HEAD, POST"
    assert "X-API-Key" in asked.headers["Access-Control-Allow-Headers"]
    assert "ESDH-Seed" in called.headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize(
    "origin",
    ["https://pages.example.org", "http://pages.example", "null", "https://pages.example:8"],
)
def test_any_other_page_may_not(closed: Api, origin: str) -> None:
    """Almost the same origin is another one."""
    answer = ask(closed, {"Origin": origin, "X-API-Key": KEY})

    assert "Access-Control-Allow-Origin" not in answer.headers
    assert "Origin" in answer.headers["Vary"]


@pytest.mark.parametrize("headers", [{}, {"Origin": PAGE}, PREFLIGHT])
def test_what_is_no_preflight_needs_a_key(closed: Api, headers: dict[str, str]) -> None:
    """Only a browser's question is let in without one."""
    assert ask(closed, headers, method="OPTIONS").status_code == 401


def test_without_origins_even_a_preflight_needs_a_key(make_api: ApiMaker) -> None:
    """Where no page may call, no page has anything to ask."""
    headers = {"Origin": PAGE, **PREFLIGHT}

    assert ask(make_api(api_keys=[KEY]), headers, method="OPTIONS").status_code == 401


def test_a_star_lets_every_page_call(make_api: ApiMaker) -> None:
    """For services that are public anyway."""
    answer = ask(make_api(cors_origins=["*"]), {"Origin": PAGE})

    assert answer.headers["Access-Control-Allow-Origin"] == "*"
