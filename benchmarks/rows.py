"""The rows of the table: what each says, what it needs measured, and what it must reach.

Seconds of the product are those of its process from start to end, less those of a process that
imports the same and ends; those of tpchgen-cli less those of its table of five rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from measures import Bench
from usage import Usage

_BESIDE_THE_FLOOR: Final = (
    "beside writing and SHA-256, which the floor has too, rows are made, decoded, digested with"
    " BLAKE3 and counted, each in whole columns; the table of shares says how much each takes. On"
    " processors with SHA instructions the floor is so low that these weigh more. Writing text"
    " from codes without Arrow's own columns would save a pass, but would be a second way of"
    " rendering beside the one that is tested."
)
_WORKERS_SHARE: Final = (
    "one alone writes the manifest and commits, one waits while the other writes the last part, and"
    " they share the memory of the machine."
)
_DISK_SHARE: Final = (
    f"{_WORKERS_SHARE[:-1]}, and its disk. Where the host of a virtual machine emulates the disk on"
    " the same cores, what it steals for that is lost to two workers, while one leaves it a core:"
    " see the stolen seconds, and the row of the same in memory."
)
_ON_DISK: Final = (
    "the product's seconds hold hashes, digests, statistics and synced files; the rival's rows are"
    " dicts in memory that are dropped at once."
)
_COPIED: Final = (
    "a stream is copied into the socket, straight from the columns, which rows in process are not,"
    " and its request is parsed, checked and logged; this weighs more where making rows is quicker."
)
_MADE_ANEW: Final = (
    "few rows are made as plain Python values and large integers, not by numpy calls. What is left"
    " is Python itself: 195 values in 23 columns, a digest of each column, the line of each row. An"
    " extension in C would be quicker, and one more thing to build for every platform."
)

_START_UP: Final = {
    "csv": "start-up",
    "csv in memory": "start-up",
    "parquet": "start-up",
    "ndjson": "start-up",
    "tpchgen-cli": "tpchgen-cli start-up",
}


@dataclass(frozen=True, slots=True)
class Results:
    """The best of each measure."""

    bench: Bench
    best: Mapping[str, Usage]

    def cpu(self, name: str) -> float:
        """CPU seconds, without the start where that is measured."""
        start = _START_UP.get(name)
        return self.best[name].cpu_seconds - (self.best[start].cpu_seconds if start else 0.0)

    def wall(self, name: str) -> float:
        """Wall seconds."""
        return self.best[name].wall_seconds

    def wall_after_start(self, name: str) -> float:
        """Wall seconds, without those in which all workers start at the same time."""
        return self.wall(name) - self.wall("start-up")

    def peak(self, name: str) -> float:
        """Peak memory in MB."""
        return self.best[name].peak_megabytes

    def speed_in_megabytes(self, name: str) -> float:
        """MB per CPU second."""
        return self.best[name].written_megabytes / self.cpu(name)

    def speed_in_records(self, name: str) -> float:
        """Records per CPU second, of the product or of a rival."""
        records = self.bench.records if name == "csv" else self.bench.rival_records
        return records / self.cpu(name)

    def times_floor(self, name: str) -> float:
        """CPU seconds over those of the floor."""
        return self.cpu(name) / self.cpu(f"{name} floor")


@dataclass(frozen=True, slots=True)
class Row:
    """One row; `figure` computes what `must_reach` and `aim` bound."""

    name: str
    title: str
    measures: tuple[str, ...]
    must_reach: float
    aim: float
    figure: Callable[[Results], float]
    unit: str = "x"
    more_is_better: bool = False
    remark: str = ""
    """Why it falls short of the aim, if it does."""

    def verdict(self, figure: float) -> str:
        """How far it got."""
        for bound, word in ((self.aim, "aim reached"), (self.must_reach, "reached")):
            if figure >= bound if self.more_is_better else figure <= bound:
                return word
        return "NOT REACHED"

    def shown(self, figure: float) -> str:
        """A figure with its unit."""
        return f"{figure:.0f} {self.unit}" if self.unit != "x" else f"{figure:.2f}x"


def _over_floor(name: str, title: str, must_reach: float, aim: float) -> Row:
    return Row(
        name,
        f"{title}, CPU seconds over its floor",
        ("start-up", name, f"{name} floor"),
        must_reach,
        aim,
        lambda results: results.times_floor(name),
        remark=_BESIDE_THE_FLOOR,
    )


def _against(name: str, title: str, must_reach: float, aim: float, *also: str) -> Row:
    return Row(
        name,
        f"records per CPU second, CSV end to end, against {title}",
        ("start-up", "csv", name, *also),
        must_reach,
        aim,
        lambda results: results.speed_in_records("csv") / results.speed_in_records(name),
        more_is_better=True,
        remark=_ON_DISK,
    )


def _workers(name: str, title: str, measure: str, remark: str) -> Row:
    return Row(
        name,
        f"two workers against one, wall time after start-up, CSV {title}",
        ("start-up", measure, f"{measure}, two workers"),
        1.7,
        1.9,
        lambda results: (
            results.wall_after_start(measure) / results.wall_after_start(f"{measure}, two workers")
        ),
        more_is_better=True,
        remark=remark,
    )


_MEMORY: Final = ("memory, few records", "memory, many records")

_STREAMED: Final = ("100,000 persons as NDJSON", "1,000,000 persons as NDJSON")


def _against_hello(name: str, title: str, measure: str, remark: str = "") -> Row:
    return Row(
        name,
        f"{title}, median against a bare Flask hello",
        ("hello of Flask", measure),
        3.0,
        3.0,
        lambda results: results.wall(measure) / results.wall("hello of Flask"),
        remark=remark,
    )


ROWS: Final = (
    _over_floor("csv", "CSV", 2.0, 1.5),
    _over_floor("parquet", "Parquet", 1.8, 1.4),
    _over_floor("ndjson", "NDJSON", 1.5, 1.1),
    _workers("workers", "to files on disk", "csv", _DISK_SHARE),
    _workers("workers-in-memory", "to files in memory", "csv in memory", _WORKERS_SHARE),
    _against("faker", "Faker", 150, 300, "faker, unweighted"),
    _against("mimesis", "Mimesis", 12, 25),
    Row(
        "tpchgen",
        "MB of CSV per CPU second against tpchgen-cli csv",
        ("start-up", "csv", "tpchgen-cli", "tpchgen-cli start-up"),
        1.5,
        2.5,
        lambda results: (
            results.speed_in_megabytes("csv") / results.speed_in_megabytes("tpchgen-cli")
        ),
        more_is_better=True,
        remark="tpchgen-cli writes without hashing, digesting, counting or syncing.",
    ),
    Row(
        "memory",
        "peak memory of a worker, the larger of few and many records",
        _MEMORY,
        400,
        250,
        lambda results: max(map(results.peak, _MEMORY)),
        unit="MB",
    ),
    Row(
        "flatness",
        "peak memory, many records against few",
        _MEMORY,
        1.2,
        1.1,
        lambda results: results.peak(_MEMORY[1]) / results.peak(_MEMORY[0]),
    ),
    Row(
        "help",
        "esdh-cli --help against python -c 'import click', wall time",
        ("esdh-cli --help", "import click"),
        2.0,
        1.3,
        lambda results: results.wall("esdh-cli --help") / results.wall("import click"),
    ),
    _against_hello("bundle", "service, a bundle of 5 records asked for again", "bundle of 5"),
    _against_hello(
        "new-bundle",
        "service, a bundle of 5 records of a new seed",
        "bundle of 5, new seeds",
        _MADE_ANEW,
    ),
    Row(
        "arrow",
        "service, 100,000 persons as Arrow stream, CPU seconds against generating them in process",
        ("100,000 persons as Arrow stream", "100,000 persons in process"),
        1.3,
        1.3,
        lambda results: (
            results.cpu("100,000 persons as Arrow stream")
            / results.cpu("100,000 persons in process")
        ),
        remark=_COPIED,
    ),
    Row(
        "service-memory",
        "service, 1,000,000 persons as NDJSON, peak memory of the server",
        _STREAMED,
        300,
        300,
        lambda results: results.peak(_STREAMED[1]),
        unit="MB",
    ),
    Row(
        "service-flatness",
        "service, the same against 100,000 persons",
        _STREAMED,
        1.1,
        1.1,
        lambda results: results.peak(_STREAMED[1]) / results.peak(_STREAMED[0]),
    ),
)
