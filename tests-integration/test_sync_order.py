"""What is reported as written survives a power loss: the order of system calls, seen by strace."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Program

TRACED = "trace=write,pwrite64,writev,fsync,fdatasync,rename,renameat,renameat2,mkdir,mkdirat"
CALL = re.compile(r"(?P<name>\w+)\((?P<rest>.*)")
ON_DESCRIPTOR = re.compile(r"\d+<(?P<path>[^>]*)>")


@dataclass(frozen=True)
class Call:
    """One system call: what it is called, what it was made on or between, when it began and ended.

    Times are numbers of lines of the trace; a call of another thread may come between the two.
    """

    name: str
    paths: tuple[str, ...]
    began: int
    ended: int


def read_calls(trace: Path) -> list[Call]:
    """The calls in the order of their ends, whichever process made them."""
    calls = []
    open_calls: dict[str, tuple[int, str]] = {}
    for number, line in enumerate(trace.read_text().splitlines()):
        process, text = line.split(maxsplit=1)
        if text.endswith("<unfinished ...>"):
            open_calls[process] = number, text
            continue
        began, result = number, text
        if text.startswith("<... "):
            began, text = open_calls.pop(process)
        found = CALL.match(text)
        if found is None or (re.search(r"= -1 ", result) is not None):
            continue
        on = ON_DESCRIPTOR.match(found["rest"])
        paths = (on["path"],) if on else tuple(re.findall(r'"([^"]*)"', found["rest"]))
        calls.append(Call(found["name"], paths, began, number))
    return calls


@pytest.fixture(scope="module", params=["1", "2"], ids=["one worker", "two workers"])
def workers(request: pytest.FixtureRequest) -> str:
    """How many processes write."""
    number: str = request.param
    return number


@dataclass(frozen=True)
class Trace:
    """What a run did, and where it wrote."""

    calls: Sequence[Call]
    target: Path

    def last(self, names: set[str], path: str) -> Call:
        """The last of these calls on a path."""
        found = [call for call in self.calls if call.name in names and path in call.paths]
        assert found, f"none of {', '.join(sorted(names))} on {path}"
        return found[-1]


TABLE_FORMATS = ("csv", "ndjson", "parquet")
"""Formats that hold each table in files of its own; JSON holds all tables of a part in one."""
WRITES = {"write", "pwrite64", "writev"}
SYNCS = {"fsync", "fdatasync"}
RENAMES = {"rename", "renameat", "renameat2"}


@pytest.fixture
def trace(program: Program, tmp_path: Path, workers: str) -> Trace:
    """A traced run that writes three levels below an existing directory."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed here")
    target, log = tmp_path / "new" / "newer" / "target", tmp_path / "trace"
    ended = program.run(
        *["generate-snapshot", "--records", "20001", "--records-per-file", "10000"],
        *["--entity-filter", "persons", "--output-format", ",".join(["json", *TABLE_FORMATS])],
        *["--workers", workers],
        *["--output-dir", str(target)],
        before=["strace", "-f", "-y", "--seccomp-bpf", "-s", "300", "-e", TRACED, "-o", str(log)],
    )
    if "ptrace" in ended.err or "Operation not permitted" in ended.err:
        pytest.skip(f"strace may not trace here: {ended.err}")
    assert ended.code == 0, ended.err
    return Trace(read_calls(log), target)


def test_everything_is_on_disk_before_it_counts(trace: Trace) -> None:
    """Data before the manifest, all files before the directory, that before the name, then it.

    What comes after another call begins after that has ended.
    """
    (commit,) = [call for call in trace.calls if call.name in RENAMES]
    staging, target = commit.paths
    assert target == str(trace.target)
    manifest_written = trace.last(WRITES, f"{staging}/manifest.json")
    folder_synced = trace.last(SYNCS, staging)
    files = sorted(path.name for path in trace.target.iterdir())
    assert len(files) == 3 * len(TABLE_FORMATS) + 3 + 5
    for name in files:
        written, synced = (trace.last(calls, f"{staging}/{name}") for calls in (WRITES, SYNCS))
        assert written.ended < synced.began, f"{name} is synced after its last write"
        assert synced.ended < folder_synced.began, f"{name} is synced before the directory"
        if name not in ("manifest.json", "SHA256SUMS"):
            before = synced.ended < manifest_written.began
            assert before, f"{name} is on disk before the manifest is written"
    assert folder_synced.ended < commit.began, "the staging directory is synced before the name"
    parent_synced = trace.last(SYNCS, str(trace.target.parent))
    assert commit.ended < parent_synced.began, "the parent directory is synced after the name"
    told = [call for call in trace.calls if call.paths and "pipe:" in call.paths[0]]
    assert parent_synced.ended < told[-1].began, "success is told after all of that"


def test_directories_that_are_made_on_the_way_are_on_disk_too(trace: Trace) -> None:
    """A parent that had to be made is lost with the snapshot in it unless its parent is synced."""
    newer, new = trace.target.parent, trace.target.parent.parent
    for made in (newer, new):
        created = trace.last({"mkdir", "mkdirat"}, str(made))
        synced = trace.last(SYNCS, str(made.parent))
        assert created.ended < synced.began, f"the entry of {made.name} is synced"
