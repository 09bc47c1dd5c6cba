"""Run one request in every environment and circumstance of this machine; the answers must be one.

    python scripts/determinism_matrix.py [--quick]

Writes docs/determinism.md. With --quick only this Python with the newest dependencies is tried, and
nothing is written. Exit code 1 if anything differs.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from determinism.circumstances import CIRCUMSTANCES, NUMPY_MASK, Circumstance
from determinism.comparison import find_differences
from determinism.environments import (
    Age,
    Environment,
    build_wheels,
    create_environment,
    find_pythons,
    run,
)
from determinism.observation import Observation, read_facts
from determinism.page import render_page, verdict

PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "determinism.md"
REQUESTS: Final = {
    "default": (),
    "parts": (
        *("--records", "20001", "--seed", "7", "--records-per-file", "10000"),
        *("--output-format", "csv,json,ndjson,parquet"),
    ),
}


def main() -> int:
    """Run, compare and write the page; 1 if anything differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="this Python and newest only")
    quick = parser.parse_args().quick
    environments: list[Environment] = []
    observations: list[Observation] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for environment in iter_environments(folder, quick=quick):
            print(f"{environment.name}: {len(CIRCUMSTANCES)} circumstances", file=sys.stderr)
            environments.append(environment)
            observations += iter_observations(environment, folder)
            shutil.rmtree(environment.folder)
    differences = find_differences(observations)
    page = render_page(REQUESTS, environments, CIRCUMSTANCES, observations, differences)
    if quick:
        print(page)
    else:
        PAGE.write_text(page, encoding="utf-8")
    print(verdict(observations, differences), file=sys.stderr)
    return 1 if differences else 0


def iter_environments(folder: Path, *, quick: bool) -> Iterator[Environment]:
    """Install one environment after the other, all from the same wheels."""
    wheels = build_wheels(folder / "wheels")
    pythons = find_pythons()
    ages: tuple[Age, ...] = ("oldest", "newest")
    if quick:
        here = ".".join(map(str, sys.version_info[:3]))
        pythons, ages = {here: pythons[here]}, ("newest",)
    for version, python in pythons.items():
        for age in ages:
            yield create_environment(folder / f"{version}-{age}", version, python, age, wheels)


def iter_observations(environment: Environment, folder: Path) -> Iterator[Observation]:
    """Run every request under every circumstance."""
    program = os.fspath(environment.program)
    for circumstance in CIRCUMSTANCES:
        variables = prepare_variables(environment, circumstance, folder)
        for request, options in REQUESTS.items():
            with tempfile.TemporaryDirectory(dir=folder) as work:
                snapshot = Path(work, "deep", "snapshot")
                snapshot.parent.mkdir()
                target = Path("deep", "snapshot") if circumstance.elsewhere else snapshot
                run(
                    *(program, "generate-snapshot", *options, "--output-dir", os.fspath(target)),
                    *("--workers", str(circumstance.workers)),
                    env=variables,
                    cwd=Path(work) if circumstance.elsewhere else folder,
                )
                facts = read_facts(snapshot)
            pyarrow = environment.versions["pyarrow"]
            yield Observation(request, environment.name, circumstance.name, pyarrow, facts)


def prepare_variables(
    environment: Environment, circumstance: Circumstance, folder: Path
) -> dict[str, str]:
    """Nothing of this process's environment, then what the circumstance sets; masks must mask."""
    plain = {"HOME": os.fspath(folder), "PATH": os.defpath, "TZ": "UTC", "LC_ALL": "C.UTF-8"}
    variables = {**plain, **circumstance.variables}
    if NUMPY_MASK in variables:
        variables[NUMPY_MASK] = environment.numpy_features(plain)
        if left := environment.numpy_features(variables):
            message = f"numpy {environment.versions['numpy']} still uses {left}"
            raise RuntimeError(message)
    return variables


if __name__ == "__main__":
    sys.exit(main())
