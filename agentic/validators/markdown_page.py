"""What is read of a Markdown page: tables, links and headings, blocks of code, commands."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PAGE_PATTERNS: Final = (
    "*.md",
    "docs/**/*.md",
    "governance/**/*.md",
    "agentic/**/*.md",
    "packages/*/*.md",
)
REFUSED: Final = "# refused"
"""Stands behind a command that is shown to be refused."""

_LINK: Final = re.compile(r"\]\((?!https?:)([^)\s]+)")
_FENCED: Final = re.compile(r"^( *)```([a-z]*)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)
_INLINE: Final = re.compile(r"`((?:[^`\n]|\n(?!\s*\n))+)`")
_HEADING: Final = re.compile(r"^#{1,6} (.+?)\s*$", re.MULTILINE)
_MARKUP: Final = re.compile(r"\[([^\]]*)\]\([^)]*\)|[`*]")


@dataclass(frozen=True)
class Block:
    """A fenced block of code; a block of another language than the shell's says which."""

    language: str
    text: str


def pages(root: Path) -> list[Path]:
    """Every page of the project, in order."""
    return sorted({page for pattern in PAGE_PATTERNS for page in root.glob(pattern)})


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page, those inside of lists too."""
    return [
        Block(language, re.sub(rf"^{indent}", "", text, flags=re.MULTILINE))
        for indent, language, text in _FENCED.findall(page.read_text(encoding="utf-8"))
    ]


def links(page: Path) -> list[str]:
    """The relative targets that a page links to, without fragments."""
    targets = (target.partition("#")[0] for target in _links_with_anchors(page))
    return [target for target in targets if target]


def link_problems(page: Path) -> Iterator[str]:
    """Links of a page that lead to no file, or to no heading of a page."""
    for link in _links_with_anchors(page):
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        if not target.exists():
            yield f"there is no {name}"
        elif anchor and (target.suffix != ".md" or anchor not in anchors(target)):
            yield f"{target.name} has no heading for #{anchor}"


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub names them."""
    text = _FENCED.sub("", page.read_text(encoding="utf-8"))
    found: Counter[str] = Counter()
    names = set()
    for heading in _HEADING.findall(text):
        words = _MARKUP.sub(r"\1", heading).lower()
        name = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        names.add(f"{name}-{found[name]}" if found[name] else name)
        found[name] += 1
    return names


def table_rows(page: Path, marker: str | None = None) -> list[list[str]]:
    """The cells of the rows below the head of a page's tables, or of the table between markers."""
    text = page.read_text(encoding="utf-8")
    if marker is not None:
        text = text.partition(f"<!-- begin {marker} -->")[2].partition(f"<!-- end {marker} -->")[0]
    rows: list[list[str]] = []
    is_below_head = False
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.startswith("|"):
            is_below_head = False
        elif set(line) <= set("|-: "):
            is_below_head = True
        elif is_below_head:
            rows.append(cells)
    return rows


def iter_code(page: Path) -> Iterator[str]:
    """The lines of blocks without a language, joined where they go on, then the inline code.

    A block in which lines begin with `$ ` shows what commands print: only the commands come, each
    with `REFUSED` behind it where it prints a problem document.
    """
    for block in blocks(page):
        if block.language in ("", "bash", "sh"):
            lines = block.text.replace("\\\n", " ").splitlines()
            yield from _iter_session(lines) if any(map(_is_prompt, lines)) else lines
    for code in _INLINE.findall(_FENCED.sub("", page.read_text(encoding="utf-8"))):
        yield " ".join(code.split())


def _iter_session(lines: list[str]) -> Iterator[str]:
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if _is_prompt(line):
            is_refused = following.startswith('{"type": "/docs#problem-')
            yield line.removeprefix("$ ") + (f" {REFUSED}" if is_refused else "")


def _is_prompt(line: str) -> bool:
    return line.startswith("$ ")


def _links_with_anchors(page: Path) -> list[str]:
    text = _FENCED.sub("", page.read_text(encoding="utf-8"))
    return _LINK.findall(_INLINE.sub("code", text))
