"""`esdh-cli verify-snapshot`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from ..console import print_facts, print_json, progress_bars
from ..main import EXIT_CANNOT_REGENERATE, EXIT_CHECK_FAILED
from ..options import json_option, snapshot_argument

if TYPE_CHECKING:
    from esdh_exporters import VerificationReport

_SHOWN_PROBLEMS = 20
_OTHER_DATASET = "not the dataset that was expected"
_NO_MANIFEST = "there is none, so this is not a snapshot"


@click.command("verify-snapshot")
@snapshot_argument
@click.option("--deep", is_flag=True, help="Read the rows too, and recompute every digest.")
@click.option("--regenerate", is_flag=True, help="Make the rows again and compare; implies --deep.")
@click.option(
    "--expect-digest",
    metavar="DIGEST",
    help="The dataset digest known from elsewhere; implies --deep.",
)
@json_option
def command(
    *, directory: str, deep: bool, regenerate: bool, expect_digest: str | None, as_json: bool
) -> int:
    """Verify the snapshot in DIRECTORY.

    Without options its files are held against its own manifest: the answer is then
    "self-consistent" at best. Only --expect-digest or --regenerate prove more.

    \b
    Examples:
      esdh-cli verify-snapshot data/snapshots/v0.1
      esdh-cli verify-snapshot data/snapshots/v0.1 --regenerate
    """
    context = click.get_current_context()
    if expect_digest is not None and not re.fullmatch(
        r"(blake3:)?[0-9a-f]{64}", expect_digest.strip().lower(), re.ASCII
    ):
        message = (
            f"--expect-digest must be blake3: and 64 hexadecimal digits, not {expect_digest!a}"
        )
        raise click.UsageError(message, context)

    from esdh_exporters import verify_snapshot  # noqa: PLC0415
    from esdh_generator import Dataset  # noqa: PLC0415

    try:
        with progress_bars() as progress:
            report = verify_snapshot(
                directory,
                deep=deep,
                expected_digest=expect_digest,
                source_factory=Dataset.from_request if regenerate else None,
                progress=progress,
            )
    except OSError as error:
        message = f"{directory} cannot be opened as a directory: {error.strerror}"
        raise click.UsageError(message, context) from None
    if as_json:
        print_json(_document(report, directory))
    else:
        asked = deep or regenerate or expect_digest is not None
        _print_report(report, directory, rows_were_asked_for=asked)
    if report.passed:
        return 0
    cannot = report.answer == "cannot regenerate here"
    return EXIT_CANNOT_REGENERATE if cannot else EXIT_CHECK_FAILED


def _document(report: VerificationReport, directory: str) -> dict[str, object]:
    return {
        "answer": str(report.answer),
        "passed": report.passed,
        "directory": directory,
        "deep": report.deep,
        "dataset_digest": report.manifest.dataset_digest if report.manifest else None,
        "problems": [{"name": p.name, "message": p.message} for p in report.problems],
        "note": report.note,
    }


def _print_report(report: VerificationReport, directory: str, *, rows_were_asked_for: bool) -> None:
    checked = "files and rows" if report.deep else "files (rows too with --deep)"
    if rows_were_asked_for and not report.deep:
        checked = "files (rows only where those are sound)"
    facts = {"snapshot": directory, "checked": checked}
    if report.manifest is not None:
        facts["digest"] = report.manifest.dataset_digest
    if report.answer == "self-consistent":
        facts["means"] = (
            "the files agree with their own manifest; --regenerate or --expect-digest prove more"
        )
    if report.note:
        facts["note"] = report.note
    title = _OTHER_DATASET if _is_another_dataset(report) else str(report.answer)
    print_facts(title, facts, good=report.passed)
    for problem in report.problems[:_SHOWN_PROBLEMS]:
        click.echo(f"  - {problem}")
    hidden = len(report.problems) - _SHOWN_PROBLEMS
    if hidden > 0:
        click.echo(f"  and {hidden} more; --json lists them")
    if report.problems:
        click.echo(f"esdh-cli: {_advice(report, directory)}", err=True)
    elif not report.passed:
        click.echo(f"esdh-cli: {report.note}", err=True)


def _is_another_dataset(report: VerificationReport) -> bool:
    """Whether nothing is wrong but the digest that was expected."""
    return [problem.name for problem in report.problems] == ["dataset"]


def _advice(report: VerificationReport, directory: str) -> str:
    first = report.problems[0]
    if _is_another_dataset(report):
        return f"{directory} is sound but {_OTHER_DATASET}: {first.message}"
    if all(problem.message == "it is not in the manifest" for problem in report.problems):
        return f"{directory} holds {first.name}, which is no part of the snapshot; move it away"
    if report.manifest is None and first.message == _NO_MANIFEST:
        return f"{directory} is no snapshot: it has no {first.name}; name another directory"
    return f"{directory} is broken ({first}); do not use it, generate it again"
