"""Health, readiness and figures, for whoever runs the service."""

from __future__ import annotations

import importlib.metadata
import json
from typing import TYPE_CHECKING

import pytest

from esdh_api.extension import extension
from esdh_generator import Dataset

if TYPE_CHECKING:
    from conftest import Api, ApiMaker


def test_health_says_what_runs(api: Api) -> None:
    """Status, what is made by default, and the versions that make it."""
    document = json.loads(api.get("/healthz").data)

    assert list(document) == [
        "status", "dataset_version", "rules_version", "default_seed", "target_records",
        "package_versions", "generation_plan",
    ]  # fmt: skip
    assert document["status"] == "ok"
    assert (document["dataset_version"], document["rules_version"]) == ("v0.1", 1)
    assert (document["default_seed"], document["target_records"]) == (20251101, 200)
    assert document["package_versions"] == {
        name: importlib.metadata.version(name)
        for name in (
            "esdh-api", "esdh-exporters", "esdh-generator", "esdh-models", "numpy", "pyarrow",
        )
    }  # fmt: skip


def test_the_plan_can_be_read(api: Api) -> None:
    """One sentence a step, which names every parent once."""
    assert json.loads(api.get("/healthz").data)["generation_plan"] == [
        "Read the request: contract v0.1, seed, number of policyholders, tables.",
        "Make persons: 14 columns.",
        "Make vehicles: 12 columns, each row belonging to a row of persons.",
        "Make profiles: 13 columns, each row belonging to a row of persons and of vehicles.",
        "Digest the rows of every table, so that equal data can be told from its digest.",
    ]


def test_target_records_are_what_is_made_without_a_wish(make_api: ApiMaker) -> None:
    """Also where the limit is smaller than the default of the contract."""
    api = make_api(max_records=9)
    health = json.loads(api.get("/healthz").data)

    assert health["target_records"] == 9
    assert json.loads(api.get("/generate/person").data)["record_count"] == 9


def test_health_needs_nothing_but_the_process(
    make_api: ApiMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither rows nor the storage of the rate limit; readiness needs both."""
    api = make_api(rate_limit="9/minute", rate_limit_storage="redis://127.0.0.1:1/0")
    ready = api.get("/readyz")

    assert api.get("/healthz").status_code == 200
    assert (ready.status_code, json.loads(ready.data)["code"]) == (503, "storage-unreachable")
    assert ready.headers["Retry-After"] == "5"


def test_readiness_makes_a_record(make_api: ApiMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that cannot make rows is not ready, and is still alive."""
    api = make_api()
    assert json.loads(api.get("/readyz").data) == {"status": "ready"}

    def fail(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(Dataset, "iter_blocks", fail)

    assert api.get("/readyz").status_code == 500
    assert api.get("/healthz").status_code == 200


def test_a_stopping_process_is_not_ready(make_api: ApiMaker) -> None:
    """The balancer sends no more, while what runs is finished."""
    api = make_api()
    extension(api.app).is_stopping = True
    answer = api.get("/readyz")

    assert (answer.status_code, json.loads(answer.data)["code"]) == (503, "stopping")
    assert api.get("/healthz").status_code == 200


def test_figures_count_requests_and_records(make_api: ApiMaker) -> None:
    """By route and status, and never by what was asked for."""
    api = make_api()
    api.get("/generate/person?records=7&seed=424242")
    api.post("/generate/bundle", '{"records": 5}')
    api.get("/generate/person?records=0")
    figures = api.get("/metrics").data.decode()

    assert 'esdh_records_total{media_type="application/json"} 12.0' in figures
    for status in (200, 400):
        labels = f'method="GET",route="/generate/person",status="{status}"'
        assert f"esdh_requests_total{{{labels}}} 1.0" in figures
    assert "424242" not in figures
