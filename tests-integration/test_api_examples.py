"""What the pages about the service show is what happens."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from esdh_api.problem_responses import PROBLEMS
from esdh_api.settings import Settings
from esdh_api.streams import LARGE_RECORDS

sys.path.append(str(Path(__file__).parent))
from api_server import Served, serving

ROOT = Path(__file__).parent.parent
SHOWN = "http://127.0.0.1:5000"
PAGES = [ROOT / "docs" / "api.md", ROOT / "packages" / "esdh-api" / "README.md"]


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    """A server as the pages have it."""
    with serving() as served:
        yield served


def examples(page: Path) -> list[str]:
    """The blocks of a page that show commands and what they print."""
    blocks = re.findall(r"^```\n(.*?)^```$", page.read_text(), flags=re.DOTALL | re.MULTILINE)
    return [block for block in blocks if block.startswith("$ ")]


def pattern_of(shown: str) -> str:
    """What is shown, with anything where dots stand."""
    return ".*".join(map(re.escape, shown.split("...")))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_print_what_is_shown(page: Path, server: Served) -> None:
    """Each block is run as one script; dots stand for what is left out."""
    if shutil.which("curl") is None:
        pytest.skip("there is no curl, which the examples call")
    blocks = examples(page)
    assert len(blocks) >= 2
    for block in blocks:
        script = "\n".join(line[2:] for line in block.splitlines() if line.startswith("$ "))
        shown = "\n".join(line for line in block.splitlines() if not line.startswith("$ "))
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script.replace(SHOWN, server_address(server))],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"{script}\n{done.stderr}"
        assert re.fullmatch(pattern_of(shown), done.stdout.strip(), flags=re.DOTALL), done.stdout


def server_address(server: Served) -> str:
    """Where it listens."""
    return f"http://127.0.0.1:{server.port}"


def test_python_examples_run(server: Served) -> None:
    """The block that reads an Arrow stream reads it."""
    page = PAGES[0].read_text()
    (code,) = re.findall(r"^```python\n(.*?)^```$", page, flags=re.DOTALL | re.MULTILINE)
    names: dict[str, object] = {}
    exec(code.replace(SHOWN, server_address(server)), names)  # noqa: S102  # it is our own page

    assert names["vehicles"].num_rows == 100_000  # type: ignore[attr-defined]


def test_every_code_is_in_the_table() -> None:
    """With its status, and no other."""
    rows = re.findall(r"^\| `([a-z-]+)` \| ([0-9]{3}) \|", PAGES[0].read_text(), re.MULTILINE)

    assert {code: int(status) for code, status in rows} == {
        code: status for code, (status, _) in PROBLEMS.items()
    }


def test_limits_on_the_pages_are_the_defaults() -> None:
    """Figures that nobody would otherwise look at again."""
    settings = Settings()
    for page in PAGES:
        text = page.read_text()
        assert f"{settings.max_records:,}" in text
        assert f"{settings.max_stream_records:,}" in text
        amount, _, per = settings.rate_limit.partition("/")
        assert re.search(rf"{amount} (requests )?a {per}", text)
    large = f"| answers of more than {LARGE_RECORDS} records at once, per process"
    assert f"{large} | {settings.max_streams} |" in PAGES[0].read_text()


def test_every_route_is_on_the_pages() -> None:
    """Those of the OpenAPI document, in short or in full."""
    from esdh_api.openapi import openapi_document  # noqa: PLC0415

    told = openapi_document(Settings())["paths"]
    paths = [path.replace("{record_id}", "{id}") for path in told]
    readme = PAGES[1].read_text()
    kinds = [path for path in paths if path.startswith("/generate/")]

    assert [path for path in paths if path not in readme and path not in kinds] == []
    assert all(path.removeprefix("/generate/") in readme for path in kinds)
