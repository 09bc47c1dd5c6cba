"""docs/cli.md is what the commands say of themselves."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from esdh_cli.main import COMMANDS

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT / "scripts"))

import generate_cli_reference as reference  # noqa: E402

CLI_SOURCE = ROOT / "packages" / "esdh-cli" / "src" / "esdh_cli" / "main.py"


def test_the_page_is_what_the_commands_say() -> None:
    """`--check` accepts the page; if not: `make cli-reference`, and review the difference."""
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "generate_cli_reference.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_another_page_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A page that differs by a word, or is missing, is told and left as it is."""
    page = tmp_path / "cli.md"
    monkeypatch.setattr(reference, "PAGE", page)

    assert reference.main(["--check"]) == 1
    assert not page.exists()
    page.write_text(reference.render().replace("policyholders", "people", 1))
    assert reference.main(["--check"]) == 1
    assert "run `make cli-reference`" in capsys.readouterr().err
    assert reference.main([]) == 0
    assert reference.main(["--check"]) == 0


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_section_with_an_example(name: str) -> None:
    """Usage, and at least one line to copy."""
    section = reference.render().partition(f"### esdh-cli {name}\n")[2].partition("\n##")[0]

    assert f"Usage: `esdh-cli {name} " in section
    assert re.search(rf"```\n.*esdh-cli {name}", section)


def test_every_exit_code_is_told() -> None:
    """The codes of the program are those of the page; signals add 128 to their number."""
    codes = {
        int(code) for code in re.findall(r"EXIT_[A-Z_]+: Final = (\d+)", CLI_SOURCE.read_text())
    }
    signals = {128 + 2, 128 + 13, 128 + 15}

    assert (codes - {128}) | signals | {0} == set(reference.EXIT_CODES["esdh-cli"])
