"""Every break of `make breaks` can still be made; whether tests find it is seen there."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT / "scripts"))

from break_the_checkers import BREAKS, Break, broken  # noqa: E402


@pytest.mark.parametrize("item", BREAKS, ids=lambda item: item.claim)
def test_a_break_has_its_place_and_its_tests(item: Break) -> None:
    """The line stands there once, what takes its place is Python, and the tests exist."""
    text = (ROOT / "packages" / item.file).read_text()

    ast.parse(broken(text, item))

    assert all((ROOT / name).exists() for name in item.tests)


def test_a_line_that_has_gone_is_told() -> None:
    """A break that cannot be made must not pass for one that was found."""
    with pytest.raises(SystemExit, match="no longer holds the line to break"):
        broken("something else", BREAKS[0])
