"""What the long forms borrow from the short tests, and how they say what came of them."""

from __future__ import annotations

import importlib.util
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent


def _load(name: str, path: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


runs = _load("short_runs", "tests-integration/conftest.py")
crash_safety = _load("short_crash_safety", "tests-integration/test_crash_safety.py")
full_disk = _load("short_full_disk", "tests-integration/test_full_disk.py")
two_writers = _load("short_two_writers", "tests-integration/test_two_writers.py")
sources = _load("short_sources", "packages/esdh-exporters/tests/conftest.py")
_EXPORTERS = "packages/esdh-exporters/tests"
damages = _load("short_damages", f"{_EXPORTERS}/test_damaged_snapshots.py")
manifests = _load("short_manifests", f"{_EXPORTERS}/test_false_manifests.py")
forgeries = _load("short_forgeries", f"{_EXPORTERS}/test_forged_rows.py")
other_bytes = _load("short_other_bytes", f"{_EXPORTERS}/test_other_bytes.py")


def failure_of(test: Callable[..., object], *arguments: Any, **named: Any) -> str:
    """Run one of the short tests; what it has to say, or nothing if it holds."""
    try:
        test(*arguments, **named)
    except AssertionError as error:
        claim = traceback.extract_tb(error.__traceback__)[-1].line
        return f"{test.__name__}{arguments}{named or ''}: not so: {claim} {str(error)[:500]}"
    return ""


@dataclass(frozen=True)
class Figures:
    """What was tried, how often, how often it broke something, and what else was seen."""

    tried: str
    runs: int
    broken: int
    seen: str


@dataclass
class Conclude:
    """Takes the figures of one test, prints them in one line, and fails if anything broke."""

    rows: list[Figures]
    started: float = field(default_factory=time.monotonic)

    def __call__(self, tried: str, runs: int, broken: Sequence[object], seen: str) -> None:
        """Only what broke first is shown in full."""
        seen = f"apart from the broken ones, {seen}" if broken else seen
        self.rows.append(Figures(tried, runs, len(broken), seen))
        seconds = time.monotonic() - self.started
        print(f"\n{tried}: {runs:,} runs, {len(broken)} broken, {seconds:.0f} s ({seen})")
        if broken:
            pytest.fail("\n".join(str(each) for each in broken[:10]), pytrace=False)
