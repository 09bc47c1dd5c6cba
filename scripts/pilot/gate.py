"""Runs of the demo gate: in which order, how each ended, and what failed first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from .circumstances import ADVERSE, QUIET, Circumstance
from .processes import Ended, run_to_end
from .results import GateRun
from .versions import CURRENT, FIRST

GATE_SECONDS: Final = 600
_TARGET: Final = re.compile(r"\*\*\* \[(?:[^\]]*: )?([\w-]+)\]")
_DETAILS: Final = (
    re.compile(r"^ *failed step: +(\w+)", re.MULTILINE),
    re.compile(r"^(?:FAILED|ERROR) ([\w/.-]+\.py(?:::\w+)*)", re.MULTILINE),
    re.compile(r"^MISSING +(\w[\w ]*):", re.MULTILINE),
)


class Planned(NamedTuple):
    """A run that is to be done."""

    number: int
    version: str
    circumstance: Circumstance


def plan_runs(runs: int) -> Iterator[Planned]:
    """Every other run is quiet, the rest take turns; the version that goes first changes."""
    for number in range(1, runs + 1):
        turn = (number // 2 - 1) % len(ADVERSE)
        circumstance = QUIET if number % 2 else ADVERSE[turn]
        versions = (FIRST, CURRENT) if number % 4 < 2 else (CURRENT, FIRST)
        yield from (Planned(number, version, circumstance) for version in versions)


def run_gate(
    planned: Planned, folder: Path, commit: str, *, seconds: float = GATE_SECONDS
) -> GateRun:
    """Run the gate in a version's folder, under the circumstance."""
    with planned.circumstance.made(folder):
        ended = run_to_end(("make", "demo-gate"), folder, seconds=seconds)
    return GateRun(
        version=planned.version,
        commit=commit,
        number=planned.number,
        circumstance=planned.circumstance.name,
        exit_code=ended.exit_code,
        failed_step=first_failed_step(ended),
        seconds=ended.seconds,
    )


def first_failed_step(ended: Ended) -> str | None:
    """The target of the Makefile and what it says failed in it; None if all passed."""
    if ended.is_late:
        return "no end within the time allowed"
    if ended.exit_code == 0:
        return None
    target = _TARGET.search(ended.said)
    details = (pattern.search(ended.said) for pattern in _DETAILS)
    found = [match[1] for match in (target, *details) if match]
    return ": ".join(found[:2]) or "unknown"
