"""One step after the other: said, done, logged; what fails is told in one block."""

from __future__ import annotations

import sys
import time
from typing import Any

from .diagnostics import diagnostics
from .failure import StepError
from .steps import SMOKE, STEPS, Run, Step, Told


def run_steps(run: Run) -> int:
    """Run every step and the summary; returns the exit code."""
    steps = (*STEPS, SMOKE) if run.plan.has_smoke_tests else STEPS
    started = time.monotonic()
    print(f"demo: profile {run.plan.name}, {run.plan.profile.description}")
    for number, step in enumerate(steps, 1):
        print(f"\n[{number}/{len(steps)}] {step.name}: {step.says}", flush=True)
        if not _is_passed(run, step):
            return 1
    summary = Step("summary", "", lambda run: _summarize(run, len(steps), started))
    return 0 if _is_passed(run, summary) else 1


def _is_passed(run: Run, step: Step) -> bool:
    """Do one step, whatever comes of it, and log it."""
    started = time.monotonic()
    try:
        if run.plan.is_interactive and step.says:
            _wait_for_enter()
            started = time.monotonic()
        told = step.do(run)
    except (KeyboardInterrupt, SystemExit):
        _log(run, step, "interrupted", started, {})
        raise
    except Exception as error:  # noqa: BLE001  # whatever it is, it is told and logged
        reason, advice = _told(error)
        _log(run, step, "failed", started, {"reason": reason})
        print(diagnostics(step.name, reason, advice, run.folder.path), file=sys.stderr)
        return False
    _log(run, step, "passed", started, told)
    if step.says:
        print(f"      {_shown(told)}", flush=True)
    return True


def _summarize(run: Run, steps: int, started: float) -> Told:
    """Hold the digest against the committed one, link the run, and tell the end."""
    digest, expected = run.snapshot["dataset_digest"], run.plan.committed_digest
    if expected is not None and expected != digest:
        reason = f"the dataset digest is {digest}, but {expected} is committed"
        advice = "stop: this machine makes other data; tell the maintainers both digests"
        raise StepError(reason, advice)
    run.folder.publish()
    committed = "equal to the committed one" if expected else "none is committed for this profile"
    seconds = time.monotonic() - started
    print(f"\ndemo: {steps} steps passed in {seconds:.1f} s; dataset {digest} ({committed})")
    print(f"      {run.folder.path.parent.name}/{run.folder.path.name}", flush=True)
    return {"steps": steps, "dataset_digest": digest}


def _wait_for_enter() -> None:
    try:
        input("      Enter goes on ")
    except EOFError:
        print()
        reason = "standard input ended, so nobody can press Enter"
        raise StepError(reason, "run it in a terminal, or leave --interactive out") from None


def _told(error: Exception) -> tuple[str, str]:
    if isinstance(error, StepError):
        return str(error), error.advice
    if isinstance(error, OSError):
        return str(error), "make doctor looks at the disk and its permissions"
    reason = f"{type(error).__name__}: {error}"
    return reason, "a fault of the demo itself: keep the run folder for the maintainers"


def _log(run: Run, step: Step, status: str, since: float, told: dict[str, Any]) -> None:
    spent = round((time.monotonic() - since) * 1000)
    run.folder.log({"step": step.name, "status": status, "milliseconds": spent, **told})


def _shown(told: Told) -> str:
    facts = {name: fact for name, fact in told.items() if not isinstance(fact, dict)}
    return ", ".join(f"{name.replace('_', ' ')} {fact}" for name, fact in facts.items())
