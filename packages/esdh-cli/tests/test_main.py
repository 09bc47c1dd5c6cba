"""The process of the command line: what it sets up before anything heavy is imported."""

import os
import subprocess
import sys

import pytest

PROGRAM = """
import os, sys
from esdh_cli.main import main
assert "numpy" not in sys.modules  # it reads the environment when it is imported
sys.argv[1:] = ["describe", "--json"]
try:
    main()
finally:
    print(os.environ["OPENBLAS_NUM_THREADS"], file=sys.stderr)
"""


@pytest.mark.parametrize(("given", "expected"), [({}, "1"), ({"OPENBLAS_NUM_THREADS": "2"}, "2")])
def test_numpy_is_told_to_start_no_threads(given: dict[str, str], expected: str) -> None:
    """One thread is all that a command needs, unless its environment wants otherwise."""
    bare = {key: value for key, value in os.environ.items() if key != "OPENBLAS_NUM_THREADS"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        check=True,
        env={**bare, **given},
        capture_output=True,
        text=True,
    )

    assert done.stderr.split() == [expected]
