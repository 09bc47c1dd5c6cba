"""The OpenAPI document: valid, complete, and what the application really is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from esdh_api import Settings
from esdh_api.openapi import openapi_document
from esdh_api.problem_responses import PROBLEMS

if TYPE_CHECKING:
    from conftest import Api, ApiMaker

NOT_TOLD = {"/", "/static/<path:filename>"}
"""Routes of the pages for people: the way to the first of them, and what they load."""

SETTINGS = {
    "default": {},
    "key": {"api_keys": "correct-horse-battery-staple"},
    "no limit": {"rate_limit": "off"},
    "shared limit": {"rate_limit_storage": "redis://127.0.0.1:1/0"},
    "small": {"max_records": 7, "max_stream_records": 9},
}


@pytest.fixture(params=SETTINGS)
def document(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The document under different settings."""
    return openapi_document(Settings.parse(**SETTINGS[request.param]))


def parts(told: object) -> Iterator[dict[str, Any]]:
    """Every object in the document."""
    if isinstance(told, dict):
        yield told
        for part in told.values():
            yield from parts(part)
    elif isinstance(told, list):
        for part in told:
            yield from parts(part)


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method and what is told of every operation."""
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            yield path, method, told


def test_it_is_json_and_served_as_it_is(api: Api) -> None:
    """The route gives the document of the settings, again and again."""
    answers = [json.loads(api.get("/openapi.json").data) for _ in range(2)]

    assert answers == [json.loads(json.dumps(api.document))] * 2


def test_it_is_made_once(api: Api) -> None:
    """Asking for the document costs no more than sending it."""
    assert openapi_document(api.settings) is openapi_document(api.settings.model_copy())


def test_every_schema_is_a_json_schema(document: dict[str, Any]) -> None:
    """Of the dialect that OpenAPI 3.1 has by default, 2020-12."""
    schemas = list(document["components"]["schemas"].values())
    schemas += [part["schema"] for part in parts(document["paths"]) if "schema" in part]

    for schema in schemas:
        jsonschema.Draft202012Validator.check_schema(schema)


def test_every_reference_leads_somewhere_and_every_component_is_used(
    document: dict[str, Any],
) -> None:
    """Nothing but headers of other settings is left over."""
    used = {part["$ref"] for part in parts(document) if "$ref" in part}
    components = {
        f"#/components/{kind}/{name}"
        for kind in ("schemas", "responses", "parameters", "headers")
        for name in document["components"][kind]
    }

    assert used - components == set()
    assert {name for name in components - used if "RateLimit" not in name} <= {
        "#/components/headers/WWW-Authenticate",
        "#/components/headers/Retry-After",
    }


def test_operations_have_names_of_their_own(document: dict[str, Any]) -> None:
    """For those who make clients from the document."""
    names = [told["operationId"] for _, _, told in operations(document)]

    assert len(names) == len(set(names))
    assert all(re.fullmatch("[a-z]+(_[a-z]+)+", name) for name in names)
    assert all(told["summary"] for _, _, told in operations(document))
    assert {told["tags"][0] for _, _, told in operations(document)} == {
        tag["name"] for tag in document["tags"]
    }


def test_path_parameters_are_those_of_the_path(document: dict[str, Any]) -> None:
    """Each is told once, and is required."""
    for path, _, told in operations(document):
        named = [p["name"] for p in told["parameters"] if p.get("in") == "path"]
        assert named == re.findall(r"\{([a-z_]+)\}", path)
        assert all(p["required"] for p in told["parameters"] if p.get("in") == "path")


def test_links_name_operations_and_their_parameters(document: dict[str, Any]) -> None:
    """A link can be followed."""
    known = {
        told["operationId"]: {p.get("name") for p in told["parameters"]}
        for _, _, told in operations(document)
    }
    links = [link for part in parts(document) for link in part.get("links", {}).values()]

    assert len(links) == 8
    assert all(set(link["parameters"]) <= known[link["operationId"]] for link in links)


def test_every_route_is_told_and_nothing_else(api: Api) -> None:
    """Routes and methods of the application, one for one."""
    routes = {
        (re.sub(r"<([a-z_]+)>", r"{\1}", rule.rule), method.lower())
        for rule in api.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule not in NOT_TOLD
    }

    assert {(path, method) for path, method, _ in operations(api.document)} == routes


def test_every_problem_is_told(make_api: ApiMaker) -> None:
    """No code is left out where every kind of refusal can come."""
    api = make_api(
        api_keys="correct-horse-battery-staple",
        rate_limit="9/second",
        rate_limit_storage="redis://127.0.0.1:1/0",
    )
    told = {int(name.removeprefix("Problem")) for name in api.document["components"]["responses"]}

    assert told == {status for status, _ in PROBLEMS.values()} - {405}  # no operation has that


@pytest.mark.parametrize(
    ("settings", "told", "not_told"),
    [
        ({"rate_limit": "off"}, set(), {"401", "429", "503"}),
        ({}, {"429"}, {"401", "503"}),
        ({"api_keys": "correct-horse-battery-staple"}, {"400", "401", "429"}, {"503"}),
        ({"rate_limit_storage": "redis://127.0.0.1:1/0"}, {"429", "503"}, {"401"}),
    ],
)
def test_only_what_can_happen_is_told(
    settings: dict[str, str], told: set[str], not_told: set[str]
) -> None:
    """The document is of the service as it runs."""
    document = openapi_document(Settings.parse(**settings))
    responses = set(document["paths"]["/contracts"]["get"]["responses"])

    assert told <= responses
    assert not_told.isdisjoint(responses)
    assert ("security" in document) == ("401" in told)


def test_open_routes_are_open_in_the_document(make_api: ApiMaker) -> None:
    """What answers without a key says so, and the rest says that it does not."""
    api = make_api(api_keys="correct-horse-battery-staple")
    for path, method, told in operations(api.document):
        address = path.replace("{record_id}", "x").replace("{version}", "v0.1")
        answer = api.ask(method.upper(), address.replace("{table}", "persons"))
        assert (answer.status_code == 401) == (told.get("security") != [])


def test_limits_are_those_of_the_settings() -> None:
    """The schema of a request allows what the server allows."""
    document = openapi_document(Settings.parse(max_records=7, max_stream_records=9))
    told = document["paths"]["/generate/bundle"]
    body = told["post"]["requestBody"]["content"]["application/json"]["schema"]["properties"]
    query = {parameter.get("name"): parameter for parameter in told["get"]["parameters"]}

    for records in (body["records"], query["records"]["schema"]):
        assert (records["minimum"], records["maximum"], records["default"]) == (1, 7, 7)
        assert "up to 9" in records["description"]


@pytest.mark.parametrize(
    ("value", "is_valid"),
    [
        ({}, True),
        ({"records": 1, "seed": 0, "randomize": True, "dataset_version": "v0.1"}, True),
        ({"records": 10_000, "seed": 2**64 - 1}, True),
        ({"seed": "random"}, True),
        ({"records": 5.0}, True),
        ({"records": 0}, False),
        ({"records": 10_001}, False),
        ({"records": "10"}, False),
        ({"records": True}, False),
        ({"records": None}, False),
        ({"records": 2.5}, False),
        ({"seed": -1}, False),
        ({"seed": 2**64}, False),
        ({"seed": "7"}, False),
        ({"randomize": "true"}, False),
        ({"dataset_version": "v0.9"}, False),
        ({"colour": 1}, False),
        ([], False),
    ],
)
def test_the_schema_and_the_service_agree_on_requests(
    api: Api, value: object, is_valid: bool
) -> None:
    """What the schema allows is answered, what it forbids is refused."""
    told = api.document["paths"]["/generate/person"]["post"]["requestBody"]
    schema = told["content"]["application/json"]["schema"]
    answer = api.post("/generate/person", json.dumps(value))

    assert jsonschema.Draft202012Validator(schema).is_valid(value) == is_valid
    assert answer.status_code == (200 if is_valid else 400)


def test_examples_in_the_document_are_answered(api: Api) -> None:
    """Whoever tries them first is not disappointed."""
    told = api.document["paths"]["/records/{record_id}"]["get"]["parameters"]
    example = {p["name"]: p["example"] for p in told if "example" in p}
    body = api.document["paths"]["/generate/bundle"]["post"]["requestBody"]["content"]
    request = body["application/json"]["schema"]["examples"][0]

    found = api.get(f"/records/{example['record_id']}?seed={example['seed']}")

    assert found.status_code == 200
    assert api.post("/generate/bundle", json.dumps(request)).status_code == 200
