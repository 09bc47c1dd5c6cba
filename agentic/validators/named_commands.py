"""Whether the commands that pages name exist: make targets, programs with options, scripts."""

from __future__ import annotations

import functools
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from markdown_page import iter_code

_PROGRAMS: Final = ("esdh-cli", "esdh-api")
_SEPARATORS: Final = re.compile(r"\s*(?:&&|\|\|?|;|>)\s*")
_DEADLINE_SECONDS: Final = 60


def iter_named_commands(page: Path) -> Iterator[list[str]]:
    """The words of every command that a page names with at least one argument."""
    for code in iter_code(page):
        for part in _SEPARATORS.split(code.removeprefix("$ ").strip()):
            first, _, rest = part.partition(" ")
            if first in (*_PROGRAMS, "make", "python", "pytest") and rest.strip():
                yield shlex.split(part, comments=True)


def command_problems(root: Path, words: Sequence[str]) -> Iterator[str]:
    """What is wrong with one command."""
    program, *arguments = words
    if program == "make":
        targets = _make_targets(root)
        wanted = [word for word in arguments if "=" not in word and not word.startswith("-")]
        yield from (f"there is no target {name}" for name in wanted if name not in targets)
    elif program in _PROGRAMS:
        yield from _program_problems(program, arguments)
    else:
        yield from (
            f"there is no file {name}"
            for name in arguments
            if re.search(r"/|\.py$", name) and not (root / name.partition("::")[0]).exists()
        )


@functools.cache
def _make_targets(root: Path) -> frozenset[str]:
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    return frozenset(re.findall(r"^([a-z][a-z-]*):", makefile, flags=re.MULTILINE))


def _program_problems(program: str, arguments: Sequence[str]) -> Iterator[str]:
    command = [arguments[0]] if not arguments[0].startswith("-") else []
    text = _help(program, *command)
    if text is None:
        yield f"{program} has no command {arguments[0]}"
        return
    for option in (word.partition("=")[0] for word in arguments if word.startswith("-")):
        if not re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", text):
            yield f"{' '.join([program, *command])} has no option {option}"


@functools.cache
def _help(program: str, *command: str) -> str | None:
    done = subprocess.run(
        [Path(sys.executable).parent / program, *command, "--help"],
        capture_output=True,
        text=True,
        check=False,
        timeout=_DEADLINE_SECONDS,
    )
    return done.stdout if done.returncode == 0 else None
