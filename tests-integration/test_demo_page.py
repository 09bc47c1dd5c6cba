"""The demo page in a real browser, against the real service: what people see and can do there."""

from __future__ import annotations

import collections
import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

sys.path.append(str(Path(__file__).parent))
from demo_browser import (
    CHROMIUM_OPTIONS,
    DEADLINE_SECONDS,
    DESKTOP,
    KEY,
    PHONE,
    PROGRAMS,
    SETTINGS,
    Service,
    Visit,
    origin_of,
    serving,
)

CHROMIUM = Path("/usr/bin/chromium")
if not CHROMIUM.exists():
    pytest.skip(f"there is no {CHROMIUM}; scripts/install_chromium.sh", allow_module_level=True)
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is in the dev group")

MEDIA_TYPES = {
    "JSON": "application/json",
    "NDJSON": "application/x-ndjson",
    "CSV": "text/csv",
    "Arrow": "application/vnd.apache.arrow.stream",
}
KINDS = {"person": "persons", "vehicle": "vehicles", "profile": "profiles"}
TABLES = list(KINDS.values())


@pytest.fixture(scope="module")
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
    with sync_api.sync_playwright() as playwright:
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
        assert hosts <= {"127.0.0.1", None}
        assert len(visit.told) == len(visit.refused), visit.told
        assert all(text.startswith("Failed to load resource") for text in visit.told), visit.told


@pytest.fixture
def visit(make_visit: Any) -> Visit:
    """A page on a wide screen."""
    found: Visit = make_visit()
    return found


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


def test_charts_show_the_rows(visit: Visit, service: Service) -> None:
    """Bars and their texts count what the rows hold."""
    visit.open(service)
    visit.choose()
    visit.generate()
    answer = service.document("/generate/bundle?records=60&seed=7")
    day = date.fromisoformat(answer["metadata"]["as_of_date"])
    decades = collections.Counter(
        decade(age_on(day, date.fromisoformat(row["date_of_birth"]))) for row in answer["persons"]
    )
    years = collections.Counter(str(row["model_year"]) for row in answer["vehicles"])
    vehicles = [{"model": row["vehicle_summary"][5:]} for row in answer["profiles"]]
    expected = {
        ("persons", "State"): top_ten(answer["persons"], "state"),
        ("persons", "Age"): decades,
        ("persons", "Line of business"): count(answer["persons"], "lob_type"),
        ("vehicles", "Make"): top_ten(answer["vehicles"], "make"),
        ("vehicles", "Body style"): count(answer["vehicles"], "body_style"),
        ("vehicles", "Model year"): years,
        ("vehicles", "Risk rating"): count(answer["vehicles"], "risk_rating"),
        ("profiles", "Vehicle"): top_ten(vehicles, "model"),
        ("profiles", "State"): top_ten(answer["profiles"], "residence_state"),
        ("profiles", "Risk rating"): count(answer["profiles"], "risk_rating"),
        ("profiles", "Line of business"): count(answer["profiles"], "lob_type"),
    }

    assert visit.page.locator("[role=img]").count() == len(expected)
    for (table, title), counts in expected.items():
        visit.page.click(f"#tab-{table}")
        drawing = visit.page.locator(f'#panel-{table} [role=img][aria-label^="{title}"]')
        told = re.findall(r"(?:: |, )([^,:]+) (\d+)(?=,|$)", drawing.get_attribute("aria-label"))
        assert {name: int(number) for name, number in told if number != "0"} == dict(counts)
        assert len(drawn_sizes(drawing)) == len(told)
        assert proportional(drawn_sizes(drawing), [int(number) for _, number in told])
        numbers = drawing.locator("xpath=ancestor::div[contains(@class, 'chart-card')]//details")
        assert all(name in (numbers.text_content() or "") for name, _ in told)


