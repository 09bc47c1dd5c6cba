"""The demo, run from outside: it ends well, shows what it says, and tells why where it cannot."""

import os
import re
import shlex
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, cast

import pytest

sys.path += [str(Path(__file__).parent), str(Path(__file__).parents[1] / "scripts")]
from demo_flow import child_process, flow, smoke_tests, steps
from demo_flow.committed_digests import get_committed_digest
from demo_flow.configuration import DEFAULT_CONFIG, load_configuration
from demo_flow.failure import StepError
from demo_flow.plan import Plan
from demo_flow.run_folder import RunFolder
from demo_program import (
    ROOT,
    copy_of_the_demo,
    folders,
    log_of,
    only_folder,
    run,
    run_demo,
    run_on_terminal,
    services,
    variables_with_module,
)

from esdh_generator import Dataset
from esdh_models import errors

GOOD = (ROOT / "config" / "demo.yaml").read_text()
COLUMNS = 132


@pytest.fixture(scope="module")
def busy_port() -> Iterator[int]:
    """A port that is taken, and whose next is probably free."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory, busy_port: int) -> tuple[Path, str]:
    """The folder of all runs after one whole demo on a wide terminal, and what it showed."""
    runs = tmp_path_factory.mktemp("demo") / "runs"
    for day in range(1, 8):
        (runs / f"202601{day:02}T000000000000Z_baseline").mkdir(parents=True)
    (runs / "notes").mkdir()
    arguments = ["--skip-smoke", "--runs", runs, "--port", str(busy_port)]
    code, text = run_on_terminal("run_demo_flow.py", *arguments, columns=COLUMNS)
    assert code == 0, text
    return runs, text


@pytest.fixture(scope="module")
def finished(shown: tuple[Path, str]) -> Path:
    """The folder of all runs after one whole demo, which found its port taken."""
    return shown[0]


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


def test_a_terminal_shows_three_tables_in_its_colours_and_width(shown: tuple[Path, str]) -> None:
    """The preview is what esdh-cli shows there: coloured names, and more columns than 80 have."""
    text = shown[1]
    preview = text.partition("[6/6]")[2]
    lines = re.sub(r"\x1b\[[0-9;]*m", "", preview).splitlines()

    assert "equal to the committed one" in text
    for table in ("persons", "vehicles", "profiles"):
        assert re.search(rf"\x1b\[[0-9;]*m{table}\x1b\[0m", preview), table
    assert 80 < max(len(line) for line in lines if "first_name" in line) <= COLUMNS


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


def test_nothing_runs_after_a_demo(finished: Path) -> None:
    """The service is gone, and so is the note of its process id."""
    assert services(finished) == []
    assert list(finished.glob("**/api.pid")) == []


# Runs that are kept.


def make_run(runs: Path) -> RunFolder:
    """A run that begins; it lives until its descriptor is closed."""
    return RunFolder.create(runs, "baseline")


def test_five_runs_are_kept_and_the_newest_is_linked(finished: Path) -> None:
    """The oldest go, the link is relative, and what is no run stays."""
    runs = [path.name for path in folders(finished)]

    assert len(runs) == 5
    assert (finished / "latest_demo").readlink() == Path(runs[-1])
    assert runs[0].startswith("20260104")
    assert (finished / "notes").is_dir()


def test_runs_that_fail_are_counted_too(tmp_path: Path) -> None:
    """Of one that passed and seven that did not, five are kept, the one that passed among them."""
    passed = make_run(tmp_path)
    passed.publish()
    os.close(passed.log_descriptor)
    for _ in range(7):
        os.close(make_run(tmp_path).log_descriptor)

    assert len(folders(tmp_path)) == 5
    assert (tmp_path / "latest_demo").resolve() == passed.path


def test_a_run_that_lives_is_not_removed(tmp_path: Path) -> None:
    """However many come after it; it goes once it ended."""
    living = make_run(tmp_path)
    for _ in range(7):
        os.close(make_run(tmp_path).log_descriptor)

    assert folders(tmp_path)[0] == living.path
    os.close(living.log_descriptor)
    os.close(make_run(tmp_path).log_descriptor)
    assert not living.path.exists()


# What is refused before the first step.


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            GOOD.replace("records: 30", "records: many"),
            "line 5: profiles.baseline.records must be a whole number",
        ),
        (
            GOOD.replace("records: 30", "recods: 30"),
            "line 5: unknown key 'profiles.baseline.recods'",
        ),
        (GOOD.replace("seed: 42", "seed: &s 42", 1), "line 6: anchors and aliases"),
        (GOOD.replace("seed: 42", "seed: !!int 42", 1), "line 6: tags are not allowed"),
        (
            GOOD.replace("seed: 42", "seed: 42\n    seed: 43", 1),
            "line 7: the key 'seed' stands twice",
        ),
        (
            GOOD.replace("seed: 42", "seed: -1", 1),
            "line 6: profiles.baseline.seed must be at least 0 or be 'random', but got -1\n",
        ),
        (
            GOOD.replace("127.0.0.1", "192.0.2.1"),
            "line 18: api.host must be a loopback address",
        ),
        (
            GOOD.replace("127.0.0.1", "localhost"),
            ("line 18: api.host must be a loopback address such as 127.0.0.1: the demo serves this"
            " machine alone, but got 'localhost'\n"),
        ),
        (GOOD.replace("le: 10000", "le: 5"), "line 15: profiles.gate.records_per_file: "),
        ("", "line 1: the document must be a mapping of keys to values, but it is empty\n"),
    ],
    ids=[
        "type", "unknown key", "alias", "tag", "twice", "range", "public host", "name", "part",
        "empty",
    ],
)  # fmt: skip
def test_a_broken_configuration_is_one_line(tmp_path: Path, text: str, message: str) -> None:
    """Exit code 2, one line with the line number, and no run folder."""
    config = tmp_path / "demo.yaml"
    config.write_text(text)
    done = run_demo("--config", config, "--runs", tmp_path / "runs")

    assert done.returncode == 2
    assert done.stderr.startswith(f"demo: demo.yaml {message}")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--port 0", "argument --port: it must be a whole number from 1 to 65535, but got '0'"),
        ("--port -1", "argument --port: it must be a whole number from 1 to 65535, but got '-1'"),
        ("--port 70000", "argument --port: it must be a whole number from 1 to 65535"),
        ("--port x", "argument --port: it must be a whole number from 1 to 65535, but got 'x'"),
        ("--workers 0", "argument --workers: it must be a whole number from 1 to 64, but got '0'"),
        (
            "--workers 2",
            (
                "--workers 2 is more than the profile baseline has work for: each process writes a"
                " file, and its 30 records are 1; choose --workers 1 or --profile gate\n"
            ),
        ),
        ("--workers 4 --profile gate", "--workers 4 is more than the profile gate has work for"),
        ("--profile heavi", "unknown profile 'heavi' (did you mean 'heavy'?); choose from"),
        ("--intractive", "unrecognized arguments: --intractive; see --help"),
        ("--runs FILE", "no run can be kept in 'FILE': File exists"),
        ("--runs FILE/runs", "no run can be kept in 'FILE/runs': Not a directory"),
        ("--runs TAKEN", "no run can be kept in 'TAKEN': latest_demo in it is not a link"),
        ("--config FILE/c", "'FILE/c' cannot be read: Not a directory\n"),
        (
            "--config OTHER",
            (
                "the profile baseline asks for 31 records of seed 42, but the committed digest is"
                " of 30 records of seed 42; put the profile back, or run make demo-samples"
            ),
        ),
    ],
)
def test_what_cannot_be_is_refused_before_the_first_step(
    tmp_path: Path, arguments: str, message: str
) -> None:
    """Exit code 2, one line that says what is wrong, and no step, folder or traceback."""
    paths = {name: str(tmp_path / name.lower()) for name in ("FILE", "TAKEN", "OTHER")}
    (tmp_path / "file").touch()
    (tmp_path / "taken" / "latest_demo").mkdir(parents=True)
    (tmp_path / "other").write_text(GOOD.replace("records: 30", "records: 31"))
    for name, path in paths.items():
        arguments, message = arguments.replace(name, path), message.replace(name, path)
    done = run_demo("--runs", tmp_path / "runs", *arguments.split())

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"demo: {message}")
    assert done.stderr.count("\n") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "other", "taken"]


@pytest.mark.parametrize("content", [None, "{", '{"baseline": "blake3:0"}'])
def test_committed_digests_that_cannot_be_read_are_refused(
    tmp_path: Path, content: str | None
) -> None:
    """Nothing is called uncompared because its digest is lost."""
    if content is not None:
        (tmp_path / "digests.json").write_text(content)
    profile = load_configuration(DEFAULT_CONFIG).profile("baseline")

    with pytest.raises(errors.ConfigurationError, match="git restore data/demo_samples"):
        get_committed_digest("baseline", profile, tmp_path)


@pytest.mark.parametrize(
    ("program", "code", "where"),
    [
        ("run_demo_flow.py", 2, "err"),
        ("demo_data.py", 2, "err"),
        ("make_demo_samples.py", 2, "err"),
        ("doctor.py", 1, "out"),
    ],
)
def test_every_program_tells_the_line_of_a_broken_configuration(
    tmp_path: Path, program: str, code: int, where: str
) -> None:
    """In one line, never with a traceback; the doctor goes on looking."""
    scripts = copy_of_the_demo(tmp_path)
    config = tmp_path / "config" / "demo.yaml"
    config.write_text(GOOD.replace("records: 30", "recods: 30"))
    done = run(scripts / program)
    told = done.stderr if where == "err" else done.stdout

    assert done.returncode == code
    assert "demo.yaml line 5: unknown key 'profiles.baseline.recods' (did you" in told
    assert "Traceback" not in done.stderr
    assert len(done.stdout.splitlines()) == (9 if where == "out" else 0)
    assert len(done.stderr.splitlines()) == (0 if where == "out" else 1)


# What fails in a step.


def test_a_service_that_does_not_come_up_ends_the_demo(tmp_path: Path) -> None:
    """Exit code 1, a block that says why and what to do about it, and a log that says where."""
    done = run_demo("--runs", tmp_path, ESDH_API_PROT="1")

    assert done.returncode == 1
    assert "--- diagnostics ---" in done.stderr
    assert "failed step:  api_start" in done.stderr
    assert "did you mean 'ESDH_API_PORT'?" in done.stderr
    assert "what to do:   unset ESDH_API_PROT: " in done.stderr
    assert log_of(only_folder(tmp_path))[-1]["status"] == "failed"
    assert not (tmp_path / "latest_demo").exists()
    assert services(tmp_path) == []


def test_an_interactive_demo_with_nobody_there_ends(tmp_path: Path) -> None:
    """Where input ends no step runs: exit code 1, what to do, and a line in the log."""
    done = run_demo("--runs", tmp_path, "--interactive")

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "what to do:   run it in a terminal, or leave --interactive out" in done.stderr
    assert [(line["step"], line["status"]) for line in log_of(only_folder(tmp_path))] == [
        ("snapshot", "failed")
    ]


def a_run(folder: Path, committed: str | None = None) -> steps.Run:
    """A run of the baseline that has made nothing yet."""
    configuration = load_configuration(DEFAULT_CONFIG)
    plan = Plan(
        name="baseline",
        profile=configuration.profile("baseline"),
        api=configuration.api,
        port=1,
        workers=1,
        committed_digest=committed,
        is_interactive=False,
        has_smoke_tests=False,
    )
    return steps.Run(plan, make_run(folder), ExitStack())


def test_another_digest_than_the_committed_one_stops_the_demo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The summary fails, and not the step that verified: both digests are told, and to stop."""
    run_ = a_run(tmp_path, committed="blake3:1")
    run_.snapshot["dataset_digest"] = "blake3:2"
    monkeypatch.setattr(flow, "STEPS", ())

    code = flow.run_steps(run_)

    told = capsys.readouterr().err
    assert code == 1
    assert "failed step:  summary" in told
    assert "the dataset digest is blake3:2, but blake3:1 is committed" in told
    assert "what to do:   stop: this machine makes other data" in told
    assert not (tmp_path / "latest_demo").exists()


