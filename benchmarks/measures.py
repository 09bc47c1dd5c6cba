"""Everything that is measured, each under the name that the rows of the table ask for."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from usage import Usage, best_of, run_measured

_HERE: Final = Path(__file__).parent
_PYTHON: Final = sys.executable
_PROGRAMS: Final = Path(sys.executable).parent
_START: Final = (
    "import os; os.environ['OPENBLAS_NUM_THREADS'] = '1';"
    " import esdh_cli.commands.generate_snapshot, esdh_generator;"
    " from esdh_exporters import write_snapshot"
)
"""What `generate-snapshot` does before its first line: the interpreter starts and imports."""
FORMATS: Final[tuple[str, ...]] = ("csv", "parquet", "ndjson")


@dataclass(frozen=True, slots=True)
class Bench:
    """How much is measured, and the folders, on a disk and in memory, that are written to."""

    folder: Path
    memory_folder: Path | None
    records: int
    memory_records: int
    small_memory_records: int
    rival_records: int
    tpch_scale_factor: float
    help_runs: int
    phase_records: int
    rounds: int


Measure = Callable[[Bench], Usage]


def _snapshot(folder: Path, format_name: str, records: int, workers: int) -> Usage:
    target = folder / "snapshot"
    options = {
        "records": records,
        "output-format": format_name,
        "workers": workers,
        "output-dir": str(target),
    }
    arguments = [text for name, value in options.items() for text in (f"--{name}", str(value))]
    usage = run_measured([_PROGRAMS / "esdh-cli", "generate-snapshot", *arguments])
    return _with_files(usage, target, f"*.{format_name}")


def _snapshot_in_memory(bench: Bench, workers: int) -> Usage:
    if bench.memory_folder is None:
        raise ValueError("nothing in memory can be measured without a folder there")
    return _snapshot(bench.memory_folder, "csv", bench.records, workers)


def uses_memory_folder(measure: str) -> bool:
    """Whether a measure needs the folder in memory."""
    return measure.startswith("csv in memory")


def _with_files(usage: Usage, folder: Path, pattern: str) -> Usage:
    """Add what was written, and delete it."""
    size = sum(path.stat().st_size for path in folder.rglob(pattern))
    shutil.rmtree(folder)
    return replace(usage, written_megabytes=size / 1e6)


def _script(name: str, *arguments: str) -> dict[str, Any]:
    """Run a script of this folder with one thread per library; it answers in JSON."""
    one_thread = {"POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1"}
    usage = run_measured([_PYTHON, _HERE / name, *arguments], one_thread)
    answer: dict[str, Any] = json.loads(usage.output)
    return answer


def _floor(bench: Bench, format_name: str) -> Usage:
    return Usage(**_script("floors.py", format_name, str(bench.records), str(bench.folder)))


def _rival(bench: Bench, name: str) -> Usage:
    return Usage(**_script("rivals.py", name, str(bench.rival_records)))


def _tpch(bench: Bench, *tables: str) -> Usage:
    target = bench.folder / "tpch"
    options = ["--scale-factor", str(bench.tpch_scale_factor), "--num-threads", "1", "--quiet"]
    where = ["--output-dir", str(target)]
    usage = run_measured([_PROGRAMS / "tpchgen-cli", "csv", *options, *where, *tables])
    return _with_files(usage, target, "*.csv")


def _service(name: str) -> Usage:
    return Usage(**_script("service.py", name))


def _start_of(bench: Bench, *command: str | Path) -> Usage:
    return best_of([run_measured(command) for _ in range(bench.help_runs)])


def take_phases(bench: Bench, format_name: str) -> dict[str, float]:
    """CPU seconds per record of each phase of writing a format."""
    seconds = _script("phases.py", format_name, str(bench.phase_records), str(bench.folder))
    return {phase: spent / bench.phase_records for phase, spent in seconds.items()}


MEASURES: Final[dict[str, Measure]] = {
    "start-up": lambda _: run_measured([_PYTHON, "-c", _START]),
    "csv": lambda bench: _snapshot(bench.folder, "csv", bench.records, 1),
    "csv floor": lambda bench: _floor(bench, "csv"),
    "csv, two workers": lambda bench: _snapshot(bench.folder, "csv", bench.records, 2),
    "csv in memory": lambda bench: _snapshot_in_memory(bench, 1),
    "csv in memory, two workers": lambda bench: _snapshot_in_memory(bench, 2),
    "parquet": lambda bench: _snapshot(bench.folder, "parquet", bench.records, 1),
    "parquet floor": lambda bench: _floor(bench, "parquet"),
    "ndjson": lambda bench: _snapshot(bench.folder, "ndjson", bench.records, 1),
    "ndjson floor": lambda bench: _floor(bench, "ndjson"),
    "faker": lambda bench: _rival(bench, "faker"),
    "faker, unweighted": lambda bench: _rival(bench, "faker-unweighted"),
    "mimesis": lambda bench: _rival(bench, "mimesis"),
    "tpchgen-cli": _tpch,
    "tpchgen-cli start-up": lambda bench: _tpch(bench, "--tables", "region"),
    "memory, few records": lambda bench: _snapshot(
        bench.folder, "csv", bench.small_memory_records, 2
    ),
    "memory, many records": lambda bench: _snapshot(bench.folder, "csv", bench.memory_records, 2),
    "esdh-cli --help": lambda bench: _start_of(bench, _PROGRAMS / "esdh-cli", "--help"),
    "hello of Flask": lambda _: _service("hello"),
    "bundle of 5": lambda _: _service("bundle"),
    "bundle of 5, new seeds": lambda _: _service("bundle-of-a-new-seed"),
    "100,000 persons as Arrow stream": lambda _: _service("arrow"),
    "100,000 persons in process": lambda _: _service("in-process"),
    "100,000 persons as NDJSON": lambda _: _service("ndjson-few"),
    "1,000,000 persons as NDJSON": lambda _: _service("ndjson-many"),
    "import click": lambda bench: _start_of(bench, _PYTHON, "-c", "import click"),
}
ONCE: Final = frozenset({"memory, few records", "memory, many records"})
"""Measured in the first round only: a peak does not vary, and much is written for it."""
