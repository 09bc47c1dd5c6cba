"""Versions side by side: each in a worktree of its own, installed from its own lock."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from .processes import run_to_end

ROOT: Final = Path(__file__).resolve().parents[2]
FIRST, CURRENT = "first", "current"
FIRST_COMMIT: Final = "7c01e2b"
"""Where the Makefile has a target `demo-gate` for the first time."""

_INSTALL_SECONDS: Final = 900


class VersionError(RuntimeError):
    """A version cannot be had."""


def resolve_commits() -> dict[str, str]:
    """The full commit of the gate's first version and of this checkout."""
    return {FIRST: _resolve(FIRST_COMMIT), CURRENT: _resolve("HEAD")}


def _resolve(name: str) -> str:
    done = _git("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
    if done.returncode:
        raise VersionError(f"{name} is not in this checkout; git fetch --unshallow brings it")
    return done.stdout.strip()


@contextmanager
def installed(commits: Mapping[str, str]) -> Iterator[dict[str, Path]]:
    """The folder of each version, installed by its own `make sync`; removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="pilot-") as name, ExitStack() as worktrees:
        folders = {version: Path(name, version) for version in commits}
        for version, commit in commits.items():
            worktrees.enter_context(_worktree(folders[version], commit))
            _install(folders[version])
        yield folders


@contextmanager
def _worktree(folder: Path, commit: str) -> Iterator[None]:
    done = _git("worktree", "add", "--quiet", "--detach", str(folder), commit)
    if done.returncode:
        raise VersionError(f"{commit[:7]} cannot be checked out: {done.stderr.strip()}")
    try:
        yield
    finally:
        _git("worktree", "remove", "--force", str(folder))


def _install(folder: Path) -> None:
    """Install what the lock says, with the uv of this checkout if it is the one asked for."""
    tools = folder / ".tools"
    tools.mkdir()
    for uv in (ROOT / ".tools").glob("uv-*"):
        (tools / uv.name).symlink_to(uv)
    ended = run_to_end(("make", "sync"), folder, seconds=_INSTALL_SECONDS)
    if ended.exit_code:
        raise VersionError(f"make sync of the {folder.name} version failed:\n{ended.said}")


def _git(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = ("git", "-C", str(ROOT), *arguments)
    return subprocess.run(command, capture_output=True, text=True, check=False)
