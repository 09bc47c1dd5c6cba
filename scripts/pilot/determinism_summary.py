"""The verdict and the extent of docs/determinism.md, for pages that refer to it."""

from __future__ import annotations

import re
from typing import NamedTuple


class DeterminismSummary(NamedTuple):
    """What the matrix says."""

    verdict: str
    environments: int
    circumstances: int
    digests: dict[str, str]


def read_determinism_summary(page: str) -> DeterminismSummary:
    """Read it from the page that `make determinism` writes; raises `ValueError` for another."""
    verdict = re.search(r"^\*\*(\d+ runs, .*)\*\*$", page, re.MULTILINE)
    if verdict is None:
        raise ValueError("docs/determinism.md has no verdict; make determinism writes it")
    digests = re.findall(r"^\| (\w+) \| `esdh-cli .*` \| `(.*)` \|$", page, re.MULTILINE)
    environments = _count_rows(page, "Environments")
    circumstances = _count_rows(page, "Circumstances")
    return DeterminismSummary(verdict[1], environments, circumstances, dict(digests))


def _count_rows(page: str, heading: str) -> int:
    section = page.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return sum(line.startswith("|") for line in section.splitlines()) - len(("head", "rule"))
