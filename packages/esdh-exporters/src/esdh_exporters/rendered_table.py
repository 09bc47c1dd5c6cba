"""What rendering a table in memory gives."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RenderedTable:
    """All rows of a table as bytes, how many they are, and their content digest."""

    rows: int
    content_digest: str
    content: bytes
