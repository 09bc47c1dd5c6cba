"""The service of the demo: started on a free port, asked, and always stopped."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from .configuration import Api

PID_NAME: Final = "api.pid"
PORTS_TRIED: Final = 20
_START_SECONDS: Final = 30
_STOP_SECONDS: Final = 10
_PROGRAM: Final = Path(sys.executable).parent / "esdh-api"


class ApiError(RuntimeError):
    """The service did not come up, or answered something else."""


@dataclass(frozen=True, slots=True)
class RunningApi:
    """A service that listens."""

    host: str
    port: int
    process_id: int

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://{self.host}:{self.port}"

    def ask(self, method: str, address: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """One request for JSON; raises `ApiError` for any answer but 200."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=30)
        text = None if body is None else json.dumps(body)
        headers = {} if body is None else {"Content-Type": "application/json"}
        if key := os.environ.get("ESDH_API_KEY", "").split(",")[0].strip():
            headers["X-API-Key"] = key
        try:
            connection.request(method, address, text, headers)
            response = connection.getresponse()
            answer: dict[str, Any] = json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise ApiError(f"{self.url}{address} gave no answer: {error}") from None
        finally:
            connection.close()
        if response.status != http.client.OK:
            detail = answer.get("detail", "no reason given")
            raise ApiError(f"{self.url}{address} answered {response.status}: {detail}")
        return answer


@contextmanager
def running_api(api: Api, folder: Path, *, port: int | None = None) -> Iterator[RunningApi]:
    """Start the service on the port asked for or one of the next; stop it, whatever happens.

    Raises `ApiError` if it does not come up. Its log is api.log in `folder`.
    """
    first = api.port if port is None else port
    for candidate in range(first, min(first + PORTS_TRIED, 65_536)):
        process = _start(api.host, candidate, folder)
        try:
            if _has_bound(process, folder):
                (folder.parent / PID_NAME).write_text(f"{process.pid}\n")
                yield RunningApi(api.host, candidate, process.pid)
                return
        finally:
            _stop(process)
            (folder.parent / PID_NAME).unlink(missing_ok=True)
    last = min(first + PORTS_TRIED, 65_536) - 1
    raise ApiError(f"no port from {first} to {last} of {api.host} is free; stop what uses them")


def stop_left_over(runs: Path) -> int | None:
    """End the service that a killed run left behind; gives its process id, or None.

    Nothing but a process of this program is ended.
    """
    file = runs / PID_NAME
    try:
        process_id = int(file.read_text())
        command = Path(f"/proc/{process_id}/cmdline").read_bytes()
    except (OSError, ValueError):
        file.unlink(missing_ok=True)
        return None
    file.unlink(missing_ok=True)
    if b"esdh-api\0serve" not in command:
        return None
    with suppress(ProcessLookupError):
        os.kill(process_id, signal.SIGTERM)
        return process_id
    return None


def _start(host: str, port: int, folder: Path) -> subprocess.Popen[bytes]:
    command = [_PROGRAM, "serve", "--host", host, "--port", str(port)]
    with (folder / "api.out").open("wb") as out, (folder / "api.log").open("wb") as log:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=log)


def _has_bound(process: subprocess.Popen[bytes], folder: Path) -> bool:
    """Wait until it listens; False if the port is taken. Raises `ApiError` for any other end."""
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if re.search(rb"serving http://", (folder / "api.out").read_bytes()):
            return True
        if process.poll() is not None:
            said = last_lines(folder / "api.log")
            if "in use" in said:
                return False
            raise ApiError(f"the service ended with code {process.returncode}: {said}")
        time.sleep(0.05)
    raise ApiError(f"the service did not listen within {_START_SECONDS} s")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def last_lines(path: Path, count: int = 3) -> str:
    """The end of a log, on one line."""
    try:
        lines = path.read_text(errors="replace").splitlines()
    except OSError:
        return ""
    return " | ".join(lines[-count:])
