"""The demo page in a real browser: by keyboard, on every screen, as its reader prefers."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.append(str(Path(__file__).parent))
from demo_browser import DESKTOP, PHONE, TABLES, Service, Visit, playwright_or_skip

playwright_or_skip()

LOOKS = {
    "light": {"viewport": DESKTOP},
    "dark": {"viewport": DESKTOP, "color_scheme": "dark"},
    "phone": {"viewport": PHONE, "has_touch": True, "is_mobile": True},
}


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