def test_a_fault_of_the_demo_itself_is_told_and_logged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An answer without a member that a step reads is a failed step, not a traceback."""
    step = steps.Step("health", "It says what it is.", lambda _: {"port": {}["port"]})
    monkeypatch.setattr(flow, "STEPS", (step,))

    assert flow.run_steps(a_run(tmp_path)) == 1
    assert "reason:       KeyError: 'port'" in capsys.readouterr().err
    assert log_of(only_folder(tmp_path))[0]["status"] == "failed"


def test_a_program_that_prints_no_json_fails_its_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it printed is told."""
    monkeypatch.setattr(steps, "_CLI", Path("/bin/echo"))

    with pytest.raises(StepError, match="generate-snapshot did not print JSON, but 'generate-sn"):
        steps.make_snapshot(a_run(tmp_path))


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ([sys.executable, "-c", "import signal; signal.pause()"], "did not end within 0.5 s"),
        ([sys.executable, "-c", "raise SystemExit('no luck')"], "ended with code 1: no luck"),
        (["/dev/null/esdh-cli"], "esdh-cli cannot be started: Not a directory"),
    ],
)
def test_programs_that_do_not_end_well_fail_their_step(command: list[str], message: str) -> None:
    """One that hangs, one that fails and one that is not there: a reason, and what to do."""
    with pytest.raises(StepError, match=message) as caught:
        child_process.run_to_end(command, advice="ask", seconds=0.5 if "0.5" in message else 60)

    assert caught.value.advice


