"""A disk that is full, read-only or gone, and names that are taken: one line, nothing left."""

from __future__ import annotations

import errno
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from esdh_exporters import verify_snapshot

if TYPE_CHECKING:
    from conftest import Ended, Program, Stepper

SMALL = ["generate-snapshot", "--records", "20", "--workers", "1", "--output-format", "csv,parquet",
         "--output-dir"]  # fmt: skip
PARTS = ["generate-snapshot", "--records", "20000", "--records-per-file", "10000", "--workers", "2",
         "--output-format", "csv,parquet", "--output-dir"]  # fmt: skip
ON_SMALL_DISK = """
set -e
mount -t tmpfs -o size=$0 tmpfs .
cd "$PWD"
code=0
"$@" || code=$?
ls -A .
exit $code
"""
ON_READ_ONLY_DISK = """
set -e
mount --bind . .
cd "$PWD"
mount -o remount,bind,ro .
code=0
"$@" || code=$?
ls -A .
exit $code
"""
WITH_A_FILE_THAT_CANNOT_BE_SYNCED = """
import errno, os
fsync = os.fsync
def fail_or_sync(descriptor):
    if os.readlink(f"/proc/self/fd/{descriptor}").endswith(os.environ["FAULTY"]):
        raise OSError(errno.EIO, os.strerror(errno.EIO))
    fsync(descriptor)
os.fsync = fail_or_sync
"""
WITH_FILE_LIMIT = """
import os, resource, sys
limit = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
os.execv(sys.argv[2], sys.argv[2:])
"""


@pytest.fixture(scope="session")
def namespace() -> list[str]:
    """The words that run a program where it may mount; skips where there are none."""
    for words in (["unshare", "-rm"], ["unshare", "-m"]):
        if shutil.which(words[0]) is None:
            break
        trial = [*words, "sh", "-c", "mount -t tmpfs tmpfs /mnt"]
        if subprocess.run(trial, capture_output=True, check=False).returncode == 0:
            return words
    return pytest.skip("unshare cannot make a namespace with mounts here")


def refused(ended: Ended) -> bool:
    """Whether a run ended as one that cannot write: exit code 3 and one line."""
    return (ended.code, ended.told) == (3, True)


