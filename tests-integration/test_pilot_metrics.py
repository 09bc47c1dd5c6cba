"""The pilot's page says what its raw results say, and counts as it says it counts."""

import dataclasses
import json
import re
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT / "scripts"))

from pilot.counting import Tally, answer, chance_of_so_few, count  # noqa: E402
from pilot.determinism_summary import read_determinism_summary  # noqa: E402
from pilot.gate import plan_runs  # noqa: E402
from pilot.page import CHARTER_RUNS, answer_of, quote_answer, render_page  # noqa: E402
from pilot.reproducibility import plan_snapshots  # noqa: E402
from pilot.results import (  # noqa: E402
    GateRun,
    Results,
    SnapshotRun,
    as_json,
    load_results,
    write_results,
)
from pilot.versions import CURRENT, FIRST, FIRST_COMMIT  # noqa: E402

GOVERNANCE = ROOT / "governance"
RAW, PAGE = GOVERNANCE / "pilot_metrics.json", GOVERNANCE / "pilot_metrics.md"
DETERMINISM = read_determinism_summary((ROOT / "docs" / "determinism.md").read_text())


@pytest.fixture(scope="module")
def committed() -> Results:
    """The raw results that are committed."""
    return load_results(RAW)


def gate_run(version: str, number: int, exit_code: int = 0, circumstance: str = "quiet") -> GateRun:
    """A run that took a second."""
    step = "demo-gate: verify" if exit_code else None
    return GateRun(version, version[0] * 40, number, circumstance, exit_code, step, 1.0)


def results_of(first: str, current: str) -> Results:
    """Runs of both versions, a letter for each: p for passed, f for failed."""
    gates = [
        gate_run(version, number, exit_code=2 if letter == "f" else 0)
        for version, letters in ((FIRST, first), (CURRENT, current))
        for number, letter in enumerate(letters, 1)
    ]
    snapshots = [SnapshotRun("default", 1, "plain", "blake3:1", "2")]
    commits = {version: version[0] * 40 for version in (FIRST, CURRENT)}
    return Results(
        runs=max(len(first), len(current)),
        commits=commits,
        snapshot_commit="s" * 40,
        python="3.11.2",
        processors=2,
        snapshot_runs=snapshots,
        gate_runs=gates,
    )


# The page that is committed.


def test_the_page_follows_from_the_raw_results(committed: Results) -> None:
    """Byte for byte; docs/determinism.md is the only other thing that it takes from."""
    assert render_page(committed, DETERMINISM) == PAGE.read_text()


def test_the_index_quotes_the_answer(committed: Results) -> None:
    """The charter's question has in governance/README.md the answer that the page gives."""
    index = (GOVERNANCE / "README.md").read_text()

    assert quote_answer(index, committed) == index


def test_the_raw_file_is_written_as_it_is_read(committed: Results) -> None:
    """Nothing is in the file that is not read, and it has one form."""
    assert as_json(committed) == RAW.read_text()


def test_both_versions_ran_as_often_as_the_charter_asks(committed: Results) -> None:
    """50 runs of each, or the page says that it is a trial and this test is skipped."""
    least = min(count(committed.gate_runs, version=name).runs for name in (FIRST, CURRENT))
    if least < CHARTER_RUNS:
        assert "this is a trial only" in answer_of(committed)
        pytest.skip(
            f"the page is of {least} runs of each version; make pilot-metrics has to be run"
        )

    requests = Counter(run.request for run in committed.snapshot_runs)
    assert min(requests.values()) >= CHARTER_RUNS


def test_the_raw_results_are_those_of_the_plan(committed: Results) -> None:
    """No run is left out or done twice, and both versions met the same circumstances."""
    planned = [
        (each.version, each.number, each.circumstance.name) for each in plan_runs(committed.runs)
    ]
    found = [(run.version, run.number, run.circumstance) for run in committed.gate_runs]
    snapshots = [(run.request, run.number) for run in committed.snapshot_runs]

    assert found == planned
    assert snapshots == list(plan_snapshots(committed.runs))
    assert {run.commit for run in committed.gate_runs if run.version == FIRST} == {
        committed.commits[FIRST]
    }
    assert committed.commits[FIRST].startswith(FIRST_COMMIT)


def test_the_snapshots_have_the_golden_digest(committed: Results) -> None:
    """A page of earlier rules is found: its digest is no longer the golden one."""
    golden = json.loads((ROOT / "tests-integration" / "golden" / "v0.1.json").read_bytes())
    digests = {run.dataset_digest for run in committed.snapshot_runs if run.request == "default"}

    assert digests == {golden["datasets"]["the default"]["dataset_digest"]}


# Counting.