# The gate.

NOTE_WORKERS = """
import os, sys
if "esdh_exporters.worker" in sys.orig_argv:
    open(os.environ["WORKERS_FOLDER"] + f"/{os.getpid()}", "w").close()
"""


def test_the_second_flow_of_the_gate_is_written_by_two_processes(tmp_path: Path) -> None:
    """The line of the Makefile asks for two workers, and comes to the digest that one came to."""
    makefile = (ROOT / "Makefile").read_text()
    gate = makefile.partition("\ndemo-gate:")[2].partition("\n\n")[0].splitlines()
    first, second = (shlex.split(line)[2:] for line in gate if "run_demo_flow" in line)
    workers = tmp_path / "workers"
    workers.mkdir()
    variables = variables_with_module(tmp_path / "path", "sitecustomize", NOTE_WORKERS)
    arguments = second[second.index("scripts/run_demo_flow.py") + 1 :]
    done = run_demo(*arguments, "--runs", tmp_path / "runs", WORKERS_FOLDER=workers, **variables)

    assert done.returncode == 0, done.stderr
    assert first[-2:] == ["--workers", "1"]
    assert len(list(workers.iterdir())) == 1, "the second; the first is the one that was asked"
    assert "(equal to the committed one)" in done.stdout
    assert "\x1b" not in done.stdout


