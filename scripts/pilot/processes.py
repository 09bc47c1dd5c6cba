"""Processes that always end: by themselves, when their time is up, or when we are interrupted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_INHERITED: Final = ("ESDH_", "MAKE", "MFLAGS", "UV_PROJECT", "VIRTUAL_ENV")
_HERE: Final = os.fspath(Path(sys.executable).parent)


@dataclass(frozen=True)
class Ended:
    """How a program ended, and all that it said; `is_late` if its time was up before."""

    exit_code: int
    said: str
    seconds: float
    is_late: bool


def plain_environment() -> dict[str, str]:
    """This process's environment without what this checkout, make or a user's service put there."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith(_INHERITED)}
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return {**kept, "PATH": os.pathsep.join(name for name in folders if name != _HERE)}


def run_to_end(command: Sequence[str], folder: Path, *, seconds: float) -> Ended:
    """Run a program in `folder`, with everything that it starts, for so long at most."""
    started = time.monotonic()
    with tempfile.TemporaryFile() as said, start(command, folder, said.fileno()) as process:
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
        is_late = process.poll() is None
        end_group(process)
        said.seek(0)
        text = said.read().decode(errors="replace")
    return Ended(process.returncode, text, round(time.monotonic() - started, 1), is_late)


@contextmanager
def start(
    command: Sequence[str], folder: Path, output: int = subprocess.DEVNULL
) -> Iterator[subprocess.Popen[bytes]]:
    """A program in a group of its own, ended with its group when the block ends."""
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=plain_environment(),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        end_group(process)


def end_group(process: subprocess.Popen[bytes]) -> None:
    """End a program and what it started; nothing if it was waited for before.

    A process that was not waited for keeps its number, so no stranger can have it by now.
    """
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
