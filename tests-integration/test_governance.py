"""What governs the work is true to the code, and what its pages show can be done."""

from __future__ import annotations

import datetime as dt
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from esdh_cli.main import run
from esdh_generator import RULES_VERSIONS
from esdh_models import CONTRACT_VERSIONS, get_contract, never_real

ROOT = Path(__file__).parent.parent
GOVERNANCE = ROOT / "governance"
RECORDS = sorted(
    path for path in (GOVERNANCE / "decisions").glob("*.md") if path.name != "README.md"
)


def page(name: str) -> str:
    """The text of a page."""
    return (GOVERNANCE / name).read_text()


def rows(text: str) -> list[list[str]]:
    """The cells of every line of a table that is neither head nor rule."""
    lines = re.findall(r"^\|(.*)\|$", text, flags=re.MULTILINE)
    cells = [[cell.strip() for cell in line.split("|")] for line in lines]
    rules = [number for number, row in enumerate(cells) if set("".join(row)) <= {"-"}]
    heads = {number - 1 for number in rules}
    return [row for number, row in enumerate(cells) if number not in {*rules, *heads}]


def part(name: str, heading: str) -> str:
    """What a page says below a heading."""
    return page(name).partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def test_the_policy_lists_every_identifier_column_and_no_other() -> None:
    """Column by column: class, guarantee and source are those of the registry."""
    classes = {entry.name: entry for entry in never_real.IDENTIFIER_CLASSES}
    expected = [
        [
            version,
            f"{table.name}.{column.name}",
            name,
            classes[name].guarantee,
            classes[name].source,
        ]
        for version in CONTRACT_VERSIONS
        for table in get_contract(version).tables
        for column in table.columns
        if (name := column.facts.identifier_class) is not None
    ]
    told = page("pii_policy.md").partition("<!-- begin identifiers -->")[2]

    assert rows(told.partition("<!-- end identifiers -->")[0]) == expected
    assert {row[2] for row in expected} == set(classes)


def test_the_policy_names_the_rule_that_validation_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its commands run as shown, and a snapshot with a real street breaks the rule it names."""
    monkeypatch.chdir(tmp_path)
    proof = part("pii_policy.md", "How it is proved")
    commands = re.findall(r"^esdh-cli (.*)$", proof, flags=re.MULTILINE)
    codes = [run(shlex.split(line)) for line in commands]
    persons = tmp_path / "data" / "snapshots" / "policy-check" / "persons.csv"
    persons.write_text(re.sub(r",\d+ [A-Za-z]+ St,", ",100 Main St,", persons.read_text()))
    capsys.readouterr()

    assert codes == [0, 0]
    assert run(shlex.split(commands[-1])) == 1
    said = "".join(capsys.readouterr())
    assert "`identifier-class:`" in proof
    assert "persons.address_line_1 as csv breaks identifier-class:invented-street" in said
    assert "Main St" not in said


def test_what_a_rule_does_not_guarantee_is_an_assumption() -> None:
    """Each assumption that the policy leans on exists, and is about what it is named for."""
    assumptions = page("assumptions.md")
    named = set(re.findall(r"A-\d\d", page("pii_policy.md")))

    assert named == {"A-12", "A-13", "A-14"}
    for number, subject in {"A-12": "Licence", "A-13": "VIN", "A-14": "Street"}.items():
        assert f"**{number} {subject}" in assumptions


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.name[:4])
def test_a_decision_has_context_decision_consequence_and_date(record: Path) -> None:
    """In this order, each with a text, below a title with the record's number."""
    text = record.read_text()

    assert re.match(rf"# {record.name[:4]} \S.*\n\n\*\*Context\.\*\* \S", text)
    assert re.search(r"\n\n\*\*Decision\.\*\* \S.*\n\n\*\*Consequence\.\*\* \S", text, re.DOTALL)
    date = text.rpartition("\n\n**Date.** ")[2]
    assert dt.date.fromisoformat(date.strip()).year >= 2026


