"""Run the demo: snapshot, verify, service, health, generate, preview, and smoke tests.

    python scripts/run_demo_flow.py --profile baseline --interactive

Exit code 0 if every step passed, 1 if one failed, 2 for bad input, 130 and 143 if it was
interrupted or terminated; the service is stopped in every case.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import Any, Final

from demo_flow.api_process import ApiError, stop_left_over
from demo_flow.configuration import DEFAULT_CONFIG, ROOT, DemoConfiguration, load_configuration
from demo_flow.diagnostics import diagnostics
from demo_flow.run_folder import RunFolder
from demo_flow.steps import SMOKE, STEPS, Run, Step, StepError

from esdh_models import errors

RUNS: Final = ROOT / "data" / "demo_runs"
EXPECTED: Final = ROOT / "data" / "demo_samples" / "v0.1" / "digests.json"


def main(arguments: Sequence[str]) -> int:
    """Do what was asked; returns the exit code."""
    options = _parse(arguments)
    if options.stop:
        ended = stop_left_over(options.runs)
        print("nothing was left running" if ended is None else f"stopped the service {ended}")
        return 0
    try:
        configuration = load_configuration(options.config)
        if options.info:
            _print_info(configuration)
            return 0
        profile = configuration.profile(options.profile)
    except errors.EsdhError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 2
    folder = RunFolder.create(options.runs, options.profile)
    with ExitStack() as resources:
        run = Run(
            configuration, profile, folder, resources, workers=options.workers, port=options.port
        )
        steps = STEPS if options.skip_smoke else (*STEPS, SMOKE)
        return _run_steps(run, steps, options)


def _run_steps(run: Run, steps: Sequence[Step], options: argparse.Namespace) -> int:
    started = time.monotonic()
    print(f"demo: profile {options.profile}, {run.profile.description}")
    for number, step in enumerate(steps, 1):
        print(f"\n[{number}/{len(steps)}] {step.name}: {step.says}", flush=True)
        if options.interactive:
            input("      Enter goes on ")
        before = time.monotonic()
        try:
            told = step.do(run)
        except (StepError, ApiError, OSError) as error:
            _log(run, step.name, "failed", before, {"reason": str(error)})
            print(diagnostics(step.name, str(error), run.folder.path), file=sys.stderr)
            return 1
        except (KeyboardInterrupt, SystemExit):
            _log(run, step.name, "interrupted", before, {})
            raise
        _log(run, step.name, "passed", before, told)
        print(f"      {_shown(told)}", flush=True)
    return _finish(run, options, started, len(steps))


def _finish(run: Run, options: argparse.Namespace, started: float, steps: int) -> int:
    """Tell the end, and hold the digest of the standard profile against the committed one."""
    digest = run.snapshot["dataset_digest"]
    expected = json.loads(EXPECTED.read_text()).get(options.profile) if EXPECTED.exists() else None
    if expected is not None and expected != digest:
        reason = f"the dataset digest is {digest}, but {expected} is committed"
        _log(run, "summary", "failed", started, {"reason": reason})
        print(diagnostics("verify", reason, run.folder.path), file=sys.stderr)
        return 1
    committed = "equal to the committed one" if expected else "not compared"
    _log(run, "summary", "passed", started, {"steps": steps, "dataset_digest": digest})
    run.folder.publish()
    seconds = time.monotonic() - started
    print(f"\ndemo: {steps} steps passed in {seconds:.1f} s; dataset {digest} ({committed})")
    print(f"      {run.folder.path.parent.name}/{run.folder.path.name}")
    return 0


def _log(run: Run, step: str, status: str, since: float, told: dict[str, Any]) -> None:
    spent = round((time.monotonic() - since) * 1000)
    run.folder.log({"step": step, "status": status, "milliseconds": spent, **told})


def _shown(told: dict[str, Any]) -> str:
    facts = {name: fact for name, fact in told.items() if not isinstance(fact, dict)}
    return ", ".join(f"{name.replace('_', ' ')} {fact}" for name, fact in facts.items())


def _print_info(configuration: DemoConfiguration) -> None:
    for name, profile in configuration.profiles.items():
        print(f"{name}: {profile.description}")
        print(f"  records {profile.records}, seed {profile.seed}")
    api = configuration.api
    print(f"api: {api.host}, port {api.port} or one of the next, health {api.health_endpoint}")


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--profile", default="baseline", help="a profile of the configuration")
    parser.add_argument("--config", type=Path, default=DEFAULT_CONFIG, help="config/demo.yaml")
    parser.add_argument("--runs", type=Path, default=RUNS, help="where runs are kept")
    parser.add_argument("--workers", type=int, default=1, help="processes of the snapshot")
    parser.add_argument("--port", type=int, help="instead of the one in the configuration")
    parser.add_argument("--interactive", action="store_true", help="wait before every step")
    parser.add_argument("--skip-smoke", action="store_true", help="leave the quick tests out")
    parser.add_argument("--info", action="store_true", help="print the profiles and end")
    parser.add_argument("--stop", action="store_true", help="end what a killed run left behind")
    return parser.parse_args(arguments)


def _leave(number: int, _: FrameType | None) -> None:
    sys.exit(128 + number)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _leave)
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        print("\ndemo: interrupted; nothing is left running", file=sys.stderr)
        sys.exit(130)
