"""Slow, broken and impatient clients of a running server, many more and for longer."""

from __future__ import annotations

import contextlib
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from soak.harness import Conclude

sys.path.append(str(Path(__file__).resolve().parent.parent / "tests-integration"))
from api_server import NDJSON, Served, lives, read_all, serving
from test_api_serving import begin_stream, is_free, is_whole
from test_api_slow_clients import KINDS, PROMISED_SECONDS, slow_clients

MEGABYTE = 2**20
LONGEST_SECONDS = 40
"""More than any connection is kept that holds still or drips."""


def connections_of(server: Served) -> int:
    """How many connections it holds, apart from the one that listens."""
    links = Path(f"/proc/{server.process.pid}/fd").iterdir()
    sockets = 0
    for link in links:
        with contextlib.suppress(OSError):
            sockets += str(link.readlink()).startswith("socket:")
    return sockets - 1


def watch(server: Served, seconds: float) -> list[float]:
    """How long each health answer took, asked again and again."""
    spent, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        started = time.monotonic()
        assert server.ask("/healthz").status == 200
        spent.append(time.monotonic() - started)
        time.sleep(0.05)
    return spent


MANY = [(kind, 200) for kind in KINDS]
MORE = [(kind, 900) for kind in ("silent", "header dripped", "body dripped")]


@pytest.mark.parametrize(("kind", "connections"), [*MANY, *MORE])
def test_slow_connections(
    kind: str, connections: int, count: Callable[[int], int], conclude: Conclude
) -> None:
    """They neither keep health waiting nor stay for ever."""
    with serving() as server, slow_clients(server, *KINDS[kind], connections=connections):
        spent = watch(server, count(LONGEST_SECONDS))
        left = connections_of(server)
        broken = [f"{seconds:.2f} s" for seconds in spent if seconds > PROMISED_SECONDS]
        if kind != "JSON never read":
            started = time.monotonic()
            while not is_free(server) and time.monotonic() < started + LONGEST_SECONDS:
                time.sleep(0.1)
            if not is_free(server):
                broken.append("no stream came back")
    seen = f"the longest took {max(spent):.2f} s; {left} of {connections} connections were left"
    conclude(f"health answers beside {connections} connections: {kind}", len(spent), broken, seen)


def test_stops_in_the_middle_of_streams(count: Callable[[int], int], conclude: Conclude) -> None:
    """Whenever the signal comes, one process or two, the stream is whole and nothing is left."""
    rounds, broken = count(20), []
    for number in range(rounds):
        with serving("--processes", str(1 + number % 2)) as server:
            while len(server.children) < 2 * (number % 2):
                time.sleep(0.01)
            with begin_stream(server, 200_000) as client:
                time.sleep(number / rounds)
                server.process.send_signal(signal.SIGTERM)
                body = read_all(client)
            code = server.process.wait(60)
            if code != 0 or not is_whole(body) or any(map(lives, server.seen)):
                broken.append(f"round {number}: code {code}, {len(body)} bytes")
    conclude("stops while a stream runs", rounds, broken, "each stream was whole, each code 0")


def test_clients_that_leave(count: Callable[[int], int], conclude: Conclude) -> None:
    """Hundreds that hang up in the middle cost neither streams nor memory."""
    leavers, broken = count(300), []
    with serving() as server:
        for number in range(leavers):
            if number == leavers // 3:
                before = server.peak_bytes
            asked = (KINDS["JSON never read"], KINDS["stream never read"])[number % 2][0]
            with server.connect() as client:
                client.sendall(asked)
                client.recv(1 + 997 * number)
        growth = (server.peak_bytes - before) / MEGABYTE
        started = time.monotonic()
        answers = []
        while len(answers) < 4 and time.monotonic() < started + LONGEST_SECONDS:
            answer = server.ask("/generate/person?records=10", Accept=NDJSON)
            if answer.status == 200:
                answers.append(answer)
        if len(answers) < 4:
            broken.append("a stream did not come back")
        if growth > 100:
            broken.append(f"{growth:.0f} MB more")
    seen = f"the last two thirds added {growth:.0f} MB to the peak"
    conclude("clients that hang up in the middle of an answer", leavers, broken, seen)
