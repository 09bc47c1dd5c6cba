"""Rewrite tests-integration/golden/: the digests of a few requests under the present rules.

Values never change silently: where the bytes of a CSV file are no longer those that were hashed,
the golden file is rewritten only if the rules version was raised too. Digests of the same values
change with the version of manifests, and never else.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from esdh_exporters import write_snapshot
from esdh_generator import RULES_VERSIONS, Dataset
from esdh_models import Packaging, manifest

GOLDEN: Final = Path(__file__).parents[1] / "tests-integration" / "golden"
REQUESTS: Final[dict[str, dict[str, Any]]] = {
    "the default": {},
    "two leaves": {"records": 10_001},
    "three leaves of another seed": {"records": 25_000, "seed": 7},
    "six leaves": {"records": 50_001, "seed": 8},
    "persons only": {"records": 500, "tables": "persons"},
    "vehicles and profiles": {"records": 500, "tables": "vehicles,profiles"},
    "least seed": {"records": 100, "seed": 0},
    "greatest seed": {"records": 100, "seed": 2**64 - 1},
}


def compute(contract_version: str) -> dict[str, Any]:
    """Make every dataset and take its digests."""
    return {
        "contract_version": contract_version,
        "rules_version": RULES_VERSIONS[contract_version],
        "manifest_version": manifest.MANIFEST_VERSION,
        "datasets": {
            name: {"request": request, **_digests(contract_version, request)}
            for name, request in REQUESTS.items()
        },
    }


def _digests(contract_version: str, request: dict[str, Any]) -> dict[str, Any]:
    tables = request.get("tables")
    dataset = Dataset(
        request.get("seed"),
        request.get("records"),
        contract_version=contract_version,
        tables=tables.split(",") if tables else None,
    )
    with tempfile.TemporaryDirectory() as folder:
        packaging = Packaging.parse(formats=("csv",))
        written = write_snapshot(dataset, Path(folder) / "snapshot", packaging).manifest
    return {
        "dataset_digest": written.dataset_digest,
        "tables": {table.name: table.content_digest for table in written.tables},
        "csv_sha256": {entry.table: entry.sha256 for entry in written.data_files()},
    }


def differences(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """What is new, gone or different, one line each."""
    before, after = old.get("datasets", {}), new["datasets"]
    lines = [f"gone: {name}" for name in before if name not in after]
    lines += [f"new: {name}" for name in after if name not in before]
    for name in [name for name in after if name in before]:
        here, there = _flat(before[name]), _flat(after[name])
        lines += [
            f"changed: {name}: {key}: {here.get(key)} -> {there.get(key)}"
            for key in here | there
            if here.get(key) != there.get(key)
        ]
    return lines


def _flat(entry: dict[str, Any]) -> dict[str, Any]:
    files = {f"{table}.csv": sha256 for table, sha256 in entry.get("csv_sha256", {}).items()}
    digests = {"dataset": entry["dataset_digest"], **entry["tables"]}
    return {"request": entry["request"], **digests, **files}


def refusal(old: dict[str, Any], new: dict[str, Any], lines: list[str]) -> str | None:
    """Why the file is not rewritten, if it is not."""
    changed = [line for line in lines if line.startswith("changed: ")]
    if any(".csv: " in line for line in changed):
        if old["rules_version"] == new["rules_version"]:
            return f"values changed, but rules version {new['rules_version']} did not"
    elif changed and old.get("manifest_version") == new["manifest_version"]:
        return f"digests changed, but manifest version {new['manifest_version']} did not"
    return None


def main() -> int:
    """Compare, print and write; 1 where a version should have been raised."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--unreleased",
        action="store_true",
        help="rewrite under the same version, which no release has used yet",
    )
    unreleased = parser.parse_args().unreleased
    for version in RULES_VERSIONS:
        path = GOLDEN / f"{version}.json"
        old = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        new = compute(version)
        lines = differences(old, new)
        print("\n".join([f"{path.name}: {len(lines)} differences", *lines]))
        reason = refusal(old, new, lines)
        if reason is not None and not unreleased:
            print(
                f"not written: {reason}; raise it, or pass --unreleased if no release has used it",
                file=sys.stderr,
            )
            return 1
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(new, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
