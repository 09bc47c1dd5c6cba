"""A browser's visits to a running service, and the service: what tests of the pages stand on."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

KEY = "a-key-for-the-browser-tests"
SETTINGS = {
    "open": {},
    "keyed": {"ESDH_API_KEY": KEY},
    "limited": {"ESDH_RATE_LIMIT": "2/2second"},
}
SCREENSHOTS = os.environ.get("SCREENSHOTS_DIR")
"""Where pictures of the pages are written to, if anywhere."""

PROGRAMS = Path(sys.executable).parent
CHROMIUM = Path("/usr/bin/chromium")
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DEADLINE_SECONDS = 30
TABLES = ["persons", "vehicles", "profiles"]


def playwright_or_skip() -> Any:
    """What drives Chromium; without either, the module that asks for it is skipped."""
    if not CHROMIUM.exists():
        pytest.skip(f"there is no {CHROMIUM}; scripts/install_chromium.sh", allow_module_level=True)
    return pytest.importorskip("playwright.sync_api", reason="playwright is in the dev group")


@dataclass(frozen=True)
class Service:
    """A running service."""

    origin: str
    key: str = ""

    def get(self, path: str, accept: str = "application/json") -> bytes:
        """What it answers, asked without a browser."""
        headers = {"Accept": accept, **({"X-API-Key": self.key} if self.key else {})}
        connection = http.client.HTTPConnection(urlsplit(self.origin).netloc, timeout=10)
        with contextlib.closing(connection):
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            assert response.status == 200
            return response.read()

    def document(self, path: str) -> Any:
        """What it answers, as JSON."""
        return json.loads(self.get(path))


@contextlib.contextmanager
def serving(settings: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    """Run `esdh-api serve` on a free port of loopback; it has ended when this ends."""
    environment = {name: text for name, text in os.environ.items() if not name.startswith("ESDH_")}
    with subprocess.Popen(
        [PROGRAMS / "esdh-api", "serve", "--host", "127.0.0.1", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**environment, **settings},
    ) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(DEADLINE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def origin_of(process: subprocess.Popen[str]) -> str:
    """Where a service says that it is."""
    assert process.stdout is not None
    line = process.stdout.readline()
    found = re.match(r"esdh-api: serving (http://127\.0\.0\.1:\d+) ", line)
    assert found is not None, line
    return found[1]


@dataclass
class Visit:
    """A page in a browser that knows nobody, and what it did behind the scenes."""

    page: Any
    requests: list[Any] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)

    def note_request(self, request: Any) -> None:
        """Keep a request."""
        self.requests.append(request)

    def note_refusal(self, response: Any) -> None:
        """Keep the status of a refusal: the browser tells each of them on its console."""
        if response.status >= 400:
            self.refused.append(response.status)

    def open(self, service: Service, path: str = "/demo") -> None:
        """Go to a page."""
        self.page.goto(service.origin + path)

    def choose(self, kind: str = "bundle", records: int | str = 60, seed: int | str = 7) -> None:
        """Fill the form in."""
        self.page.check(f"[name=kind][value={kind}]")
        self.page.fill("#records", str(records))
        self.page.fill("#seed", str(seed))

    def generate(self) -> None:
        """Ask, and wait for the rows."""
        self.page.click("#generate")
        self.wait_for_rows()

    def wait_for_rows(self) -> None:
        """Wait until the page says how many rows there are."""
        self.page.wait_for_selector("#status a", timeout=DEADLINE_SECONDS * 1000)

    def text(self, selector: str) -> str:
        """The text of an element."""
        return str(self.page.locator(selector).text_content())

    def problem(self) -> str:
        """What the page says of a refusal, without the name of the link that follows."""
        self.page.wait_for_selector("#problem:not(:empty)")
        return str(self.page.evaluate("document.getElementById('problem').firstChild.data"))

    def picture(self, name: str) -> None:
        """Keep a picture of the whole page for a person to look at, where one wants to."""
        if SCREENSHOTS:
            self.page.screenshot(path=Path(SCREENSHOTS, f"{name}.png"), full_page=True)

    def is_as_wide_as_its_window(self) -> bool:
        """Whether nothing makes the page scroll sideways."""
        width = self.page.evaluate("document.documentElement.scrollWidth")
        return bool(width <= self.page.viewport_size["width"])


def shown_rows(visit: Visit, table: str) -> list[dict[str, str]]:
    """The rows that a table shows, as text by column."""
    script = """table => [...table.rows].map(row => [...row.cells].map(cell => cell.textContent))"""
    grid = visit.page.locator(f'.scroller[aria-label="Rows of {table}"] table')
    names, *rows = grid.evaluate(script)
    return [dict(zip(names, row, strict=True)) for row in rows]


@pytest.fixture(scope="session")
def services() -> Iterator[dict[str, Service]]:
    """A service for each of `SETTINGS`, started at the same time."""
    with contextlib.ExitStack() as stack:
        processes = {
            name: stack.enter_context(serving(settings)) for name, settings in SETTINGS.items()
        }
        yield {
            name: Service(origin_of(process), SETTINGS[name].get("ESDH_API_KEY", ""))
            for name, process in processes.items()
        }


@pytest.fixture
def service(services: dict[str, Service]) -> Service:
    """A service without a key."""
    return services["open"]


@pytest.fixture
def keyed_service(services: dict[str, Service]) -> Service:
    """A service with a key."""
    return services["keyed"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A headless Chromium."""
    with playwright_or_skip().sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=os.fspath(CHROMIUM), args=CHROMIUM_OPTIONS
        )
        yield launched
        launched.close()


@pytest.fixture
def make_visit(browser: Any) -> Iterator[Any]:
    """Call `make_visit(option=...)` for a page; nothing may fail in it or go to another host."""
    visits: list[Visit] = []

    def make(**options: Any) -> Visit:
        context = browser.new_context(
            **{"viewport": DESKTOP, "permissions": ["clipboard-read", "clipboard-write"], **options}
        )
        visit = Visit(context.new_page())
        visit.page.set_default_timeout(DEADLINE_SECONDS * 1000)
        visit.page.on("request", visit.note_request)
        visit.page.on("pageerror", lambda error: visit.told.append(str(error)))
        visit.page.on("console", lambda message: visit.told.append(message.text))
        visit.page.on("response", visit.note_refusal)
        visits.append(visit)
        return visit

    yield make
    for visit in visits:
        hosts = {urlsplit(request.url).hostname for request in visit.requests}
        visit.page.context.close()
        assert hosts <= {"127.0.0.1", None}, hosts
        assert len(visit.told) == len(visit.refused), visit.told
        assert all(text.startswith("Failed to load resource") for text in visit.told), visit.told


@pytest.fixture
def visit(make_visit: Any) -> Visit:
    """A page on a wide screen."""
    found: Visit = make_visit()
    return found
