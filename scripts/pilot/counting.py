"""What counts as a flake, how rare it may be called, and whether half can be claimed.

Nothing is claimed that was not seen: no failure is no proof of none, and few are no proof of fewer.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from .results import GateRun

_LIKELY: Final = 0.05


@dataclass(frozen=True)
class Tally:
    """Runs of one version, and how many failed."""

    runs: int
    failures: int

    @property
    def is_broken(self) -> bool:
        """Every run failed: a defect, which says nothing about flakes."""
        return self.runs > 0 and self.failures == self.runs

    @property
    def rate(self) -> float | None:
        """Failed runs of all; None if there are no runs or none passed."""
        return None if self.is_broken or not self.runs else self.failures / self.runs

    @property
    def upper_bound(self) -> float | None:
        """The rule of three: the highest rate that no failure leaves credible, at 95 %."""
        return min(1.0, 3 / self.runs) if self.runs and not self.failures else None

    def __str__(self) -> str:
        return f"{self.failures} of {self.runs} runs"


def count(gate_runs: Iterable[GateRun], **wanted: str) -> Tally:
    """Tally the runs whose fields are as wanted; every exit code but 0 is a failure."""
    chosen = [
        run
        for run in gate_runs
        if all(getattr(run, name) == value for name, value in wanted.items())
    ]
    return Tally(len(chosen), sum(run.exit_code != 0 for run in chosen))


def chance_of_so_few(first: Tally, current: Tally) -> float:
    """How probable it is that the current version has so few of all failures, or fewer, by luck.

    Fisher's exact test, one-sided: the failures are dealt out at random over all runs.
    """
    failures = first.failures + current.failures
    dealt = (
        math.comb(current.runs, fewer) * math.comb(first.runs, failures - fewer)
        for fewer in range(current.failures + 1)
    )
    return sum(dealt) / math.comb(first.runs + current.runs, failures)


def answer(first: Tally, current: Tally) -> str:
    """Whether the current gate has half the flakes of the first version, or fewer."""
    if not first.runs or not current.runs:
        raise ValueError("a version without a run says nothing")
    seen = f"the first version failed in {first}, the current one in {current}"
    if first.is_broken or current.is_broken:
        return f"It cannot be said: {seen}; what never passes is broken, not flaky."
    if not first.failures and not current.failures:
        return (
            f"It cannot be shown: {seen}, and there is no half of nothing. All that follows is that"
            f" the first fails in {_bound(first)} and the current in {_bound(current)} of such runs"
            " (rule of three, 95% confidence)."
        )
    if 2 * current.failures * first.runs > first.failures * current.runs:
        return f"No: {seen}."
    return f"Yes, in these runs: {seen}. {_strength(first, current)}"


def _bound(tally: Tally) -> str:
    return f"at most {tally.upper_bound:.1%}"


def _strength(first: Tally, current: Tally) -> str:
    chance = chance_of_so_few(first, current)
    said = f"Were both equally flaky, chance alone would do this in {chance:.1%} of cases"
    if chance > _LIKELY:
        return f"{said}, so beyond these runs nothing is shown."
    return f"{said}, so the current gate fails less; that it is by half is seen in these runs only."
