"""The manifest: what a snapshot claims about itself, in one versioned document.

It holds no clock, host, user or path outside the snapshot; library versions stand only under
`produced_by`. `load_manifest` is the only way in for a document that came from elsewhere.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Annotated, Any, Final, Literal

from pydantic import Field, ValidationError, model_validator

from .dataset_request import DatasetRequest, Packaging
from .errors import EsdhError, ManifestError
from .frozen_model import FrozenModel, one_sentence
from .strict_json import load_strict_json

MANIFEST_VERSION: Final = 2
"""Raised with the way content digests are made, too: a digest means one thing per version."""
_UNRELEASED_VERSION: Final = 1
MANIFEST_NAME: Final = "manifest.json"
CHECKSUMS_NAME: Final = "SHA256SUMS"

_Digest = Annotated[str, Field(pattern=r"^blake3:[0-9a-f]{64}$")]
_Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
_Count = Annotated[int, Field(ge=0, lt=2**63)]
_FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]
"""A name inside the snapshot: no separators, no leading dot, nothing but ASCII."""


class CountsStatistic(FrozenModel):
    """How often each value occurs, by value."""

    statistic: Literal["counts"] = "counts"
    nulls: _Count
    counts: dict[str, _Count]


class RangeStatistic(FrozenModel):
    """Least, greatest and sum of integers or days since 1970-01-01, and counts in fixed bins.

    `bins[0]` counts values below `bin_edges[0]`; `bins[i]` those in
    [bin_edges[i-1], bin_edges[i]); the last bin is open. Without any value, least and greatest
    are null.
    """

    statistic: Literal["range"] = "range"
    nulls: _Count
    minimum: int | None
    maximum: int | None
    sum: int
    bin_edges: tuple[int, ...]
    bins: tuple[_Count, ...]


class LengthStatistic(FrozenModel):
    """Least and greatest length in UTF-8 bytes; null without any value."""

    statistic: Literal["none"] = "none"
    nulls: _Count
    shortest: int | None
    longest: int | None


ColumnStatistic = Annotated[
    CountsStatistic | RangeStatistic | LengthStatistic, Field(discriminator="statistic")
]


class TableEntry(FrozenModel):
    """One table: its size, keys, content digest and column statistics."""

    name: str
    rows: _Count
    primary_key: str
    foreign_keys: dict[str, str]
    content_digest: _Digest
    columns: dict[str, ColumnStatistic]


class FileEntry(FrozenModel):
    """One file of rows, or a descriptor (then table, format, part and rows are null).

    `table` is null where a file holds all tables.
    """

    path: _FileName
    table: str | None = None
    format: str | None = None
    part: _Count | None = None
    rows: _Count | None = None
    bytes: _Count
    sha256: _Sha256


class Manifest(FrozenModel):
    """Everything that a snapshot claims; `dataset_digest` is the one line to quote."""

    manifest_version: Literal[2] = MANIFEST_VERSION
    kind: Literal["esdh-snapshot"] = "esdh-snapshot"
    dataset_digest: _Digest
    request: DatasetRequest
    request_digest: _Sha256
    reference_data_digest: _Sha256
    packaging: Packaging
    tables: tuple[TableEntry, ...]
    files: tuple[FileEntry, ...]
    produced_by: dict[str, str]

    @model_validator(mode="after")
    def _check_names(self) -> Manifest:
        folded = [entry.path.lower() for entry in self.files]
        if len(set(folded)) != len(folded):
            twin = next(name for name, count in Counter(folded).items() if count > 1)
            message = f"the file name {twin!a} is listed twice or in two spellings"
            raise ValueError(message)
        reserved = {MANIFEST_NAME.lower(), CHECKSUMS_NAME.lower()} & set(folded)
        if reserved:
            message = f"it lists {min(reserved)!a}, which it never may"
            raise ValueError(message)
        if tuple(table.name for table in self.tables) != self.request.tables:
            message = "its tables are not the tables of its request"
            raise ValueError(message)
        return self

    def to_json(self) -> bytes:
        """The document as it is written: UTF-8, two blanks of indent, one line feed at the end."""
        document = self.model_dump(mode="json")
        return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()

    def data_files(self) -> tuple[FileEntry, ...]:
        """The files that hold rows, in the order of the manifest."""
        return tuple(entry for entry in self.files if entry.format is not None)

    def parts_of(self, table: str, format_name: str) -> tuple[FileEntry, ...]:
        """The files that hold the rows of a table in a format, in order of parts."""
        parts = [
            entry
            for entry in self.data_files()
            if entry.format == format_name and entry.table in (table, None)
        ]
        return tuple(sorted(parts, key=lambda entry: entry.part or 0))


UPGRADES: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""From an older version to the next one; version 2 is the first that is released."""


def load_manifest(data: bytes) -> Manifest:
    """Read a manifest of this or an older version; raises `ManifestError`.

    Safe on hostile input: sizes, depth and numbers are bounded, and nothing it names is opened.
    """
    document = load_strict_json(data)
    version = document.get("manifest_version")
    if document.get("kind") != "esdh-snapshot" or type(version) is not int:
        message = "it is not the manifest of an ESDH snapshot"
        raise ManifestError(message)
    while version in UPGRADES:
        document = UPGRADES[version](document)
        version = document["manifest_version"]
    if version == _UNRELEASED_VERSION:
        message = (
            f"it has manifest_version {version}, whose content digests were made in another way;"
            " make the snapshot again, with the command in its README.md"
        )
        raise ManifestError(message)
    if version != MANIFEST_VERSION:
        message = (
            f"it has manifest_version {version}, but this program reads up to {MANIFEST_VERSION};"
            " install a newer esdh-cli"
        )
        raise ManifestError(message)
    try:
        return Manifest.model_validate_json(json.dumps(document))
    except ValidationError as error:
        raise ManifestError(str(one_sentence(error))) from None
    except EsdhError as error:
        raise ManifestError(str(error)) from None
