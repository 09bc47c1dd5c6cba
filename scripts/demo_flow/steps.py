"""The steps of the demo, each a function of the run so far that tells what it found.

What a step tells is written to the log: counts and digests, never a row.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from .api_process import RunningApi, running_api
from .configuration import ROOT, DemoConfiguration, Profile
from .run_folder import RunFolder

Told = dict[str, Any]
"""Counts, digests and places."""

_CLI: Final = Path(sys.executable).parent / "esdh-cli"
_STEP_SECONDS: Final = 600


class StepError(RuntimeError):
    """A step that did not do what it should."""


@dataclass(slots=True)
class Run:
    """One run of the demo: what it was asked, and what it found."""

    configuration: DemoConfiguration
    profile: Profile
    folder: RunFolder
    resources: ExitStack
    workers: int = 1
    port: int | None = None
    snapshot: Told = field(default_factory=dict)
    api: RunningApi | None = None

    @property
    def snapshot_directory(self) -> Path:
        """Where the snapshot of the run is."""
        return self.folder.path / "snapshot"

    def running(self) -> RunningApi:
        """The service, once it runs."""
        if self.api is None:
            raise StepError("the service is not running")
        return self.api


@dataclass(frozen=True, slots=True)
class Step:
    """A name for the log, a sentence for the audience, and what is done."""

    name: str
    says: str
    do: Callable[[Run], Told]


def make_snapshot(run: Run) -> Told:
    """Write the snapshot with the command line, as a user would."""
    seed = run.profile.seed
    chosen = ["--randomize"] if seed == "random" else ["--seed", str(seed)]
    size = ["--records", str(run.profile.records), "--workers", str(run.workers)]
    where = ["--output-dir", str(run.snapshot_directory)]
    run.snapshot = _cli("generate-snapshot", *chosen, *size, *where, "--json")
    return {
        "records": run.snapshot["records"],
        "files": run.snapshot["files"],
        "bytes": run.snapshot["bytes"],
        "dataset_digest": run.snapshot["dataset_digest"],
    }


def verify_snapshot(run: Run) -> Told:
    """Make every row again from the request, and compare."""
    report = _cli("verify-snapshot", str(run.snapshot_directory), "--regenerate", "--json")
    return {"answer": report["answer"], "dataset_digest": report["dataset_digest"]}


def start_api(run: Run) -> Told:
    """Start the service on a free port."""
    run.api = run.resources.enter_context(
        running_api(run.configuration.api, run.folder.path, port=run.port)
    )
    return {"port": run.api.port, "port_asked_for": run.port or run.configuration.api.port}


def ask_health(run: Run) -> Told:
    """Ask what the service is."""
    health = run.running().ask("GET", run.configuration.api.health_endpoint)
    if health.get("status") != "ok":
        raise StepError(f"the service says it is {health.get('status')!r}")
    return {
        "dataset_version": health["dataset_version"],
        "plan_steps": len(health["generation_plan"]),
    }


def generate(run: Run) -> Told:
    """Ask the service for the same bundle, and hold its digests against the snapshot's."""
    body = {"records": run.profile.records, "seed": run.snapshot["seed"]}
    answer = run.running().ask("POST", "/generate/bundle", body)
    given = {name: told["content_digest"] for name, told in answer["tables"].items()}
    written = {name: told["content_digest"] for name, told in run.snapshot["tables"].items()}
    if given != written:
        raise StepError(f"the service gave other rows than the snapshot: {given} and {written}")
    return {
        "records": answer["record_count"],
        "content_digests": given,
        "equal_to_snapshot": True,
    }


def preview(run: Run) -> Told:
    """Show a few of the same records in the terminal."""
    seed = ["--seed", str(run.snapshot["seed"])]
    shown = _run([_CLI, "preview", "--records", "3", *seed])
    print(shown, end="")
    return {"records": 3, "lines": shown.count("\n")}


def smoke_tests(_: Run) -> Told:
    """Run the quick tests of the whole hub."""
    said = _run([sys.executable, "-m", "pytest", "-q", "-m", "smoke", "-p", "no:randomly"])
    return {"result": said.strip().splitlines()[-1]}


STEPS: Final = (
    Step("snapshot", "One command writes a governed snapshot.", make_snapshot),
    Step("verify", "Every row is made again from the request, and compared.", verify_snapshot),
    Step("api_start", "The same data is served over HTTP.", start_api),
    Step("health", "The service says what it is and what it would make.", ask_health),
    Step("generate", "It gives the same rows as the snapshot: the digests are equal.", generate),
    Step("preview", "This is what they look like.", preview),
)
SMOKE: Final = Step("smoke_tests", "The quick tests of the whole hub.", smoke_tests)


def _cli(*arguments: str) -> Mapping[str, Any] | Any:
    return json.loads(_run([_CLI, *arguments]))


def _run(command: list[str | Path]) -> str:
    """Run a program to its end; raises `StepError` with the end of what it said."""
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=_STEP_SECONDS, check=False, cwd=ROOT
    )
    if done.returncode:
        said = " | ".join((done.stderr.strip() or done.stdout.strip()).splitlines()[-3:])
        name = Path(command[0]).name
        raise StepError(f"{name} ended with code {done.returncode}: {said}")
    return done.stdout
