"""Two writers of one name: one wins, the other is told; --force replaces all or nothing."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from esdh_exporters import verify_snapshot

if TYPE_CHECKING:
    from conftest import Program, Stepper

SMALL = ["generate-snapshot", "--records", "20", "--workers", "1", "--output-format", "csv",
         "--entity-filter", "persons", "--output-dir"]  # fmt: skip
STEPS_TO_TRY = 3
"""Every so many steps another writer comes between: neighbours differ in little."""


def state(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Inode, time and content of every file: what no writer may change unasked."""
    return {
        path.name: (path.stat().st_ino, path.stat().st_mtime_ns, path.read_bytes())
        for path in folder.iterdir()
    }


def seed_of(folder: Path) -> int:
    """The seed of the snapshot that stands there, if it verifies from end to end."""
    report = verify_snapshot(folder, deep=True)
    assert report.passed, report.problems
    assert report.manifest is not None
    return report.manifest.request.identity.seed


@pytest.fixture
def snapshots(stepper: Stepper, tmp_path: Path) -> Callable[[Path, int], Path]:
    """Makes a snapshot of a seed under any name, at once."""

    def make(target: Path, seed: int) -> Path:
        ended = stepper.run(*SMALL, target, "--seed", str(seed))
        assert ended.code == 0, ended.err
        return target

    return make


def test_of_two_equal_writers_one_writes(program: Program, tmp_path: Path) -> None:
    """Both succeed: one wrote, the other found the same snapshot and verified it."""
    target = tmp_path / "target"
    both = [program.start(*SMALL, target, "--seed", "1", "--json") for _ in range(2)]
    ends = [program.end(process) for process in both]

    assert [end.code for end in ends] == [0, 0], ends
    statuses = sorted(json.loads(end.out)["status"] for end in ends)
    assert statuses == ["already there, verified", "written"]
    assert seed_of(target) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["target"]


def test_of_two_different_writers_one_wins(program: Program, tmp_path: Path) -> None:
    """The loser is told with exit code 3 that another snapshot is there; nothing is mixed."""
    target = tmp_path / "target"
    both = {seed: program.start(*SMALL, target, "--seed", str(seed)) for seed in (1, 2)}
    ends = {seed: program.end(process) for seed, process in both.items()}
    winner = seed_of(target)
    loser = 3 - winner

    assert (ends[winner].code, ends[winner].err) == (0, "")
    assert (ends[loser].code, ends[loser].told) == (3, True)
    assert "already holds another snapshot (v0.1, seed " in ends[loser].err
    assert [path.name for path in tmp_path.iterdir()] == ["target"]


def test_two_forced_writers_leave_one_whole_snapshot(
    program: Program, snapshots: Callable[[Path, int], Path], tmp_path: Path
) -> None:
    """With --force both may replace; what stands there in the end is of one of them alone."""
    target = snapshots(tmp_path / "target", 9)
    both = [program.start(*SMALL, target, "--seed", seed, "--force") for seed in ("1", "2")]
    ends = [program.end(process) for process in both]

    assert [end.code for end in ends] == [0, 0], ends
    assert seed_of(target) in (1, 2)
    assert [path.name for path in tmp_path.iterdir()] == ["target"]


@pytest.mark.parametrize(("rival_seed", "code"), [(1, 0), (2, 3)], ids=["same", "different"])
def test_a_rival_that_commits_at_any_step_keeps_the_name(
    stepper: Stepper,
    snapshots: Callable[[Path, int], Path],
    tmp_path: Path,
    rival_seed: int,
    code: int,
) -> None:
    """Whenever another writer is first, its files stay untouched and this one is told."""
    rival = snapshots(tmp_path / "rival", rival_seed)
    steps = stepper.run(*SMALL, tmp_path / "whole", "--seed", "1").steps
    last = max(place for place, step in enumerate(steps, 1) if step == "before fsync") - 3
    broken = []
    for place in range(1, last, STEPS_TO_TRY):
        folder = tmp_path / str(place)
        shutil.copytree(rival, folder / "rival")
        before = state(folder / "rival")
        mine = [*SMALL, str(folder / "target"), "--seed", "1"]
        fault = ("rename", folder / "rival", folder / "target")
        ended = stepper.run(*mine, step=place, fault=fault)
        left = [path.name for path in folder.iterdir()]
        told = ended.told if code else ended.err == ""
        if (ended.code, told, left) != (code, True, ["target"]):
            broken.append((place, ended.code, ended.err, left))
        elif state(folder / "target") != before:
            broken.append((place, ended.code, "the rival's files were changed", left))

    assert broken == []


def test_force_replaces_all_or_nothing(
    program: Program, snapshots: Callable[[Path, int], Path], tmp_path: Path
) -> None:
    """A forced run that fails leaves the old snapshot exactly as it was."""
    target = snapshots(tmp_path / "target", 1)
    before = state(target)
    limited = ["sh", "-c", 'ulimit -f 1; exec "$@"', "sh"]
    failed = program.run(*SMALL, target, "--seed", "2", "--force", before=limited)

    assert (failed.code, failed.told) == (3, True), failed
    assert state(target) == before
    assert [path.name for path in tmp_path.iterdir()] == ["target"]
    assert program.run(*SMALL, target, "--seed", "2", "--force").code == 0
    assert seed_of(target) == 2


def add_file(target: Path) -> None:
    """A file of somebody else."""
    (target / "notes.txt").write_text("mine")


def add_hidden_file(target: Path) -> None:
    """A file that a plain listing would not show."""
    (target / ".notes").write_text("mine")