def test_the_index_of_decisions_is_complete_and_in_order() -> None:
    """Numbers begin at 0001 without a gap; each row links its record under its title."""
    expected = []
    for number, record in enumerate(RECORDS, 1):
        title = record.read_text().partition("\n")[0].removeprefix(f"# {number:04} ")
        expected.append([f"[{number:04}]({record.name})", title])

    assert [row[:2] for row in rows(page("decisions/README.md"))] == expected
    assert len(expected) >= 20


def test_whoever_does_something_is_a_role() -> None:
    """The pages give work to roles of data stewardship, and to authors and finders."""
    roles = {row[0] for row in rows(part("data_stewardship.md", "Roles"))}
    steps = [row[1] for row in rows(part("pii_policy.md", "When a rule is broken"))]
    cadence = [row[3] for row in rows(part("data_stewardship.md", "Cadence"))]
    decide = set(re.findall(r"\*\*([a-z ]+)\*\*", part("demo_readiness.md", "Who decides")))

    maintainers = {"maintainer", "maintainer of the package", "maintainer of esdh-exporters"}
    known = roles | maintainers | {"author", "whoever found it"}
    assert set(steps) | set(cadence) <= known
    assert decide <= roles
    assert {"data steward", "release manager", "presenter"} <= roles


def test_a_change_of_values_names_what_the_code_calls_it() -> None:
    """The steps name the rules versions, the inputs and the targets that exist."""
    text = part("data_stewardship.md", "Change of reference data or of a rule")
    makefile = (ROOT / "Makefile").read_text()

    assert set(RULES_VERSIONS) == set(CONTRACT_VERSIONS)
    assert "`RULES_VERSIONS`" in text
    for folder in ("scripts/reference_data_inputs/", "scripts/reference_data_build/"):
        assert f"`{folder}`" in text
        assert (ROOT / folder).is_dir()
    for target in ("reference-data", "golden"):
        assert f"`make {target}`" in text
        assert f"\n{target}:" in makefile


def test_every_criterion_of_a_demo_is_a_command() -> None:
    """Criteria are numbered, and the modes name no other."""
    criteria = rows(part("demo_readiness.md", "Criteria"))
    modes = rows(part("demo_readiness.md", "Modes"))

    assert [row[0] for row in criteria] == [f"R-0{number}" for number in range(1, 6)]
    assert all(re.fullmatch(r"`(make|python3?|git) .*`", row[2]) for row in criteria)
    assert [row[0] for row in modes] == ["**go**", "**degraded**", "**stop**"]
    assert set(re.findall(r"R-\d\d", page("demo_readiness.md"))) == {row[0] for row in criteria}


def test_criteria_name_checks_that_exist() -> None:
    """What a criterion runs alone is a check of that validator."""
    named = 0
    for row in rows(part("demo_readiness.md", "Criteria")):
        program, *arguments = row[2].strip("`").split()
        if program == "python":
            source = (ROOT / arguments[0]).read_text()
            checks = [word for word in arguments[1:] if word != "--only"]
            named += len(checks)
            assert all(f"def {check.replace('-', '_')}(" in source for check in checks)

    assert named == 2


def test_degraded_can_be_chosen_where_no_package_imports(tmp_path: Path) -> None:
    """What must hold for it is asked of git and of a Python that has nothing of the hub."""
    modes = {row[0]: row[2] for row in rows(part("demo_readiness.md", "Modes"))}
    commands = {row[0]: row[2].strip("`") for row in rows(part("demo_readiness.md", "Criteria"))}
    needed = re.findall(r"R-\d\d", modes["**degraded**"].partition(" hold")[0])
    program, *arguments = shlex.split(commands["R-05"])
    log = tmp_path / "governance" / "violation_log.md"
    for folder in ("agentic/validators", "governance"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    bare = ["-I", "-S", "-B"]  # neither packages, nor variables, nor the folder of the caller

    def ask() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *bare, "-c", _RUN_FILE, *arguments],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
        )

    before = ask()
    log.write_text(
        log.read_text().replace("| --- |\n", "| --- |\n| 1 | x | x | x | x | x | x | |\n")
    )
    after = ask()

    assert needed == ["R-04", "R-05"]
    assert commands["R-04"].startswith("git ")
    assert program == "python3"
    assert (before.returncode, before.stdout) == (0, "no stop is open\n"), before.stderr
    assert (after.returncode, after.stdout) == (1, "row 1 of the log is not complete\n")


