"""The service of the demo: started on a free port, always stopped, and found if it was not.

Its process id stands in the folder of the run, in a file that the service alone keeps locked: as
long as it lives, and no longer.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from .api_client import ApiClient
from .child_process import last_lines, stop
from .failure import StepError, service_advice
from .lock_file import is_locked, is_unlocked_within, open_locked
from .run_folder import PID_NAME, run_folders

_PORTS_TRIED: Final = 20
_HIGHEST_PORT: Final = 65_535
_START_SECONDS: Final = 30
_STOP_SECONDS: Final = 10
_PROGRAM: Final = Path(sys.executable).parent / "esdh-api"


@contextmanager
def running_api(
    host: str, first_port: int, folder: Path, variables: Mapping[str, str]
) -> Iterator[ApiClient]:
    """Start the service on the port asked for or one of the next; stop it, whatever happens.

    `variables` are those of its environment. Raises `StepError` if it does not come up. Its log is
    api.log in `folder`.
    """
    last_port = min(first_port + _PORTS_TRIED - 1, _HIGHEST_PORT)
    for port in range(first_port, last_port + 1):
        process = _start(host, port, folder, variables)
        try:
            if _has_bound(process, folder):
                yield ApiClient(host, port)
                return
        finally:
            stop(process)
            (folder / PID_NAME).unlink(missing_ok=True)
    reason = f"no port from {first_port} to {last_port} of {host} is free"
    raise StepError(reason, "make demo-stop ends left-over services; --port N takes other ports")


def stop_left_over(runs: Path) -> Iterator[str]:
    """End the services that killed runs left behind, and tell each after it ended."""
    for folder in run_folders(runs):
        file = folder / PID_NAME
        if is_locked(file):
            process_id = _end(file)
            yield f"stopped the service {process_id} of {folder.name}"
        file.unlink(missing_ok=True)


def service_log(folder: Path) -> str:
    """The end of what the service of a run said, on one line."""
    path = folder / "api.log"
    return last_lines(path.read_text(errors="replace")) if path.exists() else ""


def _start(
    host: str, port: int, folder: Path, variables: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    command = [_PROGRAM, "serve", "--host", host, "--port", str(port)]
    lock = open_locked(folder / PID_NAME)
    try:
        with (folder / "api.out").open("wb") as out, (folder / "api.log").open("wb") as log:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=log,
                env=variables,
                pass_fds=[lock],
            )
        os.write(lock, f"{process.pid}\n".encode())
    finally:
        os.close(lock)  # from here on the service alone holds it
    return process


def _has_bound(process: subprocess.Popen[bytes], folder: Path) -> bool:
    """Wait until it listens; False if the port is taken. Raises `StepError` for any other end."""
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if re.search(rb"serving http://", (folder / "api.out").read_bytes()):
            return True
        if process.poll() is not None:
            said = service_log(folder)
            if "in use" in said:
                return False
            reason = f"the service ended with code {process.returncode}: {said}"
            raise StepError(reason, service_advice("make doctor looks at the installation"))
        time.sleep(0.05)
    reason = f"the service did not listen within {_START_SECONDS} s"
    raise StepError(reason, "end what else keeps this machine busy, and run it again")


def _end(file: Path) -> int:
    """End the process whose id a locked file holds, and wait until it has ended."""
    text = file.read_text()
    if not re.fullmatch(r"[1-9]\d{0,9}\n", text):
        raise StepError(f"{file} does not say which process it is of", "look for esdh-api in ps")
    for number in (signal.SIGTERM, signal.SIGKILL):
        os.kill(int(text), number)
        if is_unlocked_within(file, _STOP_SECONDS):
            return int(text)
    raise StepError(f"the service {text.strip()} does not end", "ask whoever runs this machine")
