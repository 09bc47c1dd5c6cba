"""A hunt for the key: wherever callers put it, no answer and no line of the log holds it.

The keys are sent in every odd place, over plain sockets where a decent client would not, and then
looked for in everything that the server said, whole and in long pieces.
"""

from __future__ import annotations

import base64
import json
import re
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

sys.path.append(str(Path(__file__).parent))
from api_server import Served, serving, wait_until

KEY = "Zq7-quince/marmalade+Kettle=9&x"
OLD_KEY = "0f1e2d3c4b5a69788796a5b4c3d2e1f0f1e2d3c4b5a6978"
SHORT_KEY = "xyzzy"
PIECE = 10
"""So many characters of a long key in a row are as bad as the key."""

MEGABYTE = 2**20
RECORD = "/records/a419ec71-8057-8d2e-bed3-c6231ed7eb6f"


def pieces() -> set[str]:
    """What must not be found, in lower case."""
    found = {SHORT_KEY}
    for key in (KEY, OLD_KEY, quote(KEY, safe="")):
        found |= {key[start : start + PIECE].lower() for start in range(len(key) - PIECE + 1)}
    return found


def header(*lines: bytes, path: bytes = b"/contracts") -> bytes:
    """A request with these header lines, as they are."""
    first = b"GET %b HTTP/1.1" % path
    return b"\r\n".join([first, b"Host: a", b"Connection: close", *lines, b"", b""])


def post(body: bytes, *lines: bytes) -> bytes:
    """A request with a body, sent with the key where it belongs."""
    first = [b"POST /generate/person HTTP/1.1", b"Host: a", b"Connection: close"]
    own = [b"X-API-Key: " + OWN, b"Content-Type: application/json"]
    return b"\r\n".join([*first, *own, *lines, b"Content-Length: %d" % len(body), b"", body])


OWN = KEY.encode()
CODED = quote(KEY, safe="").encode()
WRONG = {
    "none": header(),
    "wrong": header(b"X-API-Key: wrong"),
    "empty": header(b"X-API-Key:"),
    "empty bearer": header(b"Authorization: Bearer"),
    "of another case": header(b"X-API-Key: " + OWN.swapcase()),
    "cut short": header(b"X-API-Key: " + OWN[:-1]),
    "with more behind it": header(b"X-API-Key: " + OWN + b"0"),
    "quoted": header(b'Authorization: Bearer "' + OWN + b'"'),
    "basic": header(b"Authorization: Basic " + base64.b64encode(b"user:" + OWN)),
    "basic, plain": header(b"Authorization: Basic " + OWN),
    "without a scheme": header(b"Authorization: " + OWN),
    "digest": header(b'Authorization: Digest username="' + OWN + b'"'),
    "twice": header(b"X-API-Key: " + OWN, b"X-API-Key: " + OWN),
    "twice in one": header(b"X-API-Key: " + OWN + b"," + OWN),
    "twice as bearer": header(b"Authorization: Bearer " + OWN, b"Authorization: Bearer " + OWN),
    "right and wrong": header(b"Authorization: Bearer " + OWN, b"X-API-Key: wrong"),
    "wrong and right": header(b"Authorization: Bearer wrong", b"X-API-Key: " + OWN),
    "right and basic": header(b"X-API-Key: " + OWN, b"Authorization: Basic eA=="),
    "not ASCII": header(b"X-API-Key: \xc3\xa4\xff" + OWN),
    "not ASCII bearer": header(b"Authorization: B\xe9arer " + OWN),
    "in a cookie": header(b"Cookie: key=" + OWN),
    "in the proxy's header": header(b"Proxy-Authorization: Bearer " + OWN),
    "under another name": header(b"X_API_Key: " + OWN),
    "in the query": header(path=b"/contracts?key=" + CODED),
    "in the path": header(path=b"/contracts/" + CODED),
    "in the user's part": header(path=b"http://" + CODED + b"@a/contracts"),
    "30 kB": header(b"X-API-Key: " + OWN + b"k" * 30_000),
}
"""Requests without a valid key: one and the same answer."""

