"""Who counts as one caller, what each is told, and what is forgotten."""

from __future__ import annotations

import re
import socket
import time

import pytest
from flask.testing import FlaskClient
from limits.errors import StorageError

from esdh_api import Settings, create_app, rate_limit
from esdh_api.extension import extension
from esdh_api.moving_windows import MovingWindows

KEY = "correct-horse-battery-staple"
OTHER_KEY = "incorrect-horse-battery-staple"
PROXY = "10.0.0.7"


def client_of(**settings: object) -> FlaskClient:
    """A client of an application that allows two requests."""
    return create_app(Settings.parse(**{"rate_limit": "2/minute", **settings})).test_client()


def statuses(client: FlaskClient, *callers: dict[str, str]) -> list[int]:
    """How each request is answered; `peer` is where it comes from, the rest are headers."""
    found = []
    for caller in callers:
        peer = {"REMOTE_ADDR": caller.get("peer", "192.0.2.1")}
        headers = {name: value for name, value in caller.items() if name != "peer"}
        found.append(client.get("/contracts", headers=headers, environ_base=peer).status_code)
    return found


def test_each_answer_tells_what_is_left() -> None:
    """The fields count down, and the refusal says how long to wait."""
    client = client_of()
    first, second, refused = (client.get("/contracts") for _ in range(3))

    assert [a.status_code for a in (first, second, refused)] == [200, 200, 429]
    assert {a.headers["RateLimit-Policy"] for a in (first, second)} == {'"default";q=2;w=60'}
    assert first.headers["RateLimit"] == '"default";r=1;t=60'
    assert re.fullmatch('"default";r=0;t=(59|60)', second.headers["RateLimit"])
    assert refused.headers["Retry-After"] in ("59", "60")
    assert refused.get_json()["code"] == "rate-limited"
    assert refused.get_json()["detail"].startswith("2 per 1 minute are allowed; try again in ")


def test_health_is_never_refused_and_counts_nothing() -> None:
    """Whoever watches the service may ask as often as needed."""
    client = client_of()
    for path in ("/healthz", "/readyz") * 3:
        answer = client.get(path)
        assert answer.status_code == 200
        assert "RateLimit" not in answer.headers

    assert statuses(client, {}, {}, {}) == [200, 200, 429]


PAGE = "https://pages.example"
PREFLIGHT = {"Origin": PAGE, "Access-Control-Request-Method": "POST"}


def test_preflights_are_answered_whatever_the_limit_says() -> None:
    """A browser's question carries no key, so the page's other calls must not shut it out."""
    client = client_of(cors_origins=[PAGE])
    asked = [client.options("/contracts", headers=PREFLIGHT) for _ in range(5)]
    assert {answer.status_code for answer in asked} == {200}
    assert "RateLimit" not in asked[0].headers

    assert statuses(client, {}, {}, {}) == [200, 200, 429]
    assert client.options("/contracts", headers=PREFLIGHT).status_code == 200


@pytest.mark.parametrize(
    ("method", "headers", "origins"),
    [
        ("GET", PREFLIGHT, [PAGE]),
        ("POST", PREFLIGHT, [PAGE]),
        ("OPTIONS", {"Origin": PAGE}, [PAGE]),
        ("OPTIONS", {"Access-Control-Request-Method": "POST"}, [PAGE]),
        ("OPTIONS", {}, [PAGE]),
        ("OPTIONS", PREFLIGHT, []),
    ],
)
def test_nothing_else_passes_for_a_preflight(
    method: str, headers: dict[str, str], origins: list[str]
) -> None:
    """What looks like one but is none counts, also where no page may call."""
    client = client_of(cors_origins=origins)
    found = [client.open("/contracts", method=method, headers=headers) for _ in range(3)]

    assert found[2].status_code == 429


