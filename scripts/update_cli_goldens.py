"""Rewrite tests-integration/golden/cli/: what every command prints, one transcript per command.

    python scripts/update_cli_goldens.py

Review the difference: it is what users will see. Command lines run in this process, in a folder
with two small snapshots, at a fixed width and without colours. In a transcript `|` is a line of
standard output, `!` one of standard error; the folder is <folder>, a version <version>.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import io
import os
import shlex
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from esdh_api.main import run as run_api
from esdh_cli.main import run as run_cli

GOLDEN: Final = Path(__file__).resolve().parents[1] / "tests-integration" / "golden" / "cli"
WIDTH: Final = "100"
PROGRAMS: Final[dict[str, Callable[[list[str]], int]]] = {
    "esdh-cli": run_cli,
    "esdh-api": run_api,
}
PREPARATION: Final = (
    "esdh-cli generate-snapshot --records 20 --seed 7 --output-dir small --workers 1",
    "esdh-cli generate-snapshot --records 20 --seed 7 --output-dir broken --workers 1",
)
PERSON: Final = "93af9228-0074-84e7-a3b0-25b11624b027"
"""The first person of seed 7."""


@dataclass(frozen=True)
class Case:
    """A command line, the variables that it is given, and how many lines are kept."""

    line: str
    variables: Mapping[str, str] = field(default_factory=dict)
    kept_lines: int = 1000


TRANSCRIPTS: Final[dict[str, tuple[Case, ...]]] = {
    "esdh-cli": (
        Case("esdh-cli"),
        Case("esdh-cli --help"),
        Case("esdh-cli --version"),
        Case("esdh-cli generate-snapshots"),
        Case("esdh-cli --recrods 5"),
    ),
    "esdh-cli-completion": (
        Case("esdh-cli completion --help"),
        Case("esdh-cli completion bash", kept_lines=3),
        Case("esdh-cli completion powershell"),
        Case("esdh-cli completion"),
    ),
    "esdh-cli-describe": (
        Case("esdh-cli describe --help"),
        Case("esdh-cli describe"),
        Case("esdh-cli describe --json"),
        Case("esdh-cli describe v0.1 --table vehicles"),
        Case("esdh-cli describe v0.1 --table vehicles --markdown"),
        Case("esdh-cli describe 0.1 --table vehicles --json-schema", kept_lines=12),
        Case("esdh-cli describe v9"),
        Case("esdh-cli describe --table people"),
        Case("esdh-cli describe --json-schema"),
    ),
    "esdh-cli-generate-snapshot": (
        Case("esdh-cli generate-snapshot --help"),
        Case("esdh-cli generate-snapshot --records 20 --seed 7 --output-dir new --workers 1"),
        Case("esdh-cli generate-snapshot --records 20 --seed 7 --output-dir new --workers 1"),
        Case("esdh-cli generate-snapshot --records 5 --seed 7 --output-dir new --workers 1"),
        Case(
            "esdh-cli generate-snapshot --records 5 --seed 7 --output-dir new --workers 1 --force"
            " --entity-filter persons --output-format csv --json"
        ),
        Case("esdh-cli generate-snapshot --output-dir other --force"),
        Case("esdh-cli generate-snapshot --records many"),
        Case("esdh-cli generate-snapshot --records 0"),
        Case("esdh-cli generate-snapshot --seed -1"),
        Case("esdh-cli generate-snapshot --seed 7 --randomize"),
        Case("esdh-cli generate-snapshot --workers 0"),
        Case("esdh-cli generate-snapshot --output-format xlsx"),
        Case("esdh-cli generate-snapshot --entity-filter people"),
        Case("esdh-cli generate-snapshot --output-dir ''"),
        Case("esdh-cli generate-snapshot --dataset-version v9"),
        Case("esdh-cli generate-snapshot --records"),
    ),
    "esdh-cli-preview": (
        Case("esdh-cli preview --help"),
        Case("esdh-cli preview --records 3 --seed 7"),
        Case("esdh-cli preview --records 1 --seed 7 --json"),
        Case("esdh-cli preview --records 1001"),
    ),
    "esdh-cli-print-table": (
        Case("esdh-cli print-table --help"),
        Case("esdh-cli print-table persons --records 3 --seed 7"),
        Case("esdh-cli print-table vehicles --records 3 --seed 7 --output-format csv"),
        Case("esdh-cli print-table people"),
        Case("esdh-cli print-table"),
        Case("esdh-cli print-table persons --output-format parquet"),
    ),
    "esdh-cli-show-record": (
        Case("esdh-cli show-record --help"),
        Case(f"esdh-cli show-record {PERSON} --seed 7"),
        Case(f"esdh-cli show-record {PERSON} --snapshot small --json"),
        Case(f"esdh-cli show-record {PERSON} --seed 8"),
        Case(f"esdh-cli show-record {PERSON}"),
        Case(f"esdh-cli show-record {PERSON} --snapshot nowhere"),
        Case(f"esdh-cli show-record {PERSON} --snapshot small --records 5"),
        Case("esdh-cli show-record somebody --seed 7"),
    ),
    "esdh-cli-validate-snapshot": (
        Case("esdh-cli validate-snapshot --help"),
        Case("esdh-cli validate-snapshot small"),
        Case("esdh-cli validate-snapshot small --json"),
        Case("esdh-cli validate-snapshot broken"),
        Case("esdh-cli validate-snapshot nowhere"),
        Case("esdh-cli validate-snapshot other"),
    ),
    "esdh-cli-verify-snapshot": (
        Case("esdh-cli verify-snapshot --help"),
        Case("esdh-cli verify-snapshot small"),
        Case("esdh-cli verify-snapshot small --deep"),
        Case("esdh-cli verify-snapshot small --regenerate"),
        Case("esdh-cli verify-snapshot small --regenerate --json"),
        Case(f"esdh-cli verify-snapshot small --expect-digest {'0' * 64}"),
        Case("esdh-cli verify-snapshot small --expect-digest 123"),
        Case("esdh-cli verify-snapshot broken"),
        Case("esdh-cli verify-snapshot nowhere"),
        Case("esdh-cli verify-snapshot other"),
    ),
    "esdh-api": (
        Case("esdh-api"),
        Case("esdh-api --help"),
        Case("esdh-api --version"),
        Case("esdh-api dance"),
    ),
    "esdh-api-openapi": (
        Case("esdh-api openapi --help"),
        Case("esdh-api openapi", kept_lines=8),
        Case("esdh-api openapi", {"ESDH_MAX_RECORDS": "0"}),
    ),
    "esdh-api-serve": (
        Case("esdh-api serve --help"),
        Case("esdh-api serve --port 70000"),
        Case("esdh-api serve --port none"),
        Case("esdh-api serve --host 0.0.0.0"),
        Case("esdh-api serve", {"ESDH_API_KEYS": "misspelt"}),
        Case("esdh-api serve", {"ESDH_API_KEY": " , "}),
        Case("esdh-api serve", {"ESDH_API_PORT": "http"}),
        Case("esdh-api serve", {"ESDH_RATE_LIMIT": "often"}),
        Case("esdh-api serve", {"ESDH_MAX_STREAMS": "8"}),
        Case("esdh-api serve --processes 2"),
    ),
}
"""Command lines by transcript; those of one transcript run one after the other."""


@dataclass(frozen=True)
class Outcome:
    """What a command line did."""

    code: int
    out: str
    err: str


def main() -> int:
    """Rewrite what differs, remove what is no longer made, and say which."""
    GOLDEN.mkdir(parents=True, exist_ok=True)
    changed = 0
    for name in TRANSCRIPTS:
        file, text = GOLDEN / f"{name}.txt", transcribe(name)
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")
            print(f"wrote {file.name}")
            changed += 1
    for file in sorted(GOLDEN.glob("*.txt")):
        if file.stem not in TRANSCRIPTS:
            file.unlink()
            print(f"removed {file.name}")
            changed += 1
    print("review the difference" if changed else "nothing has changed")
    return 0


def transcribe(name: str) -> str:
    """Run the command lines of a transcript in a fresh folder."""
    with tempfile.TemporaryDirectory(prefix="goldens-") as temporary:
        folder = Path(temporary).resolve()
        prepare(folder)
        return "\n".join(tell(case, run(case, folder), folder) for case in TRANSCRIPTS[name])


def prepare(folder: Path) -> None:
    """Write a snapshot, a damaged one, and a directory that is none."""
    for line in PREPARATION:
        if run(Case(line), folder).code:
            raise RuntimeError(f"{line} failed")
    vehicles = folder / "broken" / "vehicles.csv"
    vehicles.write_bytes(vehicles.read_bytes().replace(b",Low", b",Lox", 1))
    (folder / "other").mkdir()
    (folder / "other" / "letter.txt").write_text("no snapshot\n")


def run(case: Case, folder: Path) -> Outcome:
    """Run a command line in this process."""
    program, *arguments = shlex.split(case.line)
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", newline="\n") for _ in range(2))
    with (
        contextlib.chdir(folder),
        _only(environment(case)),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        code = PROGRAMS[program](arguments)
    return Outcome(code, _text(out), _text(err))


def environment(case: Case) -> dict[str, str]:
    """The variables of a command line; none of the hub but its own."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("ESDH_")}
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "CLICOLOR_FORCE"):
        kept.pop(name, None)
    return {**kept, "COLUMNS": WIDTH, "LINES": "40", "NO_COLOR": "1", **case.variables}