def test_names_in_charts_are_whole_and_take_no_more_than_they_need(
    visit: Visit, service: Service
) -> None:
    """No name is cut short, and a column of short names leaves the width to the bars."""
    visit.open(service)
    visit.choose(records=400)
    visit.generate()
    widths = """chart => [...chart.children].map(line => [...line.children].map(
        part => part.getBoundingClientRect().width))"""
    for table, title in (("persons", "State"), ("vehicles", "Make"), ("profiles", "Vehicle")):
        visit.page.click(f"#tab-{table}")
        chart = visit.page.locator(f'#panel-{table} .bars[aria-label^="{title}"]')
        names = chart.locator(".bar-line > span:first-child").all_inner_texts()
        told = re.findall(r"(?:: |, )([^,:]+) \d+(?=,|$)", chart.get_attribute("aria-label"))
        assert names == told
        assert chart.evaluate("chart => chart.scrollWidth <= chart.clientWidth")
        share = sum(line[0] for line in chart.evaluate(widths)) / (
            10 * chart.evaluate("chart => chart.clientWidth")
        )
        assert share < (0.1 if title == "State" else 0.65)


def test_few_rows_make_no_heavy_blocks(visit: Visit, service: Service) -> None:
    """From five rows on there are charts, whose columns stay narrow however few there are."""
    visit.open(service)
    visit.choose("person", records=5, seed=121)
    visit.generate()
    columns = visit.page.locator(".chart:has(.reach) .mark")
    widths = [column.evaluate("mark => mark.width.baseVal.value") for column in columns.all()]

    assert len(widths) == 2, "this seed has five people of two decades"
    assert max(widths) <= 48


def test_one_record_is_told_in_the_singular_and_not_drawn(visit: Visit, service: Service) -> None:
    """One row is "1 row" everywhere, and below five rows a line says why there are no charts."""
    visit.open(service)
    for records, charts in ((1, 0), (4, 0), (5, 11)):
        visit.choose(records=records)
        with visit.page.expect_response("**/generate/*"):
            visit.page.click("#generate")
        visit.page.get_by_text(f"{records * 3} rows in 3 tables").wait_for()
        assert visit.page.locator(".charts figure").count() == charts
        hints = visit.page.get_by_text("Too few rows for charts: they begin at 5.")
        assert hints.count() == (0 if charts else 3)
        if records == 1:
            assert visit.page.locator(".rows-foot > span").all_inner_texts()[0] == "1 row"
            assert (
                re.findall(r"\b1 \w+s\b|Rows", visit.text("#receipt") + visit.text("#data")) == []
            )
    visit.choose("person", records=13)
    visit.page.click("#generate")
    visit.page.get_by_role("button", name="Next").click()

    assert visit.page.get_by_text("Row 13 of 13").is_visible()


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


def test_downloads_are_the_bytes_of_the_service(visit: Visit, keyed_service: Service) -> None:
    """Every table in every format that it is offered in; CSV and Arrow hold one table."""
    visit.open(keyed_service)
    visit.page.fill("#key", KEY)
    visit.choose()
    visit.generate()
    offered = [(table, name) for table in TABLES for name in MEDIA_TYPES]
    offered += [("all tables", "JSON"), ("all tables", "NDJSON")]

    buttons = visit.page.get_by_role("button", name=re.compile("^Download "))
    labels = [button.get_attribute("aria-label") for button in buttons.all()]
    assert sorted(labels) == sorted(f"Download {table} as {name}" for table, name in offered)
    for table, name in offered:
        with visit.page.expect_download() as found:
            visit.page.get_by_role("button", name=f"Download {table} as {name}", exact=True).click()
        path = "bundle" if table == "all tables" else table.removesuffix("s")
        expected = keyed_service.get(f"/generate/{path}?records=60&seed=7", MEDIA_TYPES[name])
        assert Path(found.value.path()).read_bytes() == expected
        assert found.value.suggested_filename.startswith(f"{path}-seed-7-records-60.")


def test_a_key_is_asked_for_before_anything_else(visit: Visit, keyed_service: Service) -> None:
    """The key comes first, and the rest is seen to wait until there is one."""
    visit.open(keyed_service)
    ground = "getComputedStyle(document.getElementById('generate')).backgroundColor"
    texts = visit.page.locator("#request").inner_text()
    waiting = visit.page.evaluate(ground)
    assert texts.startswith("This service needs a key")
    assert visit.page.get_by_text("Waits for the key above.").is_visible()
    assert visit.page.locator("input").first.get_attribute("id") == "key"
    visit.page.fill("#key", KEY)

    assert visit.page.get_by_text("Waits for the key above.").is_hidden()
    visit.page.wait_for_function(f"(before) => {ground} !== before", arg=waiting)


