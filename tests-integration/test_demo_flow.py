"""The demo, run from outside: it ends well, ends clearly, and never leaves anything running."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from esdh_generator import Dataset

ROOT = Path(__file__).parent.parent
SCRIPTS = ROOT / "scripts"
DEADLINE_SECONDS = 120
GOOD = (ROOT / "config" / "demo.yaml").read_text()


def command(*arguments: str | Path) -> list[str | Path]:
    """The command line of a demo without its quick tests, which are these."""
    return [sys.executable, SCRIPTS / "run_demo_flow.py", "--skip-smoke", *arguments]


def run(
    *arguments: str | Path, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a demo to its end."""
    return subprocess.run(
        command(*arguments),
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS,
        check=False,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
    )


def log_of(folder: Path) -> list[dict[str, Any]]:
    """The lines of a run's log."""
    lines = (folder / "demo_flow_log.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def services(folder: Path) -> list[str]:
    """Services of the hub that run now with a log in this folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if b"esdh-api\0serve" in (process / "cmdline").read_bytes():
                log = str((process / "fd" / "2").readlink())
                found += [process.name] if log.startswith(str(folder)) else []
        except OSError:
            continue
    return found


@pytest.fixture(scope="module")
def busy_port() -> Iterator[int]:
    """A port that is taken, and whose next is probably free."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, busy_port: int) -> Path:
    """The folder of all runs after one whole demo, which found its port taken."""
    runs = tmp_path_factory.mktemp("demo") / "runs"
    for day in range(1, 8):
        (runs / f"202601{day:02}T000000000000Z_baseline").mkdir(parents=True)
    (runs / "notes").mkdir()
    done = run("--runs", runs, "--port", str(busy_port))
    assert done.returncode == 0, done.stderr
    assert "equal to the committed one" in done.stdout
    return runs


def test_a_whole_demo_logs_every_step(finished: Path, busy_port: int) -> None:
    """One line per step with status and time; the service took another port."""
    log = log_of(finished / "latest_demo")

    assert [line["step"] for line in log] == [
        "snapshot", "verify", "api_start", "health", "generate", "preview", "summary",
    ]  # fmt: skip
    assert {line["status"] for line in log} == {"passed"}
    assert all(line["milliseconds"] >= 0 for line in log)
    assert log[2]["port_asked_for"] == busy_port
    assert busy_port < log[2]["port"] <= busy_port + 20


def test_the_log_holds_no_values(finished: Path) -> None:
    """No name, place, number or identifier of the thirty people is in the log."""
    log = (finished / "latest_demo" / "demo_flow_log.jsonl").read_text()
    dataset = Dataset(42, 30)
    values = {
        str(value)
        for table in dataset.request.tables
        for row in dataset.table(table).to_pylist()
        for name, value in row.items()
        if name not in {"synthetic_source", "country"} and len(str(value)) > 3
    }

    assert len(values) > 300
    assert [value for value in values if value in log] == []


def test_five_runs_are_kept_and_the_newest_is_linked(finished: Path) -> None:
    """The oldest go, the link is relative, and what is no run stays."""
    runs = sorted(path.name for path in finished.glob("2026*"))

    assert len(runs) == 5
    assert (finished / "latest_demo").readlink() == Path(runs[-1])
    assert runs[0].startswith("20260104")
    assert (finished / "notes").is_dir()


def test_nothing_runs_after_a_demo(finished: Path) -> None:
    """The service is gone, and so is the note of its process id."""
    assert services(finished) == []
    assert not (finished / "api.pid").exists()


def test_a_service_that_does_not_come_up_ends_the_demo(tmp_path: Path) -> None:
    """Exit code 1, a diagnostics block that says why, and a log that says where."""
    done = run("--runs", tmp_path, environment={"ESDH_API_PROT": "1"})
    (folder,) = (path for path in tmp_path.iterdir() if path.is_dir())

    assert done.returncode == 1
    assert "--- diagnostics ---" in done.stderr
    assert "failed step:  api_start" in done.stderr
    assert "did you mean 'ESDH_API_PORT'?" in done.stderr
    assert log_of(folder)[-1]["status"] == "failed"
    assert not (tmp_path / "latest_demo").exists()
    assert services(tmp_path) == []


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["Ctrl-C", "TERM"]
)
def test_an_interrupted_demo_leaves_nothing(tmp_path: Path, number: int, code: int) -> None:
    """Stopped while its service runs: the service ends, the snapshot is whole, the log says so."""
    process = subprocess.Popen(
        command("--runs", tmp_path, "--interactive"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )
    assert process.stdin
    process.stdin.write("\n\n\n")
    process.stdin.flush()
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not services(tmp_path):
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(number)
    process.communicate(timeout=DEADLINE_SECONDS)
    (folder,) = (path for path in tmp_path.iterdir() if path.is_dir())

    assert process.returncode == code
    assert services(tmp_path) == []
    assert log_of(folder)[-1]["status"] == "interrupted"
    assert (folder / "snapshot" / "manifest.json").exists()
    assert not list(folder.glob(".*"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (GOOD.replace("records: 30", "records: many"), "line 5: profiles.baseline.records: "),
        (
            GOOD.replace("records: 30", "recods: 30"),
            "line 5: unknown key 'profiles.baseline.recods'",
        ),
        (GOOD.replace("seed: 42", "seed: &s 42"), "line 6: anchors and aliases"),
        (GOOD.replace("seed: 42", "seed: !!int 42"), "line 6: tags are not allowed"),
        (GOOD.replace("seed: 42", "seed: 42\n    seed: 43"), "line 7: the key 'seed' stands twice"),
        (GOOD.replace("seed: 42", "seed: -1"), "line 6: profiles.baseline.seed"),
        (GOOD.replace("127.0.0.1", "192.0.2.1"), "line 13: api.host: the demo serves this machine"),
        ("", "line 1: the document: "),
    ],
    ids=["type", "unknown key", "alias", "tag", "twice", "range", "public host", "empty"],
)
def test_a_broken_configuration_is_one_line(tmp_path: Path, text: str, message: str) -> None:
    """Exit code 2, one line with the line number, and no run folder."""
    config = tmp_path / "demo.yaml"
    config.write_text(text)
    done = run("--config", config, "--runs", tmp_path / "runs")

    assert done.returncode == 2
    assert done.stderr.startswith(f"demo: demo.yaml {message}")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "runs").exists()


