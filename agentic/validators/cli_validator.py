"""Validates the command line as a user meets it: the installed program, run from outside."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from validator import CheckFailedError, require_none, run_validator

PROGRAM: Final = Path(sys.executable).parent / "esdh-cli"
_DEADLINE_SECONDS: Final = 60

_BAD_INPUT: Final = (
    ("generate-snapshots",),
    ("preview", "--no-such-option"),
    ("generate-snapshot", "--records", "1e6"),
    ("describe", "v9.9"),
)
"""Command lines that must end with code 2."""


def every_command_explains_itself(_: Path) -> str:
    """`--help` lists the commands, and each has help with an example."""
    commands = _commands()
    problems = [] if commands else ["--help lists no command"]
    for command in commands:
        done = _run(command, "--help")
        if done.returncode or done.stderr or f"esdh-cli {command}" not in done.stdout:
            problems.append(f"{command} --help: code {done.returncode}, no example or noise")
    require_none(problems)
    return f"{len(commands)} commands: {', '.join(commands)}"


def _commands() -> list[str]:
    listed = _run("--help").stdout.partition("Commands:")[2]
    return re.findall(r"^  ([a-z][a-z-]+) ", listed, flags=re.MULTILINE)


def a_snapshot_is_made_and_checked(_: Path) -> str:
    """The way of the README ends with 0 at every step; a taken name with 3, a broken file with 1.

    With `--json` each step prints one document and nothing on standard error.
    """
    with tempfile.TemporaryDirectory() as folder:
        snapshot = Path(folder) / "snapshot"
        asked = ("generate-snapshot", "--seed", "7", "--workers", "1", "--output-dir", snapshot)
        made = _document(*asked, "--records", "5", "--json")
        verified = _document("verify-snapshot", snapshot, "--regenerate", "--json")
        validated = _document("validate-snapshot", snapshot, "--json")
        taken = _run(*asked, "--records", "6")
        with (snapshot / "persons.csv").open("ab") as file:
            file.write(b"\n")
        broken = _run("verify-snapshot", snapshot)
    answer, digest = verified["answer"], made["dataset_digest"]
    require_none(
        problem
        for problem, holds in {
            f"--regenerate answers {answer!r}": answer == "regenerated identical",
            "verify-snapshot tells another digest": verified["dataset_digest"] == digest,
            "a new snapshot is not valid": validated["passed"] is True,
            f"a taken name ends with {taken.returncode}": taken.returncode == 3,
            f"a broken file ends with {broken.returncode}": broken.returncode == 1,
            "a refusal is not one line": _is_one_line(taken.stderr) and _is_one_line(broken.stderr),
        }.items()
        if not holds
    )
    return f"{digest}: {answer}, and valid"


def rows_go_to_standard_output(_: Path) -> str:
    """`print-table` prints a header and one line a row, and nothing else."""
    done = _good("print-table", "persons", "--records", "12", "--output-format", "csv")
    lines = done.stdout.splitlines()
    if len(lines) != 13 or not lines[0].startswith("person_id,") or done.stderr:
        raise CheckFailedError(f"12 records are {len(lines)} lines, or there is noise")
    return "a header and 12 rows"


def bad_input_is_refused_in_one_line(_: Path) -> str:
    """What cannot be asked ends with code 2 and one line on standard error."""
    problems = []
    for arguments in _BAD_INPUT:
        done = _run(*arguments)
        if done.returncode != 2 or done.stdout or not _is_one_line(done.stderr):
            problems.append(f"{' '.join(arguments)}: code {done.returncode}, not one line")
    require_none(problems)
    return f"{len(_BAD_INPUT)} command lines"


def _run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    environment = {name: text for name, text in os.environ.items() if not name.startswith("ESDH_")}
    return subprocess.run(
        [PROGRAM, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        stdin=subprocess.DEVNULL,
        timeout=_DEADLINE_SECONDS,
    )


def _good(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    done = _run(*arguments)
    if done.returncode:
        raise CheckFailedError(f"{arguments[0]} ends with {done.returncode}: {done.stderr}")
    return done


def _document(*arguments: str | Path) -> dict[str, object]:
    done = _good(*arguments)
    if done.stderr:
        raise CheckFailedError(f"{arguments[0]} says something beside its document")
    found: dict[str, object] = json.loads(done.stdout)
    return found


def _is_one_line(text: str) -> bool:
    return text.startswith("esdh-cli: ") and text.count("\n") == 1 and text.endswith("\n")


CHECKS: Final = (
    every_command_explains_itself,
    a_snapshot_is_made_and_checked,
    rows_go_to_standard_output,
    bad_input_is_refused_in_one_line,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the checks."""
    return run_validator("cli", CHECKS, arguments)


if __name__ == "__main__":
    sys.exit(main())
