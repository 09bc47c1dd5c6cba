"""What is printed, when nobody is there any more to read it."""

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "arguments",
    [
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
