"""The server as a process: its start, its stop, its processes, and what broken clients leave."""

from __future__ import annotations

import contextlib
import http.client
import itertools
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from esdh_api import Settings
from esdh_api.streams import LARGE_RECORDS

sys.path.append(str(Path(__file__).parent))
from api_server import (
    ARROW,
    DEADLINE_SECONDS,
    NDJSON,
    PROGRAM,
    Served,
    environment_of,
    free_port,
    lives,
    read_all,
    serving,
    wait_until,
)

ROOT = Path(__file__).parent.parent
KEY = "correct-horse-battery-staple"
MEGABYTE = 2**20
LARGE = f"/generate/person?records={LARGE_RECORDS + 1}"
"""What is answered only where a place for large answers is free."""


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    """A server that nobody stops, and that has given six answers."""
    with serving(ESDH_MAX_STREAMS="1") as served:
        for _ in range(6):
            assert served.ask("/generate/bundle?records=5").status == 200
        assert served.count_lines() == 6
        yield served


def begin_stream(server: Served, records: int) -> socket.socket:
    """Ask for a stream and read its first bytes; the rest waits until it is read."""
    client = server.connect(receive_buffer=65_536)
    address = f"/generate/person?records={records}"
    client.sendall(f"GET {address} HTTP/1.1\r\nHost: a\r\nAccept: {NDJSON}\r\n\r\n".encode())
    assert client.recv(12) == b"HTTP/1.1 200"
    return client


def is_whole(rest: bytes) -> bool:
    """Whether a chunked body came to its end."""
    return rest.endswith(b"\r\n0\r\n\r\n")


def is_refused(server: Served) -> bool:
    """Whether nobody listens."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", server.port)) != 0


def is_free(server: Served) -> bool:
    """Whether a stream can be had."""
    return server.ask(LARGE, Accept=NDJSON).status == 200


def start_refused(*arguments: str, **settings: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a server that does not start."""
    done = subprocess.run(
        [PROGRAM, "serve", *arguments],
        env=environment_of(settings),
        capture_output=True,
        text=True,
        check=False,
        timeout=DEADLINE_SECONDS,
    )
    return done.returncode, done.stdout, done.stderr


def test_without_a_key_it_is_open_on_loopback_and_says_so(server: Served) -> None:
    """The first line tells where it serves, and that nobody else reaches it."""
    assert server.said == (
        f"esdh-api: serving http://127.0.0.1:{server.port} without a key, so on loopback only;"
        f" try http://127.0.0.1:{server.port}/demo; Ctrl-C stops\n"
    )
    assert server.ask("/generate/person?records=1").status == 200


def test_without_a_key_no_public_address_is_bound() -> None:
    """It ends with 2 and one sentence, and says nothing of serving."""
    code, out, err = start_refused("--host", "0.0.0.0", "--port", "0")  # noqa: S104

    assert (code, out) == (2, "")
    assert err == (
        "esdh-api: without ESDH_API_KEY only loopback may be bound, but --host is"
        " '0.0.0.0'; set a key, or bind 127.0.0.1\n"
    )


def test_the_command_of_the_container_serves_with_a_key() -> None:
    """CMD of the Dockerfile, with another port, binds every address and asks for the key."""
    dockerfile = (ROOT / "deploy" / "Dockerfile").read_text()
    found = re.search(r"^CMD (\[.*\])$", dockerfile, re.MULTILINE)
    assert found is not None
    program, command, *arguments = json.loads(found[1])

    assert (program, command) == ("esdh-api", "serve")
    with serving(*arguments, ESDH_API_KEY=KEY) as server:
        assert "with 1 API key(s), on every machine that reaches 0.0.0.0;" in server.said
        assert server.ask("/healthz").status == 200
        assert server.ask("/contracts").status == 401
        assert server.ask("/contracts", X_API_Key=KEY).status == 200