def add_directory(target: Path) -> None:
    """A directory with one of our names, which may hold anything."""
    (target / "vehicles.csv").mkdir()


def add_link(target: Path) -> None:
    """A link with one of our names."""
    (target / "vehicles.csv").symlink_to("/etc/hostname")


def add_pipe(target: Path) -> None:
    """A FIFO with one of our names, which would hold up whoever opens it."""
    os.mkfifo(target / "vehicles.csv")


def add_twin(target: Path) -> None:
    """One of our names in other letters."""
    (target / "PERSONS.csv").write_text("mine")


def replace_by_pipe(target: Path) -> None:
    """A FIFO in place of a file of the snapshot."""
    (target / "persons.csv").unlink()
    os.mkfifo(target / "persons.csv")


FOREIGN = "no part of a snapshot"


@pytest.mark.parametrize(
    ("add", "why"),
    [
        (add_file, FOREIGN),
        (add_hidden_file, FOREIGN),
        (add_directory, FOREIGN),
        (add_link, FOREIGN),
        (add_pipe, FOREIGN),
        (add_twin, FOREIGN),
        (replace_by_pipe, "no regular file"),
    ],
)
def test_force_never_replaces_what_is_not_ours(
    stepper: Stepper,
    snapshots: Callable[[Path, int], Path],
    tmp_path: Path,
    add: Callable[[Path], None],
    why: str,
) -> None:
    """One thing that is no part of a snapshot protects the whole directory."""
    target = snapshots(tmp_path / "target", 1)
    add(target)
    before = {path: path.lstat().st_ino for path in target.iterdir()}
    ended = stepper.run(*SMALL, target, "--seed", "2", "--force")

    assert (ended.code, ended.told) == (3, True), ended
    assert f"which is {why}, and is never replaced" in ended.err
    assert before == {path: path.lstat().st_ino for path in target.iterdir()}


def test_force_never_removes_what_comes_in_meanwhile(
    stepper: Stepper, snapshots: Callable[[Path, int], Path], tmp_path: Path
) -> None:
    """A file that somebody puts there during a forced run is not lost with the old snapshot."""
    old = snapshots(tmp_path / "old", 1)
    forced = ["--seed", "2", "--force"]
    shutil.copytree(old, tmp_path / "whole")
    steps = stepper.run(*SMALL, tmp_path / "whole", *forced).steps
    broken = []
    for place in range(1, len(steps) + 1, STEPS_TO_TRY):
        target = tmp_path / str(place) / "target"
        shutil.copytree(old, target)
        fault = ("create", target / "notes.txt")
        stepper.run(*SMALL, target, *forced, step=place, fault=fault)
        if not (target / "notes.txt").exists():
            broken.append((place, steps[place - 1]))

    assert broken == []


@pytest.mark.parametrize("kind", ["file", "directory"])
def test_force_never_removes_a_name_that_changes_hands(
    stepper: Stepper, snapshots: Callable[[Path, int], Path], tmp_path: Path, kind: str
) -> None:
    """A stranger's file or directory that takes the free name meanwhile is left alone."""
    stranger, target = tmp_path / "stranger", tmp_path / "target"
    if kind == "directory":
        stranger.mkdir()
        (stranger / "notes.txt").write_text("mine")
    else:
        stranger.write_text("mine")
    ended = stepper.run(*SMALL, target, "--force", step=30, fault=("rename", stranger, target))

    assert (ended.code, ended.told) == (3, True), ended
    notes = target / "notes.txt" if kind == "directory" else target
    assert notes.is_file()
    assert notes.read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["target"]


@pytest.mark.parametrize("options", [[], ["--force"], ["--workers", "7"]])
def test_what_is_there_and_verifies_is_not_touched(
    stepper: Stepper, snapshots: Callable[[Path, int], Path], tmp_path: Path, options: list[str]
) -> None:
    """The same request again: exit code 0, every file the same inode, time and content."""
    target = snapshots(tmp_path / "target", 1)
    before = (state(target), target.stat().st_ino)
    ended = stepper.run(*SMALL, target, "--seed", "1", *options)

    assert (ended.code, ended.err) == (0, "")
    assert (state(target), target.stat().st_ino) == before


def test_what_is_there_but_damaged_is_told_and_replaced_only_by_force(
    stepper: Stepper, snapshots: Callable[[Path, int], Path], tmp_path: Path
) -> None:
    """A damaged twin is never taken for the snapshot, nor overwritten unasked."""
    target = snapshots(tmp_path / "target", 1)
    (target / "persons.csv").write_bytes(b"")
    before = state(target)
    refused = stepper.run(*SMALL, target, "--seed", "1")

    assert (refused.code, refused.told) == (3, True)
    assert "damaged (persons.csv" in refused.err
    assert state(target) == before
    assert stepper.run(*SMALL, target, "--seed", "1", "--force").code == 0
    assert seed_of(target) == 1


@pytest.mark.parametrize("force", [[], ["--force"]], ids=["plain", "forced"])
def test_an_empty_directory_is_as_good_as_a_free_name(
    stepper: Stepper, tmp_path: Path, force: list[str]
) -> None:
    """What `mktemp -d` made can be the target."""
    target = tmp_path / "target"
    target.mkdir()
    ended = stepper.run(*SMALL, target, "--seed", "4", *force)

    assert (ended.code, ended.err) == (0, "")
    assert seed_of(target) == 4
    assert [path.name for path in tmp_path.iterdir()] == ["target"]
