"""The files that explain a snapshot: metadata.json, datapackage.json, README.md, SHA256SUMS.

All are made from the manifest's facts alone: no clock, host, path or library version.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any, Final

from esdh_models import (
    ColumnContract,
    ColumnKind,
    Contract,
    DatasetRequest,
    Packaging,
    TableContract,
    manifest,
    never_real,
)

from .formats import get_format

METADATA_NAME: Final = "metadata.json"
DATA_PACKAGE_NAME: Final = "datapackage.json"
README_NAME: Final = "README.md"
_FIELD_TYPES: Final = {
    ColumnKind.TEXT: "string",
    ColumnKind.INTEGER: "integer",
    ColumnKind.DATE: "date",
}


def explanations(
    contract: Contract,
    request: DatasetRequest,
    packaging: Packaging,
    digest: str,
    data_files: Iterable[manifest.FileEntry],
) -> dict[str, bytes]:
    """The files that explain a snapshot, by name; they follow from these facts alone."""
    return {
        METADATA_NAME: metadata_json(contract, request, digest),
        DATA_PACKAGE_NAME: data_package(contract, request, data_files),
        README_NAME: readme(contract, request, packaging, digest),
    }


def metadata_json(contract: Contract, request: DatasetRequest, digest: str) -> bytes:
    """What the dataset is, for programs."""
    classes = {
        f"{table.name}.{column.name}": column.facts.identifier_class
        for table in contract.tables
        for column in table.columns
        if table.name in request.tables and column.facts.identifier_class
    }
    return _json(
        {
            "title": "Synthetic auto-insurance data",
            "synthetic_source": contract.synthetic_source,
            "dataset_version": contract.version,
            "dataset_digest": digest,
            "request": request.model_dump(mode="json"),
            "request_digest": request.digest,
            "record_counts": dict.fromkeys(request.tables, request.records),
            "identifier_classes": {
                column: {
                    "class": name,
                    "guarantee": never_real.get_identifier_class(name).guarantee,
                }
                for column, name in classes.items()
            },
            "notes": [
                "Every person, vehicle and address is synthetic; none is taken from a real one.",
                "Identifiers are never-real or format-only, as marked under identifier_classes.",
            ],
        }
    )


def readme(contract: Contract, request: DatasetRequest, packaging: Packaging, digest: str) -> bytes:
    """What this directory is and how to make and check it, for people."""
    return f"""# Synthetic auto-insurance data, contract {contract.version}

{request.records:,} policyholders of seed {request.identity.seed}: {", ".join(request.tables)}.
No row describes a real person, vehicle or address.

Dataset digest: `{digest}`

Make the same data again:

```{_how_to_make(contract, request, packaging)}
```

Check that nothing was changed:

```
sha256sum -c SHA256SUMS
esdh-cli verify-snapshot . --expect-digest {digest}
```

`manifest.json` lists every file with its hash, every table with its content digest and column
statistics, and the request they come from. `datapackage.json` describes the CSV files as a
Frictionless Data Package. `metadata.json` says what the dataset is.
""".encode()


def _how_to_make(contract: Contract, request: DatasetRequest, packaging: Packaging) -> str:
    """The command, or the lines of Python where the command has no option for what was asked."""
    identity = request.identity
    if (identity.scenario, identity.as_of_date) == ("baseline", contract.default_as_of_date):
        return (
            f"\nesdh-cli generate-snapshot --dataset-version {identity.contract_version}"
            f" --seed {identity.seed} --records {request.records}"
            f" --entity-filter {','.join(request.tables)}"
            f" --output-format {','.join(packaging.formats)}"
            f" --records-per-file {packaging.records_per_file} --output-dir snapshot"
        )
    return f"""python
from datetime import date
from esdh_exporters import write_snapshot
from esdh_generator import Dataset
from esdh_models import Packaging

