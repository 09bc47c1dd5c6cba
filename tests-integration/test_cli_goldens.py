"""What every command prints is written down in golden/cli; it changes only on purpose."""

import difflib
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest

from esdh_api.main import cli as api
from esdh_cli.main import COMMANDS

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT / "scripts"))

import update_cli_goldens as goldens  # noqa: E402
from update_cli_goldens import Case, Outcome  # noqa: E402

WHAT_TO_DO = (
    "What a command prints has changed. If that was meant: run"
    " `python scripts/update_cli_goldens.py` (make cli-goldens) and review the difference."
)


@pytest.mark.parametrize("name", goldens.TRANSCRIPTS)
def test_commands_print_what_is_written(name: str) -> None:
    """Help, summaries and errors with their exit codes are those of the transcript."""
    file = goldens.GOLDEN / f"{name}.txt"

    difference = compare(file, goldens.transcribe(name))

    assert difference == "", f"\n{difference}\n{WHAT_TO_DO}"


@pytest.mark.parametrize(
    "case",
    [
        Case("esdh-cli --help"),
        Case("esdh-cli describe v9"),
        Case("esdh-api serve", {"ESDH_RATE_LIMIT": "often"}),
    ],
    ids=lambda case: str(case.line),
)
def test_a_process_prints_the_same(case: Case, tmp_path: Path) -> None:
    """The installed programs say what the transcripts say, which are made in one process."""
    program, *arguments = shlex.split(case.line)

    done = subprocess.run(
        [Path(sys.executable).parent / program, *arguments],
        cwd=tmp_path,
        env=goldens.environment(case),
        capture_output=True,
        text=True,
        check=False,
    )

    told = goldens.tell(case, Outcome(done.returncode, done.stdout, done.stderr), tmp_path)
    written = "\n".join(file.read_text() for file in goldens.GOLDEN.glob("*.txt"))
    assert told in written


def test_every_command_has_a_transcript() -> None:
    """A new command is written down too, with its help and an error or a summary."""
    assert isinstance(api, click.Group)
    expected = {"esdh-cli", "esdh-api"}
    expected |= {f"esdh-cli-{name}" for name in COMMANDS}
    expected |= {f"esdh-api-{name}" for name in api.commands}

    assert set(goldens.TRANSCRIPTS) == expected
    assert {file.stem for file in goldens.GOLDEN.iterdir()} == expected
    for name, cases in goldens.TRANSCRIPTS.items():
        program = "-".join(name.split("-")[:2])
        line = f"{program} {name.removeprefix(program)[1:]} --help".replace("  ", " ")
        assert line in [case.line for case in cases]
        assert len(cases) > 1


def test_a_difference_is_shown(tmp_path: Path) -> None:
    """A transcript that is not true is told line by line; one that is missing is all new."""
    file = tmp_path / "esdh-cli.txt"
    file.write_text("$ esdh-cli\n| Usage: other\nexit code 0\n")

    assert "-| Usage: other\n+| Usage: this" in compare(
        file, "$ esdh-cli\n| Usage: this\nexit code 0\n"
    )
    assert "+$ esdh-cli" in compare(tmp_path / "missing.txt", "$ esdh-cli\n")


def compare(file: Path, made: str) -> str:
    """The difference between what is written and what was made."""
    written = file.read_text(encoding="utf-8") if file.exists() else ""
    lines = difflib.unified_diff(
        written.splitlines(), made.splitlines(), f"golden/cli/{file.name}", "now", lineterm=""
    )
    return "\n".join(lines)
