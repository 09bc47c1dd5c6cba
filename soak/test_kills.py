"""Kill -9, hundreds of times: evenly over a whole run, and aimed at its last moments."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from soak.harness import Conclude, crash_safety

if TYPE_CHECKING:
    from conftest import Program, Stepper

FORMATS = ("csv", "json", "ndjson", "parquet")
TINY_SECONDS = 0.0005
MOST_TRIES = 3
"""For each kill: a run that ended before it was hit does not count."""
MOMENTS: tuple[Callable[[Path], object], ...] = (
    lambda folder: any(folder.glob(".target.*/manifest.json")),
    lambda folder: any(folder.glob(".target.*/SHA256SUMS")),
    lambda folder: False,
)
"""The manifest is there, SHA256SUMS is there, and (as ever) staging has become the target."""


@dataclass
class Killer:
    """Kills runs with two workers and several parts, and looks at what they leave."""

    program: Program
    stepper: Stepper
    folder: Path
    broken: list[str] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)

    @property
    def target(self) -> Path:
        """The name that each run is to write."""
        return self.folder / "target"

    def start(self, number: int) -> Any:
        """Start a run in the format of this number."""
        arguments = ["--records", "20000", "--output-format", FORMATS[number % len(FORMATS)]]
        return self.program.start(*crash_safety.PARTS, self.target, *arguments)

    def seconds_of(self, number: int) -> float:
        """How long a whole run takes that is left in peace; the shortest of three."""
        taken = []
        for _ in range(3):
            started = time.monotonic()
            assert self.program.end(self.start(number)).code == 0
            taken.append(time.monotonic() - started)
            shutil.rmtree(self.target)
        return min(taken)

    def kill(self, process: Any, number: int) -> None:
        """Kill a run now, or on odd turns its whole session; then see that no harm is done."""
        session = number // len(FORMATS) % 2
        (os.killpg if session else os.kill)(process.pid, signal.SIGKILL)
        ended = self.program.end(process)
        self.program.wait_until(partial(self.program.is_over, process))
        self.seen["killed" if ended.code else "done"] += 1
        self.seen["named"] += self.target.exists()
        self.seen["staged"] += any(self.folder.glob(".target.*"))
        where = f"run {number} (whole session: {bool(session)})"
        if ended.code not in (0, -signal.SIGKILL) or ended.err:
            self.broken.append(f"{where} ended with {ended.code} and said {ended.err!r}")
        if not crash_safety.is_absent_or_verifies(self.target):
            self.broken.append(f"{where} left a broken name")
        shutil.rmtree(self.target, ignore_errors=True)
        again = self.stepper.run(*crash_safety.SMALL, self.target)
        if again.code != 0 or crash_safety.names(self.folder) != ["target"]:
            self.broken.append(f"{where} was not swept: {crash_safety.names(self.folder)}")
        shutil.rmtree(self.target)

    @property
    def summary(self) -> str:
        """What became of the runs."""
        return (
            f"{self.seen['killed']} died, {self.seen['done']} were done already; the name was there"
            f" {self.seen['named']} times; {self.seen['staged']} left staging for the next run to"
            " sweep; no process lived on"
        )


def test_kills_over_a_whole_run(
    program: Program,
    stepper: Stepper,
    tmp_path: Path,
    count: Callable[[int], int],
    conclude: Conclude,
) -> None:
    """Whenever a run is killed, alone or with its workers, the name is absent or verifies."""
    killer, runs = Killer(program, stepper, tmp_path), count(200)
    seconds = [killer.seconds_of(number) for number in range(len(FORMATS))]
    for number in range(MOST_TRIES * runs):
        process = killer.start(number)
        time.sleep(seconds[number % len(FORMATS)] * (number % runs + 0.5) / runs)
        killer.kill(process, number)
        if killer.seen["killed"] == runs:
            break
    assert killer.seen["killed"] == runs, "too few runs lived until they were killed"

    tried = "kill -9, delays even over a whole run; csv, json, ndjson, parquet; two workers"
    conclude(tried, runs, killer.broken, killer.summary)


def test_kills_in_the_last_moments(
    program: Program,
    stepper: Stepper,
    tmp_path: Path,
    count: Callable[[int], int],
    conclude: Conclude,
) -> None:
    """The same while the proof is written, while it gets its name, and a moment later."""
    killer, runs = Killer(program, stepper, tmp_path), count(50)
    for number in range(runs):
        process = killer.start(number)
        moment = MOMENTS[number // 6 % len(MOMENTS)]
        while not (killer.target.exists() or moment(tmp_path)):
            assert process.poll() is None or killer.target.exists(), "it ended by itself"
            time.sleep(TINY_SECONDS / 5)
        time.sleep(number // 18 * TINY_SECONDS)
        killer.kill(process, number)

    tried = "kill -9 as the manifest, SHA256SUMS or the name appears, and up to 1 ms later"
    conclude(tried, runs, killer.broken, killer.summary)
