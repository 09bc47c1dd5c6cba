"""Memory stays flat: two gigabytes are written and verified within the promised megabytes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from soak.harness import Conclude, runs

RECORDS = 3_600_000
"""Some two gigabytes of CSV."""
CHECKS = ([], ["--deep"], ["--regenerate"])
WRITER_MEGABYTES, VERIFIER_MEGABYTES = 400, 300
_MEASURE = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
"""A small process in between: a child's peak is never below that of the process that started it."""


def peak_megabytes(*arguments: str | Path) -> int:
    """Peak memory of the largest process of a run of the installed command, which must succeed."""
    measured = subprocess.run(
        [sys.executable, "-S", "-c", _MEASURE, runs._CLI, *arguments],
        check=True,
        capture_output=True,
        text=True,
    )
    return int(measured.stdout.splitlines()[-1]) // 1024


@pytest.mark.parametrize("workers", ["1", "2"])
def test_two_gigabytes(
    tmp_path: Path, count: Callable[[int], int], conclude: Conclude, workers: str
) -> None:
    """Writing needs less than 400 MB in each worker, verifying in any way less than 300 MB."""
    target, records = tmp_path / "snapshot", str(count(RECORDS))
    written = peak_megabytes(
        "generate-snapshot", "--records", records, "--output-format", "csv",
        "--workers", workers, "--output-dir", target,
    )  # fmt: skip
    size = sum(path.stat().st_size for path in target.iterdir())
    peaks = {" ".join(way) or "files alone": peak_megabytes("verify-snapshot", target, *way)
             for way in CHECKS}  # fmt: skip

    broken = [f"writing took {written} MB"] if written >= WRITER_MEGABYTES else []
    broken += [f"{way}: {peak} MB" for way, peak in peaks.items() if peak >= VERIFIER_MEGABYTES]
    seen = ", ".join(f"{way} {peak} MB" for way, peak in peaks.items())
    conclude(
        f"{size / 1e9:.1f} GB of CSV written by {workers} worker(s) below {WRITER_MEGABYTES} MB and"
        f" verified below {VERIFIER_MEGABYTES} MB",
        1 + len(CHECKS),
        broken,
        f"peak memory: writing {written} MB; verifying {seen}",
    )