def test_the_canned_samples_are_current() -> None:
    """What is shown where nothing starts, and each committed digest, is what one process makes."""
    done = run("make_demo_samples.py", "--check")

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "run_them", [smoke_tests.run_smoke_tests, lambda: steps.SMOKE.do(cast("Any", None))]
)
def test_the_quick_tests_have_a_minute(
    monkeypatch: pytest.MonkeyPatch, run_them: Callable[[], object]
) -> None:
    """What passes, but takes more work than it may, fails: in the target and in the flow."""
    makefile = (ROOT / "Makefile").read_text()
    line = makefile.partition("\ndemo-smoke:")[2].partition("\n\n")[0].splitlines()[1]
    monkeypatch.setattr(smoke_tests, "_PYTEST", (sys.executable, "-c", "print('4 passed')"))

    assert line.endswith("python scripts/smoke_tests.py")
    assert smoke_tests.LIMIT_SECONDS == 60
    assert "4 passed" in str(run_them())
    monkeypatch.setattr(smoke_tests, "LIMIT_SECONDS", 0)
    with pytest.raises(StepError, match=r"took [0-9.]+ s of work, and may take 0"):
        run_them()


# The other programs.


def test_the_doctor_finds_what_is_set() -> None:
    """All is well here; a variable that changes the service is a warning."""
    done = run("doctor.py", ESDH_RATE_LIMIT="off")

    assert done.returncode == 0, done.stdout
    assert "warning environment: ESDH_RATE_LIMIT" in done.stdout


def test_the_doctor_says_that_packages_are_missing(tmp_path: Path) -> None:
    """It imports nothing before it looks: what is missing is a finding with its remedy."""
    code = "raise ImportError('there is no esdh_models')"
    done = run("doctor.py", **variables_with_module(tmp_path / "path", "esdh_models", code))

    assert (done.returncode, done.stderr) == (1, "")
    assert "MISSING packages: there is no esdh_models; run make sync" in done.stdout


def test_interpreters_without_packages_are_told_what_to_do(tmp_path: Path) -> None:
    """One line for the other programs."""
    code = "raise ImportError('there is no esdh_models')"
    variables = variables_with_module(tmp_path / "path", "esdh_models", code)
    done = run_demo(**variables)

    assert done.returncode == 2
    assert done.stderr == "demo: there is no esdh_models; run make sync\n"
