"""Digests of a few requests, written down: values change with the rules version or not at all.

The SHA-256 of CSV files tells values by themselves; content digests change with the manifest
version too, which says how they are made.

If a test here fails and the change was not meant, it has found a mistake. If it was meant: raise
the contract's entry in RULES_VERSIONS, run `make golden`, review the difference, and say under
"Output changed" in the changelog what is different.
"""

import json
from pathlib import Path

import pytest

from esdh_exporters import write_snapshot
from esdh_generator import RULES_VERSIONS, Dataset
from esdh_models import Packaging, manifest

GOLDEN = json.loads((Path(__file__).parent / "golden" / "v0.1.json").read_text(encoding="utf-8"))
WHAT_TO_DO = (
    "values have changed. If that was meant: raise RULES_VERSIONS, run"
    " `python scripts/update_golden_digests.py` (make golden), review the difference and add"
    " 'Output changed' to the changelog"
)


@pytest.mark.parametrize("name", GOLDEN["datasets"])
def test_a_dataset_has_its_written_digests(name: str, tmp_path: Path) -> None:
    """Each request gives the files and digests that stand in golden/v0.1.json."""
    expected = GOLDEN["datasets"][name]
    request = expected["request"]
    dataset = Dataset(
        request.get("seed"),
        request.get("records"),
        contract_version=GOLDEN["contract_version"],
        tables=request["tables"].split(",") if "tables" in request else None,
    )

    result = write_snapshot(dataset, tmp_path / "snapshot", Packaging.parse(formats=("csv",)))

    digests = {table.name: table.content_digest for table in result.manifest.tables}
    files = {entry.table: entry.sha256 for entry in result.manifest.data_files()}
    assert expected["csv_sha256"] == files, WHAT_TO_DO
    assert expected["tables"] == digests, WHAT_TO_DO
    assert expected["dataset_digest"] == result.manifest.dataset_digest, WHAT_TO_DO


def test_the_digests_belong_to_these_rules() -> None:
    """The file was written by the rules and manifest versions that this release has."""
    assert GOLDEN["rules_version"] == RULES_VERSIONS[GOLDEN["contract_version"]], WHAT_TO_DO
    assert GOLDEN["manifest_version"] == manifest.MANIFEST_VERSION, WHAT_TO_DO


def test_the_requests_are_worth_writing_down() -> None:
    """The default, leaves of one block and of two, one table alone, both ends of the seeds."""
    requests = [entry["request"] for entry in GOLDEN["datasets"].values()]

    assert {} in requests
    assert {10_001, 25_000, 50_001} <= {request.get("records") for request in requests}
    assert {0, 2**64 - 1} <= {request.get("seed") for request in requests}
    assert "persons" in {request.get("tables") for request in requests}
