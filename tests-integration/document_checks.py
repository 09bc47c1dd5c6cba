"""What is asked of the code and the names on a page; the tests of pages and of faults share it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT / "agentic" / "validators"))

from command_lines import iter_named_commands  # noqa: E402
from markdown_page import blocks  # noqa: E402
from named_commands import command_problems  # noqa: E402
from named_routes import address_problems, iter_addresses  # noqa: E402

DEADLINE_SECONDS = 120


def python_blocks(page: Path) -> list[str]:
    """The blocks of a page that are a program; sessions with `>>>` are not."""
    return [
        block.text
        for block in blocks(page)
        if block.language == "python" and not block.text.startswith(">>>")
    ]


def hidden_python(page: Path) -> list[str]:
    """First lines of blocks that are Python and do not say so, so that nothing would run them."""
    first_lines = [b.text.partition("\n")[0] for b in blocks(page) if b.language != "python"]
    return [line for line in first_lines if re.match(r"(>>>|import|from) ", line)]


def run_python(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a program in an empty folder, as a reader would who copies it."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=DEADLINE_SECONDS,
    )


def problems(page: Path) -> list[str]:
    """What a page names that does not exist: targets, commands, options, files, routes."""
    return [
        *(found for words in iter_named_commands(page) for found in command_problems(ROOT, words)),
        *(found for address in iter_addresses(page) for found in address_problems(address)),
    ]