_RUN_FILE = """
import runpy, sys
sys.argv[:] = sys.argv[1:]
sys.path.insert(0, sys.argv[0].rpartition("/")[0])
runpy.run_path(sys.argv[0], run_name="__main__")
"""


# What is claimed of columns whose values are of the right form, and no more.

_CLAIM = re.compile(
    r"(cannot|can never|could never|do not|does not|never) (be real|belong)|never[- ]real"
    r"|belongs? to (nobody|no one)|nobody's|is (not|never) (real|somebody's)",
    re.IGNORECASE,
)


def format_only_names() -> set[str]:
    """How people call the columns of classes that guarantee a format alone."""
    classes = {entry.name: entry.guarantee for entry in never_real.IDENTIFIER_CLASSES}
    columns = {
        column.name
        for version in CONTRACT_VERSIONS
        for table in get_contract(version).tables
        for column in table.columns
        if (name := column.facts.identifier_class) and classes[name] == "format-only"
    }
    return columns | {" ".join(name.split("_")[-2:]) for name in columns}


def claims_too_much(text: str) -> list[str]:
    """Sentences and rows of a table that call such a column impossible to be real."""
    prose = re.sub(r"\n(?![\n|#-])", " ", text.lower().replace("licence", "license"))
    sentences = re.split(r"(?<=[.!?;])\s+|\n+", prose)
    named = [s for s in sentences if any(name in s for name in format_only_names())]
    return [sentence for sentence in named if _CLAIM.search(sentence)]


@pytest.mark.parametrize(
    "text",
    [
        "None of them is: the VINs, licence numbers and addresses cannot belong to anybody.",
        "| v0.1 | persons.driver_license_number | driver-license | never-real |",
        "License\nnumbers are never real.",
    ],
)
def test_a_claim_beside_a_format_only_column_is_found(text: str) -> None:
    """Whatever the spelling, and over the end of a line."""
    assert len(claims_too_much(text)) == 1


@pytest.mark.parametrize(
    "path",
    sorted({*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("[agp]*/**/*.md")}),
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_no_page_claims_more_than_a_format(path: Path) -> None:
    """The presenter's lines too: what is only of the right form is not said to be nobody's."""
    assert claims_too_much(path.read_text()) == []


def test_the_presenter_says_what_licence_numbers_are() -> None:
    """The runbook names them where it shows them, and promises their form."""
    runbook = (ROOT / "docs" / "demo" / "06-runbook.md").read_text()

    assert "Licence numbers have the form of their state, and no more is promised" in runbook


def test_the_data_dictionary_is_what_the_index_says_to_run(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The command of the index prints the page, byte for byte."""
    line = re.search(r"^esdh-cli (.*) > (governance/\S+)$", page("README.md"), flags=re.MULTILINE)
    assert line is not None

    assert run(shlex.split(line[1])) == 0
    assert tuple(capsys.readouterr()) == ((ROOT / line[2]).read_text(), "")


def test_the_index_of_pages_is_complete() -> None:
    """Every page of the folder is there, with whom it is for and what holds it."""
    told = {re.sub(r".*\((.*)\)", r"\1", row[0]) for row in rows(page("README.md"))}
    there = {path.name for path in GOVERNANCE.glob("*.md")} - {"README.md"}

    assert told == there | {"decisions/README.md"}
    assert all(all(row) for row in rows(page("README.md")))
