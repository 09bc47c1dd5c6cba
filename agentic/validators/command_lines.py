"""The commands that pages name, as the words that the shell would make of them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from markdown_page import REFUSED, iter_code

BIN_PREFIX: Final = ".venv/bin/"
PROGRAMS: Final = ("esdh-cli", "esdh-api")
_CHECKED: Final = (*PROGRAMS, "make", "python", "python3", "pytest", "pip", "curl", "source")
_NAMED: Final = re.compile(
    rf"(?:^|[\s;&|(])(?:{re.escape(BIN_PREFIX)}\S+|(?:{'|'.join(_CHECKED)})(?=\s))"
)
_SUBSTITUTION: Final = re.compile(r"\$\(([^()]*)\)")
_SEPARATORS: Final = frozenset("();<>|&")


def iter_named_commands(page: Path) -> Iterator[list[str]]:
    """The words of every command that a page names with at least one argument."""
    for code in iter_code(page):
        yield from iter_commands(code)


def iter_commands(code: str) -> Iterator[list[str]]:
    """The commands of one line that can be checked, those inside of `$(...)` first.

    A line that the shell could not read comes as one word.
    """
    if not _NAMED.search(code):
        return
    for inner in _SUBSTITUTION.findall(code):
        yield from iter_commands(inner)
    try:
        words = _words(_SUBSTITUTION.sub("X", code))
    except ValueError:
        yield [code]
        return
    for command in _cut(words):
        while command and re.match(r"[A-Z_]+=", command[0]):
            command.pop(0)
        is_ours = len(command) > 1 and command[0] in _CHECKED
        if is_ours or (command and command[0].startswith(BIN_PREFIX)):
            yield command


def _words(code: str) -> list[str]:
    text, _, comment = code.partition(" # ")
    lexer = shlex.shlex(text, posix=True, punctuation_chars="".join(sorted(_SEPARATORS)))
    lexer.whitespace_split = True
    lexer.commenters = ""
    return [*lexer, *([REFUSED] if comment == REFUSED.removeprefix("# ") else [])]


def _cut(words: Sequence[str]) -> Iterator[list[str]]:
    command: list[str] = []
    for word in words:
        if word and _SEPARATORS.issuperset(word):
            yield command
            command = []
        else:
            command.append(word)
    yield command
