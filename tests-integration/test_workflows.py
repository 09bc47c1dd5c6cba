"""The workflows cannot run here; what can be known of them without running them is held here."""

import functools
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
READ_ONLY = {"contents": "read"}
PERMISSIONS = {
    ("publish-snapshot.yml", "release"): {"contents": "write"},
    ("release.yml", "publish"): {"id-token": "write"},
}
"""What a job may do where it is more than reading this repository."""

PINNED = re.compile(r"uses: [\w-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
ZIZMOR = ("--offline", "--no-progress", "--persona=auditor", "--format=plain")
OTHER_PROGRAMS = (["gh", "release", "create"],)


def iter_faults(name: str, text: str) -> Iterator[str]:
    """What is wrong with a workflow, in words."""
    document = yaml.safe_load(text)
    if document.get("permissions") != {}:
        yield "permissions are not taken away at the top"
    if "group" not in document.get("concurrency", {}):
        yield "runs may overtake each other"
    for line in re.findall(r"uses: .*", text):
        if not PINNED.fullmatch(line.strip()):
            yield f"not pinned: {line}"
    for job_name, job in document["jobs"].items():
        if job.get("permissions") != PERMISSIONS.get((name, job_name), READ_ONLY):
            yield f"{job_name}: other permissions than it needs"
        if "timeout-minutes" not in job:
            yield f"{job_name}: no timeout"
        for step in job["steps"]:
            yield from iter_faults_of_step(step)


def iter_faults_of_step(step: dict[str, Any]) -> Iterator[str]:
    """What is wrong with a step, in words."""
    if step.get("uses", "").startswith("actions/checkout@"):
        if step.get("with", {}).get("persist-credentials") is not False:
            yield "the checkout keeps its credentials"
        return
    command = step.get("run")
    if command is None:
        return
    words = shlex.split(command)
    if "${{" in command:
        yield f"values are pasted into a script: {command}"
    elif words[0] != "make":
        if words[:3] not in OTHER_PROGRAMS:
            yield f"no target of the Makefile: {command}"
    elif complaint := dry_run(command):
        yield f"{command}: {complaint}"


@functools.cache
def dry_run(command: str) -> str:
    """What make says of a target that it cannot make; nothing is made."""
    done = subprocess.run(
        ["sh", "-c", command.replace("make ", "make --dry-run --no-print-directory ", 1)],
        cwd=ROOT,
        env={**os.environ, "PYTHON": "3.13", "TAG": "esdh-models-v0.1.0"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        return done.stderr.strip()
    asked = {
        name
        for names in re.findall(r"tox run .*-e (\S+)", done.stdout)
        for name in names.split(",")
    }
    unknown = asked - environments() if asked else set()
    return f"tox.ini has no {', '.join(sorted(unknown))}" if unknown else ""


@functools.cache
def environments() -> set[str]:
    """Names of the environments of tox.ini."""
    done = subprocess.run(
        [program("tox"), "list", "--no-desc", "-q"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


def program(name: str) -> str:
    """A program of the dev group; without it the test is skipped, and says so."""
    found = shutil.which(name, path=os.fspath(Path(sys.executable).parent))
    if found is None:
        pytest.skip(f"{name} is not in this environment; `make sync` installs it")
    return found


def test_there_are_workflows() -> None:
    """The tests below look at something."""
    names = [path.name for path in WORKFLOWS]

    assert names == ["ci.yml", "publish-snapshot.yml", "release.yml"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_ask_little_and_call_what_runs_here(path: Path) -> None:
    """Actions are pinned, permissions least, and every step is a target that exists here."""
    assert list(iter_faults(path.name, path.read_text())) == []


@pytest.mark.parametrize(
    ("right", "wrong", "fault"),
    [
        ("permissions: {}\n", "permissions: write-all\n", "at the top"),
        ("permissions: {}\n", "", "at the top"),
        ("concurrency:\n  group:", "concurrency:\n  name:", "overtake"),
        ("@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0", "@v5", "not pinned"),
        (" # v5.0.0", "", "not pinned"),
        ("contents: read", "contents: write", "checks: other permissions"),
        ("    timeout-minutes: 15\n", "", "checks: no timeout"),
        ("persist-credentials: false", "persist-credentials: true", "credentials"),
        ("make lint", "make lnit", "No rule to make target"),
        ("make lint", "ruff check .", "no target of the Makefile"),
        ("make lint", "make ${{ github.head_ref }}", "pasted"),
        ('PYTHON="$PYTHON"', "PYTHON=2.7", "tox.ini has no py27"),
    ],
)
def test_a_worse_workflow_is_refused(right: str, wrong: str, fault: str) -> None:
    """Every rule that is held here can be seen broken."""
    text = (ROOT / ".github" / "workflows" / "ci.yml").read_text()
    assert right in text

    faults = list(iter_faults("ci.yml", text.replace(right, wrong, 1)))

    assert any(fault in found for found in faults), faults


def test_every_package_is_released_by_its_own_tag() -> None:
    """One job for each of the packages, which does nothing unless the tag names its package."""
    document = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text())
    rehearse = document["jobs"]["rehearse"]
    packages = sorted(path.name for path in (ROOT / "packages").glob("esdh-*"))

    assert packages == sorted(rehearse["strategy"]["matrix"]["package"])
    assert {step["if"] for step in rehearse["steps"]} == {"env.IS_TAGGED == 'true'"}


def test_only_the_publishing_job_gets_an_identity() -> None:
    """The job that publishes runs nothing of this repository."""
    document = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text())
    publish = document["jobs"]["publish"]

    assert publish["environment"] == "pypi"
    assert publish["needs"] == "rehearse"
    assert [step for step in publish["steps"] if "run" in step] == []
    assert not any("checkout" in step["uses"] for step in publish["steps"])


@pytest.mark.parametrize(
    ("schema", "paths"),
    [
        ("vendor.github-workflows", WORKFLOWS),
        ("vendor.dependabot", [ROOT / ".github" / "dependabot.yml"]),
    ],
)
def test_files_obey_their_schema(schema: str, paths: list[Path]) -> None:
    """The vendored schemas of check-jsonschema accept what is in .github."""
    done = run_quietly([program("check-jsonschema"), "--builtin-schema", schema, *paths])

    assert done.returncode == 0, done.stdout


def test_the_schema_refuses_an_unknown_key(tmp_path: Path) -> None:
    """The schema is looked at at all."""
    text = (ROOT / ".github" / "workflows" / "ci.yml").read_text()
    damaged = tmp_path / "ci.yml"
    damaged.write_text(text.replace("runs-on:", "runs-in:", 1))

    done = run_quietly(
        [program("check-jsonschema"), "--builtin-schema", "vendor.github-workflows", damaged]
    )

    assert done.returncode == 1


def test_zizmor_finds_nothing() -> None:
    """A second opinion on what could be abused, without the network."""
    done = run_quietly([program("zizmor"), *ZIZMOR, ROOT / ".github"])

    assert done.returncode == 0, done.stdout + done.stderr


def test_zizmor_finds_a_script_that_pastes_input(tmp_path: Path) -> None:
    """The second opinion is asked with rules that find things."""
    text = (ROOT / ".github" / "workflows" / "ci.yml").read_text()
    damaged = tmp_path / ".github" / "workflows" / "ci.yml"
    damaged.parent.mkdir(parents=True)
    damaged.write_text(text.replace("make lint", "echo ${{ github.head_ref }}", 1))

    done = run_quietly([program("zizmor"), *ZIZMOR, damaged])

    assert done.returncode != 0
    assert "template-injection" in done.stdout


def run_quietly(command: list[str | Path]) -> subprocess.CompletedProcess[str]:
    """Run a program and keep what it says."""
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
