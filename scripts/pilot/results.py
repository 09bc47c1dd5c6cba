"""Raw results and the file that holds them: one line for each run, nothing about the machine."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class GateRun:
    """One run of one version's gate; `exit_code` is that of make, or minus a signal."""

    version: str
    commit: str
    number: int
    circumstance: str
    exit_code: int
    failed_step: str | None
    seconds: float


@dataclass(frozen=True)
class SnapshotRun:
    """One snapshot: what was asked, under what circumstance, and what came out."""

    request: str
    number: int
    circumstance: str
    dataset_digest: str
    files_sha256: str


@dataclass(frozen=True)
class Results:
    """All runs: `runs` of each version's gate and of each request are what was asked for.

    The snapshots are made by the current version, or by a later one that changed their digests.
    """

    runs: int
    commits: Mapping[str, str]
    snapshot_commit: str
    python: str
    processors: int
    snapshot_runs: list[SnapshotRun] = field(default_factory=list)
    gate_runs: list[GateRun] = field(default_factory=list)


def load_results(path: Path) -> Results:
    """Read the file again."""
    document = json.loads(path.read_bytes())
    snapshots = [SnapshotRun(**each) for each in document.pop("snapshot_runs")]
    gates = [GateRun(**each) for each in document.pop("gate_runs")]
    return Results(**document, snapshot_runs=snapshots, gate_runs=gates)


def write_results(path: Path, results: Results) -> None:
    """Write the file in one step, so that an interruption leaves the last whole one."""
    fresh = path.with_name(f".{path.name}")
    fresh.write_text(as_json(results), encoding="utf-8")
    fresh.replace(path)


def as_json(results: Results) -> str:
    """The document, with a line for each fact and each run."""
    lines = [f'"{name}": {_value(value)}' for name, value in asdict(results).items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _value(value: Any) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str) and value:
        return "[\n" + ",\n".join(json.dumps(each) for each in value) + "\n]"
    return json.dumps(value)
