"""The demo page in a real browser: keys, and what it says when it is refused something."""

from __future__ import annotations

import re
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))
from demo_browser import KEY, Service, Visit, playwright_or_skip, shown_rows

playwright_or_skip()


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
