"""`completion`: scripts that the shells accept."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Cli


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_its_script(cli: Cli, shell: str) -> None:
    """The script calls back with the variable that the command listens to."""
    outcome = cli("completion", shell)

    assert outcome.code == 0
    assert f"_ESDH_CLI_COMPLETE={shell}_complete" in outcome.out


def test_completion_offers_the_commands() -> None:
    """Asked as a shell asks, the program answers with its commands."""
    environment = {
        **os.environ,
        "_ESDH_CLI_COMPLETE": "bash_complete",
        "COMP_WORDS": "esdh-cli v",
        "COMP_CWORD": "1",
    }
    code = "from esdh_cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )

    assert done.stdout.split() == ["plain,validate-snapshot", "plain,verify-snapshot"]
