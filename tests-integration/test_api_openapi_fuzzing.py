"""The OpenAPI document is true: a fuzzer that reads it finds neither a fault nor a violation.

All checks of Schemathesis are on. `make soak` does the same with more cases and a real server.
"""

from __future__ import annotations

import copy
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from schemathesis.engine import events, from_schema
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from esdh_api import Settings, create_app
from esdh_api.blueprints import pages
from esdh_api.openapi import openapi_document

sys.path.append(str(Path(__file__).parent))
from api_server import serving

KEY = "correct-horse-battery-staple"
SMALL = {"max_records": 50, "max_stream_records": 50, "rate_limit": "1000000/minute"}
VARIABLES = {f"ESDH_{name.upper()}": str(value) for name, value in SMALL.items()}
"""Answers stay small, so that most time goes into cases; the limit is there for its headers."""

CHECKS = {
    "allow_header_conformance",
    "content_type_conformance",
    "ensure_resource_availability",
    "ignored_auth",
    "missing_required_header",
    "negative_data_rejection",
    "not_a_server_error",
    "object_level_authorization",
    "positive_data_acceptance",
    "response_headers_conformance",
    "response_schema_conformance",
    "status_code_conformance",
    "unsupported_method",
    "use_after_free",
}


@dataclass
class Fuzzed:
    """What a run of the fuzzer came to."""

    cases: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    checks: set[str] = field(default_factory=set)
    violations: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """The figures in one line."""
        statuses = ", ".join(f"{status}: {n}" for status, n in sorted(self.statuses.items()))
        return f"{self.cases:,} cases, {len(self.violations)} violations ({statuses})"


def configured(examples: int, seed: int, **headers: str) -> schemathesis.Config:
    """Every check and phase, so many examples of each operation, and the same ones every time."""
    generation = {
        "max-examples": examples,
        "database": "none",
        "no-shrink": True,
        "with-security-parameters": False,  # made-up keys would end most cases; headers has one
    }
    return schemathesis.Config.from_dict(
        {
            "seed": seed,
            "headers": {name.replace("_", "-"): value for name, value in headers.items()},
            "generation": generation,
            "phases": {"stateful": {"generation": {"max-examples": examples}}},
            "request-timeout": 60,
        }
    )


def fuzz(schema: BaseSchema) -> Fuzzed:
    """Run the fuzzer over a loaded document."""
    found = Fuzzed()
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            _add(found, event)
        elif isinstance(event, events.NonFatalError):
            found.violations.append(f"{event.label}: {event.value!r}")
        elif isinstance(event, events.FatalError):
            found.violations.append(repr(event.exception))
        elif isinstance(event, events.EngineFinished):
            assert event.stop_reason == "completed"
    return found


def _add(found: Fuzzed, event: events.ScenarioFinished) -> None:
    found.cases += len(event.recorder.cases)
    for interaction in event.recorder.interactions.values():
        assert interaction.response is not None, "a request was not answered"
        found.statuses[interaction.response.status_code] += 1
    for checks in event.recorder.checks.values():
        for check in checks:
            found.checks.add(check.name)
            if check.failure_info is not None:
                failed = check.failure_info
                found.violations.append(f"{event.label}: {failed.failure}\n{failed.code_sample}")


def conclude(name: str, found: Fuzzed, least: int) -> None:
    """Print the figures, and fail if anything was found."""
    print(f"\n{name}: {found}")

    assert found.violations == []
    assert found.checks == CHECKS
    assert found.cases >= least
    assert {200, 400, 404, 405, 415} <= set(found.statuses)
    assert max(found.statuses) < 500


def test_the_document_is_true() -> None:
    """Hundreds of cases, the same every time, in this process, without a key."""
    app = create_app(Settings.parse(**SMALL))
    config = configured(5, seed=1)
    schema = schemathesis.openapi.from_wsgi("/openapi.json", app, config=config)

    conclude("in process", fuzz(schema), 300)


def test_the_document_is_true_with_a_key() -> None:
    """Hundreds of cases against a server with a key, with it, without it, and with another."""
    with serving(**VARIABLES, ESDH_API_KEY=KEY) as server:
        schema = schemathesis.openapi.from_url(
            f"http://127.0.0.1:{server.port}/openapi.json",
            config=configured(3, seed=2, X_API_Key=KEY),
        )
        found = fuzz(schema)

        conclude("with a key", found, 300)
        assert 401 in found.statuses
        assert '"level": "error"' not in server.log


def _promise_more(document: dict[str, Any]) -> None:
    body = document["paths"]["/generate/person"]["post"]["requestBody"]["content"]
    body["application/json"]["schema"]["properties"]["records"]["maximum"] = 10**6


def _promise_less(document: dict[str, Any]) -> None:
    body = document["paths"]["/generate/person"]["post"]["requestBody"]["content"]
    body["application/json"]["schema"]["properties"]["seed"] = {"type": "string"}


def _forget_a_status(document: dict[str, Any]) -> None:
    del document["paths"]["/generate/person"]["post"]["responses"]["400"]


def _forget_a_field(document: dict[str, Any]) -> None:
    document["components"]["schemas"]["Answer"]["properties"]["seed"]["type"] = "string"


def _forget_a_media_type(document: dict[str, Any]) -> None:
    document["components"]["responses"]["Problem400"]["content"] = {"text/plain": {}}


def _ask_for_a_header(document: dict[str, Any]) -> None:
    done = document["paths"]["/generate/person"]["post"]["responses"]["200"]
    done["headers"]["X-Nothing"] = {"required": True, "schema": {"type": "string"}}


@pytest.mark.parametrize(
    "lie",
    [
        _promise_more,
        _promise_less,
        _forget_a_status,
        _forget_a_field,
        _forget_a_media_type,
        _ask_for_a_header,
    ],
    ids=lambda lie: lie.__name__.strip("_"),
)
def test_a_lie_in_the_document_is_found(
    lie: Callable[[dict[str, Any]], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fuzzer is no formality: one wrong word, and it finds a violation."""
    app = create_app(Settings.parse(**SMALL))
    document = copy.deepcopy(openapi_document(Settings.parse(**SMALL)))
    lie(document)
    monkeypatch.setattr(pages, "describe", lambda _: document)
    schema = schemathesis.openapi.from_wsgi("/openapi.json", app, config=configured(10, seed=1))
    found = fuzz(schema.include(path="/generate/person", method="POST"))

    assert found.violations != []


@pytest.mark.parametrize("settings", [{}, {"api_keys": KEY}, {"rate_limit": "off"}])
def test_the_document_is_openapi(settings: dict[str, str]) -> None:
    """Valid by the JSON Schema that the specification comes with."""
    document = openapi_document(Settings.parse(**settings))

    assert [str(error) for error in OPENAPI_31_VALIDATOR.iter_errors(document)] == []
    assert not OPENAPI_31_VALIDATOR.is_valid({**document, "path": {}})
