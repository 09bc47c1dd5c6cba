"""Runs the programs of the demo from outside, and looks at what they leave."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import shutil
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
SCRIPTS = ROOT / "scripts"
DEADLINE_SECONDS = 180

Ended = subprocess.CompletedProcess[str]


def start(
    program: str | Path, *arguments: str | Path, **variables: str | Path
) -> subprocess.Popen[str]:
    """Start a program of scripts/, or of a copy of it, with pipes to it."""
    return subprocess.Popen(
        [sys.executable, SCRIPTS / program, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **{name: str(value) for name, value in variables.items()}},
    )


def run(program: str | Path, *arguments: str | Path, **variables: str | Path) -> Ended:
    """Run a program of scripts/ to its end; nobody types anything."""
    process = start(program, *arguments, **variables)
    out, err = process.communicate(timeout=DEADLINE_SECONDS)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def run_demo(*arguments: str | Path, **variables: str | Path) -> Ended:
    """Run a demo without its quick tests, which may be these."""
    return run("run_demo_flow.py", "--skip-smoke", *arguments, **variables)


def run_on_terminal(program: str, *arguments: str | Path, columns: int) -> tuple[int, str]:
    """The exit code of a program, and all that a terminal of this width was sent."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    process = subprocess.Popen(
        [sys.executable, SCRIPTS / program, *arguments],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**_without_columns(), "TERM": "xterm-256color"},
    )
    os.close(theirs)
    sent = b""
    try:
        while more := os.read(ours, 65_536):
            sent += more
    except OSError:  # how Linux tells that nobody has the terminal any more
        pass
    os.close(ours)
    return process.wait(DEADLINE_SECONDS), sent.decode().replace("\r\n", "\n")


def _without_columns() -> dict[str, str]:
    """This environment, but that the terminal says how wide it is."""
    return {name: value for name, value in os.environ.items() if name != "COLUMNS"}


def wait_until(claim: Callable[[], object], process: subprocess.Popen[str]) -> None:
    """Look again and again until the claim holds, which must be while the process lives."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not claim():
        assert time.monotonic() < deadline, "it never came to that"
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)


def services(folder: Path) -> list[int]:
    """Services of the hub that run now with a log in this folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if b"esdh-api\0serve" in (process / "cmdline").read_bytes():
                log = str((process / "fd" / "2").readlink())
                found += [int(process.name)] if log.startswith(str(folder)) else []
        except OSError:
            continue
    return found


def log_of(folder: Path) -> list[dict[str, Any]]:
    """The lines of a run's log."""
    lines = (folder / "demo_flow_log.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def folders(runs: Path) -> list[Path]:
    """The folders of all runs, oldest first."""
    return sorted(path for path in runs.glob("2*") if path.is_dir())


def only_folder(runs: Path) -> Path:
    """The folder of the only run."""
    (folder,) = folders(runs)
    return folder


def copy_of_the_demo(tree: Path) -> Path:
    """Programs, configuration and samples of the demo below another root; gives its scripts/."""
    for name in ("scripts", "config", "data/demo_samples"):
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    return tree / "scripts"


def variables_with_module(folder: Path, name: str, code: str) -> dict[str, str]:
    """Variables with which every Python finds this module before any other of its name."""
    folder.mkdir()
    (folder / f"{name}.py").write_text(code)
    return {"PYTHONPATH": str(folder)}
