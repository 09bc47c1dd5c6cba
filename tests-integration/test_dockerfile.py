"""The Dockerfile cannot be built here; a linter reads it, and what it must hold is held here."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

DOCKERFILE = Path(__file__).parent.parent / "deploy" / "Dockerfile"
HADOLINT = Path(sys.executable).parent / "hadolint"


def faults(text: str) -> list[str]:
    """The rules of hadolint that a Dockerfile breaks."""
    done = subprocess.run(
        [HADOLINT, "--no-color", "--format", "json", "-"],
        input=text,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode in (0, 1), done.stderr
    return [fault["code"] for fault in json.loads(done.stdout)]


def test_the_linter_finds_nothing() -> None:
    """No rule is broken, and none is switched off in the file or beside it."""
    text = DOCKERFILE.read_text()

    assert faults(text) == []
    assert "hadolint" not in text
    assert not list(DOCKERFILE.parents[1].glob(".hadolint*"))


@pytest.mark.parametrize(
    ("pattern", "planted", "rule"),
    [
        (r"FROM python:\S+", "FROM python", "DL3006"),
        (r"FROM python:\S+", "FROM python:latest", "DL3007"),
        (r"uv==\S+", "uv", "DL3013"),
        (r"WORKDIR /source", "WORKDIR source", "DL3000"),
        (r"COPY packages packages", "ADD packages packages", "DL3020"),
        (r"USER 10001:10001", "USER root", "DL3002"),
        (r'CMD \["esdh-api".*', "CMD esdh-api serve", "DL3025"),
        (r"wheels/\*\.whl", "$(ls wheels/*.whl)", "SC2046"),
    ],
)
def test_the_linter_sees_a_planted_fault(pattern: str, planted: str, rule: str) -> None:
    """Each in the real file, so that the linter is known to read all of it."""
    text, count = re.subn(pattern, planted, DOCKERFILE.read_text())

    assert count > 0
    assert rule in faults(text)


def test_it_holds_what_no_linter_asks_for() -> None:
    """An exact base, the user before the command, a health check, nothing from an address."""
    lines = DOCKERFILE.read_text().splitlines()
    bases = [line.split()[1] for line in lines if line.startswith("FROM ")]
    last_stage = [line for line in lines[lines.index(f"FROM {bases[-1]}") :] if line[:1].isupper()]
    words = [line.split()[0] for line in last_stage]

    assert len(set(bases)) == 1
    assert re.fullmatch(r"python:\d+\.\d+\.\d+-slim-[a-z]+", bases[0])
    assert words.index("USER") < words.index("CMD") == len(words) - 1
    assert "HEALTHCHECK" in words
    assert not [line for line in lines if "://" in line.partition(" CMD ")[0]]
    assert "ADD" not in [line.split(" ")[0] for line in lines]
