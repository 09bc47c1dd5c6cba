"""What the pages show is what happens: their code runs, their names exist, their links lead on."""

import doctest
import re
import sys
from pathlib import Path

import pytest

from esdh_cli.main import COMMANDS, cli, run
from esdh_models import data_dictionary, get_contract

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / "agentic" / "validators"), str(ROOT / "tests-integration")]

from document_checks import hidden_python, problems, python_blocks, run_python  # noqa: E402
from markdown_page import blocks, link_problems, pages  # noqa: E402

PAGES = pages(ROOT)
NOT_RUN_HERE = {
    "docs/api.md": "it asks a running service; tests-integration/test_api_examples.py runs it",
}
"""Pages whose Python does not run here, with the reason, which pytest prints."""

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def shown(page: Path, first_words: str) -> list[str]:
    """The lines of the block of a page that begins with these words."""
    (text,) = [block.text for block in blocks(page) if block.text.startswith(first_words)]
    return text.splitlines()


@every_page
def test_examples_in_pages_run_as_shown(page: Path) -> None:
    """Every interactive example gives what the page says."""
    assert doctest.testfile(str(page), module_relative=False).failed == 0


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if python_blocks(page)],
    ids=lambda page: str(page.relative_to(ROOT)),
)
def test_programs_in_pages_run(page: Path, tmp_path: Path) -> None:
    """Every Python block ends well on its own; one that does not run here says why."""
    if reason := NOT_RUN_HERE.get(str(page.relative_to(ROOT))):
        pytest.skip(reason)
    for code in python_blocks(page):
        done = run_python(code, tmp_path)
        assert done.returncode == 0, f"{code}\n{done.stderr}"


def test_only_pages_with_python_are_left_out() -> None:
    """A reason whose page has no Python any more is taken away."""
    assert [name for name in NOT_RUN_HERE if not python_blocks(ROOT / name)] == []


@every_page
def test_python_in_pages_says_that_it_is(page: Path) -> None:
    """A block that imports something is marked as Python, and so is run."""
    assert hidden_python(page) == []


@every_page
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link names a file of this repository, and behind a # one of its headings."""
    assert list(link_problems(page)) == []


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if page.name != "CHANGELOG.md"],
    ids=lambda page: str(page.relative_to(ROOT)),
)
def test_what_pages_name_exists(page: Path) -> None:
    """Targets, commands, options, scripts, routes and parameters; history may name lost ones."""
    assert problems(page) == []


def test_the_readme_shows_the_default_snapshot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its output is what the command prints, and its rows are the first of the file."""
    monkeypatch.chdir(tmp_path)
    assert run(["generate-snapshot"]) == 0
    printed = capsys.readouterr().out.splitlines()
    file = (tmp_path / "data/snapshots/v0.1/profiles.csv").read_text().splitlines()
    rows = [dict(zip(file[0].split(","), line.split(","), strict=True)) for line in file[1:]]
    table = re.findall(r"^\| (\w.*) \|$", (ROOT / "README.md").read_text(), flags=re.MULTILINE)
    start = next(number for number, line in enumerate(table) if line.startswith("full_name"))
    names = table[start].split(" | ")

    assert shown(ROOT / "README.md", "Snapshot written")[: len(printed)] == printed
    assert [row.split(" | ") for row in table[start + 1 : start + 5]] == [
        [row[name] for name in names] for row in rows[:4]
    ]


def test_every_command_and_option_is_in_the_readme_of_the_cli() -> None:
    """No command is left out of the page for users."""
    text = (ROOT / "packages" / "esdh-cli" / "README.md").read_text()
    command = cli.get_command(None, "generate-snapshot")  # type: ignore[arg-type]
    assert command is not None

    assert all(name in text for name in COMMANDS)
    assert all(parameter.opts[0] in text for parameter in command.params)


@pytest.mark.parametrize("version", ["v0.1"])
def test_data_dictionary_is_current(version: str) -> None:
    """The page in governance is what `esdh-cli describe --markdown` prints."""
    contract = get_contract(version)
    page = ROOT / "governance" / f"data_dictionary_{version}.md"

    assert page.read_text() == data_dictionary.as_markdown(contract, contract.tables)
