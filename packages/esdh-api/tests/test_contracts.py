"""Contracts over HTTP: the same as in the library, and true of the rows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import jsonschema
import pytest

from esdh_models import CONTRACT_VERSIONS, data_dictionary, get_contract

if TYPE_CHECKING:
    from conftest import Api

CONTRACT = get_contract("v0.1")


def test_all_versions_are_listed(api: Api) -> None:
    """With defaults, and where the schemas are."""
    document = json.loads(api.get("/contracts").data)

    assert document["latest"] == CONTRACT_VERSIONS[-1]
    assert document["contracts"] == [
        {
            "version": "v0.1",
            "default_records": 200,
            "default_seed": 20251101,
            "default_as_of_date": "2026-01-01",
            "synthetic_source": "enterprise-synthetic-data-hub v0.1",
            "schemas": {
                name: f"/contracts/v0.1/{name}/schema"
                for name in ("persons", "vehicles", "profiles")
            },
        }
    ]


def test_a_version_is_its_data_dictionary(api: Api) -> None:
    """Tables and columns in order, as `esdh-cli describe --json` has them."""
    document = json.loads(api.get("/contracts/v0.1").data)
    expected = data_dictionary.as_document(CONTRACT, CONTRACT.tables)

    assert document["tables"] == expected["tables"]
    assert list(document["tables"]) == list(CONTRACT.table_names)
    assert document["version"] == "v0.1"


@pytest.mark.parametrize("table", CONTRACT.table_names)
def test_every_row_keeps_the_schema(api: Api, table: str) -> None:
    """The schema is a schema, and rows of several seeds are valid; a changed row is not."""
    listed = json.loads(api.get("/contracts").data)["contracts"][0]["schemas"][table]
    schema = json.loads(api.get(listed).data)
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema, format_checker=checker)

    for seed in (1, 20251101, 2**64 - 1):
        rows = json.loads(api.get(f"/generate/bundle?records=300&seed={seed}").data)[table]
        assert [validator.iter_errors(row) for row in rows if not validator.is_valid(row)] == []
    key = CONTRACT.table(table).primary_key
    for broken in ({**rows[0], "more": 1}, {**rows[0], key: "7"}, {**rows[0], key: None}):
        assert not validator.is_valid(broken)
    assert not validator.is_valid({k: v for k, v in rows[0].items() if k != key})


@pytest.mark.parametrize("table", CONTRACT.table_names)
def test_the_schema_is_that_of_the_contract(api: Api, table: str) -> None:
    """Of its own media type, with a dialect."""
    answer = api.get(f"/contracts/v0.1/{table}/schema")

    assert answer.content_type == "application/schema+json"
    assert json.loads(answer.data) == CONTRACT.table(table).json_schema


@pytest.mark.parametrize(
    ("address", "detail"),
    [
        ("/contracts/v0.2", "unknown dataset version 'v0.2' (did you mean 'v0.1'?); choose from"),
        ("/contracts/V0.1", "unknown dataset version 'V0.1'"),
        ("/contracts/%00", "unknown dataset version '\\x00'"),
        (f"/contracts/{'x' * 9_000}", f"unknown dataset version '{'x' * 60}'...; choose from v0.1"),
        ("/contracts/v9/persons/schema", "unknown dataset version 'v9'"),
        ("/contracts/v0.1/person/schema", "unknown table 'person' (did you mean 'persons'?)"),
        ("/generate/persons", "there is no such route; did you mean /generate/person? /docs lists"),
        ("/contracts/v0.1/persons", "there is no such route"),
        ("/contracts/v0.1/persons/", "there is no such route"),
        ("/contracts/v0.1/persons/schema/x", "there is no such route"),
    ],
    ids=lambda text: text[:30],
)
def test_what_does_not_exist_is_not_found(api: Api, address: str, detail: str) -> None:
    """404, with what there is."""
    answer = api.get(address)
    document = json.loads(answer.data)

    assert (answer.status_code, document["code"]) == (404, "not-found")
    assert document["detail"].startswith(detail)