def test_a_wrong_key_is_told_and_the_right_one_opens(visit: Visit, keyed_service: Service) -> None:
    """No key and a wrong one are told in plain words; the right one opens, and is kept nowhere."""
    visit.open(keyed_service)
    sentences = []
    for key in ("", "wrong", "w\u00f6rng"):
        visit.page.fill("#key", key)
        visit.page.click("#generate")
        sentences.append(visit.problem())
        assert visit.page.evaluate("document.activeElement.id") == "key"
        assert visit.page.get_attribute("#key", "aria-invalid") == "true"
        assert visit.page.locator(".field:has(#key) #problem").is_visible()
    visit.page.fill("#key", KEY)
    visit.generate()

    assert [sentence.partition(".")[0] for sentence in sentences] == [
        "The key is missing",
        "This key was not accepted",
        "This cannot be a key: keys have no blanks and no accented letters",
    ]
    assert re.findall(r"Bearer|X-API-Key|Authorization|ASCII", "".join(sentences)) == []
    assert visit.refused == [401]
    assert visit.text("#problem") == ""
    assert len(shown_rows(visit, "persons")) == 12
    assert visit.requests[-1].headers["authorization"] == f"Bearer {KEY}"
    assert [request.url for request in visit.requests if KEY in request.url] == []
    assert KEY not in visit.page.url
    assert KEY not in visit.page.content()
    assert visit.page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    assert visit.page.context.cookies() == []


def test_a_refusal_is_told_beside_its_field(visit: Visit, service: Service) -> None:
    """Plain words with the limits, within the field that has the focus; a link explains more."""
    records_allowed = "Choose a whole number from 1 to 10,000."
    seed_allowed = (
        "Choose a whole number from 0 to 18,446,744,073,709,551,615, or draw one at random."
    )
    visit.open(service)
    for records, seed, name, sentence in (
        ("0", "7", "records", records_allowed),
        ("ten", "7", "records", records_allowed),
        ("1,00", "7", "records", records_allowed),
        ("10001", "7", "records", records_allowed),
        ("5", "-1", "seed", seed_allowed),
        ("5", "", "seed", seed_allowed),
    ):
        visit.choose("person", records, seed)
        with visit.page.expect_response("**/generate/*"):
            visit.page.click("#generate")
        assert visit.problem() == sentence
        assert visit.page.locator(f".field:has(#{name}) #problem").is_visible()
        assert visit.page.evaluate("document.activeElement.id") == name
        assert visit.page.locator("[aria-invalid]").count() == 1
        assert visit.text("#status") == ""
    visit.page.click("#problem a")
    visit.page.wait_for_url("**/docs#problem-invalid-request")

    assert visit.refused == [400] * 6
    assert visit.page.locator(":target").is_visible()
    assert "invalid-request" in visit.text(":target")


def test_a_refusal_takes_back_what_was_shown(visit: Visit, service: Service) -> None:
    """Rows, digests and commands of an earlier answer never stand beside a refusal."""
    visit.open(service)
    visit.choose()
    visit.generate()
    visit.choose(records="0")
    visit.page.click("#generate")
    visit.problem()
    for part in ("#data", "#take", "#receipt"):
        assert visit.page.locator(part).is_hidden()
    assert visit.page.locator("#introduction").is_visible()
    visit.choose(records=5)
    visit.generate()

    assert visit.page.locator("#introduction").is_hidden()
    assert visit.page.locator("#receipt").is_visible()


def test_numbers_can_be_written_as_the_page_writes_them(visit: Visit, service: Service) -> None:
    """Separators and leading zeros are how people write numbers, and are understood."""
    visit.open(service)
    visit.choose("person", "1,000", "012,345")
    visit.generate()

    assert visit.text("#effective-seed") == "12345"
    assert visit.page.get_by_text("of 1,000", exact=False).first.is_visible()
    assert "records=1000&seed=12345&" in visit.text("#curl")


