"""The rate limit of a whole deployment: real processes, and a real Redis where they share one."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))
from api_server import (
    DEADLINE_SECONDS,
    PROGRAM,
    Redis,
    Served,
    environment_of,
    redis_server,
    serving,
    wait_until,
)

WINDOW_SECONDS = 3
PROMISED_SECONDS = 4.0
READY_SECONDS = 1.5
"""Twice as long as readiness waits for a Redis that hangs, and some more for a busy machine."""

"""How long a caller waits at most to hear that the storage is unreachable."""


@pytest.fixture
def redis() -> Iterator[Redis]:
    """An empty Redis."""
    with redis_server() as running:
        yield running


@pytest.fixture(scope="module")
def alone() -> Iterator[Served]:
    """One process that counts in its memory and knows of no proxy."""
    with serving(ESDH_RATE_LIMIT=f"3 per {WINDOW_SECONDS} second") as served:
        yield served


def statuses(server: Served, count: int, **headers: str) -> Counter[int]:
    """How so many requests are answered, one after the other; `{}` in a header is its number."""
    return Counter(
        server.ask(
            "/contracts", **{name: text.format(number) for name, text in headers.items()}
        ).status
        for number in range(count)
    )


def test_processes_share_one_limit(redis: Redis) -> None:
    """Four of them let through 20 of 100 requests that come at once, not 80."""
    settings = {"ESDH_RATE_LIMIT": "20/minute", "ESDH_RATE_LIMIT_STORAGE": redis.address}
    with serving("--processes", "4", **settings) as server:
        assert len(server.children) <= 4
        with ThreadPoolExecutor(25) as clients:
            answers = list(clients.map(lambda _: server.ask("/contracts"), range(100)))
        assert server.ask("/healthz").status == 200

    assert Counter(answer.status for answer in answers) == {200: 20, 429: 80}


def test_processes_that_would_count_alone_do_not_start() -> None:
    """It ends with 2 and one sentence that says what to set."""
    done = subprocess.run(
        [PROGRAM, "serve", "--port", "0", "--processes", "4"],
        env=environment_of({"ESDH_RATE_LIMIT": "20/minute"}),
        capture_output=True,
        text=True,
        check=False,
        timeout=DEADLINE_SECONDS,
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "esdh-api: 4 processes would each count their own rate limit; set"
        " ESDH_RATE_LIMIT_STORAGE=redis://host:port/0, or --processes=1\n"
    )


def test_waiting_as_long_as_told_is_enough(alone: Served) -> None:
    """Again and again: a refused caller that waits Retry-After seconds gets through."""
    for _ in range(2):
        answers = [alone.ask("/contracts") for _ in range(4)]
        refused = next(answer for answer in answers if answer.status == 429)
        told = refused.headers
        assert refused.document["code"] == "rate-limited"
        assert told["Content-Type"] == "application/problem+json"
        assert told["Ratelimit-Policy"] == f'"default";q=3;w={WINDOW_SECONDS}'
        assert told["Ratelimit"] == f'"default";r=0;t={told["Retry-After"]}'
        time.sleep(int(told["Retry-After"]))

        assert alone.ask("/contracts").status == 200


def test_a_forged_origin_changes_nothing(alone: Served) -> None:
    """Without a trusted proxy, no header makes another caller of the same address."""
    time.sleep(WINDOW_SECONDS)
    forged = {
        "X_Forwarded_For": "203.0.113.{0}, 198.51.100.{0}",
        "Forwarded": "for=203.0.113.{}",
        "X_Real_IP": "203.0.113.{}",
        "True_Client_IP": "203.0.113.{}",
    }

    assert statuses(alone, 10, **forged) == {200: 3, 429: 7}


def test_a_trusted_proxy_is_believed_in_its_last_word_alone() -> None:
    """The last hop tells callers apart; what a caller wrote before it does not."""
    settings = {"ESDH_RATE_LIMIT": "4/minute", "ESDH_TRUSTED_PROXY": "127.0.0.0/24"}
    with serving(**settings) as server:
        one = statuses(server, 10, X_Forwarded_For="198.51.100.{0}, 203.0.113.1")
        other = statuses(server, 10, X_Forwarded_For="203.0.113.{0},203.0.113.2", Forwarded="for=a")
        nobody = statuses(server, 10, X_Forwarded_For="203.0.113.1, nonsense {}")

    assert one == other == nobody == {200: 4, 429: 6}


def test_readiness_does_not_wait_behind_others_for_a_redis_that_hangs(redis: Redis) -> None:
    """Beside forty requests that wait for it, a probe learns soon that nothing can be counted."""
    settings = {"ESDH_RATE_LIMIT": "1000/minute", "ESDH_RATE_LIMIT_STORAGE": redis.address}
    with serving(**settings) as server, contextlib.ExitStack() as waiting:
        assert server.ask("/readyz").status == 200
        assert redis.process is not None
        redis.process.send_signal(signal.SIGSTOP)
        waiting.callback(redis.process.send_signal, signal.SIGCONT)
        for _ in range(40):
            client = waiting.enter_context(server.connect())
            client.sendall(b"GET /contracts HTTP/1.1\r\nHost: a\r\n\r\n")
        started = time.monotonic()
        answer = server.ask("/readyz")
        spent = time.monotonic() - started

    assert (answer.status, answer.document["code"]) == (503, "storage-unreachable")
    assert spent < READY_SECONDS


def test_a_redis_that_is_gone_is_told_and_forgiven(redis: Redis) -> None:
    """Requests get 503 at once, health stays well, and nothing need be restarted afterwards."""
    settings = {"ESDH_RATE_LIMIT": "1000/minute", "ESDH_RATE_LIMIT_STORAGE": redis.address}
    with serving(**settings) as server:
        assert server.ask("/contracts").status == 200
        assert server.ask("/readyz").status == 200

        def check_unreachable() -> None:
            for path in ("/contracts", "/readyz", "/docs"):
                started = time.monotonic()
                answer = server.ask(path)
                assert time.monotonic() - started < PROMISED_SECONDS
                assert (answer.status, answer.document["code"]) == (503, "storage-unreachable")
                assert int(answer.headers["Retry-After"]) > 0
            assert server.ask("/healthz").status == 200

        assert redis.process is not None
        redis.process.send_signal(signal.SIGSTOP)
        check_unreachable()
        redis.process.send_signal(signal.SIGCONT)
        assert server.ask("/contracts").status == 200

        redis.stop()
        check_unreachable()
        redis.start()
        assert server.ask("/contracts").status == 200
        wait_until(lambda: server.ask("/readyz").status == 200, "it does not get ready again")

        redis.stop()
        redis.start()
        assert [server.ask("/contracts").status for _ in range(3)] == [200] * 3
