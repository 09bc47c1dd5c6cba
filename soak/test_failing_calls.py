"""The n-th call that touches the disk fails, for every n; with and without something to replace."""

from __future__ import annotations

import errno
import shutil
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from soak.harness import Conclude, crash_safety, full_disk, two_writers

from esdh_exporters import verify_snapshot

if TYPE_CHECKING:
    from conftest import Ended, Program, Stepper

SMALL = [*crash_safety.SMALL[:-1], "--output-format", "csv,json", "--seed", "2", "--output-dir"]
FAULTS = {
    "mkdir": errno.ENOSPC,
    "open": errno.EMFILE,
    "write": errno.ENOSPC,
    "fsync": errno.EIO,
}
RENAME_FAULTS = ("EIO", "ENOSPC", "EDQUOT", "EACCES", "EROFS", "ENOSYS", "EINVAL")
"""The last two are of systems that offer no more than plain `rename`."""
MODES = pytest.mark.parametrize("force", [[], ["--force"]], ids=["plain", "forced"])


@pytest.fixture
def old(stepper: Stepper, tmp_path: Path) -> Path:
    """A snapshot of another seed, to be replaced."""
    assert stepper.run(*crash_safety.SMALL, tmp_path / "old", "--seed", "1").code == 0
    return tmp_path / "old"


def make_target(tmp_path: Path, name: str, old: Path, force: list[str]) -> Path:
    """A name in a folder of its own: taken, if it is to be replaced by force."""
    target = tmp_path / name / "target"
    target.parent.mkdir()
    if force:
        shutil.copytree(old, target)
    return target


def outcome(stepper: Stepper, ended: Ended, target: Path, force: list[str]) -> str:
    """What became of the name; starts with "broken" where that is not all or nothing."""
    left = crash_safety.names(target.parent)
    shown = f"code {ended.code}, {ended.err!r}, left {left}"
    if not target.exists():
        fine = full_disk.refused(ended) and left == [] and not force
        return "no name" if fine else f"broken: {shown}"
    if not verify_snapshot(target, deep=True).passed:
        return f"broken: it does not verify, {shown}"
    if two_writers.seed_of(target) == 1:
        fine = full_disk.refused(ended) and left == ["target"]
        return "the old one" if fine else f"broken: the old one stands, {shown}"
    return outcome_of_new(stepper, ended, target, force)


def outcome_of_new(stepper: Stepper, ended: Ended, target: Path, force: list[str]) -> str:
    """The same where the new snapshot has the name."""
    left = crash_safety.names(target.parent)
    shown = f"code {ended.code}, {ended.err!r}, left {left}"
    if ended.code != 0:
        fine = full_disk.refused(ended) and "nothing was left" not in ended.err
        return "the new one, with a warning" if fine else f"broken: the new one stands, {shown}"
    if left == ["target"]:
        return "the new one"
    stepper.run(*SMALL, target)
    if force and crash_safety.names(target.parent) == ["target"]:
        return "the new one, and of the old one something for the next run to sweep"
    return f"broken: something was left, {shown}"


def summary(seen: Counter[str]) -> str:
    """How often the name ended in which way."""
    return ", ".join(f"{what}: {times}" for what, times in sorted(seen.items()))


@MODES
def test_a_failing_call(
    stepper: Stepper, tmp_path: Path, old: Path, force: list[str], conclude: Conclude
) -> None:
    """Every mkdir, open, write and fsync of the writing process, one at a time."""
    steps = stepper.run(*SMALL, make_target(tmp_path, "whole", old, force), *force).steps
    broken, seen = [], Counter[str]()
    for call, number in FAULTS.items():
        step, fault = f"before {call}", ("error", number)
        for place in range(1, steps.count(step) + 1):
            target = make_target(tmp_path, f"{call} {place}", old, force)
            ended = stepper.run(*SMALL, target, *force, step=place, of=step, fault=fault)
            found = outcome(stepper, ended, target, force)
            if found.startswith("broken"):
                broken.append(f"{step} (number {place}): {found}")
            else:
                seen[found] += 1

    tried = " ".join(["the n-th mkdir, open, write, fsync fails, every n; csv, json", *force])
    conclude(tried, seen.total() + len(broken), broken, summary(seen))


@MODES
def test_a_failing_rename(
    program: Program,
    stepper: Stepper,
    tmp_path: Path,
    old: Path,
    force: list[str],
    conclude: Conclude,
) -> None:
    """The commit itself fails, in each way that a file system may choose."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed here")
    broken, seen = [], Counter[str]()
    for fault in RENAME_FAULTS:
        target = make_target(tmp_path, fault, old, force)
        inject = ["-e", "trace=renameat2", "-e", f"inject=renameat2:error={fault}"]
        log = ["--seccomp-bpf", "-o", str(tmp_path / "trace")]
        ended = program.run(*SMALL, target, *force, before=["strace", "-f", *log, *inject])
        if "ptrace" in ended.err or "Operation not permitted" in ended.err:
            pytest.skip(f"strace may not trace here: {ended.err}")
        found = outcome(stepper, ended, target, force)
        if found.startswith("broken"):
            broken.append(f"{fault}: {found}")
        else:
            seen[found] += 1

    tried = (
        f"the rename fails, {len(RENAME_FAULTS)} kinds of error; csv, json{' --force' * len(force)}"
    )
    conclude(tried, len(RENAME_FAULTS), broken, summary(seen))