def tell(case: Case, outcome: Outcome, folder: Path) -> str:
    """An outcome as a part of a transcript."""
    variables = "".join(f"{name}={shlex.quote(text)} " for name, text in case.variables.items())
    lines = [f"$ {variables}{case.line}"]
    lines += _marked("|", outcome.out, case.kept_lines)
    lines += _marked("!", outcome.err, case.kept_lines)
    lines.append(f"exit code {outcome.code}")
    text = "\n".join(lines) + "\n"
    for program in PROGRAMS:
        version = importlib.metadata.version(program)
        text = text.replace(f"{program}, version {version}", f"{program}, version <version>")
        text = text.replace(f'"version": "{version}"', '"version": "<version>"')
    return text.replace(os.fspath(folder), "<folder>")


def _marked(mark: str, text: str, kept: int) -> Sequence[str]:
    lines = text.splitlines()
    told = [f"{mark} {line}".rstrip() for line in lines[:kept]]
    return told if len(lines) <= kept else [*told, f"{mark} ..."]


@contextlib.contextmanager
def _only(variables: Mapping[str, str]) -> Iterator[None]:
    """The environment is this one for a while."""
    before = dict(os.environ)
    try:
        os.environ.clear()
        os.environ.update(variables)
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)  # noqa: S101  # made above
    return buffer.getvalue().decode()


if __name__ == "__main__":
    sys.exit(main())
