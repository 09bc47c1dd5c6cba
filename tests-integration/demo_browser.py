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

KEY = "a-key-for-the-browser-tests"
SETTINGS = {
    "open": {},
    "keyed": {"ESDH_API_KEY": KEY},
    "limited": {"ESDH_RATE_LIMIT": "2/2second"},
}
SCREENSHOTS = os.environ.get("SCREENSHOTS_DIR")
"""Where pictures of the pages are written to, if anywhere."""

PROGRAMS = Path(sys.executable).parent
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
