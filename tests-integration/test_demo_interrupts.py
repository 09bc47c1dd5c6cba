"""A demo that is interrupted or killed: nothing is left running, or it is found and ended."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))
from demo_program import (
    DEADLINE_SECONDS,
    log_of,
    only_folder,
    run,
    run_demo,
    services,
    start,
    variables_with_module,
    wait_until,
)

NEVER_BIND = """
import signal, sys
if "serve" in sys.orig_argv:
    signal.pause()
"""


def start_service(runs: Path, **variables: str) -> subprocess.Popen[str]:
    """A demo that waits with its service started, and its process id written."""
    process = start("run_demo_flow.py", "--runs", runs, "--interactive", **variables)
    assert process.stdin
    process.stdin.write("\n\n\n")
    process.stdin.flush()
    wait_until(lambda: services(runs), process)
    wait_until(lambda: any(path.read_text() for path in runs.glob("2*/api.pid")), process)
    return process


def wait_until_it_listens(runs: Path, process: subprocess.Popen[str]) -> None:
    """Until the log says that the service is up."""
    log = only_folder(runs) / "demo_flow_log.jsonl"
    wait_until(lambda: "api_start" in log.read_text(), process)


@pytest.mark.parametrize("number", [1, 2, 3, 15], ids=["HUP", "Ctrl-C", "QUIT", "TERM"])
def test_an_interrupted_demo_leaves_nothing(tmp_path: Path, number: int) -> None:
    """Stopped while its service runs: the service ends, the snapshot is whole, the log says so."""
    process = start_service(tmp_path)
    wait_until_it_listens(tmp_path, process)
    process.send_signal(number)
    _, told = process.communicate(timeout=DEADLINE_SECONDS)
    folder = only_folder(tmp_path)

    assert process.returncode == 128 + number
    assert told == "\ndemo: interrupted; nothing is left running\n"
    assert services(tmp_path) == []
    assert log_of(folder)[-1]["status"] == "interrupted"
    assert (folder / "snapshot" / "manifest.json").exists()
    assert not (folder / "api.pid").exists()
    assert not list(folder.glob(".*"))


def test_an_interrupt_while_the_service_starts_ends_it(tmp_path: Path) -> None:
    """It is stopped before it listens, too."""
    variables = variables_with_module(tmp_path / "path", "sitecustomize", NEVER_BIND)
    process = start_service(tmp_path / "runs", **variables)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=DEADLINE_SECONDS)

    assert process.returncode == 130
    assert services(tmp_path) == []


@pytest.mark.parametrize("program", ["run_demo_flow.py", "demo_data.py", "make_demo_samples.py"])
def test_an_interrupt_during_the_imports_is_quiet(tmp_path: Path, program: str) -> None:
    """One line and code 130, wherever among the imports it comes."""
    code = "import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n"
    done = run(program, **variables_with_module(tmp_path / "path", "pydantic", code))

    assert done.returncode == 130
    assert done.stderr.endswith(": interrupted; nothing is left running\n")
    assert done.stderr.count("\n") == 2
    assert done.stdout == ""


def test_a_service_that_does_not_listen_yet_is_found(tmp_path: Path) -> None:
    """The demo was killed right after it started its service: --stop ends it, and says which."""
    variables = variables_with_module(tmp_path / "path", "sitecustomize", NEVER_BIND)
    runs = tmp_path / "runs"
    process = start_service(runs, **variables)
    (service,) = services(runs)
    process.kill()
    process.communicate()
    stopped = run_demo("--stop", "--runs", runs)
    left = services(runs)
    again = run_demo("--stop", "--runs", runs)

    assert stopped.stdout == f"stopped the service {service} of {only_folder(runs).name}\n"
    assert left == []
    assert again.stdout == "nothing was left running\n"


def test_stopped_is_said_after_the_service_ended(tmp_path: Path) -> None:
    """Two demos were killed while their services listened: both are ended before the end."""
    found = []
    for name in ("a", "b"):
        process = start_service(tmp_path / name)
        wait_until_it_listens(tmp_path / name, process)
        process.kill()
        process.communicate()
        found += services(tmp_path / name)
        only_folder(tmp_path / name).rename(tmp_path / only_folder(tmp_path / name).name)
    stopped = run_demo("--stop", "--runs", tmp_path)
    left = services(tmp_path)

    assert len(found) == 2
    assert all(f"stopped the service {service} of " in stopped.stdout for service in found)
    assert left == []


def test_the_end_of_one_demo_leaves_the_note_of_another(tmp_path: Path) -> None:
    """Each run has its own: what a killed run left is found although another run passed."""
    killed = start_service(tmp_path)
    wait_until_it_listens(tmp_path, killed)
    killed.kill()
    killed.communicate()
    passed = run_demo("--runs", tmp_path)
    stopped = run_demo("--stop", "--runs", tmp_path)

    assert passed.returncode == 0, passed.stderr
    assert stopped.stdout.startswith("stopped the service ")
    assert services(tmp_path) == []


def test_no_other_process_is_ended(tmp_path: Path) -> None:
    """A note whose service has gone may name a process that is somebody else's by now."""
    folder = tmp_path / "20260101T000000000000Z_baseline"
    folder.mkdir()
    with subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        (folder / "api.pid").write_text(f"{other.pid}\n")
        spared = run_demo("--stop", "--runs", tmp_path)
        answer, _ = other.communicate(b"alive")

    assert spared.stdout == "nothing was left running\n"
    assert answer == b"alive"
    assert other.returncode == 0
    assert not (folder / "api.pid").exists()
