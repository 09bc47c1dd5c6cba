"""Programs that the demo starts: run to their end, and stopped gently if the demo ends first."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from .configuration import ROOT
from .failure import StepError

_LONGEST_SECONDS: Final = 600
_STOP_SECONDS: Final = 10
_TOLD_LINES: Final = 3


def run_to_end(
    command: Sequence[str | Path],
    *,
    advice: str,
    seconds: float = _LONGEST_SECONDS,
    is_shown: bool = False,
    variables: Mapping[str, str] | None = None,
) -> str:
    """Run a program and give what it printed, or let it print to the terminal itself.

    Raises `StepError` with the end of what it said and the `advice`.
    """
    name = Path(command[0]).name
    with _start(command, name, is_shown=is_shown, variables=variables) as process:
        try:
            out, err = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            busy = "end what else keeps this machine busy, and run it again"
            raise StepError(f"{name} did not end within {seconds:g} s", busy) from None
        finally:
            stop(process)
    if process.returncode:
        said = last_lines(err.strip() or (out or "").strip())
        raise StepError(f"{name} ended with code {process.returncode}: {said}", advice)
    return out or ""


def stop(process: subprocess.Popen[str] | subprocess.Popen[bytes]) -> None:
    """End a process, if it still runs: it may clean up, but not for ever."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def last_lines(text: str) -> str:
    """The end of what a program said, on one line."""
    return " | ".join(text.splitlines()[-_TOLD_LINES:])


def _start(
    command: Sequence[str | Path], name: str, *, is_shown: bool, variables: Mapping[str, str] | None
) -> subprocess.Popen[str]:
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=None if is_shown else subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=variables,
            encoding="utf-8",
            errors="replace",
            cwd=ROOT,
        )
    except OSError as error:
        reason = f"{name} cannot be started: {error.strerror}"
        raise StepError(reason, "make sync installs it") from None
