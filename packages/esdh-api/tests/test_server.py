"""The server in this process, with little patience: who is cut off, and who is waited for."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from esdh_api import Settings, create_app
from esdh_api.connections import REQUESTS_AHEAD
from esdh_api.extension import extension
from esdh_api.server import Server, address_of, bind, warm_up, welcome
from esdh_models import errors

IDLE_SECONDS = 1
RECEIVE_SECONDS = 2
DEADLINE_SECONDS = 30
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
STREAM = (
    b"GET /generate/person?records=1000000 HTTP/1.1\r\nHost: a\r\nAccept: application/x-ndjson\r\n"
    b"\r\n"
)
ARROW = STREAM.replace(b"x-ndjson", b"vnd.apache.arrow.stream")
JSON = b"GET /generate/bundle?records=10000 HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST /generate/person HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"


class Running:
    """A server that runs in a thread, and its clients."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        """Begin to serve."""
        self.app = app
        self._listening = bind(settings)
        self.address = self._listening.getsockname()
        self.server = Server(
            app,
            settings,
            self._listening,
            idle_seconds=IDLE_SECONDS,
            receive_seconds=RECEIVE_SECONDS,
        )
        self.server.accept_connections()
        self._thread = threading.Thread(target=self.server.run, daemon=True)
        self._thread.start()
        self._clients: list[socket.socket] = []

    def connect(self, *said: bytes) -> socket.socket:
        """A connection that does not take much at once, and what is said on it at first."""
        client = socket.socket()
        self._clients.append(client)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(DEADLINE_SECONDS)
        client.connect(self.address)
        for data in said:
            client.sendall(data)
        return client

    def has_free_stream(self) -> bool:
        """Whether a stream could begin now."""
        return extension(self.app).stream_slots._free._value > 0

    def end(self) -> None:
        """Stop and wait."""
        self.server.stop()
        self._thread.join(DEADLINE_SECONDS)
        assert not self._thread.is_alive()
        self._listening.close()
        for client in self._clients:
            client.close()


Serve = Callable[..., Running]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serves an application, the real one unless another is given; keywords are settings."""
    running: list[Running] = []

    def start(app: Flask | None = None, **given: Any) -> Running:
        settings = Settings.parse(**{"rate_limit": "off", "port": 0, "stop_seconds": 1, **given})
        running.append(Running(app or create_app(settings), settings))
        return running[-1]

    yield start
    for each in running:
        each.end()


def seconds_until_closed(client: socket.socket, again: bytes = b"") -> float:
    """How long a connection on which nothing comes is kept, while something is dripped on it."""
    started = time.monotonic()
    client.settimeout(0.1)
    with contextlib.suppress(ConnectionError):
        while time.monotonic() < started + DEADLINE_SECONDS:
            with contextlib.suppress(TimeoutError):
                if not client.recv(1):
                    break
            client.sendall(again)
    return time.monotonic() - started


