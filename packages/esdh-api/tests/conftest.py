"""Asks the application in this process, and holds every answer against the OpenAPI document.

The two ends of a connection are here too, for what sends without an application.
"""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import jsonschema
import pytest
from flask import Flask
from werkzeug.test import TestResponse

from esdh_api import Settings, create_app
from esdh_api.openapi import openapi_document

PROBLEM = "application/problem+json"
DOCUMENTS = {"application/json", "application/schema+json", PROBLEM}
ELSEWHERE = {404, 405, 401, 429, 500, 308}
"""What an address or a method that the document does not name may answer with."""


@dataclass
class Api:
    """One application; `ask` gives a whole answer that the document was found to tell."""

    settings: Settings
    app: Flask = field(init=False)
    document: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        """Build the application and take its document."""
        self.app = create_app(self.settings)
        self.document = openapi_document(self.settings)

    def ask(self, method: str, address: str, **options: Any) -> TestResponse:
        """Ask; `options` are those of werkzeug's client, such as `headers` and `json`."""
        answer = self.app.test_client().open(address, method=method, buffered=True, **options)
        self.check(method, address.partition("?")[0], answer)
        return answer

    def get(self, address: str, accept: str | None = None, **options: Any) -> TestResponse:
        """Ask by GET, perhaps for a media type."""
        headers = {**options.pop("headers", {}), **({} if accept is None else {"Accept": accept})}
        return self.ask("GET", address, headers=headers, **options)

    def post(self, address: str, body: str | bytes, **options: Any) -> TestResponse:
        """Ask by POST with a body that is sent as it is."""
        options = {"content_type": "application/json", **options}
        return self.ask("POST", address, data=body, **options)

    def operation(self, method: str, path: str) -> dict[str, Any] | None:
        """What the document says of a request, if anything; HEAD is GET without a body."""
        for template, told in self.document["paths"].items():
            if re.fullmatch(re.sub(r"\{[a-z_]+\}", "[^/]+", template), path):
                found: dict[str, Any] | None = told.get(method.lower().replace("head", "get"))
                return found
        return None

    def check(self, method: str, path: str, answer: TestResponse) -> None:
        """Hold status, headers, media type and body against the document."""
        operation = self.operation(method, path.rstrip("/") or "/")
        if operation is None:
            assert answer.status_code in ELSEWHERE or method == "OPTIONS"
            assert answer.content_type == PROBLEM or method == "OPTIONS"
            return
        assert str(answer.status_code) in operation["responses"], "a status that is not told"
        told = self.resolve(operation["responses"][str(answer.status_code)])
        for name, header in told.get("headers", {}).items():
            self.check_header(name, self.resolve(header), answer.headers.get(name))
        content = told.get("content", {})
        assert bool(content) == (answer.status_code != 304)
        if content and method != "HEAD":
            assert answer.mimetype in content, "a media type that is not told"
            if answer.mimetype in DOCUMENTS:
                schema = content[answer.mimetype].get("schema", {})
                self.validate(_first_rows(json.loads(answer.data)), schema)

    def check_header(self, name: str, header: Mapping[str, Any], value: str | None) -> None:
        """Hold one header against the document."""
        if value is None:
            assert not header["required"], f"{name} is missing"
            return
        is_number = header["schema"]["type"] == "integer"
        self.validate(int(value) if is_number else value, header["schema"])

    def validate(self, value: object, schema: Mapping[str, Any]) -> None:
        """Hold a value against a schema of the document."""
        whole = {**schema, "components": self.document["components"]}
        checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
        jsonschema.Draft202012Validator(whole, format_checker=checker).validate(value)

    def resolve(self, told: dict[str, Any]) -> dict[str, Any]:
        """What a reference names, or the thing itself."""
        found: Any = told
        if "$ref" in told:
            found = self.document
            for name in told["$ref"].removeprefix("#/").split("/"):
                found = found[name]
        result: dict[str, Any] = found
        return result


def _first_rows(document: dict[str, Any]) -> dict[str, Any]:
    """A document with three rows of each table; that all are valid is for test_contracts."""
    return {k: v[:3] if isinstance(v, list) else v for k, v in document.items()}


ApiMaker = Callable[..., Api]


@pytest.fixture(scope="session")
def make_api() -> ApiMaker:
    """Makes an application; keywords are settings. There is no rate limit unless one is given."""

    def make(**settings: Any) -> Api:
        return Api(Settings.parse(**{"rate_limit": "off", **settings}))

    return make


@pytest.fixture(scope="session")
def api(make_api: ApiMaker) -> Api:
    """An application with default settings that every test may ask, since it remembers nothing."""
    return make_api()


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Both ends of a connection; the first never waits, as the server's."""
    near, far = socket.socketpair()
    near.setblocking(False)
    with near, far:
        yield near, far
