"""What a process costs: CPU seconds, wall seconds and peak memory, its children included.

The process that measures stays small and imports little: a child's peak is never below the memory
of the process that started it.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_STOLEN_FIELD: Final = 8


@dataclass(frozen=True, slots=True)
class Usage:
    """Cost of one run, or the best of several; megabytes are 10^6 bytes.

    Stolen are the seconds in which the host of this virtual machine kept a core that somebody
    wanted, whoever did, while it ran; None where nothing tells.
    """

    cpu_seconds: float
    wall_seconds: float = 0.0
    stolen_seconds: float | None = None
    peak_megabytes: float = 0.0
    written_megabytes: float = 0.0
    output: bytes = b""


def run_measured(
    command: Sequence[str | Path], environment: Mapping[str, str] | None = None
) -> Usage:
    """Run a command to its end; raises `RuntimeError` if it fails."""
    with tempfile.TemporaryFile() as output:
        stolen_before, start = _stolen_seconds(), time.perf_counter()
        process = subprocess.Popen(
            command, stdout=output, env={**_environment(), **(environment or {})}
        )
        _, status, spent = os.wait4(process.pid, 0)
        wall_seconds = time.perf_counter() - start
        stolen_after = _stolen_seconds()
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            message = f"{' '.join(map(str, command))} ended with code {process.returncode}"
            raise RuntimeError(message)
        output.seek(0)
        return Usage(
            cpu_seconds=spent.ru_utime + spent.ru_stime,
            wall_seconds=wall_seconds,
            stolen_seconds=(
                None
                if stolen_before is None or stolen_after is None
                else stolen_after - stolen_before
            ),
            peak_megabytes=spent.ru_maxrss * 1024 / 1e6,
            output=output.read(),
        )


def _stolen_seconds() -> float | None:
    """Of all cores, since the system started; None where nothing tells (see proc_stat(5))."""
    try:
        cores = Path("/proc/stat").read_text().splitlines()[0].split()
    except FileNotFoundError:
        return None
    return int(cores[_STOLEN_FIELD]) / os.sysconf("SC_CLK_TCK")


def _environment() -> dict[str, str]:
    """That of this process, but that modules are compiled once, as they are where installed."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def best_of(runs: Sequence[Usage]) -> Usage:
    """Least time, stolen in the quickest run; most memory, which is promised as an upper bound."""
    return Usage(
        cpu_seconds=min(run.cpu_seconds for run in runs),
        wall_seconds=min(run.wall_seconds for run in runs),
        stolen_seconds=min(runs, key=lambda run: run.wall_seconds).stolen_seconds,
        peak_megabytes=max(run.peak_megabytes for run in runs),
        written_megabytes=runs[0].written_megabytes,
    )
