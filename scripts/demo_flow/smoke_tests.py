"""Run the quick tests of the whole hub, which must be a minute of work at most.

    python scripts/smoke_tests.py

What counts is the time of processors, so that other work of the machine cannot fail them; on a
machine that is idle it is the time that they take.
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import Final

from .child_process import run_to_end
from .failure import StepError
from .program import Parser

LIMIT_SECONDS: Final = 60
_PYTEST: Final = (sys.executable, "-m", "pytest", "-q", "-m", "smoke", "-p", "no:randomly")


def main(arguments: list[str]) -> int:
    """Run them in sight; returns the exit code."""
    Parser(
        prog="smoke_tests.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    ).parse_args(arguments)
    run_smoke_tests(is_shown=True)
    return 0


def run_smoke_tests(*, is_shown: bool = False) -> str:
    """What pytest said; raises `StepError` if a test fails, or all together take too long."""
    advice = "the lines above say why" if is_shown else "make demo-smoke shows why"
    before = _seconds_of_children()
    said = run_to_end(_PYTEST, advice=advice, is_shown=is_shown)
    spent = _seconds_of_children() - before
    if spent > LIMIT_SECONDS:
        reason = f"the quick tests took {spent:.1f} s of work, and may take {LIMIT_SECONDS}"
        raise StepError(
            reason, "pytest -m smoke --durations=5 shows the slowest: mend or unmark it"
        )
    return said


def _seconds_of_children() -> float:
    spent = os.times()
    return spent.children_user + spent.children_system