def test_too_many_requests_are_told_with_the_wait(
    visit: Visit, services: dict[str, Service]
) -> None:
    """The page counts the seconds down, and takes its sentence back when they are over."""
    visit.open(services["limited"])
    visit.choose("person", records=1)
    for _ in range(6):
        visit.page.click("#generate")
        visit.page.wait_for_selector("#status a, #problem:not(:empty)")
        if visit.text("#problem"):
            break
    assert visit.problem() == "Too many requests in a short time. Please wait."
    assert re.fullmatch(r" [12] s left\.", visit.text("#problem .wait"))
    visit.page.get_by_text("You can ask again now.").wait_for()
    visit.generate()

    assert set(visit.refused) == {429}


def test_everything_can_be_done_with_the_keyboard(visit: Visit, service: Service) -> None:
    """From the first Tab to a download, each stop with a visible focus."""
    visit.open(service)
    keys = visit.page.keyboard
    keys.press("Tab")
    assert visit.page.evaluate("document.activeElement.className") == "skip"
    keys.press("Enter")
    keys.press("Tab")
    keys.press("ArrowDown")  # from the bundle to the person
    keys.press("ArrowUp")
    keys.press("Tab")
    keys.type("30")
    keys.press("Tab")
    keys.type("9")
    keys.press("Enter")
    visit.wait_for_rows()
    assert visit.page.url.endswith("#main")
    assert visit.text("#effective-seed") == "9"
    tab_until(visit, "#status a")
    keys.press("Enter")
    tab_until(visit, "#tab-persons")
    keys.press("ArrowRight")
    keys.press("ArrowRight")
    assert visit.page.evaluate("document.activeElement.id") == "tab-profiles"
    keys.press("ArrowRight")
    keys.press("End")
    keys.press("Home")
    keys.press("ArrowRight")
    assert visit.page.locator("[role=tabpanel]:visible").get_attribute("id") == "panel-vehicles"
    tab_until(visit, "#panel-vehicles .pager button:last-child")
    keys.press("Enter")
    assert visit.page.get_by_text("Rows 13\u201324 of 30").is_visible()
    tab_until(visit, '[aria-label="Download vehicles as CSV"]')
    with visit.page.expect_download() as found:
        keys.press("Enter")

    expected = service.get("/generate/vehicle?records=30&seed=9", "text/csv")
    assert Path(found.value.path()).read_bytes() == expected


def test_a_phone_never_scrolls_sideways(make_visit: Any, service: Service) -> None:
    """At 360 pixels wide rows scroll in their own box; the pages do not."""
    visit = make_visit(viewport=PHONE, has_touch=True, is_mobile=True)
    visit.open(service)
    assert visit.is_as_wide_as_its_window()
    visit.generate()
    for name in TABLES:
        visit.page.click(f"#tab-{name}")
        visit.page.locator(f"#panel-{name}").get_by_label(re.compile(r"All \d+ columns")).check()
        box = visit.page.locator(f"#panel-{name} .scroller")
        assert visit.is_as_wide_as_its_window()
        assert box.evaluate("box => box.scrollWidth > box.clientWidth")
    visit.open(service, "/docs")
    assert visit.is_as_wide_as_its_window()


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_a_phone_is_taken_to_the_rows(make_visit: Any, service: Service, motion: str) -> None:
    """After Generate the rows are in sight, charts after them, and what this is comes last."""
    visit = make_visit(viewport=PHONE, has_touch=True, is_mobile=True, reduced_motion=motion)
    visit.open(service)
    visit.generate()
    visit.page.wait_for_function("""() => {
        const { top } = document.getElementById("data-title").getBoundingClientRect();
        const rows = document.querySelector(".rows tbody").getBoundingClientRect();
        return top >= 0 && rows.top < innerHeight / 2;
    }""")
    tops = visit.page.evaluate(
        "parts => parts.map(part => document.querySelector(part).getBoundingClientRect().top)",
        [".rows", ".charts", "#take", "#receipt"],
    )
    smoothness = visit.page.evaluate("getComputedStyle(document.documentElement).scrollBehavior")

    assert tops == sorted(tops)
    assert smoothness == ("auto" if motion == "reduce" else "smooth")
    visit.page.get_by_role("link", name="Change the request").click()
    visit.page.wait_for_function("""() => {
        const { top } = document.getElementById("request").getBoundingClientRect();
        return top >= 0 && top < innerHeight / 2;
    }""")


