"""The figures are of what happened."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from esdh_api import Settings, create_app

KEY = "correct-horse-battery-staple"
WITH_KEY = {"X-API-Key": KEY}
STREAM = {**WITH_KEY, "Accept": "application/x-ndjson"}


@pytest.fixture
def client() -> FlaskClient:
    """A client of an application that was not asked yet."""
    return create_app(Settings.parse(rate_limit="off", api_keys=[KEY])).test_client()


def figures(client: FlaskClient) -> dict[str, float]:
    """What `/metrics` tells."""
    answer = client.get("/metrics", headers=WITH_KEY)
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain; version=")
    lines = re.findall(r"^(esdh_[^ ]+) ([0-9.e+-]+)$", answer.text, re.MULTILINE)
    return {name: float(value) for name, value in lines if "_created" not in name}


def test_figures_need_a_key(client: FlaskClient) -> None:
    """They tell what others do."""
    assert client.get("/metrics").status_code == 401


def test_requests_are_counted_by_method_route_and_status(client: FlaskClient) -> None:
    """What came, to which route and with what end; made-up addresses share one label."""
    for path in ("/healthz", "/healthz", "/contracts", "/nothing", "/nowhere", "/contracts/v9"):
        client.get(path, headers=WITH_KEY, buffered=True)
    client.get("/contracts", buffered=True)
    client.open("/contracts", method="BREW", headers=WITH_KEY, buffered=True)
    client.post("/records/made-up", headers=WITH_KEY, buffered=True)
    client.delete("/nothing", headers=WITH_KEY, buffered=True)
    found = figures(client)

    def count(method: str, route: str, status: int) -> float:
        label = f'{{method="{method}",route="{route}",status="{status}"}}'
        return found[f"esdh_requests_total{label}"]

    assert count("GET", "/healthz", 200) == 2
    assert count("GET", "/contracts", 200) == 1
    assert count("GET", "/contracts", 401) == 1
    assert count("GET", "/contracts/<version>", 404) == 1
    assert count("GET", "other", 404) == 2
    assert count("other", "/contracts", 405) == 1
    assert count("POST", "/records/<record_id>", 405) == 1
    assert count("DELETE", "other", 404) == 1
    assert found['esdh_request_seconds_count{route="/healthz"}'] == 2
    assert 0 < found['esdh_request_seconds_sum{route="/healthz"}'] < 60


def test_records_are_counted_by_media_type(client: FlaskClient) -> None:
    """Policyholders that were made, not rows."""
    client.get("/generate/bundle?records=7", headers=WITH_KEY)
    client.get("/generate/person?records=20", headers=STREAM, buffered=True)
    found = figures(client)

    assert found['esdh_records_total{media_type="application/json"}'] == 7
    assert found['esdh_records_total{media_type="application/x-ndjson"}'] == 20


def test_a_stream_is_counted_when_it_ends(client: FlaskClient) -> None:
    """Its seconds are those until the last byte."""
    answer = client.get("/generate/person?records=20000", headers=STREAM)
    name = 'esdh_request_seconds_count{route="/generate/person"}'
    assert name not in figures(client)
    answer.close()

    assert figures(client)[name] == 1


def test_applications_do_not_share_figures(client: FlaskClient) -> None:
    """Each has a registry of its own."""
    client.get("/healthz")
    other = create_app(Settings.parse(rate_limit="off", api_keys=[KEY])).test_client()

    assert figures(other) == {}