def test_the_health_check_of_the_container_tells_health(server: Served) -> None:
    """HEALTHCHECK succeeds while the server answers, and fails once it does not."""
    dockerfile = (ROOT / "deploy" / "Dockerfile").read_text()
    found = re.search(r"^HEALTHCHECK .*CMD (\[.*\])$", dockerfile, re.MULTILINE)
    assert found is not None
    python, option, code = json.loads(found[1])
    assert (python, option) == ("python", "-c")

    def check(port: int) -> int:
        environment = environment_of({"ESDH_API_PORT": str(port)})
        command = [sys.executable, "-c", code]
        return subprocess.run(command, env=environment, capture_output=True, check=False).returncode

    assert check(server.port) == 0
    assert check(free_port()) == 1


def test_the_first_answer_is_as_quick_as_later_ones(server: Served) -> None:
    """Tables and libraries are loaded before the first client is let in."""
    first, *later = [line["milliseconds"] for line in server.lines[:6]]
    print(f"first answer {first} ms, later ones {later}")

    assert first < 3 * max(later) + 20


def test_a_stop_finishes_what_runs_and_lets_nobody_in() -> None:
    """The stream that was begun is whole, new connections are refused, the code is 0."""
    with serving() as server, begin_stream(server, 100_000) as client:
        idle = server.connect()
        server.process.send_signal(signal.SIGTERM)
        wait_until(lambda: is_refused(server))
        assert server.process.poll() is None
        rest = read_all(client)
        assert server.process.wait(DEADLINE_SECONDS) == 0
        assert read_all(idle) == b""
        idle.close()

        assert is_whole(rest)
        assert rest.count(b'{"person_id"') == 100_000
        assert server.lines[-1]["event"] == "stopped"
        assert server.lines[-1]["cut_short"] == 0


def test_a_stop_cuts_what_takes_too_long_so_that_the_client_knows() -> None:
    """After ESDH_STOP_SECONDS the stream ends without its last chunk, and the code is 0."""
    with serving(ESDH_STOP_SECONDS="1") as server, begin_stream(server, 1_000_000) as client:
        assert server.end() == 0
        assert not is_whole(read_all(client))
        assert server.lines[-1]["cut_short"] == 1
        assert {"route": "/generate/person", "complete": False}.items() <= server.lines[-2].items()


def test_a_second_signal_stops_at_once() -> None:
    """Ctrl-C waits for what runs as SIGTERM does; whoever is in a hurry need not."""
    with serving() as server, begin_stream(server, 1_000_000):
        server.process.send_signal(signal.SIGINT)
        wait_until(lambda: is_refused(server))
        assert server.process.poll() is None
        assert server.end(signal.SIGINT) == 128 + signal.SIGINT


@pytest.fixture
def together(tmp_path: Path) -> Iterator[Served]:
    """Two processes on one port, whose temporary files are in `tmp_path`."""
    with serving("--processes", "2", TMPDIR=os.fspath(tmp_path)) as served:
        wait_until(lambda: len(served.children) == 2)
        yield served


def test_processes_share_port_and_figures_and_stop_as_one(together: Served, tmp_path: Path) -> None:
    """Each answers while the other stands still; figures add up; a stop finishes what runs.

    The stop is one as init systems send it: to parent and children, which does not count as two.
    """
    children = together.children
    for other in children:
        os.kill(other, signal.SIGSTOP)
        for _ in range(5):
            assert together.ask("/contracts").status == 200
        os.kill(other, signal.SIGCONT)
    counted = b'esdh_requests_total{method="GET",route="/contracts",status="200"} 10.0'
    wait_until(lambda: counted in together.ask("/metrics").body, "the figures do not add up")

    with begin_stream(together, 100_000) as client:
        for process in (together.process.pid, *children):
            os.kill(process, signal.SIGTERM)
        wait_until(lambda: is_refused(together))
        time.sleep(0.5)
        assert is_whole(read_all(client))
    assert together.process.wait(DEADLINE_SECONDS) == 0
    assert not any(map(lives, children))
    assert list(tmp_path.iterdir()) == []


def test_one_lost_process_stops_all(together: Served, tmp_path: Path) -> None:
    """The code is 70, the log says it once, and neither process nor file is left."""
    assert together.ask("/healthz").status == 200
    os.kill(together.children[1], signal.SIGKILL)

    assert together.process.wait(DEADLINE_SECONDS) == 70
    assert not any(map(lives, together.seen))
    lost = [line["event"] for line in together.lines if line["level"] == "error"]
    assert lost == ["a server process ended by itself; stopping the others"]
    assert list(tmp_path.iterdir()) == []


