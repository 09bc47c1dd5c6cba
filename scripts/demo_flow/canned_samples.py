"""Write the canned samples of the demo: what is shown where nothing can be started.

    python scripts/make_demo_samples.py            write data/demo_samples
    python scripts/make_demo_samples.py --check    compare, and write nothing

The samples are a snapshot of the baseline profile without what tells of library versions, the
preview of the same records as text, and the digests that every run of the demo must reach.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import Final

from esdh_exporters import dataset_digest, render_tables, write_snapshot
from esdh_generator import Dataset
from esdh_models import errors

from .child_process import run_to_end
from .committed_digests import DIGESTS_NAME, SAMPLES, CommittedDigest, CommittedDigests
from .configuration import DEFAULT_CONFIG, ROOT, DemoConfiguration, Profile, load_configuration
from .program import Parser

_PROFILE: Final = "baseline"
_LEFT_OUT: Final = {"manifest.json", "SHA256SUMS", "README.md"}
"""They hold library versions, or tell how to check what holds them."""

_PREVIEW_VARIABLES: Final = {"COLUMNS": "110", "TERM": "dumb", "PYTHONUTF8": "1"}


def main(arguments: list[str]) -> int:
    """Write or compare; returns the exit code."""
    parser = Parser(
        prog="make_demo_samples.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--check", action="store_true", help="compare, and write nothing")
    options = parser.parse_args(arguments)
    made = make_samples(load_configuration(DEFAULT_CONFIG))
    return _compare(made) if options.check else _write(made)


def make_samples(configuration: DemoConfiguration) -> dict[str, bytes]:
    """The samples by file name."""
    profile = configuration.profile(_PROFILE)
    if profile.seed == "random":
        message = f"the profile {_PROFILE} must have a seed, or its samples would change each time"
        raise errors.ConfigurationError(message)
    digests = {
        name: _digest(profile, profile.seed)
        for name, profile in configuration.profiles.items()
        if profile.seed != "random"
    }
    return {
        **_snapshot_files(Dataset(profile.seed, profile.records)),
        "preview.txt": _preview(profile.seed),
        DIGESTS_NAME: CommittedDigests.dump_json(digests, indent=2) + b"\n",
    }


def _digest(profile: Profile, seed: int) -> CommittedDigest:
    """The digest of a profile, made in this process and in one go."""
    dataset = Dataset(seed, profile.records)
    rendered = render_tables(dataset, "csv")
    tables = {name: table.content_digest for name, table in rendered.items()}
    return CommittedDigest(
        records=profile.records, seed=seed, dataset_digest=dataset_digest(dataset.request, tables)
    )


def _snapshot_files(dataset: Dataset) -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as name:
        written = write_snapshot(dataset, Path(name) / "snapshot")
        return {
            path.name: path.read_bytes()
            for path in sorted(written.directory.iterdir())
            if path.name not in _LEFT_OUT
        }


def _preview(seed: int) -> bytes:
    program = Path(sys.executable).parent / "esdh-cli"
    advice = "make doctor looks at the installation"
    variables = {**os.environ, **_PREVIEW_VARIABLES}
    command = [program, "preview", "--seed", str(seed)]
    return run_to_end(command, advice=advice, variables=variables).encode()


def _compare(made: dict[str, bytes]) -> int:
    there = {path.name: path.read_bytes() for path in SAMPLES.glob("*") if path.is_file()}
    wrong = sorted(name for name in made.keys() | there if made.get(name) != there.get(name))
    for name in wrong:
        print(f"{name} is not what this release makes; run make demo-samples", file=sys.stderr)
    return 1 if wrong else 0


def _write(made: dict[str, bytes]) -> int:
    SAMPLES.mkdir(parents=True, exist_ok=True)
    for path in SAMPLES.glob("*"):
        path.unlink()
    for name, content in made.items():
        (SAMPLES / name).write_bytes(content)
    print(f"wrote {len(made)} files to {SAMPLES.relative_to(ROOT)}")
    return 0
