"""Whether a stop is open: a row of the violation log that does not say who lifted it.

    python3 agentic/validators/violation_log.py

Exit code 0 if none is open, 1 if one is. It needs Python alone, so that a presenter can ask where
the packages cannot be imported.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from markdown_page import table_rows

_ROOT: Final = Path(__file__).absolute().parents[2]


def open_stops(root: Path) -> Iterator[str]:
    """What is not complete in the log, row by row; a log that is none, too."""
    page = root / "governance" / "violation_log.md"
    if not page.is_file() or "| stop lifted by |" not in page.read_text(encoding="utf-8"):
        yield "the log has no table that says who lifted a stop"
        return
    yield from (
        f"row {row[0]} of the log is not complete" for row in table_rows(page) if not all(row)
    )


if __name__ == "__main__":
    found = list(open_stops(_ROOT))
    print("\n".join(found) or "no stop is open")
    sys.exit(1 if found else 0)
