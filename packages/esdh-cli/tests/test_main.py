"""The process of the command line: what it sets up before anything heavy is imported."""

import os
import subprocess
import sys
from pathlib import Path

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


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
@pytest.mark.parametrize(
    "arguments", [[], ["--help"], ["describe"], ["print-table", "persons", "--records", "20000"]]
)
def test_output_that_is_full_is_told_in_words(arguments: list[str]) -> None:
    """Exit code 3 and one line, of which no number is part."""
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "esdh_cli", *arguments],
            check=False,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )

    told = "esdh-cli: cannot read or write: No space left on device\n"
    assert (done.returncode, done.stderr) == (3, told)
