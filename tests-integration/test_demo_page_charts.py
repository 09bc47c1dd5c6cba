"""The demo page in a real browser: its charts count what its rows hold, and can be read."""

from __future__ import annotations

import collections
import re
import sys
from datetime import date
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parent))
from demo_browser import Service, Visit, playwright_or_skip

playwright_or_skip()


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
