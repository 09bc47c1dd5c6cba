"""Breaks checks on purpose, one at a time, and sees that a test goes red each time.

A check that can be removed without a test failing is no check. Each break is made in a copy of the
sources; the tests run against that copy. The tests must pass on a copy that is whole, and a broken
copy must still write a snapshot that verifies: what fails for another reason proves nothing. Exit
code 0 if every break was found.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("esdh-models", "esdh-generator", "esdh-exporters", "esdh-cli")
DAMAGES = "packages/esdh-exporters/tests/test_damaged_snapshots.py"
FORGED = "packages/esdh-exporters/tests/test_forged_rows.py"
_PYTEST = ("-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-p", "no:randomly")


@dataclass(frozen=True)
class Break:
    """One line of the product made wrong, and the tests that must notice."""

    claim: str
    file: str
    right: str
    wrong: str
    tests: tuple[str, ...]


BREAKS = (
    Break(
        "a file is held against its hash",
        "esdh-exporters/src/esdh_exporters/snapshot_check.py",
        "if sha256 != entry.sha256:",
        "if sha256 != entry.sha256 and False:",
        (DAMAGES,),
    ),
    Break(
        "rows are held against the content digest",
        "esdh-exporters/src/esdh_exporters/snapshot_check.py",
        "if found_entry.content_digest != claimed.content_digest:",
        "if False:",
        (FORGED,),
    ),
    Break(
        "rows are held against the bytes that the writer makes of them",
        "esdh-exporters/src/esdh_exporters/formats/bounds.py",
        'if b"".join(rendered) != text:',
        "if False:",
        ("packages/esdh-exporters/tests/test_other_bytes.py",),
    ),
    Break(
        "an expected digest is compared",
        "esdh-exporters/src/esdh_exporters/verify.py",
        "if document.dataset_digest != PREFIX + wanted:",
        "if False:",
        (FORGED, "packages/esdh-cli/tests/test_verify_snapshot.py"),
    ),
    Break(
        "VINs lie in unassigned prefixes",
        "esdh-models/src/esdh_models/never_real.py",
        "return pc.and_(unassigned, vin_check_mask(values))",
        "return vin_check_mask(values)",
        ("packages/esdh-models/tests/test_never_real.py",),
    ),
    Break(
        "streets are invented",
        "esdh-models/src/esdh_models/never_real.py",
        "pc.is_in(stems, value_set=pa.array(load_invented_streets()))",
        "pc.is_valid(stems)",
        ("packages/esdh-cli/tests/test_validate_snapshot.py",),
    ),
    Break(
        "each data file is synced",
        "esdh-exporters/src/esdh_exporters/hashing_file.py",
        "    os.fsync(descriptor)\n",
        "",
        ("tests-integration/test_sync_order.py",),
    ),
    Break(
        "a part counts when its files are on disk",
        "esdh-exporters/src/esdh_exporters/part_writer.py",
        "                file.sync()\n",
        "                pass\n",
        ("packages/esdh-exporters/tests/test_part_writer.py",),
    ),
    Break(
        "the staging directory is synced before the rename",
        "esdh-exporters/src/esdh_exporters/staging.py",
        "        os.fsync(self.descriptor)\n",
        "",
        ("tests-integration/test_sync_order.py",),
    ),
    Break(
        "the manifest is written before the commit",
        "esdh-exporters/src/esdh_exporters/snapshot_writer.py",
        "            written = _write_proof(source, packaging, staging.path, results)\n"
        "            return _commit(source, packaging, staging, written, force=force)\n",
        "            staging.commit(check_replaced=None)\n"
        "            written = _write_proof(source, packaging, target, results)\n"
        "            return SnapshotResult(target, written, SnapshotStatus.WRITTEN)\n",
        ("tests-integration/test_sync_order.py", "tests-integration/test_crash_safety.py"),
    ),
    Break(
        "a name that is taken is never overwritten",
        "esdh-exporters/src/esdh_exporters/snapshot_writer.py",
        "    if force:\n        return None\n",
        "    return None\n",
        ("packages/esdh-cli/tests/test_generate_snapshot.py",),
    ),
    Break(
        "values do not depend on how rows are cut",
        "esdh-generator/src/esdh_generator/dataset.py",
        "owners = np.arange(start, stop, dtype=np.uint64)",
        "owners = np.arange(0, stop - start, dtype=np.uint64)",
        ("packages/esdh-generator/tests/test_dataset.py",),
    ),
)


def main() -> int:
    """Make every break in turn; print what was found."""
    missed = 0
    for tests in dict.fromkeys(item.tests for item in BREAKS):
        if _goes_red(None, tests):
            raise SystemExit(f"the tests fail on whole sources: {' '.join(tests)}")
    for item in BREAKS:
        found = _goes_red(item, item.tests)
        missed += not found
        print(f"{'found ' if found else 'MISSED'}  {item.claim}", flush=True)
    print(f"{len(BREAKS) - missed} of {len(BREAKS)} breaks were found")
    return 1 if missed else 0


def _goes_red(item: Break | None, tests: tuple[str, ...]) -> bool:
    """Whether tests fail on a copy of the sources, with a break or without."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = _copy_sources(folder)
        if item is not None:
            path = folder / item.file
            path.write_text(broken(path.read_text(), item))
            _check_that_it_runs(folder, environment)
        done = _run([*_PYTEST, *tests], environment)
    if done.returncode not in (0, 1):
        raise SystemExit(f"the tests did not run:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.returncode == 1


def _copy_sources(folder: Path) -> dict[str, str]:
    """Copy the sources of all packages; the environment that makes Python prefer them."""
    for name in PACKAGES:
        shutil.copytree(ROOT / "packages" / name / "src", folder / name / "src")
    sources = os.pathsep.join(os.fspath(folder / name / "src") for name in PACKAGES)
    return {**os.environ, "PYTHONPATH": sources}


def broken(text: str, item: Break) -> str:
    """The text of a file with a break; raises `SystemExit` if it is not there, once, to be made."""
    if text.count(item.right) != 1:
        raise SystemExit(f"{item.file} no longer holds the line to break: {item.right!r}")
    return text.replace(item.right, item.wrong)


def _check_that_it_runs(folder: Path, environment: dict[str, str]) -> None:
    """A program that does not even start would turn every test red, whatever it looks at."""
    target = folder / "snapshot"
    for command in (["generate-snapshot", "--records", "20", "--output-dir"], ["verify-snapshot"]):
        done = _run(["-m", "esdh_cli", *command, os.fspath(target)], environment)
        if done.returncode:
            raise SystemExit(f"the broken copy does not run: {done.stderr[-2000:]}")


def _run(arguments: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


if __name__ == "__main__":
    sys.exit(main())
