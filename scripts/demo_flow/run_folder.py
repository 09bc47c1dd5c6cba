"""Where a run leaves what it made: one folder each, the newest that passed linked, five kept."""

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

from esdh_models import errors

from .lock_file import is_locked, open_locked

LATEST: Final = "latest_demo"
LOG_NAME: Final = "demo_flow_log.jsonl"
PID_NAME: Final = "api.pid"
KEPT_RUNS: Final = 5
_RUN_NAME: Final = re.compile(r"\d{8}T\d{6}\d{6}Z_[a-z][a-z0-9-]*")


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The folder of one run, whose log is locked as long as the run lives."""

    path: Path
    log_descriptor: int

    @classmethod
    def create(cls, runs: Path, profile: str) -> RunFolder:
        """Make a new folder in `runs`, and room for it; raises `InvalidRequestError`."""
        link = runs / LATEST
        try:
            if link.exists() and not link.is_symlink():
                raise FileExistsError(0, f"{LATEST} in it is not a link; remove it")
            runs.mkdir(parents=True, exist_ok=True)
            _prune(runs)
            path = _make_folder(runs, profile)
            return cls(path, open_locked(path / LOG_NAME))
        except OSError as error:
            message = f"no run can be kept in {str(runs)!a}: {error.strerror}"
            raise errors.InvalidRequestError(message) from None

    def log(self, entry: dict[str, Any]) -> None:
        """Add one line to the log of the run; it reaches the disk as a whole line."""
        os.write(self.log_descriptor, (json.dumps(entry, separators=(",", ":")) + "\n").encode())

    def publish(self) -> None:
        """Link this run as the newest, in one step."""
        fresh = self.path.parent / f".{LATEST}-{os.getpid()}"
        with suppress(FileNotFoundError):
            fresh.unlink()
        fresh.symlink_to(self.path.name)
        fresh.replace(self.path.parent / LATEST)


def run_folders(runs: Path) -> list[Path]:
    """The folders of all runs, oldest first; nothing else in `runs` is touched."""
    if not runs.is_dir():
        return []
    found = (path for path in runs.iterdir() if _RUN_NAME.fullmatch(path.name))
    return sorted(path for path in found if path.is_dir() and not path.is_symlink())


def _make_folder(runs: Path, profile: str) -> Path:
    while True:
        path = runs / f"{datetime.now(UTC).strftime('%Y%m%dT%H%M%S%fZ')}_{profile}"
        try:
            path.mkdir()
        except FileExistsError:
            time.sleep(0.001)
        else:
            return path


def _prune(runs: Path) -> None:
    """Remove the oldest runs until one more makes five: neither the linked one, nor one in use."""
    linked = (runs / LATEST).resolve()
    others = [path for path in run_folders(runs) if path.resolve() != linked]
    kept = KEPT_RUNS - 1 - linked.is_dir()
    for old in others[:-kept]:
        if not any(is_locked(old / name) for name in (LOG_NAME, PID_NAME)):
            shutil.rmtree(old, ignore_errors=True)
