"""The steps of the demo, each a function of the run so far that tells what it found.

What a step tells is written to the log: counts and digests, never a row.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from .api_client import ApiClient
from .api_process import running_api
from .child_process import run_to_end
from .failure import StepError
from .plan import Plan
from .run_folder import RunFolder
from .smoke_tests import run_smoke_tests

Told = dict[str, Any]
"""Counts, digests and places."""

_CLI: Final = Path(sys.executable).parent / "esdh-cli"
_DEFAULT_MOST_RECORDS: Final = 10_000


@dataclass(slots=True)
class Run:
    """One run of the demo: what it was asked, and what it found."""

    plan: Plan
    folder: RunFolder
    resources: ExitStack
    snapshot: Told = field(default_factory=dict)
    api: ApiClient | None = None

    @property
    def snapshot_directory(self) -> Path:
        """Where the snapshot of the run is."""
        return self.folder.path / "snapshot"

    def running(self) -> ApiClient:
        """The service, once it runs."""
        assert self.api is not None  # noqa: S101  # a step before it started it
        return self.api


@dataclass(frozen=True, slots=True)
class Step:
    """A name for the log, a sentence for the audience, and what is done."""

    name: str
    says: str
    do: Callable[[Run], Told]


def make_snapshot(run: Run) -> Told:
    """Write the snapshot with the command line, as a user would."""
    plan = run.plan
    seed = plan.profile.seed
    chosen = ["--randomize"] if seed == "random" else ["--seed", str(seed)]
    size = ["--records", str(plan.profile.records), "--workers", str(plan.workers)]
    files = ["--records-per-file", str(plan.profile.records_per_file)]
    where = ["--output-dir", str(run.snapshot_directory)]
    advice = "make doctor looks at the installation and the disk"
    run.snapshot = _cli("generate-snapshot", *chosen, *size, *files, *where, advice=advice)
    return {
        "records": run.snapshot["records"],
        "files": run.snapshot["files"],
        "processes": plan.workers,
        "bytes": run.snapshot["bytes"],
        "dataset_digest": run.snapshot["dataset_digest"],
    }


def verify_snapshot(run: Run) -> Told:
    """Make every row again from the request, and compare."""
    advice = "stop: this machine makes other rows each time; keep the run for the maintainers"
    where = str(run.snapshot_directory)
    report = _cli("verify-snapshot", where, "--regenerate", advice=advice)
    return {"answer": report["answer"], "dataset_digest": report["dataset_digest"]}


def start_api(run: Run) -> Told:
    """Start the service on a free port; it may give as many records as the profile has."""
    plan = run.plan
    most = str(max(plan.profile.records, _DEFAULT_MOST_RECORDS))
    variables = {"ESDH_MAX_RECORDS": most, **os.environ}
    run.api = run.resources.enter_context(
        running_api(plan.api.host, plan.port, run.folder.path, variables)
    )
    return {"port": run.api.port, "port_asked_for": plan.port}


def ask_health(run: Run) -> Told:
    """Ask what the service is."""
    endpoint = run.plan.api.health_endpoint
    health = run.running().ask("GET", endpoint)
    if health.get("status") != "ok":
        advice = "look at health_endpoint in config/demo.yaml: it is /healthz"
        raise StepError(f"{endpoint} does not say that the service is well", advice)
    return {
        "dataset_version": health["dataset_version"],
        "plan_steps": len(health["generation_plan"]),
    }


def generate(run: Run) -> Told:
    """Ask the service for the same bundle, and hold its digests against the snapshot's."""
    body = {"records": run.plan.profile.records, "seed": run.snapshot["seed"]}
    answer = run.running().ask("POST", "/generate/bundle", body)
    given = {name: told["content_digest"] for name, told in answer["tables"].items()}
    written = {name: told["content_digest"] for name, told in run.snapshot["tables"].items()}
    if given != written:
        advice = "make sync brings all packages to one release; if it stays, stop"
        reason = f"the service gave other rows than the snapshot: {given} and {written}"
        raise StepError(reason, advice)
    return {
        "records": answer["record_count"],
        "content_digests": given,
        "equal_to_snapshot": True,
    }


def preview(run: Run) -> Told:
    """Show a few of the same records, in the colours and the width of the terminal."""
    sys.stdout.flush()
    seed = ["--seed", str(run.snapshot["seed"])]
    advice = "make doctor looks at the installation"
    run_to_end([_CLI, "preview", "--records", "3", *seed], advice=advice, is_shown=True)
    return {"records": 3}


def smoke_tests(_: Run) -> Told:
    """Run the quick tests of the whole hub."""
    return {"result": run_smoke_tests().strip().splitlines()[-1]}


STEPS: Final = (
    Step("snapshot", "One command writes a governed snapshot.", make_snapshot),
    Step("verify", "Every row is made again from the request, and compared.", verify_snapshot),
    Step("api_start", "The same data is served over HTTP.", start_api),
    Step("health", "The service says what it is and what it would make.", ask_health),
    Step("generate", "It gives the same rows as the snapshot: the digests are equal.", generate),
    Step("preview", "This is what they look like.", preview),
)
SMOKE: Final = Step("smoke_tests", "The quick tests of the whole hub.", smoke_tests)


def _cli(command: str, *arguments: str, advice: str) -> Told:
    said = run_to_end([_CLI, command, *arguments, "--json"], advice=advice)
    try:
        document: Told = json.loads(said)
    except ValueError:
        reason = f"esdh-cli {command} did not print JSON, but {said[:40]!a}"
        raise StepError(reason, "make sync installs the program of this release") from None
    return document