def test_a_storage_that_hangs_is_not_waited_for_by_each() -> None:
    """It takes connections and says nothing: ten probes in turn learn so in about a second."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client = client_of(rate_limit_storage=f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        started = time.monotonic()
        answers = [client.get("/readyz") for _ in range(10)]
        spent = time.monotonic() - started

    assert {answer.status_code for answer in answers} == {503}
    assert spent < 2


def test_without_a_limit_nothing_is_told() -> None:
    """Neither counted nor claimed."""
    client = client_of(rate_limit="off")
    answers = [client.get("/contracts") for _ in range(5)]

    assert {answer.status_code for answer in answers} == {200}
    assert "RateLimit" not in answers[0].headers


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"peer": "192.0.2.1"}, {"peer": "192.0.2.2"}),
        ({"peer": "2001:db8::1"}, {"peer": "2001:db8:0:1::1"}),
        ({"X-API-Key": KEY}, {"X-API-Key": OTHER_KEY}),
        ({"X-API-Key": KEY}, {"X-API-Key": "wrong"}),
        (
            {"peer": PROXY, "X-Forwarded-For": "192.0.2.1"},
            {"peer": PROXY, "X-Forwarded-For": "::2"},
        ),
        ({"peer": PROXY, "X-Forwarded-For": "192.0.2.1"}, {"peer": PROXY}),
    ],
)
def test_these_are_two_callers(one: dict[str, str], other: dict[str, str]) -> None:
    """What one used up is not missing to the other."""
    client = client_of(api_keys=[KEY, OTHER_KEY], trusted_proxy=PROXY)

    assert statuses(client, one, one, one)[2] == 429
    assert statuses(client, other)[0] != 429


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"peer": "2001:db8::1"}, {"peer": "2001:db8::ffff:1"}),
        ({"peer": "192.0.2.1"}, {"peer": "::ffff:192.0.2.1"}),
        ({"peer": "fe80::1%eth0"}, {"peer": "fe80::2%eth0"}),
        ({"X-API-Key": KEY}, {"Authorization": f"Bearer {KEY}", "peer": "192.0.2.9"}),
        ({"X-API-Key": "wrong"}, {"X-API-Key": "wrong too"}),
        ({}, {"X-Forwarded-For": "192.0.2.2"}),
        ({}, {"Forwarded": "for=192.0.2.2", "X-Real-IP": "192.0.2.3"}),
        (
            {"peer": PROXY, "X-Forwarded-For": "198.51.100.1, 192.0.2.1"},
            {"peer": PROXY, "X-Forwarded-For": "198.51.100.2,192.0.2.1"},
        ),
        ({"peer": PROXY}, {"peer": PROXY, "X-Forwarded-For": "192.0.2.1, nonsense"}),
        ({"peer": PROXY}, {"peer": PROXY, "X-Forwarded-For": ""}),
        ({"peer": PROXY}, {"peer": PROXY, "X-Forwarded-For": "192.0.2.1,"}),
        ({"peer": PROXY}, {"peer": PROXY, "Forwarded": "for=192.0.2.1"}),
    ],
)
def test_these_are_one_caller(one: dict[str, str], other: dict[str, str]) -> None:
    """A forged or different spelling gives no second helping."""
    client = client_of(api_keys=[KEY, OTHER_KEY], trusted_proxy=PROXY)

    assert statuses(client, one, other, one)[2] == 429
    assert statuses(client, other) == [429]


def test_only_the_proxy_is_believed() -> None:
    """The same header from anybody else counts for nothing."""
    client = client_of(trusted_proxy=PROXY)
    forged = [{"peer": "10.0.0.8", "X-Forwarded-For": f"192.0.2.{n}"} for n in range(3)]

    assert statuses(client, *forged) == [200, 200, 429]


def test_memory_does_not_grow_with_every_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    """After so many callers everything is forgotten, which holds nobody back who has as many."""
    monkeypatch.setattr(rate_limit, "_MOST_CALLERS", 10)
    client = client_of()
    limit = extension(client.application).rate_limit
    assert limit is not None
    statuses(client, *[{"peer": f"192.0.2.{n}"} for n in range(25)])

    assert isinstance(limit._storage, MovingWindows)
    assert len(limit._storage) == 5


def test_a_storage_that_fails_is_told_without_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cause may hold an address or a password; the caller learns only what to do."""
    client = client_of()
    limit = extension(client.application).rate_limit
    assert limit is not None

    def fail(*_: object) -> bool:
        raise StorageError(ConnectionError("redis://:password@storage"))

    monkeypatch.setattr(limit._limiter, "hit", fail)
    answer = client.get("/contracts")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert answer.get_json()["detail"] == (
        "the rate limit cannot be counted; try again in a few seconds"
    )


def test_failed_keys_are_counted_too() -> None:
    """Guessing is limited, and the guesser is told so rather than whether a guess was right."""
    client = client_of(api_keys=[KEY])
    guesses = [{"X-API-Key": f"guess {number}"} for number in range(4)]

    assert statuses(client, *guesses) == [401, 401, 429, 429]
