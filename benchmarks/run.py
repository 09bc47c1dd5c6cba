"""Measure the product against floors and rivals, and print the page of docs/benchmarks.md.

    make bench
    make bench ARGS="--quick --only csv"
    make bench ARGS="--write docs/benchmarks.md"

A benchmark, not a test: it says what was reached and never fails over a figure.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from machine import is_in_memory, machine_facts
from measures import FORMATS, MEASURES, ONCE, Bench, take_phases, uses_memory_folder
from report import as_markdown
from rows import ROWS, Results, Row
from usage import Usage, best_of

_ROOT: Final = Path(__file__).parents[1]
_BYTES_PER_RECORD: Final = {"ndjson": 1_500, "csv": 750}
"""What a snapshot takes at most."""


def main() -> None:
    """Run what was asked for."""
    options = _parse()
    rows = [row for row in ROWS if not options.only or row.name in options.only]
    with ExitStack() as stack:
        folder = _own_folder(stack, options.folder)
        is_in_memory_too = any(uses_memory_folder(name) for row in rows for name in row.measures)
        memory_folder = _own_folder(stack, options.memory_folder) if is_in_memory_too else None
        bench = _bench(folder, memory_folder, options)
        _check_folders(bench)
        best = _take_rounds(bench, rows)
        formats = [name for name in FORMATS if name in best]
        phases = {name: take_phases(bench, name) for name in formats if "start-up" in best}
        page = as_markdown(Results(bench, best), rows, phases, machine_facts(bench.folder))
    print(page, end="")
    if options.write:
        options.write.write_text(page, encoding="utf-8")


def _own_folder(stack: ExitStack, place: Path) -> Path:
    place.mkdir(parents=True, exist_ok=True)
    return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-", dir=place)))


def _take_rounds(bench: Bench, rows: Sequence[Row]) -> dict[str, Usage]:
    """Take every measure once per round, so that a slow minute meets all of them alike."""
    wanted = {measure for row in rows for measure in row.measures}
    runs: dict[str, list[Usage]] = {name: [] for name in MEASURES if name in wanted}
    for number in range(bench.rounds):
        for name, taken in runs.items():
            if number and name in ONCE:
                continue
            usage = MEASURES[name](bench)
            taken.append(usage)
            said = f"round {number + 1} of {bench.rounds}: {name}, {usage.cpu_seconds:.2f} CPU s"
            print(said, file=sys.stderr, flush=True)
    return {name: best_of(taken) for name, taken in runs.items()}


def _bench(folder: Path, memory_folder: Path | None, options: argparse.Namespace) -> Bench:
    quick = options.quick
    return Bench(
        folder=folder,
        memory_folder=memory_folder,
        records=options.records or (500_000 if quick else 5_000_000),
        memory_records=1_000_000 if quick else 10_000_000,
        small_memory_records=100_000,
        rival_records=2_000 if quick else 10_000,
        tpch_scale_factor=0.1 if quick else 0.5,
        help_runs=5 if quick else 20,
        phase_records=250_000 if quick else 500_000,
        rounds=2 if quick else 3,
    )


def _check_folders(bench: Bench) -> None:
    csv_bytes = bench.records * _BYTES_PER_RECORD["csv"]
    needed = max(
        bench.records * _BYTES_PER_RECORD["ndjson"],
        bench.memory_records * _BYTES_PER_RECORD["csv"],
    )
    for option, folder, in_memory, free in (
        ("--folder", bench.folder, False, needed),
        ("--memory-folder", bench.memory_folder, True, csv_bytes),
    ):
        if folder is None:
            continue
        if is_in_memory(folder) is not in_memory:
            wanted, found = ("in memory", "on a disk") if in_memory else ("on a disk", "in memory")
            sys.exit(f"{option} is {found}; choose one {wanted}")
        if shutil.disk_usage(folder).free < free:
            sys.exit(f"{option} needs {free / 1e9:.0f} GB free; choose another")


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [row.name for row in ROWS]
    parser.add_argument("--records", type=int, help="records of a run (5,000,000)")
    parser.add_argument("--only", action="append", choices=names, help="a row; may be repeated")
    parser.add_argument("--quick", action="store_true", help="small sizes, two rounds")
    parser.add_argument("--write", type=Path, help="write the page to this file too")
    parser.add_argument(
        "--folder", type=Path, default=_ROOT / ".bench", help="where to write, on a disk"
    )
    parser.add_argument(
        "--memory-folder",
        type=Path,
        default=Path("/dev/shm"),  # noqa: S108  # a folder of its own is made there
        help="the same, in memory",
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
