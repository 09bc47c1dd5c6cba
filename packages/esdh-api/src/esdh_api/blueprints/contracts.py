"""`/contracts`: what the rows promise."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from typing import Any, Final

from flask import Blueprint, Response, request

from esdh_models import (
    CONTRACT_VERSIONS,
    LATEST_CONTRACT_VERSION,
    Contract,
    TableContract,
    data_dictionary,
    errors,
    get_contract,
)

from ..problem_responses import RefusedError
from ..request_parameters import read_parameters

SCHEMA_MEDIA_TYPE: Final = "application/schema+json"

blueprint = Blueprint("contracts", __name__, url_prefix="/contracts")


@blueprint.get("")
def contracts() -> dict[str, Any]:
    """Every version that this release knows."""
    read_parameters(request, ())
    return {
        "latest": LATEST_CONTRACT_VERSION,
        "contracts": [_summary(get_contract(version)) for version in CONTRACT_VERSIONS],
    }


@blueprint.get("/<version>")
def contract(version: str) -> dict[str, Any]:
    """Tables and columns of a version, with their meaning and identifier classes."""
    read_parameters(request, ())
    found = _find(version)
    return {**_summary(found), **data_dictionary.as_document(found, found.tables)}


@blueprint.get("/<version>/<table>/schema")
def schema(version: str, table: str) -> Response:
    """JSON Schema of one row."""
    read_parameters(request, ())
    found = _find_table(_find(version), table)
    return Response(_schema_text(version, found.name), content_type=SCHEMA_MEDIA_TYPE)


@functools.cache
def _schema_text(version: str, table: str) -> str:
    return json.dumps(get_contract(version).table(table).json_schema)


def _summary(found: Contract) -> dict[str, Any]:
    return {
        "version": found.version,
        "default_records": found.default_records,
        "default_seed": found.default_seed,
        "default_as_of_date": found.default_as_of_date.isoformat(),
        "synthetic_source": found.synthetic_source,
        "schemas": {
            name: f"/contracts/{found.version}/{name}/schema" for name in found.table_names
        },
    }


def _find(version: str) -> Contract:
    """The contract; an address that names none leads nowhere."""
    try:
        return get_contract(version)
    except errors.UnknownNameError as error:
        raise RefusedError("not-found", str(error)) from None


def _find_table(found: Contract, table: str) -> TableContract:
    try:
        return found.table(table)
    except errors.UnknownNameError as error:
        raise RefusedError("not-found", str(error)) from None


_TEXT: Final = {"type": "string"}
_TEXT_OR_NULL: Final = {"type": ["string", "null"]}
_FLAG: Final = {"type": "boolean"}

_SUMMARY: Final[Mapping[str, Any]] = {
    "version": _TEXT,
    "default_records": {"type": "integer"},
    "default_seed": {"type": "integer"},
    "default_as_of_date": {"type": "string", "format": "date"},
    "synthetic_source": _TEXT,
    "schemas": {
        "type": "object",
        "description": "Where the JSON Schema of each table's rows is.",
        "additionalProperties": {"type": "string", "format": "uri-reference"},
    },
}

_COLUMN: Final[Mapping[str, Any]] = {
    "name": _TEXT,
    "type": {"type": "string", "enum": ["text", "integer", "date"]},
    "nullable": _FLAG,
    "description": _TEXT,
    "primary_key": _FLAG,
    "unique": _FLAG,
    "foreign_key": _TEXT_OR_NULL,
    "identifier_class": _TEXT_OR_NULL,
    "guarantee": _TEXT_OR_NULL,
    "pattern": _TEXT_OR_NULL,
    "allowed": {"type": ["array", "null"], "items": _TEXT},
    "statistic": _TEXT,
}


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": list(properties),
        "properties": dict(properties),
        "additionalProperties": False,
    }


SCHEMAS: Final[Mapping[str, Any]] = {
    "ContractSummary": _object(_SUMMARY),
    "ContractList": _object(
        {
            "latest": _TEXT,
            "contracts": {
                "type": "array",
                "items": {"$ref": "#/components/schemas/ContractSummary"},
            },
        }
    ),
    "Column": _object(_COLUMN),
    "Contract": _object(
        {
            **_SUMMARY,
            "dataset_version": _TEXT,
            "tables": {
                "type": "object",
                "description": "The columns of each table, in order.",
                "additionalProperties": {
                    "type": "array",
                    "items": {"$ref": "#/components/schemas/Column"},
                },
            },
        }
    ),
}
"""What the answers hold, as the OpenAPI document tells it."""
