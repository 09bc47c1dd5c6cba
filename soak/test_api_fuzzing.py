"""A fuzzer reads the document of a running server, and finds nothing: thousands of cases."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import schemathesis
from soak.harness import Conclude

sys.path.append(str(Path(__file__).resolve().parent.parent / "tests-integration"))
from api_server import NDJSON, serving
from test_api_openapi_fuzzing import CHECKS, KEY, VARIABLES, configured, fuzz


@pytest.mark.parametrize(
    ("name", "settings", "headers"),
    [
        ("no key", {}, {}),
        ("a key", {"ESDH_API_KEY": f"another-key-of-a-rotation,{KEY}"}, {"X_API_Key": KEY}),
        ("streams", {}, {"Accept": f"{NDJSON}, */*;q=0.5"}),
        ("default settings", {"ESDH_RATE_LIMIT": "600/second"}, {}),
    ],
)
def test_the_document_of_a_running_server_is_true(
    name: str,
    settings: dict[str, str],
    headers: dict[str, str],
    count: Callable[[int], int],
    conclude: Conclude,
) -> None:
    """All checks of Schemathesis; no violation, no 5xx, no request without an answer."""
    small = {} if name == "default settings" else VARIABLES
    with serving(**{**small, **settings}) as server:
        schema = schemathesis.openapi.from_url(
            f"http://127.0.0.1:{server.port}/openapi.json",
            config=configured(count(70), seed=len(name), **headers),
        )
        found = fuzz(schema)
        faults = [line for line in server.lines if line["level"] == "error"]
        code = server.end()

    assert found.checks == CHECKS
    assert found.cases >= count(2_000)
    assert code == 0
    statuses = ", ".join(f"{status}: {n:,}" for status, n in sorted(found.statuses.items()))
    conclude(
        f"fuzzing what the OpenAPI document promises, {name}",
        found.cases,
        [*found.violations, *faults],
        f"answers by status: {statuses}",
    )
