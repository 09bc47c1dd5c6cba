"""The page that a run prints: verdicts, what was measured, where the time goes, on what machine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from rows import Results, Row

_PHASES: Final = (
    "generate",
    "decode",
    "render",
    "write",
    "hash",
    "digest",
    "statistics",
    "start-up",
    "rest",
)
_HOW: Final = """\
Made by `make bench`; nobody edits it. Figures are ratios taken in one run: every measure is taken
{rounds} times, round by round, and the best counts. {records:,} records where nothing else is said,
one thread that computes, to files on disk. The product is measured as its users run it, a process
of `generate-snapshot` with everything it does. Its start-up, the interpreter and the imports alone,
is subtracted from CPU and wall seconds where it writes {records:,} records, and shown apart;
reference tables, manifest and syncs are not. A floor is pyarrow (polars for NDJSON) writing the
same prepared tables with the product's own writer options, plus SHA-256 of the same bytes, to files
that are synced and kept as the product's are. `benchmarks/` says the rest.
"""
_NOTES: Final = """\
- Many records are {many:,} and few are {few:,}, in CSV with two workers.
- Stolen are the seconds in which the host of a virtual machine kept a core that was wanted, for
  whatever it does, emulating the disk among it; they are those of the run whose wall seconds stand
  beside them, and of the whole machine.
- Faker and Mimesis make {rival:,} records; what Faker takes without weights, which is not how it
  comes and not what the product does, is among the measures.
- tpchgen-cli writes the tables of TPC-H at scale factor {scale}, without hashes; what it takes to
  write only the one of five rows is its start-up, and subtracted too.
"""
_PHASES_SAY: Final = """\
Shares of the CPU seconds of a whole run, taken from a run in one process. *decode* turns codes into
text, *render* makes CSV, Parquet or NDJSON of it, *write* is the system's part, *hash* is the
SHA-256 of files, *digest* and *statistics* are those of the manifest.
"""


def as_markdown(
    results: Results,
    rows: Sequence[Row],
    phases: Mapping[str, Mapping[str, float]],
    facts: Mapping[str, str],
) -> str:
    """The whole page; `phases` are CPU seconds per record by format and phase."""
    bench = results.bench
    parts = [
        "# Benchmarks\n",
        _HOW.format(rounds=bench.rounds, records=bench.records),
        _table(("what", "measured", "must reach", "aim", "verdict"), _verdicts(results, rows)),
        *_shortfalls(results, rows),
        _NOTES.format(
            many=bench.memory_records,
            few=bench.small_memory_records,
            rival=bench.rival_records,
            scale=bench.tpch_scale_factor,
        ),
        "## What was measured\n",
        _table(
            ("measure", "CPU s", "wall s", "stolen s", "peak MB", "MB written"), _measures(results)
        ),
    ]
    if phases:
        shares = [_shares(results, name, seconds) for name, seconds in phases.items()]
        parts += [
            "## Where the time goes\n",
            _PHASES_SAY,
            _table(("format", *_PHASES), shares),
        ]
    parts += ["## Machine\n", "\n".join(f"- {name}: {fact}" for name, fact in facts.items()) + "\n"]
    return "\n".join(parts)


def _verdicts(results: Results, rows: Sequence[Row]) -> Iterable[Sequence[str]]:
    for row in rows:
        figure = row.figure(results)
        yield (
            row.title,
            row.shown(figure),
            row.shown(row.must_reach),
            row.shown(row.aim),
            row.verdict(figure),
        )


def _shortfalls(results: Results, rows: Sequence[Row]) -> Iterable[str]:
    """Why a figure falls short of its aim, where that is known."""
    short = [
        row for row in rows if row.remark and row.verdict(row.figure(results)) != "aim reached"
    ]
    if short:
        yield "Why some fall short of what they must reach, or of the aim:\n"
        yield "".join(f"- {row.title}: {row.remark}\n" for row in short)


def _measures(results: Results) -> Iterable[Sequence[str]]:
    for name, usage in results.best.items():
        yield (
            name,
            f"{usage.cpu_seconds:.3f}",
            f"{usage.wall_seconds:.3f}" if usage.wall_seconds else "",
            "" if usage.stolen_seconds is None else f"{usage.stolen_seconds:.2f}",
            f"{usage.peak_megabytes:.0f}" if usage.peak_megabytes else "",
            f"{usage.written_megabytes:.1f}" if usage.written_megabytes else "",
        )


def _shares(results: Results, name: str, per_record: Mapping[str, float]) -> Sequence[str]:
    seconds = {phase: spent * results.bench.records for phase, spent in per_record.items()}
    seconds["start-up"] = results.best["start-up"].cpu_seconds
    total = sum(seconds.values())
    return (name, *(f"{seconds[phase] / total:.0%}" for phase in _PHASES))


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table that reads well in a terminal and is Markdown."""
    body = list(rows)
    widths = [max(len(row[place]) for row in (header, *body)) for place in range(len(header))]
    lines = [header, tuple("-" * width for width in widths), *body]
    return "".join(
        "| "
        + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        + " |\n"
        for line in lines
    )
