"""What one run of the program gave: a value for everything that may be compared."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

CHECKSUMS: Final = "SHA256SUMS"
DESCRIPTORS: Final = ("manifest.json", "datapackage.json")
PARQUET: Final = ".parquet"


@dataclass(frozen=True)
class Observation:
    """One request, in one environment, under one circumstance."""

    request: str
    environment: str
    circumstance: str
    pyarrow: str
    facts: dict[str, str]


def read_facts(directory: Path) -> dict[str, str]:
    """Digests of the dataset and its tables, and the SHA-256 of every file, by name.

    Descriptors count without what may differ: the versions that made them, and the hashes and
    sizes of Parquet files. SHA256SUMS counts without the lines of those files.
    """
    manifest = json.loads((directory / "manifest.json").read_bytes())
    facts = {f"digest of {table['name']}": table["content_digest"] for table in manifest["tables"]}
    facts["dataset digest"] = manifest["dataset_digest"]
    facts["names of the files"] = " ".join(sorted(path.name for path in directory.iterdir()))
    for path in sorted(directory.iterdir()):
        facts[path.name] = hashlib.sha256(_comparable_bytes(path)).hexdigest()
    return facts


def _comparable_bytes(path: Path) -> bytes:
    if path.name in DESCRIPTORS:
        return json.dumps(_without_variable_parts(json.loads(path.read_bytes()))).encode()
    if path.name == CHECKSUMS:
        lines = path.read_text(encoding="utf-8").splitlines()
        return "\n".join(
            line for line in lines if not line.endswith((*DESCRIPTORS, PARQUET))
        ).encode()
    return path.read_bytes()


def _without_variable_parts(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_variable_parts(item) for item in value]
    if not isinstance(value, dict):
        return value
    left_out = {"produced_by"}
    if str(value.get("path")).endswith(PARQUET):
        left_out |= {"bytes", "hash", "sha256"}
    return {
        key: _without_variable_parts(item) for key, item in value.items() if key not in left_out
    }
