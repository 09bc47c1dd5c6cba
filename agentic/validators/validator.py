"""What a validator is: named checks, run one after the other and told as one JSON object.

A check is a function of the repository's root. It returns a short text of what it saw, or raises
`CheckFailedError`. Whatever else it raises is a failed check too, never a traceback.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).absolute().parents[2]
_SHOWN_PROBLEMS: Final = 5

Check = Callable[[Path], str]
Outcome = dict[str, str]


class CheckFailedError(Exception):
    """The claim of a check does not hold; the message says where."""


def require_none(problems: Iterable[str]) -> None:
    """Fail with the first problems, if there are any."""
    found = list(problems)
    if found:
        hidden = len(found) - _SHOWN_PROBLEMS
        more = f"; and {hidden} more" if hidden > 0 else ""
        raise CheckFailedError("; ".join(found[:_SHOWN_PROBLEMS]) + more)


def check_name(check: Check) -> str:
    """The name that reports and checklists use: `keys_hold` is `keys-hold`."""
    return check.__name__.replace("_", "-")


@contextlib.contextmanager
def importing(validator: str) -> Iterator[None]:
    """Tell packages that cannot be imported as a failed check, and leave."""
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    except (Exception, SystemExit) as error:  # noqa: BLE001  # whatever it is, it is told
        sys.exit(_tell(validator, [_failed("packages-import", error)]))


def run_validator(
    validator: str, checks: Sequence[Check], arguments: Sequence[str] | None = None
) -> int:
    """Run the checks, print the report on standard output and return the exit code."""
    names = [check_name(check) for check in checks]
    parser = argparse.ArgumentParser(
        description=f"Check the {validator} part and print one JSON object; exit code 0 or 1."
    )
    parser.add_argument("--root", type=Path, default=ROOT, help="the repository to look at")
    parser.add_argument(
        "--only", action="append", choices=names, metavar="CHECK", help=", ".join(names)
    )
    options = parser.parse_args(arguments)
    with contextlib.redirect_stdout(sys.stderr):
        outcomes = [
            _run(check, options.root.absolute())
            for check in checks
            if options.only is None or check_name(check) in options.only
        ]
    return _tell(validator, outcomes)


def _run(check: Check, root: Path) -> Outcome:
    try:
        return {"name": check_name(check), "status": "pass", "detail": check(root)}
    except (Exception, SystemExit) as error:  # noqa: BLE001  # whatever it is, it is told
        return _failed(check_name(check), error)


def _failed(name: str, error: BaseException) -> Outcome:
    is_expected = isinstance(error, CheckFailedError)
    detail = str(error) if is_expected else f"{type(error).__name__}: {error}"
    return {"name": name, "status": "fail", "detail": " ".join(detail.split())}


def _tell(validator: str, outcomes: Sequence[Outcome]) -> int:
    failed = [outcome for outcome in outcomes if outcome["status"] == "fail"]
    report = {
        "validator": validator,
        "status": "fail" if failed else "pass",
        "checks": list(outcomes),
        "errors": [f"{outcome['name']}: {outcome['detail']}" for outcome in failed],
    }
    print(json.dumps(report, indent=2))
    return 1 if failed else 0
