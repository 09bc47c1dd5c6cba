"""The checks of the pages go red: a fault is planted for each kind of thing that a page shows."""

import doctest
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / "agentic" / "validators"), str(ROOT / "tests-integration")]

from document_checks import hidden_python, problems, python_blocks, run_python  # noqa: E402
from markdown_page import link_problems  # noqa: E402


def page_of(folder: Path, text: str) -> Path:
    """A page of these lines."""
    page = folder / "page.md"
    page.write_text(f"# A page\n\n{text}\n")
    return page


def fenced(line: str) -> str:
    """A block of one line, inside of a list as well, and the line inside of a sentence."""
    return f"```\n{line}\n```\n\n1. First:\n\n   ```\n   {line}\n   ```\n\nOr `{line}`."


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("make tezt", "there is no target tezt"),
        ("make demo docter", "there is no target docter"),
        ("make demo PROFIL=heavy", "the Makefile has no variable PROFIL"),
        (
            'make demo ARGS="--intractive"',
            "scripts/run_demo_flow.py has no option --intractive",
        ),
        ("esdh-api sevre", "esdh-api has no command sevre"),
        ("esdh-api serve --prot 6000", "esdh-api serve has no option --prot"),
        ("esdh-cli vrefy-snapshot x", "esdh-cli has no command vrefy-snapshot"),
        ("cd x && esdh-cli preview --sed 7", "esdh-cli preview has no option --sed"),
        ('eval "$(esdh-cli completoin bash)"', "esdh-cli has no command completoin"),
        ("ESDH_API_KEY=x esdh-api sevre", "esdh-api has no command sevre"),
        (".venv/bin/esdh-api sevre", "esdh-api has no command sevre"),
        (".venv/bin/esdh-ap serve", "there is no .venv/bin/esdh-ap"),
        ("source .venv/bin/activat", "there is no .venv/bin/activat"),
        ("python scripts/doctr.py", "there is no file scripts/doctr.py"),
        (
            ".venv/bin/python scripts/demo_data.py --use-apy x",
            "scripts/demo_data.py has no option --use-apy",
        ),
        (
            "python agentic/validators/api_validator.py --onyl x",
            "agentic/validators/api_validator.py has no option --onyl",
        ),
        ("python -m hatchlign build", "there is no module hatchlign"),
        ("pytest tests-integration/test_nothing.py", "there is no file tests-integration/"),
        ("pip install esdh-genrator", "there is no package esdh-genrator"),
        ("pip install 'esdh-api[rediss]'", "esdh-api has no extra rediss"),
        ("make test 'and so on", "cannot be read as a command"),
        (
            "curl -s http://127.0.0.1:5000/generate/bundel",
            "the service has no route GET /generate/bundel",
        ),
        (
            "curl -s 'http://127.0.0.1:5000/generate/person?sede=7' | head",
            "GET /generate/person has no parameter sede",
        ),
        (
            "curl -X POST http://127.0.0.1:5000/healthz",
            "the service has no route POST /healthz",
        ),
        (
            """curl http://127.0.0.1:5000/generate/person -d '{"recrods": 5}'""",
            "the body has no parameter recrods",
        ),
        ("see http://127.0.0.1:5000/dmeo", "the service has no route GET /dmeo"),
    ],
)
def test_a_name_that_does_not_exist_is_found(tmp_path: Path, line: str, told: str) -> None:
    """In a block, in a block inside of a list, and in a sentence: three times."""
    found = problems(page_of(tmp_path, fenced(line)))

    assert len(found) == 3, found
    assert all(told in problem for problem in found)


@pytest.mark.parametrize(
    "line",
    [
        "make demo PROFILE=heavy ARGS=--skip-smoke",
        'make demo ARGS="--port 6000"',
        ".venv/bin/esdh-api serve",
        "esdh-cli print-table persons --records 1000000 | head",
        "esdh-cli describe v0.1 --markdown > governance/data_dictionary_v0.1.md",
        """curl -s http://127.0.0.1:5000/generate/person -d '{"records": 5}'""",
        "curl -s 'http://127.0.0.1:5000/records/6c312ea1?seed=7'",
        "python3 -c 'import sys; print(1)'",
    ],
)
def test_a_name_that_exists_is_left_alone(tmp_path: Path, line: str) -> None:
    """The checks know what is there."""
    assert problems(page_of(tmp_path, fenced(line))) == []


def test_a_request_that_is_shown_to_be_refused_may_be_wrong(tmp_path: Path) -> None:
    """With the answer behind it; without one it is a fault."""
    line = "$ curl -s 'http://127.0.0.1:5000/generate/person?recrods=5'"
    answer = '{"type": "/docs#problem-unknown-name", ...}'

    assert problems(page_of(tmp_path, f"```\n{line}\n{answer}\n```")) == []
    assert len(problems(page_of(tmp_path, f"```\n{line}\n[]\n```"))) == 1


@pytest.mark.parametrize(
    ("link", "told"),
    [
        ("nowhere.md", "there is no nowhere.md"),
        ("../page.md", "there is no ../page.md"),
        ("#nowhere", "page.md has no heading for #nowhere"),
        ("other.md#nowhere", "other.md has no heading for #nowhere"),
        ("other.md#in-code", "other.md has no heading for #in-code"),
        ("data.csv#row", "data.csv has no heading for #row"),
    ],
)
def test_a_link_that_leads_nowhere_is_found(tmp_path: Path, link: str, told: str) -> None:
    """A file that is missing, and a heading that a page does not have."""
    (tmp_path / "other.md").write_text("# Other\n\n```\n# in code\n```\n")
    (tmp_path / "data.csv").write_text("row\n")

    assert list(link_problems(page_of(tmp_path, f"[here]({link})"))) == [told]


@pytest.mark.parametrize("link", ["other.md", "other.md#a-heading--of-two_parts", "#a-page"])
def test_a_link_that_leads_somewhere_is_left_alone(tmp_path: Path, link: str) -> None:
    """Headings become anchors as the site that shows the pages makes them."""
    (tmp_path / "other.md").write_text("# Other\n\n## A `heading` / of two_parts!\n")

    assert list(link_problems(page_of(tmp_path, f"[here]({link})"))) == []


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("from esdh_generator import Datasets", "cannot import name 'Datasets'"),
        ("import warnings\nwarnings.warn('old')", "UserWarning: old"),
    ],
)
def test_a_program_that_fails_is_found(tmp_path: Path, code: str, told: str) -> None:
    """A wrong import, and a warning, end with another code than 0."""
    (found,) = python_blocks(page_of(tmp_path, f"```python\n{code}\n```"))
    done = run_python(found, tmp_path)

    assert done.returncode == 1
    assert told in done.stderr


def test_python_that_does_not_say_so_is_found(tmp_path: Path) -> None:
    """Nothing would run it."""
    assert hidden_python(page_of(tmp_path, "```\nimport esdh\n```")) == ["import esdh"]


def test_an_example_that_shows_something_else_is_found(tmp_path: Path) -> None:
    """The interactive examples are compared with what is printed."""
    page = page_of(tmp_path, "```python\n>>> 1 + 1\n3\n\n```")

    assert doctest.testfile(str(page), module_relative=False, report=False).failed == 1
