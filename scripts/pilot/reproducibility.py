"""Snapshots of the same requests in circumstances that must not matter."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from .processes import plain_environment
from .results import SnapshotRun

REQUESTS: Final[Mapping[str, tuple[str, ...]]] = {
    "default": (),
    "parts": ("--records", "20001", "--seed", "7", "--records-per-file", "10000"),
}
WORKERS: Final = (1, 2, 7)
TIME_ZONES: Final = ("UTC", "America/New_York", "Pacific/Kiritimati", "Asia/Kathmandu")
LANGUAGES: Final = ("C", "C.UTF-8", "tr_TR.UTF-8", "de_DE.ISO-8859-1", "ja_JP.eucJP")
HASH_SEEDS: Final = ("random", "0", "1", "42", "4242", "65537", "4294967295")
FOLDERS: Final = (".", "another")
"""Five lists whose lengths are 3, 4, 5, 7 and 2, so that runs in a row differ in all of them."""


class SnapshotCircumstance(NamedTuple):
    """One value of each list."""

    workers: int
    time_zone: str
    language: str
    hash_seed: str
    folder: str

    def describe(self) -> str:
        """All of it on one line."""
        return (
            f"workers {self.workers}, TZ={self.time_zone}, LANG={self.language},"
            f" PYTHONHASHSEED={self.hash_seed}, folder {self.folder}"
        )

    def variables(self) -> dict[str, str]:
        """What it adds to the environment."""
        language = {"LANG": self.language, "LC_ALL": self.language}
        return {**language, "TZ": self.time_zone, "PYTHONHASHSEED": self.hash_seed}


def circumstance_of(number: int) -> SnapshotCircumstance:
    """The circumstance of a run; the folder changes at each change of the worker count's turn."""
    return SnapshotCircumstance(
        WORKERS[number % len(WORKERS)],
        TIME_ZONES[number % len(TIME_ZONES)],
        LANGUAGES[number % len(LANGUAGES)],
        HASH_SEEDS[number % len(HASH_SEEDS)],
        FOLDERS[number // len(WORKERS) % len(FOLDERS)],
    )


def plan_snapshots(runs: int) -> Iterator[tuple[str, int]]:
    """The requests take turns."""
    for number in range(1, runs + 1):
        yield from ((request, number) for request in REQUESTS)


def run_snapshot(request: str, number: int, version: Path) -> SnapshotRun:
    """Write one snapshot with the installed command of a version, and hash it."""
    circumstance = circumstance_of(number)
    with tempfile.TemporaryDirectory() as name:
        work = Path(name, circumstance.folder)
        work.mkdir(exist_ok=True)
        program = os.fspath(version / ".venv" / "bin" / "esdh-cli")
        options = (*REQUESTS[request], "--workers", str(circumstance.workers))
        subprocess.run(
            (program, "generate-snapshot", *options, "--output-dir", "snapshot"),
            env={**plain_environment(), **circumstance.variables()},
            cwd=work,
            check=True,
            capture_output=True,
        )
        digest, files = read_hashes(work / "snapshot")
    return SnapshotRun(request, number, circumstance.describe(), digest, files)


def read_hashes(snapshot: Path) -> tuple[str, str]:
    """The dataset digest, and one SHA-256 over name and SHA-256 of every CSV and JSON file."""
    manifest = json.loads((snapshot / "manifest.json").read_bytes())
    paths = sorted(path for path in snapshot.iterdir() if path.suffix in {".csv", ".json"})
    lines = (f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in paths)
    return manifest["dataset_digest"], hashlib.sha256("".join(lines).encode()).hexdigest()
