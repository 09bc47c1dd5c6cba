"""The OpenAPI 3.1 document, made from the contracts and the settings that it describes.

Schemas stand beside the code that makes what they describe; here are the routes. An answer that
these settings cannot give, such as a 401 where no key is set, is not told.
"""

from __future__ import annotations

import functools
import importlib.metadata
from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel

from esdh_models import (
    CONTRACT_VERSIONS,
    LATEST_CONTRACT_VERSION,
    DatasetRequest,
    dataset_request,
    get_contract,
)

from .answers import ARROW, CSV, JSON, NDJSON
from .answers import SCHEMA as ANSWER
from .blueprints.contracts import SCHEMA_MEDIA_TYPE
from .blueprints.contracts import SCHEMAS as CONTRACT_SCHEMAS
from .blueprints.generate import BUNDLE, kinds
from .blueprints.health import SCHEMA as HEALTH
from .problem_responses import MEDIA_TYPE as PROBLEM_MEDIA_TYPE
from .problem_responses import PROBLEMS
from .problem_responses import SCHEMA as PROBLEM
from .request_parameters import parameter_schemas
from .settings import MEMORY_STORAGE, Settings

Document = dict[str, Any]

_EXAMPLE_ID: Final = "a419ec71-8057-8d2e-bed3-c6231ed7eb6f"
_HEX: Final = "[0-9a-fA-F]"
_ID_PATTERN: Final = f"^{_HEX}{{8}}-{_HEX}{{4}}-8{_HEX}{{3}}-[89abAB]{_HEX}{{3}}-{_HEX}{{12}}$"
_WAITING: Final = (429, 503)
"""Statuses of refusals that say when to come back."""

_DESCRIPTION: Final = (
    "Synthetic auto-insurance data on demand: the same seed gives the same people, vehicles and"
    " profiles, byte for byte, here and in every snapshot. No row describes a real person."
    " Every refusal is a problem document (RFC 9457) with a stable code."
)


