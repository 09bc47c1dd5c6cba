"""Fixtures of the short tests, options of `make soak`, and the page with its figures."""

from __future__ import annotations

import importlib.metadata
import platform
import re
from collections.abc import Callable, Generator
from pathlib import Path

import pytest
from soak.harness import Conclude, Figures, full_disk, runs, sources

program, stepper, namespace = runs.program, runs.stepper, full_disk.namespace
make_source, make_snapshot = sources.make_source, sources.make_snapshot

ROWS = pytest.StashKey[list[Figures]]()
REMARKS = pytest.StashKey[list[str]]()
DISTRIBUTIONS = ("esdh-models", "esdh-generator", "esdh-exporters", "esdh-cli", "numpy", "pyarrow")
PAGE = """\
# Soak

Made by `make soak ARGS="--write-report docs/soak.md"`; nobody edits it. Each line is a promise
about writing, verifying or serving that was tried many times over, with the harness and the tables
of the short tests. What writes or serves is the installed command; bits are flipped and damages
made for the verifier as a library. *Broken* counts runs after which the promise did not hold.
Delays and places are spread evenly, never drawn; what the system made of them differs a little
from run to run. With `--update-report` some tests are run again and their rows alone renewed.

| What was tried | Runs | Broken | What was seen |
|---|---:|---:|---|
{rows}
{remarks}
Made with Python {python}, {versions}.
"""


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--quick`, `--write-report PAGE` and, where some tests were run again, `--update-report`."""
    parser.addoption("--quick", action="store_true", help="a tenth of everything")
    parser.addoption("--write-report", metavar="PAGE", help="write the figures as a page")
    parser.addoption(
        "--update-report", metavar="PAGE", help="replace the figures of these tests on the page"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Nothing was tried yet."""
    config.stash[ROWS] = []
    config.stash[REMARKS] = []


@pytest.fixture
def count(request: pytest.FixtureRequest) -> Callable[[int], int]:
    """How often to try something that the whole soak tries so often."""
    quick = request.config.getoption("--quick")
    return lambda whole: max(2, whole // 10) if quick else whole


@pytest.fixture
def conclude(request: pytest.FixtureRequest) -> Conclude:
    """Takes the figures of a test."""
    return Conclude(request.config.stash[ROWS])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember what was skipped or failed, which has no figures or bad ones."""
    report = yield
    name = _name_of(item)
    if report.skipped and isinstance(report.longrepr, tuple):
        item.config.stash[REMARKS].append(
            f"Skipped: {name}. {report.longrepr[2].removeprefix('Skipped: ')}.\n"
        )
    if report.failed:
        item.config.stash[REMARKS].append(f"Failed: {name}.\n")
    return report


def _name_of(item: pytest.Item) -> str:
    return item.name.removeprefix("test_").replace("_", " ")


def _row(figures: Figures) -> str:
    return f"| {figures.tried} | {figures.runs:,} | {figures.broken} | {figures.seen} |"


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the page, if one was asked for."""
    page = session.config.getoption("--write-report")
    if page:
        Path(page).write_text(_page(session.config), encoding="utf-8")
    page = session.config.getoption("--update-report")
    if page:
        text = Path(page).read_text(encoding="utf-8")
        Path(page).write_text(_updated(text, session), encoding="utf-8")


def _updated(page: str, session: pytest.Session) -> str:
    """The page with new figures in the rows of their titles, or behind all, and no old failures."""
    rows = {f"| {row.tried} |": _row(row) for row in session.config.stash[ROWS]}
    names = {_name_of(item) for item in session.items}
    lines = []
    for line in page.splitlines():
        title = line[: line.find(" |", 2) + 2]
        if not any(line.startswith((f"Failed: {name}.", f"Skipped: {name}.")) for name in names):
            lines.append(rows.pop(title, line))
    last = max(number for number, line in enumerate(lines) if line.startswith("| "))
    lines[last + 1 : last + 1] = rows.values()  # of tests that had failed before they had figures
    remarks = [remark.rstrip() for remark in session.config.stash[REMARKS]]
    text = "\n".join([*lines[:-1], *remarks, lines[-1]]) + "\n"
    return re.sub(r"\n{3,}", "\n\n", text)


def _page(config: pytest.Config) -> str:
    return PAGE.format(
        rows="\n".join(map(_row, config.stash[ROWS])),
        remarks="".join(f"\n{remark}" for remark in config.stash[REMARKS]),
        python=platform.python_version(),
        versions=", ".join(f"{name} {importlib.metadata.version(name)}" for name in DISTRIBUTIONS),
    )