def wait_until(claim: Callable[[], bool]) -> None:
    """Look again and again until the claim holds."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not claim():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.02)


def test_a_silent_connection_is_closed(serve: Serve) -> None:
    """Whoever says nothing is not kept."""
    spent = seconds_until_closed(serve().connect())

    assert IDLE_SECONDS <= spent < IDLE_SECONDS + 5


@pytest.mark.parametrize("begun", [b"GET / HTTP/1.1\r\nX: ", POST + b"Content-Length: 999\r\n\r\n"])
def test_a_request_that_drips_in_is_cut_off(serve: Serve, begun: bytes) -> None:
    """Header and body must be whole in time, however steadily they come."""
    spent = seconds_until_closed(serve().connect(begun), again=b" ")

    assert RECEIVE_SECONDS <= spent < RECEIVE_SECONDS + 5


@pytest.mark.parametrize("asked", [STREAM, ARROW, JSON], ids=["stream", "Arrow", "JSON"])
def test_an_answer_that_nobody_reads_is_given_up(serve: Serve, asked: bytes) -> None:
    """The connection is closed after a while, and with it the thread and the stream come back."""
    running = serve(max_streams=1)
    running.connect(asked)
    wait_until(lambda: bool(running.server.active_channels))

    wait_until(lambda: not running.server.active_channels)
    wait_until(running.has_free_stream)


@pytest.mark.parametrize("asked", [STREAM, ARROW], ids=["NDJSON", "Arrow"])
def test_a_client_that_leaves_in_the_middle_holds_nothing(serve: Serve, asked: bytes) -> None:
    """The stream is free again, and the next one is told from its beginning."""
    running = serve(max_streams=1)
    for _ in range(3):
        with running.connect(asked) as client:
            assert client.recv(2**16).startswith(b"HTTP/1.1 200 OK")
        wait_until(running.has_free_stream)
    wait_until(lambda: not running.server.active_channels)


def test_an_answer_is_never_far_ahead_of_its_reader(serve: Serve) -> None:
    """Of 12 MB that nobody reads, little more than one is held."""
    running = serve()
    running.connect(JSON)
    wait_until(lambda: any(c.total_outbufs_len for c in running.server.active_channels.values()))
    time.sleep(0.2)

    (channel,) = running.server.active_channels.values()
    assert 2**20 <= channel.total_outbufs_len < 2.25 * 2**20


def test_an_answer_that_is_read_for_ever_is_cut_off(serve: Serve) -> None:
    """A little now and then is progress, but it does not hold a stream for longer than allowed."""
    limit = 4 * IDLE_SECONDS
    running = serve(max_streams=1, answer_seconds=limit)
    client, started = running.connect(STREAM), time.monotonic()
    wait_until(lambda: not running.has_free_stream())
    while not running.has_free_stream():
        assert client.recv(4096)
        time.sleep(0.01)
        assert time.monotonic() < started + DEADLINE_SECONDS

    assert limit <= time.monotonic() - started < limit + 5


def test_a_refused_client_may_finish_what_it_says_but_not_for_ever(serve: Serve) -> None:
    """It gets its answer though it goes on sending, and then is closed."""
    client = serve().connect(POST + b"Content-Length: 999999\r\n\r\n")
    for _ in range(5):
        time.sleep(0.05)
        client.sendall(b" " * 9999)
    answer = b"".join(iter(lambda: client.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 413")

    def is_cut_off() -> bool:
        try:
            client.sendall(b" ")
        except ConnectionError:
            return True
        return False

    wait_until(is_cut_off)


def test_what_is_sent_far_ahead_is_not_served(serve: Serve) -> None:
    """The answers of those that may wait come, the last says that it is the last, then it ends."""
    client = serve().connect(HEALTH * 5 * REQUESTS_AHEAD)
    answers = b"".join(iter(lambda: client.recv(4096), b"")).split(b"HTTP/1.1 200 OK")[1:]

    assert len(answers) == REQUESTS_AHEAD
    assert [b"\r\nConnection: close\r\n" in answer for answer in answers] == [
        *[False] * (REQUESTS_AHEAD - 1), True,
    ]  # fmt: skip


def test_as_many_as_may_wait_leave_the_connection_open(serve: Serve) -> None:
    """Whoever keeps to the bound is served again and again."""
    client, ended = serve().connect(), b'its digest."]}\n'
    for _ in range(3):
        client.sendall(HEALTH * REQUESTS_AHEAD)
        answers = b""
        while answers.count(ended) < REQUESTS_AHEAD:
            chunk = client.recv(4096)
            assert chunk, "it was closed"
            answers += chunk


@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
def test_an_answer_to_head_ends_with_its_header(serve: Serve, version: bytes) -> None:
    """Of a stream too, not a byte of a body comes."""
    asked = STREAM.replace(b"GET", b"HEAD").replace(b"HTTP/1.1", b"HTTP/" + version)
    client = serve().connect(asked)
    head, _, body = b"".join(iter(lambda: client.recv(4096), b"")).partition(b"\r\n\r\n")

    assert head.startswith(b"HTTP/" + version + b" 200")
    assert (b"Transfer-Encoding: chunked" in head) == (version == b"1.1")
    assert body == b""


@pytest.mark.parametrize("path", [b"/healthz", b"/readyz"])
def test_health_does_not_wait_for_a_thread(serve: Serve, path: bytes) -> None:
    """With every thread taken and a queue before them, it is answered."""
    app, release = create_app(Settings(rate_limit="off")), threading.Event()
    app.add_url_rule("/wait", view_func=lambda: str(release.wait(DEADLINE_SECONDS)))
    running = serve(app, threads=2, max_streams=1)
    waiting = [running.connect(b"GET /wait HTTP/1.1\r\nHost: a\r\n\r\n") for _ in range(5)]
    wait_until(lambda: len(running.server.active_channels) == len(waiting))

    asked = HEALTH.replace(b"/healthz", path)
    assert running.connect(asked).recv(12) == b"HTTP/1.1 200"
    refused = running.connect(b"NONSENSE\r\n\r\n")
    assert refused.recv(12) == b"HTTP/1.0 400"
    release.set()
    assert [client.recv(12) for client in waiting] == [b"HTTP/1.1 200"] * len(waiting)


def test_health_does_not_wait_for_readiness(serve: Serve) -> None:
    """Readiness that hangs, as it may with its storage, keeps itself waiting and nothing else."""
    app = create_app(Settings(rate_limit="off"))
    begun, release = threading.Event(), threading.Event()

    def hang() -> str:
        begun.set()
        return str(release.wait(DEADLINE_SECONDS))

    app.view_functions["health.readyz"] = hang
    running = serve(app)
    waiting = running.connect(HEALTH.replace(b"/healthz", b"/readyz"))
    assert begun.wait(DEADLINE_SECONDS)

    assert running.connect(HEALTH).recv(12) == b"HTTP/1.1 200"
    release.set()
    assert waiting.recv(12) == b"HTTP/1.1 200"


def test_a_stop_waits_for_a_request_that_is_half_here(serve: Serve) -> None:
    """It is read to its end and answered, while the connections that say nothing are closed."""
    running = serve(stop_seconds=DEADLINE_SECONDS)
    silent = running.connect()
    client = running.connect(POST + b'Content-Length: 13\r\n\r\n{"reco')
    wait_until(lambda: any(not c.is_idle for c in running.server.active_channels.values()))
    running.server.stop()
    assert silent.recv(1) == b""
    client.sendall(b'rds":1}')

    assert client.recv(12) == b"HTTP/1.1 200"


def test_a_stop_does_not_wait_for_who_does_not_read(serve: Serve) -> None:
    """Patience ends as it does otherwise, long before the last moment."""
    running = serve(stop_seconds=3600)
    running.connect(STREAM)
    wait_until(lambda: any(c.total_outbufs_len for c in running.server.active_channels.values()))

    running.end()


def test_it_is_not_ready_while_it_stops(serve: Serve) -> None:
    """Readiness is off as soon as a stop begins."""
    running = serve()
    assert not extension(running.app).is_stopping
    running.server.stop()

    wait_until(lambda: extension(running.app).is_stopping)


def test_many_who_come_at_once_are_let_in_together(serve: Serve) -> None:
    """Nobody of fifty is left outside."""
    running = serve()
    for _ in range(50):
        running.connect()

    wait_until(lambda: len(running.server.active_channels) == 50)


@pytest.mark.parametrize(
    ("files", "connections"), [(256, 192), (1024, 960), (1_000_000, 1000), (-1, 1000), (10, 1)]
)
def test_no_more_connections_are_taken_than_files_may_be_open(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, files: int, connections: int
) -> None:
    """Where the limit of the process is low, the rest waits outside instead of failing."""
    monkeypatch.setattr("resource.getrlimit", lambda _: (files, files))

    assert serve().server.adj.connection_limit == connections


def test_warming_up_makes_every_form() -> None:
    """It runs with nothing but the libraries."""
    warm_up()


def test_a_port_that_is_taken_is_told() -> None:
    """The message says which, why, and what to do."""
    with bind(Settings(port=0)) as taken:
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(errors.InvalidRequestError) as caught:
            bind(Settings(port=port))

    assert str(caught.value) == (
        f"cannot bind 127.0.0.1:{port}: Address already in use; choose another --port or --host"
    )


@pytest.mark.parametrize("host", ["no-such-host.invalid", "192.0.2.7", "a" * 300, "a..b", "bücher"])
def test_an_address_of_another_machine_is_told(host: str) -> None:
    """Whatever stands for the host, the answer is one sentence."""
    with pytest.raises(errors.InvalidRequestError, match=r"^cannot bind .*; choose another"):
        bind(Settings.parse(host=host, port=0, api_keys="correct-horse-battery-staple"))


def test_without_a_key_a_name_that_leads_elsewhere_is_not_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What counts is the address that localhost stands for, not its name."""
    elsewhere = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("0.0.0.0", 0))  # noqa: S104
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [elsewhere])

    with pytest.raises(errors.InvalidRequestError, match="only loopback may be bound"):
        bind(Settings(host="localhost", port=0))


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({}, "http://127.0.0.1:{port} without a key, so on loopback only; try"),
        ({"host": "::1"}, "http://[::1]:{port} without a key, so on loopback only; try"),
        ({"api_keys": "first-key,second-key"}, "http://127.0.0.1:{port} with 2 API key(s); try"),
        (
            {"api_keys": "first-key", "host": "::"},
            "http://[::1]:{port} with 1 API key(s), on every machine that reaches ::; try",
        ),
    ],
)
def test_who_starts_it_is_told_where_and_for_whom(settings: dict[str, str], told: str) -> None:
    """The address can be opened as it stands there, and no key is in it."""
    found = Settings.parse(port=0, **settings)
    with bind(found) as listening:
        port = listening.getsockname()[1]
        text = welcome(found, listening)

    assert text.startswith("serving " + told.format(port=port))
    assert "-key," not in text
    assert "first-key" not in text


def test_an_address_is_shown_as_it_is_written() -> None:
    """Addresses with colons stand in brackets."""
    assert address_of("::1", 80) == "[::1]:80"
    assert address_of("localhost", 80) == "localhost:80"


def test_maintenance_closes_nothing_within_a_turn_of_the_loop(serve: Serve) -> None:
    """A number that is free within a turn would go to a new connection, and so would its events."""
    running = serve()
    server, open_after = running.server, []
    maintenance = server.maintenance

    def watched(now: float) -> None:
        before = set(server.active_channels)
        maintenance(now + DEADLINE_SECONDS)
        open_after.append((before, set(server.active_channels)))

    server.maintenance = watched  # type: ignore[method-assign]
    client = running.connect(b"GET /healthz HTTP/1.1\r\nX-Slow: ")

    assert client.recv(1) == b""
    assert any(before for before, _ in open_after)
    assert all(before == after for before, after in open_after)
