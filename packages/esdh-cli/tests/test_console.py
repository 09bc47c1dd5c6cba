"""What is printed: plainly or in colours, and when nobody is there any more to read it."""

import importlib.metadata
import os
import subprocess
import sys

import pytest

SHOWN = """
import sys
from esdh_cli.console import print_facts
print_facts("done", {"size": "3", "as path": "[a] b"})
print("rich" in sys.modules)
"""


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--help"],
        ["--version"],
        ["preview", "--help"],
        ["describe"],
        ["describe", "v0.1"],
        ["preview"],
        ["preview", "--json"],
        ["show-record", "a419ec71-8057-8d2e-bed3-c6231ed7eb6f", "--seed", "20251101"],
    ],
    ids=" ".join,
)
def test_a_closed_pipe_ends_a_command_quietly(arguments: list[str]) -> None:
    """As with `| true`: no message, and the exit code of a broken pipe."""
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "esdh_cli", *arguments]
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)

    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.parametrize(
    ("command", "code"),
    [("preview", 0), ("describe", 0), ("print-table persons", 2)],
)
def test_a_closed_output_ends_a_command_with_a_sentence_at_most(command: str, code: int) -> None:
    """As with `>&-`: what prints rows says that there is nowhere to print them to."""
    shell = f'exec "$0" -m esdh_cli {command} >&-'
    done = subprocess.run(
        ["/bin/sh", "-c", shell, sys.executable], stderr=subprocess.PIPE, text=True, check=False
    )

    assert (code, code and 1) == (done.returncode, done.stderr.count("\n"))
    assert "internal" not in done.stderr


@pytest.mark.parametrize("columns", ["0", "1", "5", "80"])
def test_no_width_takes_the_answer_away(columns: str) -> None:
    """COLUMNS=0, which some tools set, and very narrow terminals print what was asked for."""
    done = subprocess.run(
        [sys.executable, "-m", "esdh_cli", "preview", "--records", "1"],
        env={**os.environ, "COLUMNS": columns},
        capture_output=True,
        text=True,
        check=True,
    )

    assert "persons" in "".join(done.stdout.split())


def shown(**environment: str) -> list[str]:
    """Lines on a standard output that is no terminal; last, whether colours were loaded."""
    known = {
        name: value
        for name, value in os.environ.items()
        if name not in {"FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE"}
    }
    ended = subprocess.run(
        [sys.executable, "-c", SHOWN],
        capture_output=True,
        check=True,
        env={**known, "PYTHONUTF8": "1", **environment},
        text=True,
        timeout=60,
    )
    return ended.stdout.splitlines()


def test_a_pipe_gets_plain_lines() -> None:
    """And the library for colours is not even loaded, which takes a while."""
    assert shown() == ["done", "  size     3", "  as path  [a] b", "False"]


@pytest.mark.parametrize(
    "wish",
    [
        {"FORCE_COLOR": "1"},
        pytest.param(
            {"TTY_COMPATIBLE": "1"},
            marks=pytest.mark.skipif(
                int(importlib.metadata.version("rich").partition(".")[0]) < 14,
                reason="rich knows TTY_COMPATIBLE from 14.0 on",
            ),
        ),
    ],
)
def test_colours_in_a_pipe_are_for_who_asks(wish: dict[str, str]) -> None:
    """The same lines, in colours."""
    lines = shown(**wish)

    assert lines[-1] == "True"
    assert lines[0].startswith("\x1b[")
    assert lines[1].endswith("3")
