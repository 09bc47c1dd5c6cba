"""Validators and critics: they pass here, and each check fails where what it claims is broken."""

from __future__ import annotations

import importlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
import yaml

sys.path.append(str(Path(__file__).parent))
from agentic_breaks import BREAKS, Break

ROOT = Path(__file__).parent.parent
AGENTIC = ROOT / "agentic"
VALIDATORS = AGENTIC / "validators"
CRITIC = AGENTIC / "critic" / "run_critic.py"
NAMES = ("api", "cli", "exporter", "generator", "governance", "schema")
MEMBERS = ["validator", "status", "checks", "errors"]
DEADLINE_SECONDS = 300


def run_program(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a Python program of the repository."""
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
        timeout=DEADLINE_SECONDS,
    )


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reports of all validators on this repository, each run once as a program."""
    done = run_program(VALIDATORS / "run_all.py", "--json")
    path = tmp_path_factory.mktemp("reports") / "reports.json"
    path.write_text(done.stdout)
    return path


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    """Import a validator, to run it in this process."""
    monkeypatch.syspath_prepend(VALIDATORS)
    return lambda name: importlib.import_module(f"{name}_validator")


@pytest.mark.parametrize("name", NAMES)
def test_each_validator_passes_here(reports: Path, name: str) -> None:
    """Every check of every validator holds on this repository."""
    report = next(r for r in json.loads(reports.read_text())["reports"] if r["validator"] == name)

    assert report["errors"] == []
    assert report["status"] == "pass"
    assert {check["status"] for check in report["checks"]} == {"pass"}
    assert all(check["detail"] for check in report["checks"])


def test_there_are_the_six_validators() -> None:
    """One for each part, and nothing that looks like one beside them."""
    assert sorted(path.name for path in VALIDATORS.glob("*_validator.py")) == [
        f"{name}_validator.py" for name in NAMES
    ]


def test_a_validator_prints_one_json_object() -> None:
    """Standard output is the report and nothing else."""
    done = run_program(VALIDATORS / "schema_validator.py", "--only", "contracts-derive")
    report = json.loads(done.stdout)

    assert (done.returncode, done.stderr) == (0, "")
    assert list(report) == MEMBERS
    assert report["checks"] == [
        {"name": "contracts-derive", "status": "pass", "detail": "v0.1: 3 tables"}
    ]


@pytest.mark.parametrize("name", [name for name in NAMES if name != "cli"])
def test_packages_that_cannot_be_imported_are_told(name: str, tmp_path: Path) -> None:
    """The report is there, with the type and the message of the error, and exit code 1."""
    (tmp_path / "esdh_models.py").write_text("print('noise')\nraise RuntimeError('it is broken')\n")
    done = run_program(VALIDATORS / f"{name}_validator.py", PYTHONPATH=str(tmp_path))
    report = json.loads(done.stdout)

    assert done.returncode == 1
    assert (list(report), report["status"]) == (MEMBERS, "fail")
    assert report["errors"] == ["packages-import: RuntimeError: it is broken"]


@pytest.mark.parametrize(
    "case",
    [(name, *entry) for name, entries in BREAKS.items() for entry in entries],
    ids=lambda case: f"{case[0]}-{case[1]}",
)
def test_each_check_fails_where_its_claim_is_broken(
    load: Callable[[str], ModuleType],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    case: tuple[str, str, str, Break],
) -> None:
    """Exit code 1, and one error that names the check and what is wrong."""
    name, check, words, break_it = case
    module = load(name)
    arguments = break_it(monkeypatch, module, tmp_path)

    code = module.main(["--only", check, *arguments])

    report = json.loads(capsys.readouterr().out)
    assert (code, report["validator"], report["status"]) == (1, name, "fail")
    assert [entry["name"] for entry in report["checks"]] == [check]
    assert [error.partition(":")[0] for error in report["errors"]] == [check]
    assert words in report["errors"][0]


@pytest.mark.parametrize("name", NAMES)
def test_no_check_is_without_a_break(load: Callable[[str], ModuleType], name: str) -> None:
    """Whoever adds a check breaks what it checks."""
    checks = {check.__name__.replace("_", "-") for check in load(name).CHECKS}

    assert {check for check, _, _ in BREAKS[name]} == checks


def test_an_unexpected_error_is_a_failed_check(
    load: Callable[[str], ModuleType],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Its type and message are told on one line; the checks after it still run."""
    module = load("schema")

    def fail(_: str) -> None:
        print("noise")
        raise ZeroDivisionError("of\nall things")

    monkeypatch.setattr(module, "get_contract", fail)

    code = module.main(["--only", "contracts-derive", "--only", "configuration-is-read-strictly"])

    report = json.loads(capsys.readouterr().out)
    assert code == 1
    assert report["errors"] == ["contracts-derive: ZeroDivisionError: of all things"]
    assert [entry["status"] for entry in report["checks"]] == ["fail", "pass"]


@pytest.mark.parametrize("name", ["exporter", "generator"])
def test_a_product_that_fails_at_everything_is_told(name: str, tmp_path: Path) -> None:
    """Every check that needs a dataset fails with the error, and the report is whole."""
    (tmp_path / "esdh_generator.py").write_text(
        "RULES_VERSIONS = {'v0.1': 1}\n\ndef Dataset(*_, **__):\n    raise OSError('no rows')\n"
    )
    done = run_program(VALIDATORS / f"{name}_validator.py", PYTHONPATH=str(tmp_path))
    report = json.loads(done.stdout)

    assert (done.returncode, list(report)) == (1, MEMBERS)
    assert {check["status"] for check in report["checks"]} == {"fail"}
    assert {check["detail"] for check in report["checks"]} == {"OSError: no rows"}


# All together.

TINY = {
    "good": """
        def the_sky_is_up(root):
            return "it is"
        sys.exit(run_validator("good", [the_sky_is_up]))
    """,
    "bad": """
        def water_is_dry(root):
            raise CheckFailedError("it is wet")
        sys.exit(run_validator("bad", [water_is_dry]))
    """,
    "crashing": "raise SystemExit('no such luck')",
    "talking": "print('all is well')",
    "lying": """
        def it_is_so(root):
            return "it is"
        run_validator("lying", [it_is_so])
        sys.exit(1)
    """,
    "posing": "sys.exit(run_validator('somebody', []))",
    "sleeping": "import time; time.sleep(60)",
}


def tree_of(folder: Path, *names: str) -> Path:
    """A small tree with the real runners and tiny validators; returns its `agentic`."""
    agentic = folder / "agentic"
    (agentic / "validators").mkdir(parents=True)
    (agentic / "critic").mkdir()
    for name in ("run_all.py", "validator.py"):
        shutil.copy(VALIDATORS / name, agentic / "validators")
    shutil.copy(CRITIC, agentic / "critic")
    for name in names:
        lines = [line.removeprefix("        ") for line in TINY[name].splitlines()]
        (agentic / "validators" / f"{name}_validator.py").write_text(
            "import sys\nfrom validator import CheckFailedError, run_validator\n" + "\n".join(lines)
        )
    return agentic


def test_all_validators_run_as_one(tmp_path: Path) -> None:
    """A line for each, and exit code 0 if all passed."""
    agentic = tree_of(tmp_path, "good")
    done = run_program(agentic / "validators" / "run_all.py")

    assert done.returncode == 0
    assert re.fullmatch(
        r"pass  good          1 checks +[0-9.]+ s\n1 validators, 1 checks: all passed\n",
        done.stdout,
    )


def test_one_that_fails_or_gives_no_report_fails_all(tmp_path: Path) -> None:
    """Failing, crashing, talking, lying, posing as another and never ending are told apart."""
    agentic = tree_of(tmp_path, *TINY)
    done = run_program(agentic / "validators" / "run_all.py", "--json", "--timeout", "4")
    document = json.loads(done.stdout)

    assert (done.returncode, document["status"]) == (1, "fail")
    assert {report["validator"]: report["errors"] for report in document["reports"]} == {
        "good": [],
        "bad": ["water-is-dry: it is wet"],
        "crashing": ["it gave no report, and ended with 1: no such luck"],
        "talking": ["it gave no report, and ended with 0: it said nothing"],
        "lying": ["it ended with 1, but says pass"],
        "posing": ["it gave no report, and ended with 0: it said nothing"],
        "sleeping": ["it did not end within 4 s"],
    }


def test_some_can_be_asked_by_name(tmp_path: Path) -> None:
    """Only those run; a name that does not exist is refused with those that do."""
    runner = tree_of(tmp_path, "good", "bad") / "validators" / "run_all.py"

    assert run_program(runner, "good").returncode == 0
    assert run_program(runner, "bad").returncode == 1
    refused = run_program(runner, "ugly")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "there is no validator 'ugly'; choose from bad, good" in refused.stderr


# The critic.

GOOD_ITEM = "- [ ] **SKY-1** The sky is up. `check: the-sky-is-up`"
JUDGEMENT = "- [ ] **SKY-2** It is blue enough. `judgement`"


def criticized(folder: Path, lines: str, checks: dict[str, str]) -> tuple[int, list[str]]:
    """Run the critic on one list and the outcomes of some checks."""
    (folder / "agentic" / "critic").mkdir(parents=True)
    (folder / "agentic" / "critic" / "sky.md").write_text(f"# Sky\n\n{lines}\n")
    told = [{"name": name, "status": status, "detail": "so"} for name, status in checks.items()]
    reports = folder / "reports.json"
    validators = [{"validator": "sky", "checks": told, "errors": []}] if told else []
    reports.write_text(json.dumps({"reports": validators}))
    done = run_program(CRITIC, "--root", folder, "--reports", reports)
    assert done.stderr == ""
    return done.returncode, done.stdout.splitlines()


def test_the_checklists_hold_here(reports: Path) -> None:
    """Every machine-checkable item of this repository passes, and judgements stay open."""
    done = run_program(CRITIC, "--reports", reports)

    assert done.returncode == 0, done.stdout
    flags = re.MULTILINE
    assert re.search(
        r"^[0-9]+ pass, 0 fail, [0-9]+ open for a person, 0 faults", done.stdout, flags
    )
    slices = {path.stem for path in (AGENTIC / "critic").glob("*.md")}
    assert {line for line in done.stdout.splitlines() if re.fullmatch("[a-z]+", line)} == slices


def test_the_critic_goes_item_by_item(tmp_path: Path) -> None:
    """A check that holds is a pass, a judgement is open, and neither fails."""
    code, lines = criticized(tmp_path, f"{GOOD_ITEM}\n{JUDGEMENT}", {"the-sky-is-up": "pass"})

    assert code == 0
    assert lines == [
        "sky",
        "  pass  SKY-1         The sky is up.",
        "  open  SKY-2         It is blue enough.",
        "1 pass, 0 fail, 1 open for a person, 0 faults of the lists",
    ]


@pytest.mark.parametrize(
    ("lines", "checks", "told"),
    [
        (GOOD_ITEM, {"the-sky-is-up": "fail"}, "        the-sky-is-up: so"),
        (GOOD_ITEM, {}, "        the-sky-is-up: there is no such check"),
        (
            GOOD_ITEM,
            {"the-sky-is-up": "pass", "water-is-wet": "pass"},
            "FAIL  the check water-is-wet stands in no list (pass: so)",
        ),
        (
            f"{GOOD_ITEM}\n- [ ] It has no id. `judgement`",
            {"the-sky-is-up": "pass"},
            "FAIL  sky.md line 4 is not an item with id and check",
        ),
        (
            f"{GOOD_ITEM}\n- [x] **SKY-2** It was ticked. `judgement`",
            {"the-sky-is-up": "pass"},
            "FAIL  sky.md line 4 is not an item with id and check",
        ),
        (
            f"{GOOD_ITEM}\n{JUDGEMENT}\n{JUDGEMENT}",
            {"the-sky-is-up": "pass"},
            "FAIL  the id SKY-2 stands 2 times",
        ),
        ("Nothing is asked.", {}, "FAIL  sky.md has no item"),
        (JUDGEMENT, {}, "0 pass, 0 fail, 1 open for a person, 0 faults of the lists"),
    ],
)
def test_the_critic_fails(tmp_path: Path, lines: str, checks: dict[str, str], told: str) -> None:
    """A failing item, an unknown check, a check in no list, and lists that are not whole."""
    code, said = criticized(tmp_path, lines, checks)

    assert code == 1
    assert told in said


def test_the_critic_runs_the_validators_itself(tmp_path: Path) -> None:
    """Without reports it makes them; one that crashes is a fault."""
    agentic = tree_of(tmp_path, "good")
    (agentic / "critic" / "sky.md").write_text(f"# Sky\n\n{GOOD_ITEM}\n")

    assert run_program(agentic / "critic" / "run_critic.py").returncode == 0
    (agentic / "validators" / "bad_validator.py").write_text("raise SystemExit('no such luck')")
    done = run_program(agentic / "critic" / "run_critic.py")
    assert done.returncode == 1
    assert "FAIL  the bad validator: it gave no report" in done.stdout


@pytest.mark.parametrize("content", ["", "[]", '{"reports": [{}]}', '{"reports": 1}'])
def test_reports_that_are_none_are_refused(tmp_path: Path, content: str) -> None:
    """One line, and exit code 1."""
    (tmp_path / "reports.json").write_text(content)
    done = run_program(CRITIC, "--reports", tmp_path / "reports.json")

    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(r"critic: there are no reports: .*\n", done.stderr)


# The hooks.


@pytest.mark.parametrize(
    ("hook", "command"),
    [
        ("validate", "agentic/validators/run_all.py --save .agentic_reports.json"),
        ("critic", "agentic/critic/run_critic.py --reports .agentic_reports.json"),
    ],
)
def test_hooks_run_the_programs_for_every_commit(hook: str, command: str) -> None:
    """Both work offline and fire whatever changed; the critic reads the validators' answer."""
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    (found,) = (entry for entry in hooks if entry["id"] == hook)
    names = [entry["id"] for entry in hooks]

    assert found["entry"] == f".venv/bin/uv run --frozen --no-sync --offline python {command}"
    assert (ROOT / command.split(maxsplit=1)[0]).is_file()
    assert found.keys() & {"files", "types", "types_or", "exclude", "stages"} == set()
    assert names.index("validate") < names.index("critic")


def test_the_critic_reads_what_was_saved(tmp_path: Path) -> None:
    """One run of the validators serves both, and reports of before are never taken for it."""
    agentic = tree_of(tmp_path, "bad")
    item = "- [ ] **SEA-1** Water is dry. `check: water-is-dry`"
    (agentic / "critic" / "sea.md").write_text(f"# Sea\n\n{item}\n")
    saved = tmp_path / "reports.json"
    saved.write_text("of before")
    run_program(agentic / "validators" / "run_all.py", "--save", saved)
    done = run_program(agentic / "critic" / "run_critic.py", "--reports", saved)

    assert done.returncode == 1
    assert "        water-is-dry: it is wet" in done.stdout.splitlines()


# The slices.


def test_every_part_of_the_repository_is_in_the_scope_of_a_prompt() -> None:
    """Folders of the root, each package, and each folder of scripts: work on it has its rules."""
    scopes = {
        page.stem: page.read_text().partition("## Scope")[2].partition("Not here")[0]
        for page in (AGENTIC / "prompts").glob("*.md")
    }
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    files = [Path(name) for name in listed.stdout.splitlines()]
    depth = {"packages": 2, "scripts": 2, "data": 2}
    parts = {
        "/".join(path.parts[: depth.get(path.parts[0], 1)]) + "/"
        for path in files
        if len(path.parts) > depth.get(path.parts[0], 1)
    }
    missing = {part for part in parts if not any(f"`{part}" in text for text in scopes.values())}

    assert len(parts) >= 15
    assert missing == set()
    assert [page for page, text in scopes.items() if "`config/`" in text] == ["demo"]
