"""Run the demo: snapshot, verify, service, health, generate, preview, and smoke tests.

    python scripts/run_demo_flow.py --profile baseline --interactive

Exit code 0 if every step passed, 1 if one failed, 2 for bad input, 128 and the number of the signal
if it was interrupted or terminated; the service is stopped in every case.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from .api_process import stop_left_over
from .configuration import load_configuration
from .flow import run_steps
from .plan import Plan, parse_options
from .run_folder import RunFolder
from .steps import Run


def main(arguments: list[str]) -> int:
    """Do what was asked; returns the exit code."""
    options = parse_options(arguments, __doc__)
    if options.stop:
        return _stop(options.runs)
    if options.info:
        return _print_info(options.config)
    plan = Plan.make(options)
    folder = RunFolder.create(options.runs, plan.name)
    with ExitStack() as resources:
        return run_steps(Run(plan, folder, resources))


def _stop(runs: Path) -> int:
    told = False
    for line in stop_left_over(runs):
        told = True
        print(line)
    if not told:
        print("nothing was left running")
    return 0


def _print_info(config: Path) -> int:
    configuration = load_configuration(config)
    for name, profile in configuration.profiles.items():
        print(f"{name}: {profile.description}")
        print(f"  records {profile.records}, seed {profile.seed}, files {profile.part_count}")
    api = configuration.api
    print(f"api: {api.host}, port {api.port} or one of the next, health {api.health_endpoint}")
    return 0
