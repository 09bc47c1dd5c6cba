"""Measure the pilot: reproducible snapshots, and how often the demo gate fails for no reason.

    python scripts/pilot_metrics.py [--runs 50] [--resume | --snapshots | --page]

Runs the gate of its first version and of this commit, in turns, under the same circumstances, and
writes governance/pilot_metrics.json and governance/pilot_metrics.md. With --snapshots only the
reproducibility of this commit is measured again, as its digests may be others. Exit code 0 whatever
the figures are, 1 if something could not be measured.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import platform
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pilot.circumstances import CircumstanceError
from pilot.determinism_summary import read_determinism_summary
from pilot.gate import plan_runs, run_gate
from pilot.page import CHARTER_RUNS, quote_answer, render_page
from pilot.reproducibility import plan_snapshots, run_snapshot
from pilot.results import Results, load_results, write_results
from pilot.versions import CURRENT, ROOT, VersionError, installed, resolve_commits

GOVERNANCE: Final = ROOT / "governance"
RAW: Final = GOVERNANCE / "pilot_metrics.json"
PAGE: Final = GOVERNANCE / "pilot_metrics.md"
INDEX: Final = GOVERNANCE / "README.md"
DETERMINISM: Final = ROOT / "docs" / "determinism.md"


def main(arguments: Sequence[str]) -> int:
    """Measure and write; returns the exit code."""
    options = _parse(arguments)
    try:
        if options.snapshots:
            measure_snapshots_alone()
        elif not options.page:
            measure(_begin(options.runs, resume=options.resume))
        write_pages(load_results(RAW))
    except (CircumstanceError, VersionError) as error:
        print(f"pilot-metrics: {error}", file=sys.stderr)
        return 1
    return 0


def measure(results: Results) -> None:
    """Do every run that the results lack; the raw file is whole after each."""
    with installed(results.commits) as folders:
        measure_snapshots(results, folders[CURRENT])
        measure_gates(results, folders)


def measure_snapshots_alone() -> None:
    """Write every request again with this checkout, and keep what was seen of the gates."""
    here = resolve_commits()[CURRENT]
    results = dataclasses.replace(load_results(RAW), snapshot_commit=here, snapshot_runs=[])
    with installed({CURRENT: here}) as folders:
        measure_snapshots(results, folders[CURRENT])


def measure_snapshots(results: Results, folder: Path) -> None:
    """Write every request so often as asked."""
    done = {(run.request, run.number) for run in results.snapshot_runs}
    for request, number in plan_snapshots(results.runs):
        if (request, number) not in done:
            results.snapshot_runs.append(run_snapshot(request, number, folder))
    write_results(RAW, results)


def measure_gates(results: Results, folders: dict[str, Path]) -> None:
    """Run both gates so often as asked, in turns."""
    done = {(run.version, run.number) for run in results.gate_runs}
    for planned in plan_runs(results.runs):
        if (planned.version, planned.number) in done:
            continue
        run = run_gate(planned, folders[planned.version], results.commits[planned.version])
        results.gate_runs.append(run)
        write_results(RAW, results)
        end = run.failed_step or "passed"
        told = f"{run.number}/{results.runs} {run.version}, {run.circumstance}"
        print(f"{told}: {end}, {run.seconds} s", file=sys.stderr, flush=True)


def write_pages(results: Results) -> None:
    """Write the page, and its answer into the index of governance."""
    determinism = read_determinism_summary(DETERMINISM.read_text(encoding="utf-8"))
    PAGE.write_text(render_page(results, determinism), encoding="utf-8")
    index = quote_answer(INDEX.read_text(encoding="utf-8"), results)
    INDEX.write_text(index, encoding="utf-8")


def _begin(runs: int, *, resume: bool) -> Results:
    """Results without a run, or those of a shorter or interrupted run of the same commits."""
    commits = resolve_commits()
    if not resume:
        return Results(
            runs=runs,
            commits=commits,
            snapshot_commit=commits[CURRENT],
            python=platform.python_version(),
            processors=os.cpu_count() or 1,
        )
    results = load_results(RAW)
    if results.commits != commits or results.runs > runs:
        raise VersionError(f"{RAW.name} has other commits or more runs; leave --resume out")
    return dataclasses.replace(results, runs=runs)


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=_at_least_two, default=CHARTER_RUNS, help="of each version")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--resume", action="store_true", help="go on, with as many runs or more")
    how.add_argument(
        "--snapshots", action="store_true", help="measure reproducibility again, and keep the gates"
    )
    how.add_argument("--page", action="store_true", help="write the page again, and run nothing")
    return parser.parse_args(arguments)


def _at_least_two(text: str) -> int:
    if not text.isdecimal() or int(text) < 2:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 2 on")
    return int(text)


def _leave(number: int, _: object) -> None:
    sys.exit(128 + number)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _leave)
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        print("\npilot-metrics: interrupted; --resume goes on", file=sys.stderr)
        sys.exit(130)
