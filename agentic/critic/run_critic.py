"""Go through the checklists: run what a program can check, and leave judgements open.

    python agentic/critic/run_critic.py
    python agentic/critic/run_critic.py --reports FILE    what run_all.py --json printed before

Exit code 1 if a check fails, if an item cannot be read or names a check that does not exist, or if
a check stands in no list. Judgement items are for a person and never fail.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).absolute().parents[2]
_RUN_ALL: Final = Path(__file__).absolute().parents[1] / "validators" / "run_all.py"
_ITEM: Final = re.compile(
    r"- \[ \] \*\*(?P<id>[A-Z]+-\d+)\*\* (?P<text>\S.*)"
    r" `(?:check: (?P<check>[a-z0-9-]+)|judgement)`"
)
_LOOKS_LIKE_AN_ITEM: Final = re.compile(r"\s*[-*+] ")


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a checklist; without a check it is a judgement."""

    id: str
    text: str
    check: str | None


def main(arguments: Sequence[str] | None = None) -> int:
    """Go through all checklists; returns the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--root", type=Path, default=ROOT, help="the repository to look at")
    parser.add_argument("--reports", type=Path, help="reports of a run of run_all.py --json")
    options = parser.parse_args(arguments)
    lists, problems = _read_lists(options.root / "agentic" / "critic")
    try:
        outcomes, more = _read_reports(_reports(options))
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"critic: there are no reports: {type(error).__name__}: {error}", file=sys.stderr)
        return 1
    counts: Counter[str] = Counter()
    for name, items in lists.items():
        print(name)
        for item in items:
            status, detail = _judge(item, outcomes)
            counts[status] += 1
            print(f"  {status}  {item.id:<13} {item.text}")
            if status == "FAIL":
                print(f"        {item.check}: {detail}")
    problems += more
    problems += _missing_items(lists, outcomes)
    for problem in problems:
        print(f"FAIL  {problem}")
    print(
        f"{counts['pass']} pass, {counts['FAIL']} fail, {counts['open']} open for a person,"
        f" {len(problems)} faults of the lists"
    )
    return 1 if counts["FAIL"] or problems or not counts["pass"] else 0


def _read_lists(folder: Path) -> tuple[dict[str, list[Item]], list[str]]:
    """The items of every checklist, and what cannot be read as one."""
    lists: dict[str, list[Item]] = {}
    problems: list[str] = []
    for page in sorted(folder.glob("*.md")):
        items = lists.setdefault(page.stem, [])
        for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
            if match := _ITEM.fullmatch(line):
                items.append(Item(match["id"], match["text"], match["check"]))
            elif _LOOKS_LIKE_AN_ITEM.match(line):
                problems.append(f"{page.name} line {number} is not an item with id and check")
        if not items:
            problems.append(f"{page.name} has no item")
    ids = Counter(item.id for items in lists.values() for item in items)
    problems += [f"the id {id_} stands {count} times" for id_, count in ids.items() if count > 1]
    return lists, problems


def _reports(options: argparse.Namespace) -> str:
    """What run_all.py printed, before or now."""
    if options.reports is not None:
        text: str = options.reports.read_text(encoding="utf-8")
        return text
    done = subprocess.run(
        [sys.executable, _RUN_ALL, "--json", "--root", options.root.absolute()],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    return done.stdout


def _read_reports(text: str) -> tuple[dict[str, tuple[str, str]], list[str]]:
    """Status and detail of every check, and validators that gave no report or share a name."""
    outcomes: dict[str, tuple[str, str]] = {}
    problems: list[str] = []
    reports: list[dict[str, Any]] = json.loads(text)["reports"]
    for report in reports:
        if not report["checks"]:
            problems.append(f"the {report['validator']} validator: {'; '.join(report['errors'])}")
        for check in report["checks"]:
            if check["name"] in outcomes:
                problems.append(f"two checks are called {check['name']}")
            outcomes[check["name"]] = (check["status"], check["detail"])
    return outcomes, problems


def _judge(item: Item, outcomes: Mapping[str, tuple[str, str]]) -> tuple[str, str]:
    if item.check is None:
        return "open", ""
    status, detail = outcomes.get(item.check, ("", "there is no such check"))
    return ("pass" if status == "pass" else "FAIL"), detail


def _missing_items(
    lists: Mapping[str, Sequence[Item]], outcomes: Mapping[str, tuple[str, str]]
) -> Iterator[str]:
    named = {item.check for items in lists.values() for item in items}
    for check, (status, detail) in outcomes.items():
        if check not in named:
            yield f"the check {check} stands in no list ({status}: {detail})"


if __name__ == "__main__":
    sys.exit(main())
