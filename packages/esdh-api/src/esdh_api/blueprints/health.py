"""`/healthz`, `/readyz` and `/metrics`: for whoever runs the service.

Probes may add parameters to the first two; they change nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Blueprint, Response, current_app, request

from esdh_generator import RULES_VERSIONS, Dataset
from esdh_models import LATEST_CONTRACT_VERSION, TableContract, get_contract

from ..answers import library_versions
from ..extension import extension
from ..problem_responses import RefusedError
from ..request_parameters import read_parameters

blueprint = Blueprint("health", __name__)

_WAIT: Final = {"Retry-After": "5"}
_TEXT: Final = {"type": "string"}

SCHEMA: Final[Mapping[str, Any]] = {
    "type": "object",
    "required": [
        "status",
        "dataset_version",
        "rules_version",
        "default_seed",
        "target_records",
        "package_versions",
        "generation_plan",
    ],
    "properties": {
        "status": {"const": "ok"},
        "dataset_version": {**_TEXT, "description": "The latest contract version."},
        "rules_version": {"type": "integer", "description": "The rules that values are made by."},
        "default_seed": {"type": "integer"},
        "target_records": {"type": "integer", "description": "Records if a request names none."},
        "package_versions": {"type": "object", "additionalProperties": _TEXT},
        "generation_plan": {
            "type": "array",
            "items": _TEXT,
            "description": "How a dataset comes about, step by step, for people.",
        },
    },
    "additionalProperties": False,
}


@blueprint.get("/healthz")
def healthz() -> dict[str, Any]:
    """What this process is and would make; it needs nothing but the process itself."""
    contract = get_contract(LATEST_CONTRACT_VERSION)
    settings = extension(current_app).settings
    return {
        "status": "ok",
        "dataset_version": contract.version,
        "rules_version": RULES_VERSIONS[contract.version],
        "default_seed": contract.default_seed,
        "target_records": min(contract.default_records, settings.max_records),
        "package_versions": dict(library_versions()),
        "generation_plan": _plan(),
    }


@blueprint.get("/readyz")
def readyz() -> dict[str, Any]:
    """Whether requests can be answered now: rows can be made and the rate limit counted."""
    own = extension(current_app)
    if own.is_stopping:
        detail = "running answers are finished, new ones are not begun"
        raise RefusedError("stopping", detail, _WAIT)
    if own.rate_limit is not None and not own.rate_limit.is_reachable():
        detail = "the storage of the rate limit does not answer"
        raise RefusedError("storage-unreachable", detail, _WAIT)
    next(Dataset(records=1).iter_blocks())
    return {"status": "ready"}


@blueprint.get("/metrics")
def metrics() -> Response:
    """The figures of all processes of this server."""
    read_parameters(request, ())
    text, media_type = extension(current_app).metrics.expose()
    return Response(text, content_type=media_type)


def _plan() -> list[str]:
    """How a dataset comes about, step by step, as the contract has it."""
    contract = get_contract(LATEST_CONTRACT_VERSION)
    return [
        f"Read the request: contract {contract.version}, seed, number of policyholders, tables.",
        *map(_step, contract.tables),
        "Digest the rows of every table, so that equal data can be told from its digest.",
    ]


def _step(table: TableContract) -> str:
    """One table and those that its rows belong to, each told once."""
    keys = [column.facts.foreign_key for column in table.columns]
    parents = dict.fromkeys(key.partition(".")[0] for key in keys if key)
    told = f", each row belonging to a row of {' and of '.join(parents)}" if parents else ""
    return f"Make {table.name}: {len(table.columns)} columns{told}."
