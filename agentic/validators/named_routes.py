"""Whether the requests that pages name are ones that the service has: routes and parameters."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from markdown_page import REFUSED

_ADDRESS: Final = re.compile(r"http://127\.0\.0\.1:\d+(/[^\s\"'`<>)\],]*)?")
_BODY_OPTIONS: Final = ("-d", "--data", "--data-raw", "--json")
_METHOD_OPTIONS: Final = ("-X", "--request")


def iter_addresses(page: Path) -> Iterator[str]:
    """Every path of the service that a page names outside of curl lines, with its query."""
    lines = page.read_text(encoding="utf-8").splitlines()
    for match in _ADDRESS.finditer("\n".join(line for line in lines if "curl " not in line)):
        if match[1]:
            yield match[1].rstrip(".;:")


def address_problems(address: str, method: str = "get") -> Iterator[str]:
    """What is wrong with a path and its query."""
    parts = urlsplit(address)
    operation = _operation(parts.path, method)
    if operation is None:
        yield f"the service has no route {method.upper()} {parts.path}"
        return
    known = {entry["name"] for entry in operation.get("parameters", []) if "name" in entry}
    for name, _ in parse_qsl(parts.query, keep_blank_values=True):
        if name not in known:
            yield f"{method.upper()} {parts.path} has no parameter {name}"


def request_problems(arguments: Sequence[str]) -> Iterator[str]:
    """What is wrong with the arguments of a curl command; one shown to be refused may be."""
    if REFUSED in arguments:
        return
    values = list(zip(arguments, [*arguments[1:], ""], strict=True))
    bodies = [value for option, value in values if option in _BODY_OPTIONS]
    methods = [value.lower() for option, value in values if option in _METHOD_OPTIONS]
    method = methods[0] if methods else "post" if bodies else "get"
    for address in filter(_ADDRESS.fullmatch, arguments):
        path = address.split("/", 3)[3:]
        yield from address_problems("/" + "".join(path), method)
        operation = _operation(urlsplit(address).path, method) or {}
        for body in bodies:
            yield from _body_problems(operation, body)


def _body_problems(operation: dict[str, Any], body: str) -> Iterator[str]:
    try:
        names = list(json.loads(body))
    except ValueError:
        yield f"{body} is not JSON"
        return
    content = operation.get("requestBody", {}).get("content", {})
    known = content.get("application/json", {}).get("schema", {}).get("properties", {})
    yield from (f"the body has no parameter {name}" for name in names if name not in known)


def _operation(path: str, method: str) -> dict[str, Any] | None:
    for template, operations in _paths().items():
        if re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template)), path):
            found: dict[str, Any] | None = operations.get(method)
            return found
    return None


@functools.cache
def _paths() -> dict[str, Any]:
    """Routes of the service by its own OpenAPI document; it is imported when first asked for."""
    from esdh_api.openapi import openapi_document  # noqa: PLC0415
    from esdh_api.settings import Settings  # noqa: PLC0415

    paths: dict[str, Any] = openapi_document(Settings())["paths"]
    return paths