def test_a_wide_screen_stays_where_it_is(visit: Visit, service: Service) -> None:
    """Rows that are in sight already move nothing; what this is stands below the form."""
    visit.open(service)
    visit.generate()
    form, receipt = (visit.page.locator(part).bounding_box() for part in ("#request", "#receipt"))

    assert visit.page.evaluate("scrollY") == 0
    assert visit.page.get_by_role("link", name="Change the request").count() == 0
    assert receipt["x"] == form["x"]
    assert receipt["y"] > form["y"] + form["height"]


def test_every_strip_of_bars_is_explained(visit: Visit, service: Service) -> None:
    """There is none before there is data, and then each has its digest and its heading."""
    visit.open(service)
    assert visit.page.locator("#main svg").count() == 0
    visit.choose("person")
    visit.generate()
    strips = visit.page.locator(".fingerprint")

    assert strips.count() == visit.page.locator("#receipt .fingerprint + .digest").count() == 2
    assert visit.page.get_by_text("A bar for each digit: equal data looks equal.").is_visible()


@pytest.mark.parametrize(("name", "size"), [("desktop", DESKTOP), ("phone", PHONE)])
def test_the_documentation_begins_with_its_text(
    make_visit: Any, service: Service, name: str, size: dict[str, int]
) -> None:
    """The contents are folded where they would push the text away; the page is not endless."""
    visit = make_visit(viewport=size)
    visit.open(service, "/docs")
    assert visit.page.locator("#contents ul").first.is_visible() == (name == "desktop")
    assert visit.page.locator("h1").bounding_box()["y"] < size["height"] / 3
    assert visit.page.evaluate("document.body.scrollHeight") < 16_000
    visit.picture(f"docs-{name}")
    visit.open(service, "/docs#schema-Person")
    row = visit.page.locator("#schema-Person table tbody tr").first
    row.wait_for(state="visible")
    visit.page.locator("#schema-Vehicle summary").first.click()

    assert visit.page.locator("#schema-Vehicle table tbody tr").first.is_visible()


LOOKS = {
    "light": {"viewport": DESKTOP},
    "dark": {"viewport": DESKTOP, "color_scheme": "dark"},
    "phone": {"viewport": PHONE, "has_touch": True, "is_mobile": True},
}


@pytest.mark.parametrize("look", LOOKS)
def test_every_state_fits_its_screen(
    make_visit: Any, service: Service, keyed_service: Service, look: str
) -> None:
    """Empty, full, with one record, refused and locked, no page is wider than its screen."""
    visit = make_visit(**LOOKS[look])

    def look_at(state: str) -> None:
        visit.picture(f"demo-{state}-{look}")
        assert visit.is_as_wide_as_its_window(), state

    visit.open(service)
    look_at("empty")
    visit.choose(records=200)
    visit.generate()
    look_at("persons")
    for table in ("vehicles", "profiles"):
        visit.page.click(f"#tab-{table}")
        look_at(table)
    visit.choose(records="ten")
    visit.page.click("#generate")
    visit.problem()
    look_at("refused")
    visit.choose("person", records=1)
    visit.page.check("#random")
    visit.generate()
    look_at("one-record")
    visit.open(keyed_service)
    look_at("key-needed")
    visit.page.click("#generate")
    visit.problem()
    look_at("key-missing")
    visit.page.fill("#key", "wrong")
    visit.page.click("#generate")
    visit.page.get_by_text("This key was not accepted").wait_for()
    look_at("key-wrong")