@functools.lru_cache(maxsize=8)
def openapi_document(settings: Settings) -> Document:
    """Describe the service as these settings run it; the same document each time, to be read."""
    routes = _Routes(settings)
    document: Document = {
        "openapi": "3.1.0",
        "info": {
            "title": "Enterprise Synthetic Data Hub",
            "version": importlib.metadata.version("esdh-api"),
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": name, "description": said} for name, said in _TAGS.items()],
        "paths": {
            **_health_paths(routes),
            **{
                f"/generate/{kind}": _generate_path(routes, kind, tables)
                for kind, tables in kinds().items()
            },
            "/records/{record_id}": {"get": _record_operation(routes)},
            **_contract_paths(routes),
            **_page_paths(routes),
        },
        "components": {
            "schemas": {
                **_row_schemas(),
                **_model_schemas(DatasetRequest),
                **CONTRACT_SCHEMAS,
                "Answer": ANSWER,
                "Record": _record_schema(),
                "Health": HEALTH,
                "Problem": PROBLEM,
            },
            "responses": {
                _problem_name(status): routes.problem(status) for status in sorted(routes.statuses)
            },
            "parameters": _PARAMETERS,
            "headers": _HEADERS,
        },
    }
    if settings.api_keys:
        document["security"] = [{"bearer": []}, {"apiKey": []}]
        document["components"]["securitySchemes"] = _SECURITY
    return document


class _Routes:
    """Puts routes together, and remembers which refusals they name."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.statuses: set[int] = set()
        self._is_limited = settings.rate_limit != "off"
        self._is_shared = self._is_limited and settings.rate_limit_storage != MEMORY_STORAGE

    def operation(
        self,
        tag: str,
        name: str,
        summary: str,
        responses: Document,
        refusals: tuple[int, ...] = (),
        *,
        is_open: bool = False,
        is_limited: bool = True,
        **more: Any,
    ) -> Document:
        """One operation with the refusals that all of its sort have."""
        keyed = (400, 401) if self.settings.api_keys and not is_open else ()
        limited = (429,) if is_limited and self._is_limited else ()
        shared = (503,) if is_limited and self._is_shared else ()
        statuses = sorted({*refusals, *keyed, *limited, *shared, 431, 500})
        self.statuses.update(statuses)
        problems = {
            str(status): {"$ref": f"#/components/responses/{_problem_name(status)}"}
            for status in statuses
        }
        parameters = [*more.pop("parameters", ()), _parameter("X-Request-ID")]
        told = {status: self._sent(answer, is_limited) for status, answer in responses.items()}
        return {
            "tags": [tag],
            "operationId": name,
            "summary": summary,
            **more,
            "parameters": parameters,
            "responses": {**told, **problems},
            **({"security": []} if is_open else {}),
        }

    def problem(self, status: int) -> Document:
        """What a refusal of this status can mean, and what comes with it."""
        means = [f"{title} ({code})." for code, (of, title) in PROBLEMS.items() if of == status]
        names = ["WWW-Authenticate"] if status == 401 else []
        names += ["Retry-After"] if status in _WAITING else []
        content = {PROBLEM_MEDIA_TYPE: {"schema": _schema("Problem")}}
        told = {"description": " ".join(means), "headers": _headers(*names), "content": content}
        # The header was refused before an id was read from it.
        return told if status == 431 else self._sent(told, is_limited=True)

    def _sent(self, answer: Document, is_limited: bool) -> Document:
        """An answer with the headers that every answer has."""
        names = ["X-Request-ID"]
        if is_limited and self._is_limited:
            names += ["RateLimit", "RateLimit-Policy"]
        return {**answer, "headers": {**answer.get("headers", {}), **_headers(*names)}}


def _generate_path(routes: _Routes, kind: str, tables: tuple[str, ...]) -> Document:
    schemas = parameter_schemas(routes.settings)
    what = "coherent rows of all tables" if kind == BUNDLE else f"rows of {tables[0]}"
    rows = ("ESDH-Seed", "ESDH-Request-Digest", "ESDH-Record-Count", "Vary", "Cache-Control")
    done = {
        "description": f"Synthetic {what}.",
        "headers": _headers(*rows),
        "content": _generate_content(kind, tables),
        "links": {"record": _record_link(tables[0])},
    }
    cached = _headers(*rows, "ETag")
    unchanged = {"description": "What If-None-Match names is still true.", "headers": cached}
    body = {
        "type": "object",
        "properties": schemas,
        "additionalProperties": False,
        "examples": [{"records": 5, "seed": 20251101}],
    }
    return {
        "get": routes.operation(
            "generate",
            f"get_{kind}",
            f"Generate {what}; the address is a stable link",
            {"200": {**done, "headers": cached}, "304": unchanged},
            (400, 406, 503),
            description=_generate_text(tables),
            parameters=[
                *(_in_query(name, schema) for name, schema in schemas.items()),
                _parameter("If-None-Match"),
            ],
        ),
        "post": routes.operation(
            "generate",
            f"generate_{kind}",
            f"Generate {what}",
            {"200": done},
            (400, 406, 413, 415, 503),
            description=_generate_text(tables),
            requestBody={"required": False, "content": {JSON: {"schema": body}}},
        ),
    }


def _generate_text(tables: tuple[str, ...]) -> str:
    if len(tables) == 1:
        return (
            "Accept chooses the form: JSON whole, with digests; NDJSON, CSV or an Arrow stream"
            " while it is made, in flat memory."
        )
    return (
        "Accept chooses the form: JSON whole, with digests, or NDJSON while it is made, where each"
        " line names its table."
    )


def _generate_content(kind: str, tables: tuple[str, ...]) -> Document:
    rows = {name: {"type": "array", "items": _row_schema(name)} for name in tables}
    answer = {"allOf": [_schema("Answer")], "properties": rows, "required": list(rows)}
    text = {"schema": {"type": "string"}}
    content: Document = {JSON: {"schema": answer}, NDJSON: text}
    return content if kind == BUNDLE else {**content, CSV: text, ARROW: {}}


def _record_link(table: str) -> Document:
    key = get_contract(LATEST_CONTRACT_VERSION).table(table).primary_key
    return {
        "operationId": "get_record",
        "description": "The first record again, with its relatives.",
        "parameters": {
            "record_id": f"$response.body#/{table}/0/{key}",
            "seed": "$response.body#/seed",
        },
    }


def _record_operation(routes: _Routes) -> Document:
    seed = {
        "type": "integer",
        "minimum": 0,
        "maximum": dataset_request.MAXIMUM_SEED,
        "description": "The seed of the dataset that the record is of.",
    }
    records = {
        "type": "integer",
        "minimum": 1,
        "maximum": dataset_request.MAXIMUM_RECORDS,
        "default": dataset_request.MAXIMUM_RECORDS,
        "description": "How many policyholders the dataset has, if that matters.",
    }
    example = get_contract(LATEST_CONTRACT_VERSION).default_seed
    return routes.operation(
        "records",
        "get_record",
        "Show one record with its relatives",
        {"200": _json_response("The record.", _schema("Record"))},
        (400, 404),
        description="Nothing else of the dataset is made: the identifier leads to its row.",
        parameters=[
            _in_path("record_id", {"type": "string", "pattern": _ID_PATTERN}, example=_EXAMPLE_ID),
            _in_query("seed", seed, required=True, example=example),
            _in_query("records", records),
            _in_query("dataset_version", parameter_schemas(routes.settings)["dataset_version"]),
        ],
    )


def _contract_paths(routes: _Routes) -> Document:
    contract = get_contract(LATEST_CONTRACT_VERSION)
    version = _in_path("version", {"type": "string", "enum": list(CONTRACT_VERSIONS)})
    table = _in_path("table", {"type": "string", "enum": list(contract.table_names)})
    row_schema = {
        "description": "The schema.",
        "content": {SCHEMA_MEDIA_TYPE: {"schema": {"type": "object"}}},
    }
    listed = _json_response("All versions.", _schema("ContractList"))
    described = _json_response("The contract.", _schema("Contract"))
    return {
        "/contracts": {
            "get": routes.operation(
                "contracts", "list_contracts", "List the contract versions", {"200": listed}, (400,)
            )
        },
        "/contracts/{version}": {
            "get": routes.operation(
                "contracts",
                "get_contract",
                "Describe the tables and columns of a version",
                {"200": described},
                (400, 404),
                parameters=[version],
            )
        },
        "/contracts/{version}/{table}/schema": {
            "get": routes.operation(
                "contracts",
                "get_row_schema",
                "JSON Schema of one row",
                {"200": row_schema},
                (400, 404),
                parameters=[version, table],
            )
        },
    }


def _health_paths(routes: _Routes) -> Document:
    ready = {
        "type": "object",
        "required": ["status"],
        "properties": {"status": {"const": "ready"}},
    }
    figures = {
        "description": "The figures.",
        "content": {"text/plain": {"schema": {"type": "string"}}},
    }
    operations: Document = {
        "/healthz": routes.operation(
            "service",
            "get_health",
            "What this service is, and that it runs",
            {"200": _json_response("It runs.", _schema("Health"))},
            is_open=True,
            is_limited=False,
        ),
        "/readyz": routes.operation(
            "service",
            "get_readiness",
            "Whether it can answer requests now",
            {"200": _json_response("It can.", ready)},
            (503,),
            is_open=True,
            is_limited=False,
        ),
        "/metrics": routes.operation(
            "service", "get_metrics", "Figures for Prometheus", {"200": figures}, (400,)
        ),
    }
    return {path: {"get": operation} for path, operation in operations.items()}


def _page_paths(routes: _Routes) -> Document:
    page = {"description": "The page.", "content": {"text/html": {"schema": {"type": "string"}}}}
    document = _json_response("This document.", {"type": "object"})
    operations: Document = {
        "/openapi.json": ("get_openapi", "This document", document, (400,)),
        "/docs": ("get_docs", "This document as a page", page, (400,)),
        "/demo": ("get_demo", "A page to try the service on", page, ()),
    }
    return {
        path: {
            "get": routes.operation("pages", name, said, {"200": answer}, refusals, is_open=True)
        }
        for path, (name, said, answer, refusals) in operations.items()
    }


def _row_schemas() -> Document:
    """The row models of the latest contract and the types that they refer to."""
    schemas: Document = {}
    for table in get_contract(LATEST_CONTRACT_VERSION).tables:
        schemas |= _model_schemas(table.row_model)
    return schemas


def _model_schemas(model: type[BaseModel]) -> Document:
    schema = model.model_json_schema(
        ref_template="#/components/schemas/{model}", mode="serialization"
    )
    return {**schema.pop("$defs", {}), model.__name__: schema}


def _record_schema() -> Document:
    tables = get_contract(LATEST_CONTRACT_VERSION).table_names
    rows = {name: {"type": "array", "items": _row_schema(name)} for name in tables}
    properties = {
        "record_id": {"type": "string", "format": "uuid"},
        "table": {"type": "string", "enum": list(tables)},
        "owner": {"type": "integer", "description": "Number of the policyholder, from 0."},
        "record": {"oneOf": [_row_schema(name) for name in tables]},
        "relatives": {
            "type": "object",
            "description": "The other rows of the same policyholder, by table.",
            "properties": rows,
            "additionalProperties": False,
        },
        "request": _schema("DatasetRequest"),
    }
    return {
        "type": "object",
        "required": list(properties),
        "properties": properties,
        "additionalProperties": False,
    }


def _row_schema(table: str) -> Document:
    return _schema(get_contract(LATEST_CONTRACT_VERSION).table(table).row_model.__name__)


def _schema(name: str) -> Document:
    return {"$ref": f"#/components/schemas/{name}"}


def _parameter(name: str) -> Document:
    return {"$ref": f"#/components/parameters/{name}"}


def _headers(*names: str) -> Document:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _problem_name(status: int) -> str:
    return f"Problem{status}"


def _in_query(name: str, schema: Document, **more: Any) -> Document:
    return {"name": name, "in": "query", "schema": schema, **more}


def _in_path(name: str, schema: Document, **more: Any) -> Document:
    return {"name": name, "in": "path", "required": True, "schema": schema, **more}


def _json_response(description: str, schema: Document) -> Document:
    return {"description": description, "content": {JSON: {"schema": schema}}}


_TAGS: Final = {
    "service": "For whoever runs it.",
    "generate": "Rows on demand.",
    "records": "One row, found by its identifier.",
    "contracts": "What the rows promise.",
    "pages": "For people.",
}

_SECURITY: Final[Mapping[str, Document]] = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}

_PARAMETERS: Final[Mapping[str, Document]] = {
    "X-Request-ID": {
        "name": "X-Request-ID",
        "in": "header",
        "description": "A UUID of your own for this request; anything else is replaced by one.",
        "schema": {"type": "string"},
    },
    "If-None-Match": {
        "name": "If-None-Match",
        "in": "header",
        "description": "ETags that you hold; if one is still true, the answer is 304.",
        "schema": {"type": "string"},
    },
}


def _header(description: str, *, required: bool = True, **schema: Any) -> Document:
    said = {"type": "string", **schema}
    return {"description": description, "required": required, "schema": said}


_HEADERS: Final[Mapping[str, Document]] = {
    "ESDH-Seed": _header("The seed that made the rows.", type="integer"),
    "ESDH-Request-Digest": _header(
        "SHA-256 of the canonical request, as in a snapshot's manifest.", pattern="^[0-9a-f]{64}$"
    ),
    "ESDH-Record-Count": _header("Policyholders.", type="integer"),
    "ETag": _header(
        "Changes whenever a byte of the answer could; absent where the seed was drawn.",
        required=False,
        pattern='^"[0-9a-f]{40}"$',
    ),
    "Cache-Control": _header("Whether it may be kept: GET with a fixed seed may."),
    "Vary": _header("What else decides the answer."),
    "X-Request-ID": _header("The request in the log.", format="uuid"),
    "RateLimit": _header(
        "Requests left (r) and seconds until there are more (t); absent if they cannot be counted.",
        required=False,
        pattern='^"default";r=[0-9]+;t=[0-9]+$',
    ),
    "RateLimit-Policy": _header(
        "Requests allowed (q) in so many seconds (w).",
        required=False,
        pattern='^"default";q=[0-9]+;w=[0-9]+$',
    ),
    "Retry-After": _header(
        "Seconds to wait; waiting that long is enough.", type="integer", minimum=1
    ),
    "WWW-Authenticate": _header("How to send a key."),
}
