"""Validates what governs the work: pages complete, numbered and true to the code; no secrets."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

from validator import CheckFailedError, importing, require_none, run_validator

with importing("governance"):
    from command_lines import iter_named_commands
    from forbidden_text import FORBIDDEN, forbidden_text_problems, text_file_names
    from markdown_page import link_problems, links, pages, table_rows
    from named_commands import command_problems
    from named_routes import address_problems, iter_addresses
    from package_declarations import declared_packages, licence_problems, release_problems
    from violation_log import open_stops

    from esdh_models import CONTRACT_VERSIONS, data_dictionary, get_contract, never_real

SLICES: Final = (
    "models",
    "generator",
    "exporters",
    "cli",
    "api",
    "demo",
    "proofs",
    "governance",
    "release",
)
TASKS: Final = (
    "schema_change",
    "generator_change",
    "api_change",
    "new_scenario",
    "full_pipeline",
)
VALIDATORS: Final = ("schema", "generator", "exporter", "cli", "api", "governance")
REQUIRED: Final = (
    "governance/README.md",
    "governance/assumptions.md",
    "governance/data_sources.md",
    "governance/data_stewardship.md",
    "governance/decisions/README.md",
    "governance/demo_readiness.md",
    "governance/pii_policy.md",
    "governance/pilot_metrics.md",
    "governance/risk_rating_rule.md",
    "governance/third_party_licences.md",
    "governance/violation_log.md",
    *(f"governance/data_dictionary_{version}.md" for version in CONTRACT_VERSIONS),
    "agentic/mop.md",
    "agentic/prompts/archive/README.md",
    *(f"agentic/prompts/{name}.md" for name in SLICES),
    *(f"agentic/critic/{name}.md" for name in SLICES),
    *(f"agentic/tasks/{name}.md" for name in TASKS),
)
_RECORD: Final = re.compile(r"(\d{4})-[a-z0-9-]+\.md")
_RECORD_PARTS: Final = ("**Context.**", "**Decision.**", "**Consequence.**", "**Date.**")
_DATED: Final = re.compile(r"\n\n\*\*Date\.\*\* \d{4}-\d\d-\d\d\n\Z")
_STATUS: Final = re.compile(r"in force|superseded by (\d{4})")
_TASK_PARTS: Final = ("## Analyze", "## Execute", "## Validate")
_PROMPT_PARTS: Final = ("## Scope", "## Read first", "## Rules", "## Work", "## Done")


def required_pages_exist(root: Path) -> str:
    """Every page that must be there begins with a heading and says something."""
    require_none(
        f"{name} is missing or has no heading and text"
        for name in REQUIRED
        if not (root / name).is_file()
        or not re.match(r"# \S.*\n\n\S", (root / name).read_text(encoding="utf-8"))
    )
    return f"{len(REQUIRED)} pages"


def data_dictionary_is_current(root: Path) -> str:
    """The dictionary of each contract is what `esdh-cli describe --markdown` prints."""
    for version in CONTRACT_VERSIONS:
        contract = get_contract(version)
        page = root / "governance" / f"data_dictionary_{version}.md"
        if page.read_text(encoding="utf-8") != data_dictionary.as_markdown(
            contract, contract.tables
        ):
            raise CheckFailedError(
                f"{page.name} is not what esdh-cli describe {version} --markdown prints"
            )
    return ", ".join(CONTRACT_VERSIONS)


def policy_table_is_that_of_the_contracts(root: Path) -> str:
    """The PII policy lists each identifier column with its class, guarantee and source."""
    expected = list(_iter_identifier_rows())
    told = table_rows(root / "governance" / "pii_policy.md", "identifiers")
    missing = [row for row in expected if row not in told]
    invented = [row for row in told if row not in expected]
    require_none(
        [
            *(f"the policy lacks: | {' | '.join(row)} |" for row in missing),
            *(f"the policy should not say: | {' | '.join(row)} |" for row in invented),
            *(["the policy repeats a row"] if len(told) > len(expected) and not invented else []),
        ]
    )
    return f"{len(expected)} columns"


def _iter_identifier_rows() -> Iterator[list[str]]:
    for version in CONTRACT_VERSIONS:
        for table in get_contract(version).tables:
            for column in table.columns:
                if name := column.facts.identifier_class:
                    entry = never_real.get_identifier_class(name)
                    place = f"{table.name}.{column.name}"
                    yield [version, place, name, str(entry.guarantee), entry.source]


def decisions_are_numbered_and_indexed(root: Path) -> str:
    """Records are numbered without a gap, have their parts and a date, and stand in the index."""
    folder = root / "governance" / "decisions"
    names = sorted(path.name for path in folder.glob("*.md") if path.name != "README.md")
    index = {row[0]: row[1:] for row in table_rows(folder / "README.md")}
    problems = [f"{name} has no number" for name in names if not _RECORD.fullmatch(name)]
    if [name[:4] for name in names] != [f"{number:04}" for number in range(1, len(names) + 1)]:
        problems.append("the records are not numbered 0001, 0002, ... without a gap")
    for name in names:
        text = (folder / name).read_text(encoding="utf-8")
        title = text.partition("\n")[0].removeprefix(f"# {name[:4]} ")
        places = [text.find(part) for part in _RECORD_PARTS]
        if title.startswith("#") or -1 in places or places != sorted(places):
            problems.append(f"{name} lacks its number, context, decision, consequence or date")
        elif not _DATED.search(text):
            problems.append(f"{name} does not end with a date such as 2026-01-31")
        told = index.pop(f"[{name[:4]}]({name})", ["", ""])
        if told[0] != title:
            problems.append(f"the index does not have {name} as {title!r}")
        status = _STATUS.fullmatch(told[1])
        if status is None or (status[1] and status[1] not in text):
            problems.append(f"{name} has no status, or does not name its successor")
    problems += [f"the index has {link}, which does not exist" for link in index]
    require_none(problems)
    return f"{len(names)} records"


def assumptions_are_numbered(root: Path) -> str:
    """Assumptions are numbered without a gap, and every one that a page names exists."""
    text = (root / "governance" / "assumptions.md").read_text(encoding="utf-8")
    numbers = re.findall(r"^\*\*A-(\d\d) ", text, flags=re.MULTILINE)
    problems = []
    if numbers != [f"{number:02}" for number in range(1, len(numbers) + 1)]:
        problems.append("the assumptions are not numbered A-01, A-02, ... without a gap")
    for page in sorted((root / "governance").rglob("*.md")):
        named = set(re.findall(r"\bA-(\d\d)\b", page.read_text(encoding="utf-8")))
        problems += [f"{page.name} names A-{n}" for n in sorted(named - set(numbers))]
    require_none(problems)
    return f"{len(numbers)} assumptions"


def no_stop_is_open(root: Path) -> str:
    """Every row of the violation log is complete, so that whoever lifted the stop is named."""
    require_none(open_stops(root))
    rows = table_rows(root / "governance" / "violation_log.md")
    return f"{len(rows)} violations, all closed"


def pages_are_indexed(root: Path) -> str:
    """The index of governance lists every page, and every test that it names exists."""
    folder = root / "governance"
    rows = table_rows(folder / "README.md")
    told = {match[1] for row in rows if (match := re.search(r"\]\(([^)]+)\)", row[0]))}
    there = {path.name for path in folder.glob("*.md")} - {"README.md"} | {"decisions/README.md"}
    holders = {name for row in rows for name in re.findall(r"`([^`]+)`", row[-1])}
    require_none(
        [
            *(f"the index lacks {name}" for name in sorted(there - told)),
            *(f"the index has {name}, which does not exist" for name in sorted(told - there)),
            *(
                f"{name}, which the index names, does not exist"
                for name in sorted(holders)
                if not (root / name).exists()
            ),
        ]
    )
    return f"{len(rows)} pages"


def prompts_tasks_and_critics_are_indexed(root: Path) -> str:
    """The master prompt links every prompt, task, checklist and validator; all links lead there."""
    folder = root / "agentic"
    told = set(links(folder / "mop.md"))
    there = {
        path.relative_to(folder).as_posix()
        for pattern in ("prompts/*.md", "prompts/archive/README.md", "tasks/*.md", "critic/*.md")
        for path in folder.glob(pattern)
    } | {f"validators/{name}_validator.py" for name in VALIDATORS}
    problems = [f"mop.md does not link {name}" for name in sorted(there - told)]
    for page in sorted(folder.rglob("*.md")):
        problems += [
            f"{page.relative_to(folder)} links {target}, which does not exist"
            for target in links(page)
            if not (page.parent / target).exists()
        ]
    require_none(problems)
    return f"{len(there)} pages and programs"


def tasks_and_prompts_have_their_form(root: Path) -> str:
    """Tasks are Analyze, Execute, Validate with commands; prompts have their five parts."""
    problems, pages = [], 0
    for folder, parts in (("tasks", _TASK_PARTS), ("prompts", _PROMPT_PARTS)):
        for page in sorted((root / "agentic" / folder).glob("*.md")):
            pages += 1
            text = page.read_text(encoding="utf-8")
            places = [text.find(f"\n{part}\n") for part in parts]
            if -1 in places or any(before > after for before, after in pairwise(places)):
                problems.append(f"{folder}/{page.name} is not {', '.join(parts)} in this order")
            elif "```" not in text[places[-1] :]:
                problems.append(f"{folder}/{page.name} ends without a command that proves it")
    require_none(problems)
    return f"{pages} pages"


def links_lead_somewhere(root: Path) -> str:
    """Every relative link of every page names a file and, behind a #, one of its headings."""
    every = pages(root)
    require_none(f"{p.relative_to(root)}: {problem}" for p in every for problem in link_problems(p))
    return f"{len(every)} pages"