def test_a_left_over_service_is_stopped_and_nothing_else(tmp_path: Path) -> None:
    """--stop ends the service whose id was noted, and no other process of that id."""
    with (tmp_path / "log").open("wb") as log:
        service = subprocess.Popen(
            [Path(sys.executable).parent / "esdh-api", "serve", "--port", "0"],
            stdout=subprocess.DEVNULL,
            stderr=log,
        )
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        (tmp_path / "api.pid").write_text(f"{other.pid}\n")
        spared = run("--stop", "--runs", tmp_path)
        (tmp_path / "api.pid").write_text(f"{service.pid}\n")
        stopped = run("--stop", "--runs", tmp_path)

        assert spared.stdout == "nothing was left running\n"
        assert other.poll() is None
        assert stopped.stdout == f"stopped the service {service.pid}\n"
        service.wait(DEADLINE_SECONDS)
    finally:
        for process in (service, other):
            process.kill()
            process.wait()


def test_the_canned_samples_are_current() -> None:
    """What is shown where nothing starts is what this release makes."""
    done = subprocess.run(
        [sys.executable, SCRIPTS / "make_demo_samples.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr


def test_the_colourful_look_shows_the_profile() -> None:
    """Thirty persons, their tables and counts; a drawn seed needs a service."""
    look = [sys.executable, SCRIPTS / "demo_data.py"]
    shown = subprocess.run(look, capture_output=True, text=True, check=True).stdout
    refused = subprocess.run(
        [*look, "--profile", "heavy"], capture_output=True, text=True, check=False
    )

    assert re.search(r"persons \(30\)", shown)
    assert "risk_rating" in shown
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "--use-api" in refused.stderr


def test_the_doctor_finds_what_is_set() -> None:
    """All is well here; a variable that changes the service is a warning."""
    done = subprocess.run(
        [sys.executable, SCRIPTS / "doctor.py"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "ESDH_RATE_LIMIT": "off"},
    )

    assert done.returncode == 0, done.stdout
    assert "warning environment: ESDH_RATE_LIMIT" in done.stdout
