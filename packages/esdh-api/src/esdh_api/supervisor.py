"""Several server processes on one port: started together, stopped together.

If one of them ends by itself, all are stopped, and whatever started this program starts it again.
"""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Final

from .metrics import SHARED_DIRECTORY_VARIABLE
from .settings import Settings

EXIT_LOST: Final = 70
_POLL_SECONDS: Final = 0.05
_GRACE_SECONDS: Final = 5

_log = logging.getLogger("esdh_api")


class Supervisor:
    """Runs the processes; each stops when its standard input ends, as it does if this one dies."""

    def __init__(self, settings: Settings, listening: socket.socket) -> None:
        """Take over a socket that is bound, and let clients wait there until a process is ready."""
        listening.listen()
        self._settings = settings
        self._listening = listening
        self._is_stopping = False
        self._code_at_once: int | None = None

    def stop(self) -> None:
        """Begin to stop."""
        self._is_stopping = True

    def stop_at_once(self, code: int) -> None:
        """End every process, whatever it answers, and leave with a code."""
        self._code_at_once = code

    def run(self) -> int:
        """Run until stopped or until a process is lost; returns the exit code."""
        with tempfile.TemporaryDirectory(prefix="esdh-api-figures-") as folder:
            processes = [self._start(folder) for _ in range(self._settings.processes)]
            self._listening.close()
            _wait_until(lambda: self._is_stopping or not all(map(_lives, processes)))
            code = 0 if self._is_stopping else EXIT_LOST
            if code:
                _log.error("a server process ended by itself; stopping the others")
            self._stop_all(processes)
        return code if self._code_at_once is None else self._code_at_once

    def _start(self, folder: str) -> subprocess.Popen[bytes]:
        descriptor = self._listening.fileno()
        address = ["--host", self._settings.host, "--port", str(self._settings.port)]
        inherited = ["--inherited-socket", str(descriptor)]
        return subprocess.Popen(
            [sys.executable, "-m", "esdh_api", "serve", *address, *inherited],
            stdin=subprocess.PIPE,
            pass_fds=[descriptor],
            env={**os.environ, SHARED_DIRECTORY_VARIABLE: folder},
            start_new_session=True,
        )

    def _stop_all(self, processes: list[subprocess.Popen[bytes]]) -> None:
        for process in processes:
            if process.stdin is not None:
                process.stdin.close()
        _wait_until(
            lambda: self._code_at_once is not None or not any(map(_lives, processes)),
            self._settings.stop_seconds + _GRACE_SECONDS,
        )
        for process in filter(_lives, processes):
            if self._code_at_once is None:
                _log.error("a server process did not stop in time and was killed")
            process.kill()
        for process in processes:
            process.wait()


def _lives(process: subprocess.Popen[bytes]) -> bool:
    return process.poll() is None


def _wait_until(claim: Callable[[], bool], seconds: float = float("inf")) -> None:
    deadline = time.monotonic() + seconds
    while not claim() and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
