"""Runs the installed command from outside: whole, or with a fault at one chosen step.

Run as a script, this file is that command with the fault. It stays warm and forks once for each
order that it reads, so that every step of a run can be tried. A step is the moment before or
after one of the calls in `_CALLS`. What tests of 100,000 records and of the demo page share is only
imported here.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

sys.path.append(str(Path(__file__).parent))
from data_of_100k import ages, dataset, persons, profiles, vehicles
from demo_browser import browser, keyed_service, make_visit, service, services, visit

__all__ = [
    "ages",
    "browser",
    "dataset",
    "keyed_service",
    "make_visit",
    "persons",
    "profiles",
    "service",
    "services",
    "vehicles",
    "visit",
]

_CALLS = {"chmod", "close", "fsync", "mkdir", "open", "rename", "rmdir", "unlink", "write"}
_CLI = Path(sys.executable).parent / "esdh-cli"
_DEADLINE_SECONDS = 60
_WITH_SIGINT = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execvp(sys.argv[1], sys.argv[1:])
"""


@dataclass(frozen=True)
class Ended:
    """How a run ended; `code` is minus the signal's number if one killed it."""

    code: int
    out: str
    err: str
    steps: tuple[str, ...] = ()

    @property
    def told(self) -> bool:
        """Whether there is exactly one line on standard error, and it is ours."""
        return self.err.startswith("esdh-cli: ") and self.err.count("\n") == 1


@dataclass
class Program:
    """Starts the installed command, each run in a session of its own."""

    cli: str = os.fspath(_CLI)
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def start(self, *arguments: str | Path, before: Sequence[str | Path] = ()) -> Any:
        """Start `esdh-cli` with these arguments, behind the program `before`, if any."""
        process = subprocess.Popen(
            [sys.executable, "-c", _WITH_SIGINT, *before, self.cli, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.started.append(process)
        return process

    def end(self, process: subprocess.Popen[str]) -> Ended:
        """Wait for a run."""
        out, err = process.communicate(timeout=_DEADLINE_SECONDS)
        return Ended(process.returncode, out, err)

    def run(self, *arguments: str | Path, before: Sequence[str | Path] = ()) -> Ended:
        """Start a run and wait for it."""
        return self.end(self.start(*arguments, before=before))

    def wait_until(self, claim: Callable[[], object]) -> None:
        """Look again and again until the claim holds."""
        deadline = time.monotonic() + _DEADLINE_SECONDS
        while not claim():
            assert time.monotonic() < deadline, "it never came to that"
            time.sleep(0.002)

    def members(self, process: subprocess.Popen[str]) -> list[int]:
        """Living processes of a run's session: itself and its workers."""
        found = []
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError, ValueError):
                after_name = (entry / "stat").read_text().rsplit(")", 1)[1].split()
                if int(after_name[3]) == process.pid and after_name[0] not in "ZX":
                    found.append(int(entry.name))
        return found

    def is_over(self, process: subprocess.Popen[str]) -> bool:
        """Whether neither a run nor any of its workers lives."""
        return self.members(process) == []


@pytest.fixture
def program() -> Iterator[Program]:
    """The installed command; whatever a test left running ends with it."""
    program = Program()
    yield program
    for process in program.started:
        for member in program.members(process):
            with contextlib.suppress(ProcessLookupError):
                os.kill(member, signal.SIGKILL)
        process.communicate()


@dataclass(frozen=True)
class Stepper:
    """The same command, forked warm, with a fault at one step."""

    server: subprocess.Popen[str]

    def run(
        self,
        *arguments: str | Path,
        step: int = 0,
        of: str = "",
        fault: Sequence[str | Path | int] = ("none",),
    ) -> Ended:
        """Run the command line; `steps` are those that it came to, the last maybe the fault's.

        The fault comes at step number `step` of all, or of those that are called `of`. Threads
        sync data files, so that steps of several may come in another order next time.
        """
        assert self.server.stdin is not None
        assert self.server.stdout is not None
        order = {"arguments": arguments, "step": step, "of": of, "fault": fault}
        self.server.stdin.write(json.dumps(order, default=os.fspath) + "\n")
        self.server.stdin.flush()
        answer = json.loads(self.server.stdout.readline())
        return Ended(answer["code"], "", answer["err"], tuple(answer["steps"]))


@pytest.fixture(scope="session")
def stepper() -> Iterator[Stepper]:
    """A warm server of faulty runs."""
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", __file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as server:
        yield Stepper(server)
        assert server.stdin is not None
        server.stdin.close()
        server.wait(_DEADLINE_SECONDS)


def _serve() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with tempfile.TemporaryDirectory() as folder:
        once = ["generate-snapshot", "--records", "1", "--workers", "1", "--output-dir"]
        with contextlib.redirect_stdout(io.StringIO()):
            _run_with_fault(
                {"arguments": [*once, f"{folder}/warm"], "step": -1, "of": ""},
                os.open(os.devnull, os.O_WRONLY),
            )
    for line in sys.stdin:
        print(json.dumps(_forked(json.loads(line))), flush=True)


def _forked(order: dict[str, Any]) -> dict[str, Any]:
    with contextlib.ExitStack() as stack:
        (steps_in, steps_out), (err_in, err_out) = os.pipe(), os.pipe()
        child = os.fork()
        if child == 0:
            os.dup2(err_out, 2)
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            os._exit(_run_with_fault(order, steps_out))
        os.close(steps_out)
        os.close(err_out)
        steps = stack.enter_context(os.fdopen(steps_in)).read()
        err = stack.enter_context(os.fdopen(err_in)).read()
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return {"code": code, "err": err, "steps": steps.split("\n")[:-1]}


def _run_with_fault(order: dict[str, Any], report: int) -> int:
    from esdh_cli.main import run  # noqa: PLC0415

    counted = itertools.count(1)

    def watch(_: object, event: str, function: Any) -> None:
        if event not in ("c_call", "c_return") or function.__name__ not in _CALLS:
            return
        if function.__module__ != "posix":
            return
        step = f"{'before' if event == 'c_call' else 'after'} {function.__name__}"
        os.write(report, f"{step}\n".encode())
        if order["of"] in ("", step) and next(counted) == order["step"]:
            _FAULTS[order["fault"][0]](*order["fault"][1:])

    threading.setprofile(watch)  # of threads that start from now on: data files are synced in some
    sys.setprofile(watch)
    try:
        return run(order["arguments"])
    except SystemExit as leave:
        return leave.code if isinstance(leave.code, int) else 1
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
        sys.stderr.flush()


def _fail(number: int) -> None:
    raise OSError(number, os.strerror(number))


_FAULTS: dict[str, Callable[..., object]] = {
    "none": lambda: None,
    "signal": lambda number: os.kill(os.getpid(), number),
    "error": _fail,
    "rename": os.rename,
    "remove": shutil.rmtree,
    "create": lambda path: Path(path).write_text("mine"),
}


if __name__ == "__main__":
    _serve()
