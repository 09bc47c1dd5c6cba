"""Where a run leaves what it made: one folder each, the newest linked, five kept."""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

LATEST: Final = "latest_demo"
LOG_NAME: Final = "demo_flow_log.jsonl"
KEPT_RUNS: Final = 5
_RUN_NAME: Final = re.compile(r"\d{8}T\d{6}\d{6}Z_[a-z][a-z0-9-]*")


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The folder of one run."""

    path: Path

    @classmethod
    def create(cls, runs: Path, profile: str) -> RunFolder:
        """Make a new folder in `runs`, which is made too."""
        runs.mkdir(parents=True, exist_ok=True)
        while True:
            stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
            path = runs / f"{stamp}_{profile}"
            try:
                path.mkdir()
            except FileExistsError:
                time.sleep(0.001)
            else:
                return cls(path)

    def log(self, entry: dict[str, Any]) -> None:
        """Add one line to the log of the run; it reaches the disk as a whole line."""
        line = json.dumps(entry, separators=(",", ":")) + "\n"
        descriptor = os.open(self.path / LOG_NAME, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            os.write(descriptor, line.encode())
        finally:
            os.close(descriptor)

    def publish(self) -> None:
        """Link this run as the newest, in one step, and remove the oldest ones."""
        link = self.path.parent / LATEST
        fresh = self.path.parent / f".{LATEST}-{os.getpid()}"
        with suppress(FileNotFoundError):
            fresh.unlink()
        fresh.symlink_to(self.path.name)
        fresh.replace(link)
        for old in run_folders(self.path.parent)[:-KEPT_RUNS]:
            if old != self.path:
                shutil.rmtree(old)


def run_folders(runs: Path) -> list[Path]:
    """The folders of all runs, oldest first; nothing else in `runs` is touched."""
    if not runs.is_dir():
        return []
    found = (path for path in runs.iterdir() if _RUN_NAME.fullmatch(path.name))
    return sorted(path for path in found if path.is_dir() and not path.is_symlink())