def named_commands_exist(root: Path) -> str:
    """Every target, program, option, script, route and parameter that pages name is there."""
    named, problems = 0, []
    for page in pages(root):
        if page.name != "CHANGELOG.md":  # it may name what was taken away since
            commands, addresses = list(iter_named_commands(page)), list(iter_addresses(page))
            named += len(commands) + len(addresses)
            found = [problem for words in commands for problem in command_problems(root, words)]
            found += [problem for path in addresses for problem in address_problems(path)]
            problems += [f"{page.relative_to(root)}: {problem}" for problem in found]
    require_none(dict.fromkeys(problems))
    return f"{named} commands and addresses"


def licences_are_named(root: Path) -> str:
    """Every run-time dependency and every source of data has a licence, as its metadata says."""
    require_none(licence_problems(root))
    return f"{len(table_rows(root / 'governance/third_party_licences.md', 'licences'))} packages"


def packages_can_be_released(root: Path) -> str:
    """Changelogs name the version, and ranges of siblings admit the siblings of this commit."""
    require_none(release_problems(root))
    return ", ".join(
        f"{name} {package.project['version']}" for name, package in declared_packages(root).items()
    )


def no_text_that_must_not_be_here(root: Path) -> str:
    """No file holds a secret, a person's data, a path of a machine or a package registry."""
    require_none(forbidden_text_problems(root))
    return f"{len(FORBIDDEN)} patterns in {len(text_file_names(root))} files"


CHECKS: Final = (
    required_pages_exist,
    data_dictionary_is_current,
    policy_table_is_that_of_the_contracts,
    decisions_are_numbered_and_indexed,
    assumptions_are_numbered,
    no_stop_is_open,
    pages_are_indexed,
    prompts_tasks_and_critics_are_indexed,
    tasks_and_prompts_have_their_form,
    links_lead_somewhere,
    named_commands_exist,
    licences_are_named,
    packages_can_be_released,
    no_text_that_must_not_be_here,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the checks."""
    return run_validator("governance", CHECKS, arguments)


if __name__ == "__main__":
    sys.exit(main())