def test_processes_do_not_outlive_their_parent(together: Served) -> None:
    """Even one that was killed takes them along."""
    assert together.ask("/healthz").status == 200
    together.end(signal.SIGKILL)

    wait_until(lambda: not any(map(lives, together.seen)), "a process outlived its parent")


def test_a_second_signal_ends_every_process(together: Served, tmp_path: Path) -> None:
    """The parent takes them along at once, and removes its files."""
    with begin_stream(together, 1_000_000):
        together.process.send_signal(signal.SIGTERM)
        wait_until(lambda: is_refused(together))
        assert together.end() == 128 + signal.SIGTERM
        assert not any(map(lives, together.seen))
    assert list(tmp_path.iterdir()) == []


def test_a_client_that_leaves_gives_its_stream_back(server: Served) -> None:
    """The log says that the stream is not complete, and another can be had."""
    with begin_stream(server, 1_000_000):
        assert server.ask(LARGE, Accept=NDJSON).status == 503
        known = server.count_lines()

    wait_until(lambda: is_free(server))
    ended = [line for line in server.lines[known:] if "complete" in line]
    assert ended[0]["complete"] is False
    assert ended[-1]["complete"] is True


@pytest.mark.parametrize("media_type", [NDJSON, ARROW])
def test_large_streams_take_no_more_memory_than_small_ones(media_type: str) -> None:
    """A million people at full speed: at most 300 MB, about what 100,000 take."""
    peaks = {}
    with serving() as server:
        for records in (100_000, 1_000_000):
            with contextlib.closing(
                http.client.HTTPConnection("127.0.0.1", server.port, timeout=DEADLINE_SECONDS)
            ) as connection:
                address = f"/generate/person?records={records}"
                connection.request("GET", address, headers={"Accept": media_type})
                response, size, lines = connection.getresponse(), 0, 0
                while chunk := response.read(MEGABYTE):
                    size += len(chunk)
                    lines += chunk.count(b"\n")
            assert size > 100 * records
            assert media_type == ARROW or lines == records
            peaks[records] = server.peak_bytes // MEGABYTE
    print(f"peak memory of the server in MB by records streamed: {peaks}")

    assert peaks[1_000_000] <= 300
    assert peaks[1_000_000] <= peaks[100_000] + 60


def test_all_large_answers_at_once_fit_a_container_of_384_mb() -> None:
    """With nothing set: as many answers as are given at once, streams and JSON alike.

    That is the size which docs/deployment.md advises, with what was measured: 314 MB at most.
    """
    at_once = Settings().max_streams
    asked = [
        ("/generate/bundle?records=40000", NDJSON),
        ("/generate/bundle?records=10000", "*/*"),
        ("/generate/profile?records=200000", ARROW),
    ]
    with serving() as server, ThreadPoolExecutor(at_once) as clients:
        for path, accept in asked:
            answers = [clients.submit(server.ask, path, Accept=accept) for _ in range(at_once)]
            assert [answer.result().status for answer in answers] == [200] * at_once
        peak = server.peak_bytes // MEGABYTE
    print(f"peak memory of {at_once} large answers at once: {peak} MB")

    assert peak <= 384