dataset = Dataset(
    seed={identity.seed},
    records={request.records},
    contract_version={identity.contract_version!r},
    tables={request.tables!r},
    scenario={identity.scenario!r},
    as_of_date=date.fromisoformat({identity.as_of_date.isoformat()!r}),
)
packaging = Packaging(
    formats={packaging.formats!r}, records_per_file={packaging.records_per_file}
)
write_snapshot(dataset, "snapshot", packaging)"""


def data_package(
    contract: Contract, request: DatasetRequest, files: Iterable[manifest.FileEntry]
) -> bytes:
    """A Frictionless Data Package: CSV as tables, everything else as plain files."""
    resources = []
    by_table = sorted(files, key=lambda entry: (entry.format or "", entry.table or ""))
    for (format_name, table_name), group in groupby(by_table, key=lambda e: (e.format, e.table)):
        parts = sorted(group, key=lambda entry: entry.part or 0)
        if format_name == "csv" and table_name is not None:
            resources.append(_table_resource(contract.table(table_name), request.tables, parts))
        elif format_name is not None:
            resources.extend(_file_resource(entry, format_name) for entry in parts)
    return _json(
        {
            "profile": "data-package",
            "name": f"esdh-{contract.version}",
            "title": "Synthetic auto-insurance data",
            "description": "Every person, vehicle and address is synthetic.",
            "resources": resources,
        }
    )


def _table_resource(
    table: TableContract, tables: tuple[str, ...], parts: list[manifest.FileEntry]
) -> dict[str, Any]:
    resource: dict[str, Any] = {
        "name": table.name,
        "type": "table",
        "profile": "tabular-data-resource",
        "path": parts[0].path,
        "scheme": "file",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {"delimiter": ",", "lineTerminator": "\n", "header": True},
        "schema": _table_schema(table, tables),
    }
    if len(parts) > 1:
        resource["extrapaths"] = [part.path for part in parts[1:]]
    else:
        resource["bytes"] = parts[0].bytes
        resource["hash"] = f"sha256:{parts[0].sha256}"
    return resource


def _file_resource(entry: manifest.FileEntry, format_name: str) -> dict[str, Any]:
    name = entry.path.rsplit(".", 1)[0]
    return {
        "name": f"{name}-{format_name}",
        "type": "file",
        "path": entry.path,
        "format": format_name,
        "mediatype": get_format(format_name).MEDIA_TYPE,
        "bytes": entry.bytes,
        "hash": f"sha256:{entry.sha256}",
    }


def _table_schema(table: TableContract, tables: tuple[str, ...]) -> dict[str, Any]:
    """Fields, keys, and the foreign keys whose parents are in the package."""
    foreign_keys = []
    for column in table.columns:
        parent, _, key = (column.facts.foreign_key or "").partition(".")
        if parent in tables:
            foreign_keys.append(
                {"fields": [column.name], "reference": {"resource": parent, "fields": [key]}}
            )
    schema: dict[str, Any] = {
        "fields": [_field(column) for column in table.columns],
        "missingValues": [""],
        "primaryKey": [table.primary_key],
    }
    return {**schema, "foreignKeys": foreign_keys} if foreign_keys else schema


def _field(column: ColumnContract) -> dict[str, Any]:
    constraints: dict[str, Any] = {}
    if not column.nullable:
        constraints["required"] = True
    if column.unique and not column.facts.primary_key:
        constraints["unique"] = True
    if column.pattern is not None:
        constraints["pattern"] = column.pattern
    if column.allowed is not None:
        constraints["enum"] = list(column.allowed)
    return {
        "name": column.name,
        "type": _FIELD_TYPES[column.kind],
        "description": column.facts.description,
        "constraints": constraints,
    }


def checksums(hashes: Mapping[str, str]) -> bytes:
    """SHA256SUMS as coreutils reads it, by file name."""
    return "".join(f"{hashes[name]}  {name}\n" for name in sorted(hashes)).encode()


def _json(document: dict[str, Any]) -> bytes:
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()
