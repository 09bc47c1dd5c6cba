"""What the governance validator reads of a Markdown page: tables, links, code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_LINK: Final = re.compile(r"\]\((?!https?:|#)([^)#]+)")
_FENCED: Final = re.compile(r"^```[a-z]*\n(.*?)^```", re.DOTALL | re.MULTILINE)
_INLINE: Final = re.compile(r"`([^`\n]+)`")


def links(page: Path) -> list[str]:
    """The relative targets that a page links to, without fragments."""
    return _LINK.findall(page.read_text(encoding="utf-8"))


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
    """The lines of a page's code blocks, joined where they go on, then its inline code."""
    text = page.read_text(encoding="utf-8")
    for block in _FENCED.findall(text):
        yield from block.replace("\\\n", " ").splitlines()
    yield from _INLINE.findall(_FENCED.sub("", text))
