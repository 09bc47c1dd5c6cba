"""Validates the service through its application: what it answers, tells and refuses."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from validator import CheckFailedError, importing, require_none, run_validator

with importing("api"):
    import jsonschema  # type: ignore[import-untyped]  # it ships no annotations
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from esdh_api import Settings, create_app
    from esdh_exporters import render_tables
    from esdh_generator import Dataset
    from esdh_models import CONTRACT_VERSIONS, LATEST_CONTRACT_VERSION, errors, get_contract

_SEED: Final = 7
_RECORDS: Final = 20
_KEY: Final = "a-key-of-this-validator"
_OPEN: Final = frozenset({"/healthz", "/readyz", "/openapi.json", "/docs", "/demo"})
"""The routes that the document may tell without a key."""

_NOT_TOLD: Final = frozenset({"/", "/static/<path:filename>"})
"""Routes that the OpenAPI document need not tell: pages for people."""

_PROBLEM_MEMBERS: Final = frozenset({"type", "title", "status", "detail", "code"})
_INSIDE: Final = re.compile(r'Traceback|File "|\.py\b|site-packages')
_REQUEST_ID: Final = re.compile(r'"request_id": "[0-9a-f-]+"')
_BAD_RECORDS: Final = ("0", "-1", "2.5", '"10"', "true", "null", "1e30", "1000000000", "NaN")
_REFUSED: Final[tuple[tuple[str, str, dict[str, Any], int], ...]] = (
    ("GET", "/nowhere", {}, 404),
    ("GET", "/contracts/v9.9", {}, 404),
    ("DELETE", "/healthz", {}, 405),
    ("GET", "/generate/bundle", {"headers": {"Accept": "image/png"}}, 406),
    ("GET", "/generate/bundle?recrods=5", {}, 400),
    ("GET", "/generate/bundle?seed=1&seed=2", {}, 400),
    ("GET", "/records/not-an-identifier?seed=7", {}, 400),
    ("POST", "/generate/bundle", {"data": "{", "content_type": "application/json"}, 400),
    ("POST", "/generate/bundle", {"data": "records=5", "content_type": "text/plain"}, 415),
    ("POST", "/generate/bundle", {"data": b" " * 70_000, "content_type": "application/json"}, 413),
)
"""Method, address, arguments and status of requests that cannot be served."""


def routes_answer_as_told(_: Path) -> str:
    """Every GET of the OpenAPI document answers 200 with a media type and a body as told."""
    client, problems, asked = _client(), [], 0
    document = _json(client.get("/openapi.json"))
    for path, told in _iter_gets(document):
        for address in _addresses(path):
            asked += 1
            answer = client.get(address, buffered=True)
            content = told["responses"]["200"]["content"]
            if answer.status_code != 200 or answer.mimetype not in content:
                problems.append(f"{address} answers {answer.status_code} as {answer.mimetype}")
            elif answer.mimetype == "application/json":
                schema = content[answer.mimetype]["schema"]
                problems += _schema_problems(address, answer, schema, document)
    require_none(problems)
    return f"{asked} addresses of {len(document['paths'])} routes"


def openapi_tells_every_route(_: Path) -> str:
    """The document is OpenAPI 3.1 with valid schemas, and its paths are the application's."""
    app = create_app(_settings())
    document = _json(app.test_client().get("/openapi.json"))
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    rules = {str(rule) for rule in app.url_map.iter_rules()} - _NOT_TOLD
    served = {re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule) for rule in rules}
    told = set(document["paths"])
    require_none(
        [
            *(f"{path} is served but not told" for path in sorted(served - told)),
            *(f"{path} is told but not served" for path in sorted(told - served)),
            *([] if document["openapi"].startswith("3.1") else ["it is not OpenAPI 3.1"]),
        ]
    )
    return f"{len(told)} paths, {len(document['components']['schemas'])} schemas"


def a_bundle_is_the_dataset(_: Path) -> str:
    """The rows of `/generate/bundle`, as JSON and as NDJSON, are those of `Dataset`."""
    dataset = Dataset(_SEED, _RECORDS)
    client, address = _client(), f"/generate/bundle?seed={_SEED}&records={_RECORDS}"
    answer = _json(client.get(address))
    lines = client.get(address, headers={"Accept": "application/x-ndjson"}, buffered=True).data
    streamed: dict[str, list[Any]] = {name: [] for name in dataset.request.tables}
    for line in map(json.loads, lines.splitlines()):
        streamed[line["table"]].append(line["record"])
    problems = []
    for name, rendered in render_tables(dataset, "ndjson").items():
        rows = [json.loads(line) for line in rendered.content.splitlines()]
        if answer[name] != rows or streamed[name] != rows:
            problems.append(f"{name} are not the rows of the dataset")
        if answer["tables"][name]["content_digest"] != rendered.content_digest:
            problems.append(f"{name} are told with another content digest")
    if answer["request_digest"] != dataset.request.digest:
        problems.append("the request digest is another")
    require_none(problems)
    return f"{_RECORDS} records of seed {_SEED}"