def test_the_page_follows_what_its_reader_prefers(make_visit: Any, service: Service) -> None:
    """Dark is dark, and nothing moves where motion is not wanted."""
    moving = """[...document.querySelectorAll("*")].some(
        (element) => getComputedStyle(element).transitionDuration !== "0s")"""
    looks = {}
    for scheme, motion in (("light", "no-preference"), ("dark", "reduce")):
        visit = make_visit(color_scheme=scheme, reduced_motion=motion)
        visit.open(service)
        ground = visit.page.evaluate("getComputedStyle(document.body).backgroundColor")
        looks[scheme] = (sum(map(int, re.findall(r"\d+", ground))), visit.page.evaluate(moving))

    assert looks["light"][0] > 3 * 200
    assert looks["dark"][0] < 3 * 60
    assert (looks["light"][1], looks["dark"][1]) == (True, False)


def test_without_javascript_the_page_says_so(make_visit: Any, service: Service) -> None:
    """The notice is seen, and the form cannot be sent."""
    visit = make_visit(java_script_enabled=False)
    visit.open(service)

    assert visit.page.locator("noscript .notice").is_visible()
    assert visit.page.locator("#generate").is_disabled()


def shown_rows(visit: Visit, table: str) -> list[dict[str, str]]:
    """The rows that a table shows, as text by column."""
    script = """table => [...table.rows].map(row => [...row.cells].map(cell => cell.textContent))"""
    grid = visit.page.locator(f'.scroller[aria-label="Rows of {table}"] table')
    names, *rows = grid.evaluate(script)
    return [dict(zip(names, row, strict=True)) for row in rows]


def as_shown(rows: list[dict[str, Any]], names: Iterable[str]) -> list[dict[str, str]]:
    """What a table should show of rows, in these columns."""
    return [
        {name: "null" if row[name] is None else str(row[name]) for name in names} for row in rows
    ]


def drawn_sizes(drawing: Any) -> list[float]:
    """Width of each bar or share, or height of each column, in pixels."""
    script = """drawing => [...drawing.querySelectorAll("g, .bar-line")].map((group) => {
        const mark = group.querySelector(".mark");
        return (group.querySelector(".reach") ? mark.height : mark.width).baseVal.value;
    })"""
    found: list[float] = drawing.evaluate(script)
    return found


def proportional(sizes: list[float], numbers: list[int]) -> bool:
    """Whether sizes stand to each other as the numbers do, within half a pixel."""
    scale = sum(sizes) / sum(numbers)
    return all(
        abs(size - number * scale) < 0.5 for size, number in zip(sizes, numbers, strict=True)
    )


def count(rows: list[dict[str, Any]], column: str) -> collections.Counter[str]:
    """How often each value stands in a column."""
    return collections.Counter(row[column] for row in rows)


def top_ten(rows: list[dict[str, Any]], column: str) -> dict[str, int]:
    """The ten most frequent values, in alphabetical order where they are equally frequent."""
    counts = sorted(count(rows, column).items(), key=lambda item: (-item[1], item[0]))
    return dict(counts[:10])


def age_on(day: date, birth: date) -> int:
    """Whole years."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def decade(age: int) -> str:
    """The name of an age's column."""
    return "<20" if age < 20 else f"{age // 10 * 10}s"


def run(command: str, folder: Path) -> bytes:
    """Run a line as a shell would in a folder, with the key in its variable."""
    path = f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "ESDH_API_KEY": KEY}
    done = subprocess.run(
        ["/bin/sh", "-c", command], cwd=folder, env=environment, capture_output=True, check=True
    )
    return done.stdout


def tab_until(visit: Visit, selector: str) -> None:
    """Press Tab until an element has the focus; it can be seen at every stop."""
    outlined = """(selector) => {
        const found = document.activeElement;
        const seen = found.matches("[type=radio]") ? found.parentElement : found;
        const style = getComputedStyle(seen);
        return [found.matches(selector), style.outlineStyle !== "none" && found !== document.body];
    }"""
    for _ in range(60):
        visit.page.keyboard.press("Tab")
        is_there, is_seen = visit.page.evaluate(outlined, selector)
        assert is_seen, visit.page.evaluate("document.activeElement.outerHTML")
        if is_there:
            return
    pytest.fail(f"Tab never came to {selector}")
