"""200 slow connections do not keep the health answer waiting for a second."""

from __future__ import annotations

import contextlib
import http.client
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

sys.path.append(str(Path(__file__).parent))
from api_server import ARROW, NDJSON, Served, serving

from esdh_generator import Dataset

CONNECTIONS = 200
PROMISED_SECONDS = 1.0
WATCHED_SECONDS = 1.5
ATTEMPTS = 3
"""All of them count: what goes wrong only now and then goes wrong."""

PIPELINED = 320
"""As many requests for health as a server reads at once, and more."""

POST = b"POST /generate/person HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"


def get(path: str, accept: str) -> bytes:
    """A complete request."""
    return f"GET {path} HTTP/1.1\r\nHost: a\r\nAccept: {accept}\r\n\r\n".encode()


KINDS = {
    "silent": (b"", b""),
    "header dripped": (b"GET /healthz HTTP/1.1\r\nX-Slow: ", b"a"),
    "body dripped": (POST + b"Content-Length: 60000\r\n\r\n", b" "),
    "stream never read": (get("/generate/person?records=1000000", NDJSON), b""),
    "JSON never read": (get("/generate/bundle?records=10000", "application/json"), b""),
    "pipelined health": (b"GET /healthz HTTP/1.1\r\n\r\n" * PIPELINED, b""),
}
"""What each of the connections says at first, and then again and again."""


@contextlib.contextmanager
def slow_clients(
    server: Served, first: bytes, again: bytes, *, connections: int = CONNECTIONS
) -> Iterator[list[socket.socket]]:
    """Open the connections and keep dripping on them."""
    is_over = threading.Event()
    clients = [server.connect(receive_buffer=4096) for _ in range(connections)]
    for client in clients:
        client.sendall(first)

    def drip() -> None:
        while again and not is_over.wait(0.1):
            for client in clients:
                with contextlib.suppress(OSError):
                    client.sendall(again)

    dripping = threading.Thread(target=drip)
    dripping.start()
    try:
        yield clients
    finally:
        is_over.set()
        dripping.join()
        for client in clients:
            client.close()


def worst_health_seconds(server: Served) -> float:
    """The longest that the health answer took, asked again and again for a while."""
    worst, end = 0.0, time.monotonic() + WATCHED_SECONDS
    while time.monotonic() < end:
        started = time.monotonic()
        assert server.ask("/healthz").status == 200
        worst = max(worst, time.monotonic() - started)
        time.sleep(0.02)
    return worst


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    """One server for all kinds, that has answered before."""
    with serving() as served:
        for _ in range(5):
            assert served.ask("/healthz").status == 200
        yield served


@pytest.mark.parametrize("kind", KINDS)
def test_slow_connections_do_not_keep_health_waiting(server: Served, kind: str) -> None:
    """With 200 connections of each kind, every health answer comes within a second."""
    measured = []
    for _ in range(ATTEMPTS):
        with slow_clients(server, *KINDS[kind]):
            measured.append(worst_health_seconds(server))
    print(f"{kind}: worst health answers beside 200 slow connections {measured} s")

    assert max(measured) < PROMISED_SECONDS


@pytest.mark.parametrize("kind", ["stream never read", "JSON never read"])
def test_large_answers_that_nobody_reads_leave_room_for_others(server: Served, kind: str) -> None:
    """Beside 200 of them, a small answer comes as quickly as health does."""
    with slow_clients(server, *KINDS[kind]):
        worst_health_seconds(server)
        started = time.monotonic()
        assert server.ask("/generate/bundle?records=2").status == 200
        spent = time.monotonic() - started

    assert spent < PROMISED_SECONDS


def stream_of(records: int) -> bytes:
    """What pyarrow makes of the same rows."""
    sink = pa.BufferOutputStream()
    table = Dataset(records=records, tables=("persons",)).table("persons")
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


@pytest.mark.parametrize("pause", [0.0, 0.004, 0.12], ids=["steady", "lagging", "stop and go"])
def test_every_byte_comes_in_order_however_a_client_reads(server: Served, pause: float) -> None:
    """Read at once, a little late or now and then: what is sent past the queue is not mixed up."""
    expected = stream_of(52_000)
    with server.connect(receive_buffer=2**16) as client:
        client.sendall(get("/generate/person?records=52000", ARROW))
        with http.client.HTTPResponse(client) as response:
            response.begin()
            found = bytearray()
            while piece := response.read(2**18):
                found += piece
                if len(found) < 2**22:
                    time.sleep(pause)

    assert found == expected


def test_a_client_may_begin_byte_by_byte(server: Served) -> None:
    """And take the rest at once; no byte is lost where the queue takes over, and back again."""
    with server.connect(receive_buffer=2**14) as client:
        client.sendall(get("/generate/person?records=52000", ARROW))
        with http.client.HTTPResponse(client) as response:
            response.begin()
            begun = b"".join(response.read(1) for _ in range(5_000))
            found = begun + response.read()

    assert found == stream_of(52_000)
