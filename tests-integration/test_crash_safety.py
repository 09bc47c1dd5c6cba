"""Kill -9 at any moment: the name is absent or verifies, nothing lives on, the next run sweeps."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from esdh_exporters import Answer, verify_snapshot

if TYPE_CHECKING:
    from conftest import Program, Stepper

PARTS = ["generate-snapshot", "--records", "40000", "--records-per-file", "10000",
         "--workers", "2", "--entity-filter", "persons", "--output-format", "csv,parquet",
         "--output-dir"]  # fmt: skip
SMALL = ["generate-snapshot", "--records", "20", "--workers", "1", "--output-format", "csv",
         "--entity-filter", "persons", "--output-dir"]  # fmt: skip
KILL = ("signal", signal.SIGKILL)
MOMENTS = [0, 3, 8, 12, 13]
"""Kill at so many files in staging: 8 with data, 3 that explain, manifest, SHA256SUMS."""


def names(folder: Path) -> list[str]:
    """What lies in a folder, staging included."""
    return sorted(path.name for path in folder.iterdir())


def is_absent_or_verifies(target: Path) -> bool:
    """The one claim about a name."""
    return not os.path.lexists(target) or verify_snapshot(target, deep=True).passed


@pytest.mark.parametrize("whole_group", [False, True], ids=["parent", "group"])
def test_killed_runs_leave_nothing_that_looks_whole(
    program: Program, tmp_path: Path, whole_group: bool
) -> None:
    """Whenever a run with workers is killed, and whether or not they are too, no harm is done."""
    target = tmp_path / "target"
    for files in MOMENTS:
        old = set(tmp_path.glob(".target.*"))
        process = program.start(*PARTS, target)
        program.wait_until(partial(has_staged, tmp_path, old, files))
        (os.killpg if whole_group else os.kill)(process.pid, signal.SIGKILL)
        ended = program.end(process)
        program.wait_until(partial(program.is_over, process))

        assert ended.code == -signal.SIGKILL or target.exists()
        assert ended.err == "", "a worker that dies with its parent says nothing"
        assert is_absent_or_verifies(target), f"killed with {files} files in staging"
        assert len(list(tmp_path.glob(".*"))) <= 1, "the run before was not swept"
        shutil.rmtree(target, ignore_errors=True)

    ended = program.run(*SMALL, target)
    assert (ended.code, names(tmp_path)) == (0, ["target"])


def has_staged(folder: Path, old: set[Path], files: int) -> bool:
    """Whether so many files are in a staging directory that is not old, or it has its name."""
    for staging in set(folder.glob(".target.*")) - old:
        with contextlib.suppress(FileNotFoundError):
            if len(list(staging.iterdir())) >= files:
                return True
    return (folder / "target").exists()


def test_a_run_killed_before_any_step_leaves_nothing_that_looks_whole(
    stepper: Stepper, tmp_path: Path
) -> None:
    """Kill -9 before each call that touches the disk: absent or verified, and swept by the next."""
    steps = stepper.run(*SMALL, tmp_path / "whole").steps
    broken = []
    for number, step in enumerate(steps, 1):
        if step.startswith("after"):
            continue
        target = tmp_path / str(number) / "target"
        target.parent.mkdir()
        ended = stepper.run(*SMALL, target, step=number, fault=KILL)
        if ended.code != -signal.SIGKILL or not is_absent_or_verifies(target):
            broken.append((number, step, f"{ended}"))
        again = stepper.run(*SMALL, target)
        if again.code != 0 or names(target.parent) != ["target"]:
            broken.append((number, step, f"{names(target.parent)}"))

    assert len(steps) > 50
    assert broken == []


def test_a_replacement_killed_before_any_step_is_all_or_nothing(
    stepper: Stepper, tmp_path: Path
) -> None:
    """Kill -9 during --force: the old snapshot or the new one has the name; the next run sweeps."""
    old = tmp_path / "old"
    replacement = ["--seed", "2", "--force"]
    stepper.run(*SMALL, old, "--seed", "1")
    shutil.copytree(old, tmp_path / "whole")
    steps = stepper.run(*SMALL, tmp_path / "whole", *replacement).steps
    broken, digests = [], set()
    for number, step in enumerate(steps, 1):
        if step.startswith("after"):
            continue
        target = tmp_path / str(number) / "target"
        shutil.copytree(old, target)
        stepper.run(*SMALL, target, *replacement, step=number, fault=KILL)
        report = verify_snapshot(target, deep=True)
        if report.answer is not Answer.SELF_CONSISTENT:
            broken.append((number, step, f"{report.problems}"))
        digests.add(report.manifest.dataset_digest if report.manifest else None)
        again = stepper.run(*SMALL, target, *replacement)
        if again.code != 0 or names(target.parent) != ["target"]:
            broken.append((number, step, f"{names(target.parent)}"))

    assert len(digests) == 2
    assert broken == []


def test_the_loss_of_a_worker_is_told(program: Program, tmp_path: Path) -> None:
    """A killed worker ends the run with exit code 3, one line, and nothing left."""
    process = program.start(*PARTS, tmp_path / "target")
    program.wait_until(lambda: len(program.members(process)) == 2)
    worker = next(member for member in program.members(process) if member != process.pid)
    os.kill(worker, signal.SIGKILL)
    ended = program.end(process)

    assert (ended.code, ended.told) == (3, True), ended.err
    assert "a worker process ended early" in ended.err
    assert names(tmp_path) == []
    assert program.members(process) == []
