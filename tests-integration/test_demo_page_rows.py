"""The demo page in a real browser: its rows, digests, commands and downloads are the service's."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parent))
import pytest
from demo_browser import KEY, PROGRAMS, TABLES, Service, Visit, playwright_or_skip, shown_rows

playwright_or_skip()

MEDIA_TYPES = {
    "JSON": "application/json",
    "NDJSON": "application/x-ndjson",
    "CSV": "text/csv",
    "Arrow": "application/vnd.apache.arrow.stream",
}
KINDS = {"person": "persons", "vehicle": "vehicles", "profile": "profiles"}


def test_a_bundle_is_shown_with_its_facts(visit: Visit, service: Service) -> None:
    """Rows, seed, digests and timing on the page are those of the service's answer."""
    visit.open(service)
    assert visit.page.locator("#data, #take, #receipt").all_inner_texts() == ["", "", ""]
    visit.choose(seed=2**64 - 1)
    visit.generate()
    answer = service.document(f"/generate/bundle?records=60&seed={2**64 - 1}")

    assert visit.text("#effective-seed") == str(2**64 - 1)
    assert visit.text("#request-digest") == answer["request_digest"]
    for name in TABLES:
        assert visit.text(f"#digest-{name}") == answer["tables"][name]["content_digest"]
        shown = shown_rows(visit, name)
        assert shown == as_shown(answer[name][:12], shown[0])
        assert len(shown[0]) >= 6
    assert re.fullmatch(r"[\d,]+ ms", visit.text("#timing"))
    assert visit.text("#status").startswith("180 rows in 3 tables, ")
    assert visit.page.locator("#tab-persons").get_attribute("aria-selected") == "true"


def test_a_single_table_is_shown_without_tabs(visit: Visit, service: Service) -> None:
    """A person, vehicle or profile is one table; all of its columns and pages can be seen."""
    visit.open(service)
    for kind, table in KINDS.items():
        visit.choose(kind)
        visit.generate()
        rows = service.document(f"/generate/{kind}?records=60&seed=7")[table]
        visit.page.get_by_label(re.compile(r"All \d+ columns")).check()
        for _ in range(4):
            visit.page.get_by_role("button", name="Next").click()

        assert visit.page.locator("[role=tab]").count() == 0
        assert shown_rows(visit, table) == as_shown(rows[48:], rows[0])
        assert list(shown_rows(visit, table)[0]) == list(rows[0])
        assert visit.page.get_by_text("Rows 49\u201360 of 60").is_visible()


def test_a_random_seed_is_told_and_can_be_kept(visit: Visit, service: Service) -> None:
    """A drawn seed can be kept, and gives the same data again; a chosen one needs no keeping."""
    visit.open(service)
    visit.choose("person", records=5)
    visit.generate()
    assert visit.page.get_by_role("button", name="Keep this seed").count() == 0
    visit.page.check("#random")
    with visit.page.expect_response("**/generate/*"):
        visit.page.click("#generate")
    visit.page.wait_for_selector("#keep")
    visit.generate()
    seed, digest = visit.text("#effective-seed"), visit.text("#digest-persons")
    visit.page.click("#keep")
    assert visit.page.input_value("#seed") == seed
    with visit.page.expect_response(lambda response: f"seed={seed}" in response.url):
        visit.page.click("#generate")
    visit.page.get_by_text("every digest is the same").wait_for()

    assert visit.text("#digest-persons") == digest
    assert service.document(f"/generate/person?records=5&seed={seed}")["seed"] == int(seed)


def test_every_strip_of_bars_is_explained(visit: Visit, service: Service) -> None:
    """There is none before there is data, and then each has its digest and its heading."""
    visit.open(service)
    assert visit.page.locator("#main svg").count() == 0
    visit.choose("person")
    visit.generate()
    strips = visit.page.locator(".fingerprint")

    assert strips.count() == visit.page.locator("#receipt .fingerprint + .digest").count() == 2
    assert visit.page.get_by_text("A bar for each digit: equal data looks equal.").is_visible()


def test_commands_give_the_same_data(visit: Visit, keyed_service: Service, tmp_path: Path) -> None:
    """What the page prints runs as it stands, makes these rows, and does not hold the key."""
    visit.open(keyed_service)
    visit.page.fill("#key", KEY)
    visit.choose()
    visit.generate()
    curl, snapshot = visit.text("#curl"), visit.text("#cli")
    visit.page.get_by_role("button", name="Copy the curl command").click()
    visit.page.locator("#take-status", has_text="curl command copied").wait_for()
    assert visit.page.evaluate("navigator.clipboard.readText()") == curl
    digests = {name: visit.text(f"#digest-{name}") for name in TABLES}
    visit.choose("vehicle")
    with visit.page.expect_response("**/generate/vehicle?*"):
        visit.page.click("#generate")
    visit.page.locator("#cli", has_text="print-table").wait_for()
    table = visit.text("#cli")
    answer = keyed_service.get("/generate/bundle?records=60&seed=7")
    vehicles = keyed_service.get("/generate/vehicle?records=60&seed=7", MEDIA_TYPES["NDJSON"])

    assert KEY not in curl + snapshot + table
    assert run(table, tmp_path) == vehicles
    run(snapshot, tmp_path)
    (manifest,) = tmp_path.glob("data/snapshots/*/manifest.json")
    written = {
        told["name"]: told["content_digest"] for told in json.loads(manifest.read_text())["tables"]
    }
    assert written == digests
    if shutil.which("curl"):
        run(curl, tmp_path)
        assert (tmp_path / "bundle-seed-7-records-60.json").read_bytes() == answer


@pytest.mark.parametrize("wanted", [*TABLES, "all tables"])
def test_downloads_are_the_bytes_of_the_service(
    visit: Visit, keyed_service: Service, wanted: str
) -> None:
    """Every table in every format that it is offered in; CSV and Arrow hold one table.

    A page for each table, as Chromium may ask before the eleventh download of one page.
    """
    visit.open(keyed_service)
    visit.page.fill("#key", KEY)
    visit.choose()
    visit.generate()
    offered = [(table, name) for table in TABLES for name in MEDIA_TYPES]
    offered += [("all tables", "JSON"), ("all tables", "NDJSON")]

    buttons = visit.page.get_by_role("button", name=re.compile("^Download "))
    labels = [button.get_attribute("aria-label") for button in buttons.all()]
    assert sorted(labels) == sorted(f"Download {table} as {name}" for table, name in offered)
    for table, name in [(table, name) for table, name in offered if table == wanted]:
        with visit.page.expect_download() as found:
            visit.page.get_by_role("button", name=f"Download {table} as {name}", exact=True).click()
        path = "bundle" if table == "all tables" else table.removesuffix("s")
        expected = keyed_service.get(f"/generate/{path}?records=60&seed=7", MEDIA_TYPES[name])
        assert Path(found.value.path()).read_bytes() == expected
        assert found.value.suggested_filename.startswith(f"{path}-seed-7-records-60.")


def as_shown(rows: list[dict[str, Any]], names: Iterable[str]) -> list[dict[str, str]]:
    """What a table should show of rows, in these columns."""
    return [
        {name: "null" if row[name] is None else str(row[name]) for name in names} for row in rows
    ]


def run(command: str, folder: Path) -> bytes:
    """Run a line as a shell would in a folder, with the key in its variable."""
    path = f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "ESDH_API_KEY": KEY}
    done = subprocess.run(
        ["/bin/sh", "-c", command], cwd=folder, env=environment, capture_output=True, check=True
    )
    return done.stdout
