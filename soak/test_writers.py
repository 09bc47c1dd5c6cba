"""Eight writers of one name at a time: one snapshot stands there in the end, and all are told."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from soak.harness import Conclude, crash_safety, two_writers

if TYPE_CHECKING:
    from conftest import Ended, Program, Stepper

WRITERS = 8
MIXES: tuple[Callable[[int], tuple[int, bool]], ...] = (
    lambda writer: (1, False),
    lambda writer: (writer, False),
    lambda writer: (writer % 2, False),
    lambda writer: (writer, writer % 2 == 0),
    lambda writer: (writer % 3, True),
)
"""The seed of each writer, and whether it has --force."""


def complaint(ended: Ended, seed: int, forced: bool, winner: int, mixed: bool) -> str:
    """What is wrong with how a writer ended; `mixed` says that another may have been forced."""
    if ended.code == 0 and ended.err == "" and (mixed or seed == winner):
        return ""
    if ended.code == 3 and ended.told and not forced and (mixed or seed != winner):
        return "" if "holds another snapshot" in ended.err else f"it was not told why: {ended.err}"
    return f"seed {seed}, force {forced}, winner {winner}: {ended}"


def test_eight_writers_of_one_name(
    program: Program,
    stepper: Stepper,
    tmp_path: Path,
    count: Callable[[int], int],
    conclude: Conclude,
) -> None:
    """Same and different seeds, with and without --force, on a free name and on a taken one."""
    rounds, broken, seen = count(20), [], Counter[str]()
    target = tmp_path / "target"
    for number in range(rounds):
        writers = [MIXES[number % len(MIXES)](writer) for writer in range(WRITERS)]
        mixed = any(forced for _, forced in writers)
        if mixed and number // len(MIXES) % 2:
            assert stepper.run(*crash_safety.SMALL, target, "--seed", "99").code == 0
        processes = [
            program.start(
                *[*crash_safety.SMALL, target, "--seed", str(seed), "--json"],
                *(["--force"] if forced else []),
            )
            for seed, forced in writers
        ]
        ends = [program.end(process) for process in processes]
        statuses = [json.loads(end.out)["status"] for end in ends if end.code == 0]
        winner = two_writers.seed_of(target)
        complaints = [
            complaint(ended, seed, forced, winner, mixed)
            for ended, (seed, forced) in zip(ends, writers, strict=True)
        ]
        if not mixed and statuses.count("written") != 1:
            complaints.append(f"{statuses.count('written')} writers say that they wrote")
        if crash_safety.names(tmp_path) != ["target"] or winner not in dict(writers):
            complaints.append(f"left: {crash_safety.names(tmp_path)}, seed {winner}")
        broken += [f"round {number}: {text}" for text in complaints if text]
        seen += Counter(statuses) + Counter({"told": sum(end.code == 3 for end in ends)})
        shutil.rmtree(target)

    conclude(
        f"{WRITERS} writers of one name; same and different seeds, some or all with --force",
        rounds,
        broken,
        ", ".join(f"{times} {what}" for what, times in sorted(seen.items()))
        + "; every round ended in one snapshot that verifies",
    )
