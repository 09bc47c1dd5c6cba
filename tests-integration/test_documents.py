"""What the documents show is what happens."""

import doctest
import re
import shlex
from pathlib import Path

import pytest

from esdh_cli.main import COMMANDS, cli
from esdh_models import data_dictionary, get_contract

ROOT = Path(__file__).parent.parent
FOLDERS = ("*.md", "docs/**/*.md", "governance/**/*.md", "agentic/**/*.md", "packages/*/*.md")
PAGES = sorted(page for folder in FOLDERS for page in ROOT.glob(folder))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_examples_in_pages_run_as_shown(page: Path) -> None:
    """Every interactive example gives what the page says."""
    assert doctest.testfile(str(page), module_relative=False).failed == 0


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link names a file of this repository."""
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text()):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_shown_commands_exist(page: Path) -> None:
    """Every `esdh-cli` line in a code block is a command with options that it has."""
    for block in re.findall(r"```\n(.*?)```", page.read_text(), flags=re.DOTALL):
        for line in block.splitlines():
            if line.startswith("esdh-cli "):
                words = shlex.split(line)[1:]
                command = cli.get_command(None, words[0])  # type: ignore[arg-type]
                assert command is not None, line
                known = {option for parameter in command.params for option in parameter.opts}
                used = {word for word in words if word.startswith("--")}
                assert used <= known | {"--help"}, line


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
