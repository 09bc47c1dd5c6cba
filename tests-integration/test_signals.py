"""SIGTERM and SIGINT: exit code 143 and 130, one line, no staging, no process left."""

from __future__ import annotations

import os
import signal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from esdh_exporters import verify_snapshot

if TYPE_CHECKING:
    from conftest import Program, Stepper

LARGE = ["generate-snapshot", "--records", "200000", "--records-per-file", "10000",
         "--entity-filter", "persons", "--output-format", "csv", "--output-dir"]  # fmt: skip
SMALL = ["generate-snapshot", "--records", "20", "--workers", "1", "--output-format", "csv",
         "--entity-filter", "persons", "--output-dir"]  # fmt: skip
CODES = {signal.SIGTERM: 143, signal.SIGINT: 130}


def has_staged_files(folder: Path) -> bool:
    """Whether the first data file of a run is there."""
    return any(folder.glob(".target.*/*.csv"))


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("number", CODES, ids=lambda number: number.name)
def test_a_signal_ends_the_run_cleanly(
    program: Program, tmp_path: Path, workers: str, number: signal.Signals
) -> None:
    """Mid-run, with workers or without, the signal's exit code and nothing else remains."""
    process = program.start(*LARGE, tmp_path / "target", "--workers", workers)
    program.wait_until(partial(has_staged_files, tmp_path))
    process.send_signal(number)
    ended = program.end(process)

    assert ended.code == CODES[number]
    assert ended.told, f"one line was due, not {ended.err!r}"
    assert list(tmp_path.iterdir()) == []
    assert program.members(process) == []


@pytest.mark.parametrize("number", CODES, ids=lambda number: number.name)
def test_a_signal_to_the_whole_group_is_told_once(
    program: Program, tmp_path: Path, number: signal.Signals
) -> None:
    """Control-C in a terminal reaches starting workers too, and they have nothing to say."""
    process = program.start(*LARGE, tmp_path / "target", "--workers", "2")
    program.wait_until(lambda: len(program.members(process)) == 2)
    os.killpg(process.pid, number)
    ended = program.end(process)

    assert ended.code == CODES[number]
    assert ended.told, f"one line was due, not {ended.err!r}"
    assert list(tmp_path.iterdir()) == []
    assert program.members(process) == []


@pytest.mark.parametrize("number", CODES, ids=lambda number: number.name)
def test_a_signal_at_any_step_leaves_no_staging(
    stepper: Stepper, tmp_path: Path, number: signal.Signals
) -> None:
    """Before or after each call that touches the disk: the name is absent or verifies, no more."""
    steps = stepper.run(*SMALL, tmp_path / "whole").steps
    broken = []
    for place, step in enumerate(steps, 1):
        folder = tmp_path / str(place)
        folder.mkdir()
        ended = stepper.run(*SMALL, folder / "target", step=place, fault=("signal", number))
        left = [path.name for path in folder.iterdir()]
        if ended.code != CODES[number] or left not in ([], ["target"]):
            broken.append((place, step, ended.code, left))
        elif left and not verify_snapshot(folder / "target").passed:
            broken.append((place, step, ended.code, ["a broken snapshot"]))

    assert len(steps) > 50
    assert broken == []


def test_a_second_interrupt_does_not_stop_the_cleaning(stepper: Stepper, tmp_path: Path) -> None:
    """Control-C while an abandoned replacement is removed leaves nothing of it behind."""
    target = tmp_path / "target"
    stepper.run(*SMALL, target, "--seed", "1")
    forced = [*SMALL, str(target), "--force"]
    steps = stepper.run(*forced, "--seed", "2").steps
    first = steps.index("before unlink") + 1
    ended = stepper.run(*forced, "--seed", "3", step=first, fault=("signal", signal.SIGINT))

    assert ended.code in (0, 130)
    assert [path.name for path in tmp_path.iterdir()] == ["target"]
    assert verify_snapshot(target).passed
