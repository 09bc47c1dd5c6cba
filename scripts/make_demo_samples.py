"""Write the canned samples of the demo: what is shown where nothing can be started.

    python scripts/make_demo_samples.py            write data/demo_samples
    python scripts/make_demo_samples.py --check    compare, and write nothing

The samples are a snapshot of the baseline profile without what tells of library versions, the
preview of the same records as text, and the digest that every run of the demo must reach.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from demo_flow.configuration import DEFAULT_CONFIG, ROOT, load_configuration

from esdh_exporters import write_snapshot
from esdh_generator import Dataset

SAMPLES: Final = ROOT / "data" / "demo_samples" / "v0.1"
PROFILE: Final = "baseline"
_LEFT_OUT: Final = {"manifest.json", "SHA256SUMS", "README.md"}
"""They hold library versions, or tell how to check what holds them."""

_PREVIEW_COLUMNS: Final = "110"


def main(arguments: Sequence[str]) -> int:
    """Write or compare; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, and write nothing")
    options = parser.parse_args(arguments)
    made = make_samples()
    if options.check:
        there = {path.name: path.read_bytes() for path in SAMPLES.glob("*") if path.is_file()}
        wrong = sorted(name for name in made.keys() | there if made.get(name) != there.get(name))
        for name in wrong:
            print(f"{name} is not what this release makes; run make demo-samples", file=sys.stderr)
        return 1 if wrong else 0
    SAMPLES.mkdir(parents=True, exist_ok=True)
    for path in SAMPLES.glob("*"):
        path.unlink()
    for name, content in made.items():
        (SAMPLES / name).write_bytes(content)
    print(f"wrote {len(made)} files to {SAMPLES.relative_to(ROOT)}")
    return 0


def make_samples() -> dict[str, bytes]:
    """The samples by file name."""
    profile = load_configuration(DEFAULT_CONFIG).profile(PROFILE)
    if profile.seed == "random":
        raise SystemExit(f"the profile {PROFILE} must have a seed, or its samples would change")
    with tempfile.TemporaryDirectory() as name:
        written = write_snapshot(Dataset(profile.seed, profile.records), Path(name) / "snapshot")
        files = {
            path.name: path.read_bytes()
            for path in sorted(written.directory.iterdir())
            if path.name not in _LEFT_OUT
        }
    digests = {PROFILE: written.manifest.dataset_digest}
    preview = subprocess.run(
        [Path(sys.executable).parent / "esdh-cli", "preview", "--seed", str(profile.seed)],
        check=True,
        capture_output=True,
        env={"COLUMNS": _PREVIEW_COLUMNS, "TERM": "dumb", "PYTHONUTF8": "1"},
    ).stdout
    return {
        **files,
        "preview.txt": preview,
        "digests.json": (json.dumps(digests, indent=2) + "\n").encode(),
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