HEAD = b"POST /generate/person HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
REFUSED = {
    "no request line": (400, b"GARBAGE\r\n\r\n"),
    "TLS": (400, b"\x16\x03\x01\x00\xf1\x01\x00\x00\xed\x03\x03\r\n\r\n"),
    "address that is none": (400, b"GET http://[::1 HTTP/1.1\r\nHost: a\r\n\r\n"),
    "NUL in a header": (400, b"GET /contracts HTTP/1.1\r\nHost: a\r\nX-A: a\0b\r\n\r\n"),
    "CR in a header": (400, b"GET /contracts HTTP/1.1\r\nHost: a\r\nX-A: a\rb\r\n\r\n"),
    "header of 1 MB": (
        431,
        b"GET /contracts HTTP/1.1\r\nHost: a\r\nX-A: %b\r\n\r\n" % (b"a" * MEGABYTE),
    ),
    "address of 40 kB": (431, b"GET /%b HTTP/1.1\r\nHost: a\r\n\r\n" % (b"a" * 40_000)),
    "negative length": (400, HEAD + b"Content-Length: -1\r\n\r\n"),
    "length of 5,000 digits": (400, HEAD + b"Content-Length: %b\r\n\r\n" % (b"9" * 5_000)),
    "two lengths": (400, HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} "),
    "length and chunks": (
        400,
        HEAD + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ),
    "large body": (413, HEAD + b"Content-Length: 10000000\r\n\r\n" + b" " * 10_000_000),
    "expected large body": (
        413,
        HEAD + b"Expect: 100-continue\r\nContent-Length: 99999\r\n\r\n" + b" " * 99_999,
    ),
    "large chunks": (
        413,
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"4000\r\n%b\r\n" % (b" " * 16_384) * 99,
    ),
    "chunk that is none": (400, HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"),
    "encoding": (400, HEAD + b"Transfer-Encoding: gzip\r\n\r\n"),
}
"""What waitress itself refuses, before any route is looked for."""


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_request_is_told_as_a_problem(server: Served, case: str) -> None:
    """Status, problem document, security headers, request id and a line in the log."""
    status, said = REFUSED[case]
    answer = server.say(said).removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")
    head, _, body = answer.decode().partition("\r\n\r\n")
    first, *rest = head.split("\r\n")
    headers = dict(line.split(": ", 1) for line in rest)
    document = json.loads(body)

    assert re.fullmatch(rf"HTTP/1\.[01] {status} [A-Z][A-Za-z ]+", first)
    assert document["status"] == status
    assert headers["Content-Type"] == "application/problem+json"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Request-Id"] == document["request_id"]
    lines = [line for line in server.lines if line.get("request_id") == document["request_id"]]
    assert [line["status"] for line in lines] == [status]


def test_a_client_that_sends_all_before_it_reads_learns_why_not(server: Served) -> None:
    """Most do so; the connection is not closed on them while they send."""
    for _ in range(5):
        answer = server.ask("/generate/person", "POST", b" " * 10_000_000)
        assert answer.document["code"] == "body-too-large"


def test_a_body_as_large_as_allowed_is_read(server: Served) -> None:
    """65,536 bytes are a request, one more is too many."""
    for size, status in ((65_536, 200), (65_537, 413)):
        body = b'{"records":1}'.ljust(size)
        answer = server.ask("/generate/person", "POST", body, Content_Type="application/json")
        assert answer.status == status


def test_urgent_data_neither_wakes_nor_fills_the_log(server: Served) -> None:
    """A single byte out of band costs nothing more."""
    known = server.count_lines()
    with server.connect() as client:
        client.send(b"!", socket.MSG_OOB)
        before = server.busy_seconds
        time.sleep(0.5)
        assert server.busy_seconds - before < 0.1
        assert server.ask("/healthz").status == 200

    assert server.count_lines() == known + 1


def test_pipelined_requests_are_answered_in_turn(server: Served) -> None:
    """Health has a thread of its own, and still never overtakes on its connection."""
    asked = ["/healthz", "/contracts", "/healthz", "/nothing", "/contracts/v0.1", "/healthz"]
    said = "".join(f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n" for path in asked)
    last = "GET /contracts HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    known = server.count_lines()
    answer = server.say((said + last).encode())

    statuses = [int(number) for number in re.findall(rb"HTTP/1\.1 ([0-9]{3})", answer)]
    assert statuses == [200, 200, 200, 404, 200, 200, 200]
    assert server.count_lines() == known + 7
    routes = [line["route"] for line in server.lines[known:]]
    assert routes == [
        "/healthz", "/contracts", "/healthz", "other", "/contracts/<version>", "/healthz",
        "/contracts",
    ]  # fmt: skip


def test_one_connection_serves_many_requests(server: Served) -> None:
    """A client that keeps its connection is kept."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=DEADLINE_SECONDS)
    ports = set()
    for _ in itertools.repeat(None, 20):
        connection.request("GET", "/generate/person?records=2")
        assert len(json.loads(connection.getresponse().read())["persons"]) == 2
        ports.add(connection.sock.getsockname()[1])
    connection.close()

    assert len(ports) == 1
