"""Changes what a manifest says or a file holds, and makes every hash fit again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from esdh_exporters import VerificationReport, dataset_digest
from esdh_models import DatasetRequest

Change = Callable[[Path], object]


def named(report: VerificationReport) -> list[str]:
    """What the problems are with."""
    return [problem.name for problem in report.problems]


Document = dict[str, Any]


def read(folder: Path) -> Document:
    """The manifest as a document."""
    document: Document = json.loads((folder / "manifest.json").read_bytes())
    return document


def hash_again(folder: Path, document: Document) -> None:
    """Make hashes, sizes and SHA256SUMS fit whatever the files are now."""
    present = {path.name: path for path in folder.iterdir()}
    for entry in document["files"]:
        if entry["path"] in present:
            content = present[entry["path"]].read_bytes()
            entry["bytes"] = len(content)
            entry["sha256"] = hashlib.sha256(content).hexdigest()
    seal(folder, document)


def seal(folder: Path, document: Document) -> None:
    """Write the manifest and the SHA256SUMS that fits it."""
    own = json.dumps(document).encode()
    (folder / "manifest.json").write_bytes(own)
    hashes = {entry["path"]: entry["sha256"] for entry in document["files"]}
    hashes["manifest.json"] = hashlib.sha256(own).hexdigest()
    lines = "".join(f"{hashes[name]}  {name}\n" for name in sorted(hashes))
    (folder / "SHA256SUMS").write_bytes(lines.encode(errors="replace"))


def digest_again(document: Document) -> None:
    """Make request digest and dataset digest follow from whatever is claimed now."""
    request = DatasetRequest.model_validate_json(json.dumps(document["request"]))
    digests = {table["name"]: table["content_digest"] for table in document["tables"]}
    document["request_digest"] = request.digest
    document["dataset_digest"] = dataset_digest(request, digests)


def set_at(*keys: str | int, to: object) -> Callable[[Document], None]:
    """Replace one value of a document."""

    def change(document: Any) -> None:
        for key in keys[:-1]:
            document = document[key]
        document[keys[-1]] = to

    return change