@pytest.mark.parametrize(
    ("codes", "tally", "rate", "bound"),
    [
        ([], Tally(0, 0), None, None),
        ([0], Tally(1, 0), 0.0, 1.0),
        ([0] * 2, Tally(2, 0), 0.0, 1.0),
        ([0] * 50, Tally(50, 0), 0.0, 0.06),
        ([0] * 49 + [2], Tally(50, 1), 0.02, None),
        ([0, 1, 2, -9], Tally(4, 3), 0.75, None),
        ([2] * 50, Tally(50, 50), None, None),
    ],
)
def test_counting(codes: list[int], tally: Tally, rate: float | None, bound: float | None) -> None:
    """Each exit code but 0 fails; what never passes has no rate; only no failure has a bound."""
    counted = count([gate_run(FIRST, number, code) for number, code in enumerate(codes)])

    assert counted == tally
    assert (counted.rate, counted.upper_bound) == (rate, bound)


@pytest.mark.parametrize(
    ("first", "current", "expected"),
    [
        (Tally(50, 0), Tally(50, 0), "It cannot be shown: "),
        (Tally(50, 0), Tally(50, 1), "No: "),
        (Tally(50, 2), Tally(50, 2), "No: "),
        (Tally(50, 3), Tally(50, 2), "No: "),
        (Tally(50, 2), Tally(50, 1), "Yes, in these runs: "),
        (Tally(50, 1), Tally(50, 0), "Yes, in these runs: "),
        (Tally(50, 2), Tally(100, 2), "Yes, in these runs: "),
        (Tally(50, 50), Tally(50, 0), "It cannot be said: "),
        (Tally(50, 5), Tally(50, 50), "It cannot be said: "),
    ],
)
def test_the_answer(first: Tally, current: Tally, expected: str) -> None:
    """Half or fewer is claimed only where it was seen, and of nothing there is no half."""
    assert answer(first, current).startswith(expected)


def test_without_a_failure_the_answer_gives_the_upper_bound() -> None:
    """Nobody reads that the gate never fails."""
    assert "at most 6.0% of such runs" in answer(Tally(50, 0), Tally(50, 0))


@pytest.mark.parametrize(
    ("first", "current", "chance"),
    [
        (Tally(50, 1), Tally(50, 0), 0.5),
        (Tally(50, 2), Tally(50, 0), 49 / 198),
        (Tally(2, 1), Tally(2, 1), 5 / 6),
        (Tally(4, 4), Tally(4, 0), 1 / 70),
    ],
)
def test_chance(first: Tally, current: Tally, chance: float) -> None:
    """Fisher's exact test, worked out by hand."""
    assert chance_of_so_few(first, current) == pytest.approx(chance)


@pytest.mark.parametrize(
    ("first", "claim"),
    [(1, "beyond these runs nothing is shown"), (20, "the current gate fails less")],
)
def test_a_claim_says_how_strong_it_is(first: int, claim: str) -> None:
    """One failure against none may be chance, and twenty are not."""
    assert claim in answer(Tally(50, first), Tally(50, 0))


# The page, from results that are known.


def test_the_page_shows_a_failure_with_its_step() -> None:
    """Number, version, circumstance, exit code and step of a failed run are on the page."""
    page = render_page(results_of("pf" + "p" * 48, "p" * 50), DETERMINISM)

    assert "| 2 | first | quiet | 2 | `demo-gate: verify` |" in page
    assert "| first | `fffffff` | 50 | 1 | 2.0% | 1.0 |" in page
    assert "| current | `ccccccc` | 50 | 0 | 0 seen, at most 6.0% | 1.0 |" in page
    assert "trial only" not in page


def test_the_page_shows_what_is_not_reproducible() -> None:
    """Two digests of a request are counted as two, and the matrix is not said to agree."""
    results = results_of("p" * 50, "p" * 50)
    odd = dataclasses.replace(results.snapshot_runs[0], dataset_digest="blake3:3", number=2)
    results.snapshot_runs.append(odd)

    page = render_page(results, DETERMINISM)

    assert "| default: `esdh-cli generate-snapshot` | 2 | 2 | 1 |" in page
    assert "**not** that" in page


def test_marks_are_needed_to_quote() -> None:
    """A page that lost its marks is refused, not left with an old answer."""
    with pytest.raises(ValueError, match="marks"):
        quote_answer("# Governance\n", results_of("pp", "pp"))


def test_the_summary_of_the_matrix_is_its_own_verdict() -> None:
    """Verdict, extent and digests are those of the page, and another page is refused."""
    page = (ROOT / "docs" / "determinism.md").read_text()

    assert f"**{DETERMINISM.verdict}**" in page
    runs = DETERMINISM.environments * DETERMINISM.circumstances * len(DETERMINISM.digests)
    assert DETERMINISM.verdict.startswith(f"{runs} runs, ")
    with pytest.raises(ValueError, match="no verdict"):
        read_determinism_summary("# Determinism\n")


def test_results_survive_the_file(tmp_path: Path) -> None:
    """What is written is read again, and holds a line for each run."""
    results = results_of("pfp", "ppp")
    path = tmp_path / "raw.json"

    write_results(path, results)

    assert load_results(path) == results
    assert len(re.findall(r'^\{"version": ', path.read_text(), re.MULTILINE)) == 6
