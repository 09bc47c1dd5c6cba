"""Run the validators, each a program of its own, and print a summary.

    python agentic/validators/run_all.py                    all of them
    python agentic/validators/run_all.py api schema         some of them
    python agentic/validators/run_all.py --json             all reports as one JSON object
    python agentic/validators/run_all.py --save FILE        the same in a file, for the critic

Exit code 0 if every check of every validator passed, else 1.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

_FOLDER: Final = Path(__file__).absolute().parent
_SUFFIX: Final = "_validator"
_AT_ONCE: Final = 2
_MEMBERS: Final = {"validator": str, "status": str, "checks": list, "errors": list}

Report = dict[str, Any]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for; returns the exit code."""
    names = sorted(path.stem.removesuffix(_SUFFIX) for path in _FOLDER.glob(f"*{_SUFFIX}.py"))
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(names))
    parser.add_argument("--json", action="store_true", help="print the reports as JSON")
    parser.add_argument("--save", type=Path, metavar="FILE", help="write the reports as JSON")
    parser.add_argument("--root", type=Path, help="the repository to look at")
    parser.add_argument(
        "--timeout", type=float, default=300, metavar="SECONDS", help="how long one may take"
    )
    options = parser.parse_args(arguments)
    if unknown := sorted(set(options.names) - set(names)):
        parser.error(f"there is no validator {unknown[0]!r}; choose from {', '.join(names)}")
    if options.save:
        options.save.unlink(missing_ok=True)  # reports of before must not be taken for these
    wanted = [name for name in names if not options.names or name in options.names]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        reports = list(pool.map(lambda name: _run(name, options), wanted))
    failed = [report for report in reports if report["status"] != "pass"]
    document = {"status": "fail" if failed or not reports else "pass", "reports": reports}
    if options.save:
        options.save.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    if options.json:
        print(json.dumps(document, indent=2))
    else:
        _print_summary(reports, len(failed))
    return 1 if failed or not reports else 0


def _run(name: str, options: argparse.Namespace) -> Report:
    """The report of one validator; one that gives none has failed."""
    root = ["--root", options.root.absolute()] if options.root else []
    started = time.monotonic()
    try:
        done = subprocess.run(
            [sys.executable, _FOLDER / f"{name}{_SUFFIX}.py", *root],
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            timeout=options.timeout,
        )
    except subprocess.TimeoutExpired:
        report = _no_report(name, f"it did not end within {options.timeout:g} s")
    else:
        report = _read(name, done)
    return {**report, "seconds": round(time.monotonic() - started, 1)}


def _read(name: str, done: subprocess.CompletedProcess[str]) -> Report:
    try:
        report = json.loads(done.stdout)
    except ValueError:
        report = None
    is_whole = isinstance(report, dict) and all(
        isinstance(report.get(member), kind) for member, kind in _MEMBERS.items()
    )
    if not is_whole or report["validator"] != name:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        return _no_report(name, f"it gave no report, and ended with {done.returncode}: {last}")
    if (report["status"] == "pass") is not (done.returncode == 0 and not report["errors"]):
        return _no_report(name, f"it ended with {done.returncode}, but says {report['status']}")
    found: Report = report
    return found


def _no_report(name: str, error: str) -> Report:
    return {"validator": name, "status": "fail", "checks": [], "errors": [error]}


def _print_summary(reports: Sequence[Report], failed: int) -> None:
    for report in reports:
        status = "pass" if report["status"] == "pass" else "FAIL"
        count = len(report["checks"])
        print(f"{status}  {report['validator']:<12} {count:>2} checks  {report['seconds']:>5.1f} s")
        for error in report["errors"]:
            print(f"        {error}")
    checks = sum(len(report["checks"]) for report in reports)
    told = f"{failed} of {len(reports)} validators failed" if failed else "all passed"
    print(f"{len(reports)} validators, {checks} checks: {told}")


if __name__ == "__main__":
    sys.exit(main())