def a_key_is_asked_for(_: Path) -> str:
    """With a key set, closed routes answer 401 alike to no key and to a wrong one."""
    client = _client(api_keys=_KEY)
    problems, closed = [], 0
    for path, _told in _iter_gets(_json(client.get("/openapi.json"))):
        address = next(iter(_addresses(path)))
        if path in _OPEN:
            continue
        closed += 1
        answers = [
            client.get(address, headers=headers)
            for headers in ({}, {"Authorization": "Bearer wrong"}, {"X-API-Key": "wrong"})
        ]
        bodies = [_REQUEST_ID.sub("", answer.get_data(as_text=True)) for answer in answers]
        if [answer.status_code for answer in answers] != [401] * 3 or bodies[1:] != bodies[:-1]:
            problems.append(f"{path} does not answer 401 alike without a key and with a wrong one")
        if client.get(address, headers={"X-API-Key": _KEY}, buffered=True).status_code != 200:
            problems.append(f"{path} does not take the key")
    if not closed:
        problems.append("no route asks for a key")
    require_none(problems)
    return f"{closed} routes"


def a_public_bind_needs_a_key(_: Path) -> str:
    """Settings with a public address and no key are refused."""
    try:
        Settings.parse(host="0.0.0.0")  # noqa: S104  # it is what must be refused
    except errors.InvalidRequestError as error:
        return str(error)
    raise CheckFailedError("a public address is bound without a key")


def refusals_are_problem_documents(_: Path) -> str:
    """What cannot be served is told as RFC 9457 has it, with its status and nothing from inside."""
    client = _client()
    require_none(
        f"{method} {address}: {problem}"
        for method, address, arguments, status in _REFUSED
        for problem in _refusal_problems(client.open(address, method=method, **arguments), status)
    )
    return f"{len(_REFUSED)} refusals"


def records_are_bounded(_: Path) -> str:
    """A number of records that cannot be is refused with 400, whatever its spelling."""
    client = _client()
    require_none(
        f"records {spelling}: {problem}"
        for spelling in _BAD_RECORDS
        for problem in _refusal_problems(
            client.post(
                "/generate/person",
                data=f'{{"records": {spelling}}}',
                content_type="application/json",
            ),
            400,
        )
    )
    return f"{len(_BAD_RECORDS)} spellings"


def _settings(**values: Any) -> Settings:
    return Settings.parse(rate_limit="off", **values)


def _client(**values: Any) -> FlaskClient:
    return create_app(_settings(**values)).test_client()


def _json(answer: TestResponse) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(answer.data)
    return found


def _iter_gets(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for path, methods in document["paths"].items():
        if "get" in methods:
            yield path, methods["get"]


def _addresses(path: str) -> Iterator[str]:
    """The addresses that a path of the document stands for."""
    if "{record_id}" in path:
        for table in get_contract(LATEST_CONTRACT_VERSION).tables:
            row = Dataset(_SEED, 1).table(table.name).to_pylist()[0]
            yield f"{path.replace('{record_id}', row[table.primary_key])}?seed={_SEED}"
    elif "{version}" in path:
        for version in CONTRACT_VERSIONS:
            for name in get_contract(version).table_names if "{table}" in path else [""]:
                yield path.replace("{version}", version).replace("{table}", name)
    else:
        yield f"{path}?records=2" if path.startswith("/generate/") else path


def _schema_problems(
    address: str, answer: TestResponse, schema: Mapping[str, Any], document: Mapping[str, Any]
) -> Iterator[str]:
    whole = {**schema, "components": document["components"]}
    for error in jsonschema.Draft202012Validator(whole).iter_errors(_json(answer)):
        yield f"{address} is not as told: {error.json_path} {error.message[:80]}"


def _refusal_problems(answer: TestResponse, status: int) -> Iterator[str]:
    text = answer.get_data(as_text=True)
    if answer.status_code != status:
        yield f"it answers {answer.status_code} instead of {status}"
    if answer.mimetype != "application/problem+json":
        yield f"it answers as {answer.mimetype}"
    elif not set(json.loads(text)) >= _PROBLEM_MEMBERS or json.loads(text)["status"] != status:
        yield "it lacks a member of a problem document, or tells another status"
    if _INSIDE.search(text):
        yield "it tells something from inside"


CHECKS: Final = (
    routes_answer_as_told,
    openapi_tells_every_route,
    a_bundle_is_the_dataset,
    a_key_is_asked_for,
    a_public_bind_needs_a_key,
    refusals_are_problem_documents,
    records_are_bounded,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the checks."""
    return run_validator("api", CHECKS, arguments)


if __name__ == "__main__":
    sys.exit(main())
