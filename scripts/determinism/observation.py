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

    Descriptors count twice: without the hashes and sizes of Parquet files and of what lists them,
    and with them, as a fact that ends in ".parquet". The manifest's `produced_by` never counts.
    """
    paths = sorted(directory.iterdir())
    manifest = json.loads((directory / "manifest.json").read_bytes())
    facts = {f"digest of {table['name']}": table["content_digest"] for table in manifest["tables"]}
    facts["dataset digest"] = manifest["dataset_digest"]
    facts["names of the files"] = " ".join(path.name for path in paths)
    follows = (PARQUET, *DESCRIPTORS) if any(path.suffix == PARQUET for path in paths) else ()
    for path in paths:
        if path.name in DESCRIPTORS:
            document = json.loads(path.read_bytes())
            facts[path.name] = _sha256_of_json(document, unhashed=follows)
            facts[f"{path.name} with hashes of *{PARQUET}"] = _sha256_of_json(document, unhashed=())
        elif path.name == CHECKSUMS:
            lines = path.read_text(encoding="utf-8").splitlines()
            facts[path.name] = _sha256_of_json(
                [line for line in lines if not line.endswith(("manifest.json", *follows))],
                unhashed=(),
            )
        else:
            facts[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return facts


def _sha256_of_json(document: Any, *, unhashed: tuple[str, ...]) -> str:
    text = json.dumps(_without_variable_parts(document, unhashed))
    return hashlib.sha256(text.encode()).hexdigest()


def _without_variable_parts(value: Any, unhashed: tuple[str, ...]) -> Any:
    if isinstance(value, list):
        return [_without_variable_parts(item, unhashed) for item in value]
    if not isinstance(value, dict):
        return value
    left_out = {"produced_by"}
    if str(value.get("path")).endswith(unhashed):
        left_out |= {"bytes", "hash", "sha256"}
    return {
        key: _without_variable_parts(item, unhashed)
        for key, item in value.items()
        if key not in left_out
    }
