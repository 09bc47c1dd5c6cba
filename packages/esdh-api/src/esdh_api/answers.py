"""The same rows in four media types: JSON whole, the others as streams.

JSON answers carry digests and are bounded in records; streams hold rows alone, and say what they
are in headers.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from flask import Request
from werkzeug.datastructures import MIMEAccept

from esdh_exporters import iter_arrow_stream, iter_tables, render_tables
from esdh_generator import Dataset
from esdh_models import manifest

from .problem_responses import RefusedError

JSON: Final = "application/json"
NDJSON: Final = "application/x-ndjson"
CSV: Final = "text/csv"
ARROW: Final = "application/vnd.apache.arrow.stream"


_NOTICE: Final = "Every person, vehicle and address is synthetic; none is taken from a real one."
_TEXT: Final = {"type": "string"}
_COUNT: Final = {"type": "integer", "minimum": 1}

SCHEMA: Final[Mapping[str, Any]] = {
    "type": "object",
    "description": "What a JSON answer holds beside its rows.",
    "required": [
        "metadata",
        "seed",
        "records_requested",
        "record_count",
        "request_digest",
        "tables",
    ],
    "properties": {
        "metadata": {
            "type": "object",
            "description": "What the dataset is.",
            "required": [
                "synthetic_source",
                "dataset_version",
                "rules_version",
                "scenario",
                "as_of_date",
                "tables",
                "notice",
            ],
            "properties": {
                "synthetic_source": _TEXT,
                "dataset_version": _TEXT,
                "rules_version": _COUNT,
                "scenario": _TEXT,
                "as_of_date": {"type": "string", "format": "date"},
                "tables": {"type": "array", "items": _TEXT},
                "notice": _TEXT,
            },
        },
        "seed": {"type": "integer", "minimum": 0, "description": "The seed that made the rows."},
        "records_requested": {**_COUNT, "description": "Policyholders asked for."},
        "record_count": {**_COUNT, "description": "Policyholders in the answer."},
        "request_digest": {
            "type": "string",
            "pattern": "^[0-9a-f]{64}$",
            "description": "SHA-256 of the canonical request, as in a snapshot's manifest.",
        },
        "tables": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "required": ["record_count", "content_digest"],
                "properties": {
                    "record_count": _COUNT,
                    "content_digest": {
                        "type": "string",
                        "pattern": "^blake3:[0-9a-f]{64}$",
                        "description": "What the rows are, as in a snapshot's manifest.",
                    },
                },
            },
        },
    },
}

_encode = json.JSONEncoder(separators=(",", ":")).encode

_KEPT_ANSWERS: Final = 256
_KEPT_RECORDS: Final = 50
"""At most so many answers are kept, of so many policyholders: some 15 MB."""


def iter_ndjson(dataset: Dataset) -> Iterator[bytes]:
    """One row per line; of several tables, each line names its table."""
    names = dataset.request.tables
    if len(names) == 1:
        yield from _iter_only(dataset, "ndjson")
        return
    for chunks in iter_tables(dataset, "ndjson"):
        for name, lines in chunks.items():
            start = b'{"table":"%b","record":' % name.encode()
            yield start + lines[:-2].replace(b"}\n", b"}}\n" + start) + b"}}\n"


def iter_csv(dataset: Dataset) -> Iterator[bytes]:
    """A header and one row per line."""
    return _iter_only(dataset, "csv")


def iter_arrow(dataset: Dataset) -> Iterator[bytes | memoryview]:
    """One record batch per 50,000 policyholders."""
    return iter_arrow_stream(dataset, dataset.request.tables[0])


def _iter_only(dataset: Dataset, format_name: str) -> Iterator[bytes]:
    (name,) = dataset.request.tables
    return (chunks[name] for chunks in iter_tables(dataset, format_name))


STREAMED: Final[Mapping[str, Callable[[Dataset], Iterator[bytes | memoryview]]]] = {
    NDJSON: iter_ndjson,
    CSV: iter_csv,
    ARROW: iter_arrow,
}


def offered(table_count: int) -> tuple[str, ...]:
    """Media types of an answer: CSV and Arrow hold one table."""
    return (JSON, NDJSON) if table_count > 1 else (JSON, NDJSON, CSV, ARROW)


def choose_media_type(asked: Request, table_count: int) -> str:
    """The best of what is offered, JSON without a wish; raises `RefusedError`.

    Parameters such as `charset=utf-8` do not count: there is one form of each media type.
    """
    choices = offered(table_count)
    if not asked.headers.get("Accept", "").strip():
        return JSON
    wishes = MIMEAccept(
        (wish.partition(";")[0].strip(), quality) for wish, quality in asked.accept_mimetypes
    )
    found = wishes.best_match(choices)
    if found is None:
        hint = ""
        if table_count > 1 and wishes.best_match((CSV, ARROW)):
            hint = "; CSV and Arrow hold one table: ask for a person, vehicle or profile"
        raise RefusedError("not-acceptable", f"offered are {', '.join(choices)}{hint}")
    return found


def content_type(media_type: str) -> str:
    """The media type with what RFC 4180 has to say of a CSV file."""
    return f"{CSV}; charset=utf-8; header=present" if media_type == CSV else media_type


def json_answer(dataset: Dataset) -> bytes:
    """A dataset as one document: what it is, then its rows by table.

    Small answers are kept for a while: tests ask for the same few records again and again.
    """
    return _kept(dataset) if dataset.owner_count <= _KEPT_RECORDS else _made(dataset)


@functools.lru_cache(maxsize=_KEPT_ANSWERS)
def _kept(dataset: Dataset) -> bytes:
    return _made(dataset)


def _made(dataset: Dataset) -> bytes:
    request = dataset.request
    rendered = render_tables(dataset, "ndjson")
    head = {
        "metadata": _metadata(dataset),
        "seed": request.identity.seed,
        "records_requested": request.records,
        "record_count": dataset.owner_count,
        "request_digest": request.digest,
        "tables": {
            name: {"record_count": table.rows, "content_digest": table.content_digest}
            for name, table in rendered.items()
        },
    }
    rows = (
        b'"%b":[%b]' % (name.encode(), table.content[:-1].replace(b"\n", b","))
        for name, table in rendered.items()
    )
    return b"%b,%b}\n" % (_encode(head).encode()[:-1], b",".join(rows))


def _metadata(dataset: Dataset) -> dict[str, Any]:
    identity = dataset.request.identity
    return {
        "synthetic_source": dataset.contract.synthetic_source,
        "dataset_version": identity.contract_version,
        "rules_version": identity.rules_version,
        "scenario": identity.scenario,
        "as_of_date": identity.as_of_date.isoformat(),
        "tables": list(dataset.request.tables),
        "notice": _NOTICE,
    }


def etag(dataset: Dataset, media_type: str) -> str:
    """What a strong ETag must depend on: the request, its rules, the media type, the libraries.

    So must it on how digests are made, which the version of manifests says.
    """
    parts = [
        dataset.request.digest,
        str(manifest.MANIFEST_VERSION),
        str(dataset.request.identity.rules_version),
        dataset.reference_data_digest,
        media_type,
        *(f"{name} {version}" for name, version in library_versions().items()),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:40]


@functools.cache
def library_versions() -> Mapping[str, str]:
    """Versions of everything that makes the bytes of an answer."""
    names = ("esdh-api", "esdh-exporters", "esdh-generator", "esdh-models", "numpy", "pyarrow")
    return {name: importlib.metadata.version(name) for name in names}
