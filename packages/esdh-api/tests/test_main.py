"""The command line: what it prints, where, and with which code it ends."""

from __future__ import annotations

import importlib.metadata
import json
import runpy
import signal
import sys

import click
import pytest

from esdh_api import main
from esdh_api.server import bind
from esdh_api.settings import VARIABLES, Settings

KEY = "correct-horse-battery-staple"


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of this machine plays a part."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("arguments", "variables", "told"),
    [
        (["serve", "--host", "0.0.0.0"], {}, "without ESDH_API_KEY only loopback may be bound"),  # noqa: S104
        (["serve", "--host", "::"], {}, "without ESDH_API_KEY only loopback may be bound"),
        (["serve", "--host", "192.168.1.5"], {}, "without ESDH_API_KEY only loopback may be bound"),
        (["serve", "--host", "api.example"], {}, "without ESDH_API_KEY only loopback may be bound"),
        (["serve"], {"ESDH_API_HOST": "0.0.0.0"}, "without ESDH_API_KEY only loopback"),  # noqa: S104
        (["serve", "--host", "192.0.2.1"], {"ESDH_API_KEY": KEY}, "cannot bind 192.0.2.1:5000"),
        (["serve", "--processes", "2"], {}, "2 processes would each count their own rate limit"),
        (["serve", "--port", "70000"], {}, "--port: input should be less than or equal to 65535"),
        (["serve", "--processes", "65"], {}, "--processes: input should be less than or equal to"),
        (["serve"], {"ESDH_API_PORT": "70000"}, "ESDH_API_PORT: input should be less than or"),
        (["serve", "--port", "1"], {"ESDH_API_THREADS": "x"}, "ESDH_API_THREADS: input should be"),
        (
            ["serve", "--host", "8.8.8.8"],
            {},
            "without ESDH_API_KEY only loopback may be bound, but --host is '8.8.8.8'; set a key",
        ),
        (["serve", "--port", "http"], {}, "Invalid value for '--port'"),
        (["serve"], {"ESDH_API_KEYS": KEY}, "unknown environment variable 'ESDH_API_KEYS' (did"),
        (["serve"], {"ESDH_API_KEY": "two words"}, "ESDH_API_KEY: a key must be 1 to 512"),
        (["serve", "--workers", "2"], {}, "No such option"),
        (["openapi"], {"ESDH_MAX_RECORDS": "0"}, "ESDH_MAX_RECORDS: input should be greater"),
        (["dance"], {}, "No such command 'dance'"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(
    arguments: list[str],
    variables: dict[str, str],
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The code is 2, standard output is empty, and no secret is repeated."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    code = main.run(arguments)
    captured = capsys.readouterr()

    assert (code, captured.out) == (2, "")
    assert captured.err.startswith(f"esdh-api: {told}")
    assert captured.err.count("\n") == 1
    assert KEY not in captured.err
    assert "two words" not in captured.err


def test_a_port_that_is_taken_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is served, and the sentence says what to do."""
    with bind(Settings(port=0)) as taken:
        taken.listen()
        port = taken.getsockname()[1]
        assert main.run(["serve", "--port", str(port)]) == 2

    assert f"cannot bind 127.0.0.1:{port}: Address already in use" in capsys.readouterr().err


def test_the_document_can_be_had_without_a_server(capsys: pytest.CaptureFixture[str]) -> None:
    """It is JSON on standard output, and nothing else."""
    assert main.run(["openapi"]) == 0
    captured = capsys.readouterr()

    assert json.loads(captured.out)["openapi"] == "3.1.0"
    assert captured.err == ""


def test_without_a_command_the_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody is left without a next step."""
    assert main.run([]) == 0
    assert "serve" in capsys.readouterr().out


def test_help_names_every_variable(capsys: pytest.CaptureFixture[str]) -> None:
    """Settings are found where one looks first."""
    assert main.run(["--help"]) == 0
    words = capsys.readouterr().out.replace(",", " ").replace(".", " ").split()

    assert set(VARIABLES) <= set(words)


@pytest.mark.parametrize("name", main.cli.commands)
def test_every_command_and_option_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What is not hidden is explained."""
    command = main.cli.commands[name]
    options = [p for p in command.params if isinstance(p, click.Option) and not p.hidden]
    assert main.run([name, "--help"]) == 0

    assert command.help
    assert all(option.help for option in options)
    assert "inherited" not in capsys.readouterr().out


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    """One line, as of the installed distribution."""
    assert main.run(["--version"]) == 0

    version = importlib.metadata.version("esdh-api")
    assert capsys.readouterr().out == f"esdh-api, version {version}\n"


def test_an_interrupt_before_it_serves_ends_quietly(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ctrl-C while libraries load leaves no traceback."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(main, "bind", interrupt)
    assert main.run(["serve"]) == 128 + signal.SIGINT
    assert "Traceback" not in capsys.readouterr().err


def test_the_module_is_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`python -m esdh_api` is `esdh-api`."""
    monkeypatch.setattr(sys, "argv", ["esdh-api", "--version"])
    with pytest.raises(SystemExit) as left:
        runpy.run_module("esdh_api", run_name="__main__")

    assert left.value.code == 0
    assert capsys.readouterr().out.startswith("esdh-api, version ")
