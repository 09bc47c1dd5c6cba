"""Help: complete, quick, and the same in the registry, the commands and the documents."""

import importlib
import subprocess
import sys
from pathlib import Path

import click
import pytest

from esdh_cli.main import COMMANDS
from esdh_cli.main import cli as group

HEAVY = {"pydantic", "pyarrow", "numpy", "rich", "esdh_models", "esdh_generator", "esdh_exporters"}


def command_of(name: str) -> click.Command:
    """The command as its module defines it."""
    module = importlib.import_module(f"esdh_cli.commands.{name.replace('-', '_')}")
    command = module.command
    assert isinstance(command, click.Command)
    return command


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_and_an_example(name: str) -> None:
    """No command is left unexplained."""
    text = command_of(name).help or ""

    assert "Example" in text
    assert f"esdh-cli {name}" in text
    assert name == command_of(name).name


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_explained(name: str) -> None:
    """Every option says what it does."""
    for parameter in command_of(name).params:
        if isinstance(parameter, click.Option):
            assert parameter.help, parameter.name


def test_no_command_at_all_shows_the_help() -> None:
    """Whoever types the bare name sees what there is, line by line."""
    done = subprocess.run(
        [sys.executable, "-m", "esdh_cli"], capture_output=True, text=True, check=True
    )

    assert "  Start here:\n    esdh-cli generate-snapshot\n" in done.stdout
    assert "\\b" not in done.stdout


@pytest.mark.parametrize("streams", ["stdout", "stderr"])
def test_a_closed_stream_is_no_internal_error(streams: str, tmp_path: Path) -> None:
    """With a stream closed, as a daemon may have it, the work is done all the same."""
    redirect = {"stdout": ">&-", "stderr": "2>&-"}[streams]
    command = (
        f"{sys.executable} -m esdh_cli generate-snapshot --records 1 --output-dir s {redirect}"
    )
    done = subprocess.run(["bash", "-c", command], cwd=tmp_path, check=False)

    assert done.returncode == 0
    assert (tmp_path / "s" / "manifest.json").exists()


def test_the_registry_lists_every_module() -> None:
    """A command file that nobody can call would be dead code."""
    folder = Path(importlib.import_module("esdh_cli.commands").__file__ or "").parent
    modules = {path.stem.replace("_", "-") for path in folder.glob("[a-z]*.py")}

    assert modules == set(COMMANDS)
    assert set(group.list_commands(click.Context(group))) == modules


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        ["generate-snapshot", "--help"],
        ["preview", "--help"],
        ["show-record", "--help"],
    ],
)
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    """Help comes without loading a model, a table or a colour."""
    code = (
        "import sys\n"
        "from esdh_cli.main import run\n"
        f"assert run({arguments!r}) == 0\n"
        f"print(sorted({HEAVY!r} & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stderr.strip() == "[]"
    assert "esdh-cli" in done.stdout
