"""The OpenAPI document as chapters to read: what one address does is one section.

A GET and its POST twin ask for the same and answer the same, so a section tells what both share
once and names the method wherever they differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

METHODS: Final = ("get", "post")

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value that is asked for, and where it goes, such as `query of GET, body of POST`."""

    name: str
    place: str
    is_required: bool
    schema: Document
    description: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a status means; `methods` of it and of each header are empty where all give it."""

    status: str
    methods: tuple[str, ...]
    description: str
    content: Document
    headers: Mapping[str, tuple[str, ...]]
    is_problem: bool


@dataclass(frozen=True, slots=True)
class Section:
    """An address, with its operations as the document has them."""

    path: str
    operations: tuple[Document, ...]
    parameters: tuple[Parameter, ...]
    answers: tuple[Answer, ...]


def sections(document: Document) -> list[Section]:
    """Every address of the document, in its order."""
    return [_section(document, path, told) for path, told in document["paths"].items()]


def follow(document: Document, part: Document) -> Document:
    """A part of the document, or what it refers to."""
    found = part
    if "$ref" in part:
        found = document
        for name in part["$ref"].removeprefix("#/").split("/"):
            found = found[name]
    return found


def _section(document: Document, path: str, told: Document) -> Section:
    operations = tuple(
        {**told[method], "method": method.upper(), "path": path}
        for method in METHODS
        if method in told
    )
    return Section(
        path, operations, _parameters(document, operations), _answers(document, operations)
    )


def _parameters(document: Document, operations: Sequence[Document]) -> tuple[Parameter, ...]:
    found: dict[str, dict[str, Parameter]] = {}
    for operation in operations:
        for parameter in _asked(document, operation):
            found.setdefault(parameter.name, {})[operation["method"]] = parameter
    return tuple(
        replace(next(iter(twins.values())), place=_place(twins, len(operations)))
        for twins in found.values()
    )


def _asked(document: Document, operation: Document) -> Iterator[Parameter]:
    """What one operation asks for: the parts of its body, then its parameters."""
    for content in operation.get("requestBody", {}).get("content", {}).values():
        required = content["schema"].get("required", ())
        for name, schema in content["schema"]["properties"].items():
            yield Parameter(name, "body", name in required, schema, schema["description"])
    for reference in operation["parameters"]:
        part = follow(document, reference)
        schema = part["schema"]
        description = part.get("description") or schema.get("description", "")
        yield Parameter(part["name"], part["in"], part.get("required", False), schema, description)


def _place(twins: Mapping[str, Parameter], count: int) -> str:
    """One word where it is the same for all methods."""
    places = {parameter.place for parameter in twins.values()}
    if len(twins) == count and len(places) == 1:
        return places.pop()
    return ", ".join(f"{parameter.place} of {method}" for method, parameter in twins.items())


def _answers(document: Document, operations: Sequence[Document]) -> tuple[Answer, ...]:
    found: dict[str, dict[str, Document]] = {}
    for operation in operations:
        for status, reference in operation["responses"].items():
            found.setdefault(status, {})[operation["method"]] = reference
    return tuple(
        _answer(document, status, found[status], len(operations)) for status in sorted(found)
    )


def _answer(
    document: Document, status: str, references: Mapping[str, Document], count: int
) -> Answer:
    answers = {method: follow(document, told) for method, told in references.items()}
    first = next(iter(answers.values()))
    names = dict.fromkeys(name for told in answers.values() for name in told.get("headers", {}))
    headers = {
        name: _some([m for m, told in answers.items() if name in told["headers"]], len(answers))
        for name in names
    }
    is_problem = "$ref" in next(iter(references.values()))
    methods = _some(list(answers), count)
    return Answer(
        status, methods, first["description"], first.get("content", {}), headers, is_problem
    )


def _some(methods: Sequence[str], count: int) -> tuple[str, ...]:
    """The methods, unless they are all there are."""
    return tuple(methods) if len(methods) < count else ()