@pytest.mark.parametrize(("arguments", "share"), [(SMALL, 0.1), (SMALL, 0.98), (PARTS, 0.5)])
def test_a_full_disk_leaves_nothing(
    program: Program,
    stepper: Stepper,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    namespace: list[str],
    arguments: list[str],
    share: float,
) -> None:
    """However far a run comes, with workers or without: exit code 3, one line, an empty disk."""
    assert stepper.run(*arguments, tmp_path / "whole").code == 0
    pages = sum(-(-path.stat().st_size // 4096) for path in (tmp_path / "whole").iterdir())
    size = f"{int(pages * share) * 4}k"
    disk = tmp_path / "disk"
    disk.mkdir()
    monkeypatch.chdir(disk)
    ended = program.run(
        *arguments, disk / "target", before=[*namespace, "sh", "-c", ON_SMALL_DISK, size]
    )

    assert refused(ended), ended
    assert "No space left on device" in ended.err
    assert ended.out == "", "ls shows what was left"


def test_a_read_only_disk_is_refused(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, namespace: list[str]
) -> None:
    """Exit code 3 and one line that says so."""
    monkeypatch.chdir(tmp_path)
    ended = program.run(
        *SMALL, tmp_path / "target", before=[*namespace, "sh", "-c", ON_READ_ONLY_DISK, "sh"]
    )

    assert refused(ended), ended
    assert "Read-only file system" in ended.err
    assert ended.out == ""


@pytest.mark.parametrize(("arguments", "limit"), [(SMALL, 9000), (PARTS, 1_000_000)])
def test_a_limit_on_file_sizes_leaves_nothing(
    program: Program, tmp_path: Path, arguments: list[str], limit: int
) -> None:
    """A file that cannot grow ends the run as a full disk does."""
    before = [sys.executable, "-c", WITH_FILE_LIMIT, str(limit)]
    ended = program.run(*arguments, tmp_path / "target", before=before)

    assert refused(ended), ended
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("call", "number"),
    [
        ("mkdir", errno.ENOSPC),
        ("open", errno.EMFILE),
        ("write", errno.ENOSPC),
        ("fsync", errno.EIO),
    ],
)
def test_an_error_at_any_step_leaves_nothing(
    stepper: Stepper, tmp_path: Path, call: str, number: int
) -> None:
    """Whichever call fails: exit code 3, one line, nothing left; or a whole snapshot."""
    arguments = [*SMALL[:-1], "--entity-filter", "persons", SMALL[-1]]
    steps = stepper.run(*arguments, tmp_path / "whole").steps
    files = [path for path in (tmp_path / "whole").iterdir() if path.is_file()]
    broken, step = [], f"before {call}"
    for place in range(1, steps.count(step) + 1):
        target = tmp_path / str(place) / "target"
        target.parent.mkdir()
        fault = ("error", number)
        ended = stepper.run(*arguments, target, step=place, of=step, fault=fault)
        left = [path.name for path in target.parent.iterdir()]
        if left == ["target"] and verify_snapshot(target).passed:
            fine = "nothing was left" not in ended.err
        else:
            fine = refused(ended) and left == []
        if not fine:
            broken.append((place, ended.code, ended.err, left))

    assert steps.count("before fsync") == len(files) + 2, "each file, its directory, that one's"
    assert broken == []


@pytest.mark.parametrize("part", range(3))
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_part_that_does_not_reach_the_disk_leaves_nothing(
    program: Program, tmp_path: Path, workers: str, part: int
) -> None:
    """Whichever process wrote it, and though all else does: the first two parts are of two."""
    (tmp_path / "sitecustomize.py").write_text(WITH_A_FILE_THAT_CANNOT_BE_SYNCED)
    faulty = [f"PYTHONPATH={tmp_path}", f"FAULTY=vehicles-{part:05}-of-00003.csv"]
    arguments = ["--records", "20001", "--records-per-file", "10000", "--workers", workers]
    ended = program.run(
        *["generate-snapshot", *arguments, "--output-dir", tmp_path / "folder" / "target"],
        before=["env", *faulty],
    )

    assert refused(ended), ended
    assert "Input/output error" in ended.err
    assert list((tmp_path / "folder").iterdir()) == []


def test_a_parent_that_vanishes_at_any_step_is_told(stepper: Stepper, tmp_path: Path) -> None:
    """Whenever the directory goes, there is one line and no traceback."""
    arguments = ["--entity-filter", "persons", "--output-format", "csv"]
    steps = stepper.run(*SMALL, tmp_path / "whole", *arguments).steps
    broken = []
    for place, step in enumerate(steps, 1):
        folder = tmp_path / str(place)
        folder.mkdir()
        if step.startswith("before"):
            ended = stepper.run(
                *SMALL, folder / "target", *arguments, step=place, fault=("remove", folder)
            )
            if not (refused(ended) or (ended.code, ended.err) == (0, "")):
                broken.append((place, step, ended.code, ended.err))

    assert broken == []


def make_file(target: Path) -> None:
    """A file has the name."""
    target.write_text("mine")


def make_dangling_link(target: Path) -> None:
    """A link to nothing has the name."""
    target.symlink_to(target.parent / "nowhere")


def make_link_to_directory(target: Path) -> None:
    """A link to an empty directory has the name."""
    (target.parent / "elsewhere").mkdir()
    target.symlink_to(target.parent / "elsewhere")


def make_link_to_itself(target: Path) -> None:
    """A link that leads round in a circle has the name."""
    target.symlink_to(target)


def make_parent_file(target: Path) -> None:
    """The parent of the name is a file; the name itself cannot be."""
    target.parent.rmdir()
    target.parent.write_text("mine")


@pytest.mark.parametrize("force", [[], ["--force"]], ids=["plain", "forced"])
@pytest.mark.parametrize(
    "make",
    [make_file, make_dangling_link, make_link_to_directory, make_link_to_itself, make_parent_file],
)
def test_a_name_that_is_something_else_is_left_alone(
    stepper: Stepper, tmp_path: Path, make: Callable[[Path], None], force: list[str]
) -> None:
    """Exit code 3, one line, and what was there is there as it was."""
    target = tmp_path / "folder" / "target"
    target.parent.mkdir()
    make(target)
    before = {path: path.lstat().st_ino for path in tmp_path.rglob("*")}
    ended = stepper.run(*SMALL, target, *force)

    assert refused(ended), ended
    assert str(target) in ended.err
    assert before == {path: path.lstat().st_ino for path in tmp_path.rglob("*")}


def test_a_working_directory_that_is_gone_is_told(program: Program, tmp_path: Path) -> None:
    """A relative target in a directory that was removed: exit code 3 and one line."""
    gone = tmp_path / "gone"
    gone.mkdir()
    script = 'cd "$0" && rmdir "$0" && exec "$@"'
    ended = program.run(*SMALL, "target", before=["sh", "-c", script, gone])

    assert refused(ended), ended
    assert list(tmp_path.iterdir()) == []
