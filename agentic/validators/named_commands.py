"""Whether the commands that pages name exist: targets, programs and options, scripts, routes."""

from __future__ import annotations

import ast
import functools
import importlib.util
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from command_lines import BIN_PREFIX, PROGRAMS
from named_routes import request_problems

_BIN: Final = Path(sys.executable).parent
_DEADLINE_SECONDS: Final = 60


def command_problems(root: Path, words: Sequence[str]) -> Iterator[str]:
    """What is wrong with one command."""
    program, *arguments = words
    if not arguments and " " in program:
        yield f"{program} cannot be read as a command"
        return
    installed = [word.removeprefix(BIN_PREFIX) for word in words if word.startswith(BIN_PREFIX)]
    yield from (f"there is no {BIN_PREFIX}{n}" for n in installed if not (_BIN / n).exists())
    program = program.removeprefix(BIN_PREFIX)
    if program == "make":
        yield from _make_problems(root, arguments)
    elif program in PROGRAMS and arguments:
        yield from _program_problems(program, arguments)
    elif program in ("python", "python3") and arguments:
        yield from _python_problems(root, arguments)
    elif program == "pytest":
        yield from _file_problems(root, arguments)
    elif program == "pip":
        yield from _requirement_problems(root, arguments)
    elif program == "curl":
        yield from request_problems(arguments)


def _make_problems(root: Path, arguments: Sequence[str]) -> Iterator[str]:
    recipes = _make_recipes(root)
    given = dict(word.split("=", 1) for word in arguments if "=" in word)
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    for name in given:
        if not re.search(rf"\$\((?:value )?{name}\)", makefile):
            yield f"the Makefile has no variable {name}"
    for target in (word for word in arguments if "=" not in word and not word.startswith("-")):
        if target not in recipes:
            yield f"there is no target {target}"
            continue
        for script in re.findall(r"python (\S+\.py) .*\$\(ARGS\)", recipes[target]):
            yield from _script_problems(root, [script, *shlex.split(given.get("ARGS", ""))])


@functools.cache
def _make_recipes(root: Path) -> Mapping[str, str]:
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z][a-z-]*):.*\n((?:\t.*\n)*)", makefile, flags=re.MULTILINE))


def _program_problems(program: str, arguments: Sequence[str]) -> Iterator[str]:
    command = [arguments[0]] if not arguments[0].startswith("-") else []
    text = _help(program, *command)
    if text is None:
        yield f"{program} has no command {arguments[0]}"
        return
    for option in _options(arguments):
        if not re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", text):
            yield f"{' '.join([program, *command])} has no option {option}"


@functools.cache
def _help(program: str, *command: str) -> str | None:
    done = subprocess.run(
        [_BIN / program, *command, "--help"],
        capture_output=True,
        text=True,
        check=False,
        timeout=_DEADLINE_SECONDS,
    )
    return done.stdout if done.returncode == 0 else None


def _python_problems(root: Path, arguments: Sequence[str]) -> Iterator[str]:
    if arguments[0] == "-m":
        if not _is_module(arguments[1]):
            yield f"there is no module {arguments[1]}"
    elif arguments[0] != "-c":
        yield from _script_problems(root, arguments)


def _is_module(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def _script_problems(root: Path, arguments: Sequence[str]) -> Iterator[str]:
    """The script is there, and it or what it imports beside itself names the options."""
    missing = list(_file_problems(root, arguments))
    yield from missing
    if not missing and arguments[0].endswith(".py"):
        text = _source(root / arguments[0])
        for option in _options(arguments):
            if f'"{option}"' not in text and option != "--help":
                yield f"{arguments[0]} has no option {option}"


@functools.cache
def _source(script: Path) -> str:
    """The text of a script and of all modules beside it that it imports or names in a string."""
    seen: dict[Path, str] = {}
    waiting = [script]
    while waiting:
        path = waiting.pop()
        if path not in seen and path.is_file():
            seen[path] = path.read_text(encoding="utf-8")
            waiting += _named_modules(seen[path], (script.parent, path.parent))
    return "\n".join(seen.values())


def _named_modules(text: str, folders: Sequence[Path]) -> Iterator[Path]:
    for node in ast.walk(ast.parse(text)):
        names: list[str] = []
        if isinstance(node, ast.ImportFrom):
            names = [*filter(None, [node.module]), *(alias.name for alias in node.names)]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            names = re.findall(r"\A[a-z_]+\.[a-z_.]+\Z", node.value)
        for name in names:
            yield from (folder / f"{name.replace('.', '/')}.py" for folder in folders)


def _file_problems(root: Path, arguments: Sequence[str]) -> Iterator[str]:
    for name in arguments:
        path = name.partition("::")[0]
        is_file = not name.startswith(("-", "http")) and re.search(r"/|\.py$", path)
        if is_file and not (root / path).exists():
            yield f"there is no file {name}"


def _requirement_problems(root: Path, arguments: Sequence[str]) -> Iterator[str]:
    for name, extra in re.findall(r"\b(esdh-[a-z]+)(?:\[([a-z]+)\])?", " ".join(arguments)):
        project = root / "packages" / name / "pyproject.toml"
        if not project.is_file():
            yield f"there is no package {name}"
        elif extra and not re.search(rf"^{extra} = \[", project.read_text("utf-8"), re.MULTILINE):
            yield f"{name} has no extra {extra}"


def _options(arguments: Sequence[str]) -> list[str]:
    return [word.partition("=")[0] for word in arguments if re.match(r"--?[A-Za-z]", word)]