ODD = {
    "NUL": (400, header(b"X-API-Key: " + OWN + b"\0")),
    "CR": (400, header(b"X-API-Key: " + OWN + b"\rX-Other: 1")),
    "LF": (400, header(b"X-API-Key: " + OWN + b"\nX-Other: 1")),
    "folded": (401, header(b"X-API-Key: " + OWN[:9] + b"\r\n " + OWN[9:])),
    "blank before the colon": (400, header(b"X-API-Key : " + OWN)),
    "no colon": (400, header(OWN)),
    "as a name": (400, header(OWN + b": 1")),
    "1 MB": (431, header(b"X-API-Key: " + OWN * (MEGABYTE // len(OWN)))),
    "1 MB bearer": (431, header(b"Authorization: Bearer " + b"k" * MEGABYTE + OWN)),
    "as a method": (400, OWN.replace(b"/", b"-").replace(b"=", b"-") + b" / HTTP/1.0\r\n\r\n"),
    "as a version": (400, b"GET / " + OWN + b"\r\n\r\n"),
    "as a line": (400, OWN + b"\r\n\r\n"),
    "as a length": (400, post(b"", b"Content-Length: " + OWN)),
    "as an encoding": (400, post(b"", b"Transfer-Encoding: " + OWN)),
    "as a chunk": (
        400,
        post(b"").replace(b"Content-Length: 0", b"Transfer-Encoding: chunked") + OWN + b"\r\n",
    ),
    "in a body too large": (413, post(OWN * 9_999)),
    "in the query with the key": (
        400,
        header(b"X-API-Key: " + OWN, path=b"/generate/person?records=" + CODED),
    ),
    "as a parameter with the key": (
        400,
        header(b"X-API-Key: " + OWN, path=b"/generate/person?" + CODED + b"=1"),
    ),
    "another key in the query": (
        400,
        header(b"X-API-Key: " + OWN, path=b"/generate/person?seed=" + OLD_KEY.encode()),
    ),
    "short key in the query": (
        400,
        header(b"X-API-Key: " + OWN, path=b"/generate/person?seed=" + SHORT_KEY.encode()),
    ),
    "in the path with the key": (
        400,
        header(b"X-API-Key: " + OWN, path=b"/contracts/v0.1/" + CODED + b"/schema"),
    ),
    "as a record with the key": (
        400,
        header(b"X-API-Key: " + OWN, path=b"/records/" + CODED + b"?seed=1"),
    ),
    "at no route with the key": (400, header(b"X-API-Key: " + OWN, path=b"/" + CODED)),
    "in the body": (400, post(b'{"records": "%b"}' % OWN)),
    "as a name in the body": (400, post(b'{"%b": 1}' % OWN)),
    "short key in the body": (400, post(b'{"dataset_version": "xyzzy"}')),
    "escaped in the body": (
        400,
        post(b'{"records": "%b"}' % "".join(f"\\u{ord(c):04x}" for c in KEY).encode()),
    ),
    "escaped slashes in the body": (400, post(b'{"seed": "%b"}' % OWN.replace(b"/", b"\\/"))),
    "as the whole body": (400, post(OWN)),
    "as a media type": (
        415,
        post(b"{}").replace(b"Content-Type: application/json", b"Content-Type: " + OWN),
    ),
    "as what is accepted": (
        406,
        header(b"X-API-Key: " + OWN, b"Accept: " + OWN, path=b"/generate/person"),
    ),
    "as a host": (
        400,
        header(b"X-API-Key: " + OWN).replace(b"Host: a", b"Host: " + OLD_KEY.encode()),
    ),
    "by another method": (405, header(b"X-API-Key: " + OWN).replace(b"GET", b"DELETE")),
}
"""Requests that hold the key somewhere, and what each is refused with."""

PASSED = {
    "as an id": header(b"X-API-Key: " + OWN, b"X-Request-ID: " + OWN),
    "half a key as an id": header(b"X-API-Key: " + OWN, b"X-Request-ID: " + OLD_KEY[:32].encode()),
    "as an agent": header(b"X-API-Key: " + OWN, b"User-Agent: " + OWN, b"Referer: http://" + OWN),
    "as an origin": header(b"X-API-Key: " + OWN, b"Origin: https://" + OLD_KEY.encode()),
    "as a hop": header(b"X-API-Key: " + OWN, b"X-Forwarded-For: " + OWN),
    "as a tag": header(
        b"X-API-Key: " + OWN, b'If-None-Match: "' + OWN + b'"', path=b"/generate/person"
    ),
    "in both headers": header(b"X-API-Key: " + OWN, b"Authorization: bEaReR " + OWN),
    "the older one": header(b"Authorization: Bearer " + OLD_KEY.encode()),
    "the short one": header(b"X-API-Key: " + SHORT_KEY.encode()),
    "at an open route": header(path=b"/docs?key=" + CODED),
    "at health": header(b"X-Request-ID: " + OWN, path=b"/healthz?" + CODED),
}
"""Requests that are served, though the key also stands where it should not."""


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    """A server with three keys and an origin, which tells a lot."""
    keys = ",".join([KEY, OLD_KEY, SHORT_KEY])
    with serving(ESDH_API_KEY=keys, ESDH_CORS_ORIGINS="https://pages.example") as served:
        yield served


def status_of(answer: bytes) -> int:
    """The status of an answer."""
    found = re.match(rb"HTTP/1\.[01] ([0-9]{3}) ", answer)
    assert found is not None, answer[:80]
    return int(found[1])


def assert_holds_no_key(said: bytes) -> None:
    """No key and no long piece of one, in whatever case."""
    text = said.decode("latin-1").lower()
    assert [piece for piece in pieces() if piece in text] == []


def test_every_wrong_key_gets_the_same_answer(server: Served) -> None:
    """Missing, wrong, twice or elsewhere: 401 with one body and one set of headers."""
    told = set()
    for name, said in WRONG.items():
        answer = server.say(said)
        assert status_of(answer) == 401, name
        assert_holds_no_key(answer)
        told.add(re.sub(rb"[0-9a-f-]{36}|\r\nDate: [^\r]+", b"", answer))

    assert len(told) == 1
    assert b'\r\nWww-Authenticate: Bearer realm="esdh"\r\n' in told.pop()


@pytest.mark.parametrize("name", ODD)
def test_an_odd_place_is_refused_and_not_repeated(server: Served, name: str) -> None:
    """It is some 4xx, never a fault, and the answer holds nothing of the key."""
    status, said = ODD[name]
    answer = server.say(said)

    assert status_of(answer) == status
    assert_holds_no_key(answer)


@pytest.mark.parametrize("name", PASSED)
def test_an_odd_place_that_does_no_harm_is_not_repeated(server: Served, name: str) -> None:
    """The request is served, and the answer holds nothing of the key."""
    answer = server.say(PASSED[name])

    assert status_of(answer) == 200
    assert_holds_no_key(answer)


def test_a_preflight_needs_no_key_and_repeats_none(server: Served) -> None:
    """A browser asks first, for an origin that is known and for one that is not."""
    for origin in (b"https://pages.example", b"https://" + OLD_KEY.encode()):
        asked = [b"Origin: " + origin, b"Access-Control-Request-Method: POST"]
        answer = server.say(header(*asked).replace(b"GET", b"OPTIONS"))
        assert status_of(answer) == 200
        assert (b"Access-Control-Allow-Origin: https://pages.example" in answer) == (
            origin == b"https://pages.example"
        )
        assert_holds_no_key(answer)


def test_the_log_holds_no_key_path_or_value() -> None:
    """After everything above, a stream cut short, a fault and a stop: one JSON line for each."""
    keys = ",".join([KEY, OLD_KEY, SHORT_KEY])
    with serving("--processes", "2", ESDH_API_KEY=keys) as server:
        asked = [*WRONG.values(), *(said for _, said in ODD.values()), *PASSED.values()]
        said = [server.say(each) for each in asked]
        made = server.ask(f"{RECORD}?seed=20251101", X_API_Key=KEY)
        with server.connect(receive_buffer=4096) as client:
            client.sendall(
                header(
                    b"X-API-Key: " + OWN,
                    b"Accept: application/x-ndjson",
                    path=b"/generate/person?records=1000000&seed=987654321",
                )
            )
            assert client.recv(12) == b"HTTP/1.1 200"
        wait_until(lambda: '"complete": false' in server.log)
        assert server.end(signal.SIGTERM) == 0
        assert server.process.stdout is not None
        out, log = server.said + server.process.stdout.read(), server.log

    assert out.count("\n") == 1
    assert_holds_no_key(out.encode())
    assert_holds_no_key(log.encode())
    warning, *told = log.splitlines()
    assert warning.startswith("esdh-api: an API key has fewer than 16 characters;")
    lines = [json.loads(line) for line in told]
    statuses = Counter(line["status"] for line in lines if line["event"] == "request")
    assert statuses == Counter([*map(status_of, said), made.status, 200])
    assert {line["event"] for line in lines} == {"request", "stopping", "stopped"}
    person = made.document["record"]
    values = [str(v) for v in person.values() if isinstance(v, str) and len(str(v)) > 8]
    secret = [*values, "987654321", "20251101", "quince", "seed", "Traceback"]
    assert [value for value in secret if value in log] == []
