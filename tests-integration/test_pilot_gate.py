"""A run of the gate is planned fairly, ends in time, and is counted with what failed first."""

import os
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT / "scripts"))

from pilot.circumstances import Circumstance  # noqa: E402
from pilot.counting import Tally, count  # noqa: E402
from pilot.gate import Planned, first_failed_step, plan_runs, run_gate  # noqa: E402
from pilot.processes import Ended, run_to_end, start  # noqa: E402
from pilot.versions import CURRENT, FIRST  # noqa: E402

SECONDS = 60


def test_the_plan_is_the_same_for_both_versions() -> None:
    """50 runs of each: half quiet, the rest in turns, and each version goes first as often."""
    planned = list(plan_runs(50))
    circumstances = {
        version: [each.circumstance.name for each in planned if each.version == version]
        for version in (FIRST, CURRENT)
    }

    assert circumstances[FIRST] == circumstances[CURRENT]
    assert Counter(circumstances[FIRST]) == {
        "quiet": 25,
        "port taken": 9,
        "processors busy": 8,
        "left-over service": 8,
    }
    assert Counter(each.version for each in planned[::2]) == {FIRST: 25, CURRENT: 25}


@contextmanager
def nothing(_: Path) -> Iterator[None]:
    """A circumstance that does nothing."""
    yield


PLANNED = Planned(7, CURRENT, Circumstance("nothing", "", nothing))


def gate_folder(folder: Path, recipe: str) -> Path:
    """A version whose gate is this recipe, after a check that passes."""
    (folder / "Makefile").write_text(
        f"demo-gate: demo-validate\n\t@{recipe}\ndemo-validate:\n\t@echo ok\n"
    )
    return folder


@pytest.mark.parametrize(
    ("recipe", "exit_code", "step"),
    [
        ("echo fine", 0, None),
        ("exit 3", 2, "demo-gate"),
        ("echo '  failed step:  api_start'; exit 1", 2, "demo-gate: api_start"),
        (
            "echo 'FAILED tests/test_a.py::test_b[x] - no'; exit 1",
            2,
            "demo-gate: tests/test_a.py::test_b",
        ),
        ("echo 'MISSING disk: full; free some'; exit 1", 2, "demo-gate: disk"),
        ("kill -9 $$$$", 2, "demo-gate"),
    ],
)
def test_a_planted_gate_is_counted_with_its_step(
    tmp_path: Path, recipe: str, exit_code: int, step: str | None
) -> None:
    """A gate that fails is a failure, with its first failed step; one that passes is none."""
    run = run_gate(PLANNED, gate_folder(tmp_path, recipe), "c" * 40, seconds=SECONDS)

    assert (run.exit_code, run.failed_step) == (exit_code, step)
    assert count([run]) == Tally(1, int(exit_code != 0))
    assert (run.version, run.number, run.circumstance) == (CURRENT, 7, "nothing")


def test_a_gate_that_hangs_is_ended_and_counted(tmp_path: Path) -> None:
    """When its time is up it fails, and nothing that it started goes on."""
    folder = gate_folder(tmp_path, "sleep 600 & echo $$! > child; wait")

    run = run_gate(PLANNED, folder, "c" * 40, seconds=2)

    assert run.failed_step == "no end within the time allowed"
    assert count([run]).failures == 1
    assert is_gone(int((tmp_path / "child").read_text()))


def test_the_earlier_target_is_named() -> None:
    """What a check before the gate itself says is its failure, not that of the gate."""
    said = "MISSING port: 5000\nmake: *** [Makefile:9: demo-validate] Error 1\n"

    assert first_failed_step(Ended(2, said, 1.0, is_late=False)) == "demo-validate: port"


def test_a_failure_that_says_nothing_is_unknown() -> None:
    """An empty output is no reason to be silent."""
    assert first_failed_step(Ended(127, "", 1.0, is_late=False)) == "unknown"


@pytest.mark.parametrize("name", ["ESDH_API_KEY", "MAKEFLAGS", "VIRTUAL_ENV"])
def test_the_shell_of_whoever_measures_does_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Variables of a service, of make and of an environment do not reach a version."""
    monkeypatch.setenv(name, "here")

    ended = run_to_end(("env",), tmp_path, seconds=SECONDS)

    assert f"{name}=" not in ended.said


def test_started_programs_end_with_the_block(tmp_path: Path) -> None:
    """A program and its child are gone after an error, too."""
    with pytest.raises(KeyError):
        fail_beside(("sh", "-c", "sleep 600 & echo $! > new; mv new child; wait"), tmp_path)

    assert is_gone(int((tmp_path / "child").read_text()))


def fail_beside(command: tuple[str, ...], folder: Path) -> None:
    """Start a program, wait until it has a child, and fail."""
    with start(command, folder):
        while not (folder / "child").exists():
            time.sleep(0.01)
        raise KeyError


def is_gone(process_id: int) -> bool:
    """Whether a process has ended, waited for or not, within some seconds."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            os.kill(process_id, 0)
            if re.search(r"\) Z ", Path(f"/proc/{process_id}/stat").read_text()):
                return True
        except OSError:
            return True
        time.sleep(0.01)
    return False
