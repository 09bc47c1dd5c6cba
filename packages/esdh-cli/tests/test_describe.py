"""`describe`: contracts, data dictionary and JSON Schema."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from esdh_models import get_contract

if TYPE_CHECKING:
    from conftest import Cli


def test_contracts_are_listed_with_their_defaults(cli: Cli) -> None:
    """Without a version the contracts there are."""
    outcome = cli("describe", "--json")

    assert outcome.document["v0.1"]["tables"] == ["persons", "vehicles", "profiles"]
    assert outcome.document["v0.1"]["default_seed"] == 20251101
    assert cli("describe").out.startswith("Contract v0.1\n")


def test_every_column_is_in_the_dictionary(cli: Cli) -> None:
    """As text, Markdown and JSON, no column is missing."""
    outputs = [cli("describe", "v0.1", *option).out for option in ([], ["--markdown"], ["--json"])]

    for table in get_contract("v0.1").tables:
        for column in table.columns:
            assert all(column.name in output.replace("\n", "") for output in outputs[1:])


def test_json_schema_is_that_of_the_row_model(cli: Cli) -> None:
    """What is printed is what the model says."""
    outcome = cli("describe", "v0.1", "--table", "persons", "--json-schema")

    assert json.loads(outcome.out) == get_contract("v0.1").table("persons").json_schema


def test_unknown_tables_and_missing_table_are_refused(cli: Cli) -> None:
    """Exit code 2 with what there is."""
    unknown = cli("describe", "--table", "person")
    missing = cli("describe", "v0.1", "--json-schema")

    assert (unknown.code, missing.code) == (2, 2)
    assert "did you mean 'persons'" in unknown.err
    assert "--json-schema needs --table: persons, vehicles, profiles" in missing.err
