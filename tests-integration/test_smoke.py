"""The hub in a minute: a snapshot, a service, and that they hold the same rows."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from esdh_api import Settings, create_app
from esdh_exporters import verify_snapshot
from esdh_generator import Dataset

pytestmark = pytest.mark.smoke

COMMITTED = Path(__file__).parent.parent / "data" / "demo_samples" / "v0.1" / "digests.json"


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The snapshot of the standard demo, written by the installed command."""
    directory = tmp_path_factory.mktemp("smoke") / "snapshot"
    cli = Path(sys.executable).parent / "esdh-cli"
    options = ["--records", "30", "--seed", "42", "--output-dir", directory]
    subprocess.run([cli, "generate-snapshot", *options], check=True, capture_output=True)
    return directory


def test_the_snapshot_is_the_committed_one(snapshot: Path) -> None:
    """Its dataset digest is the one in the repository."""
    manifest = json.loads((snapshot / "manifest.json").read_text())

    assert (
        manifest["dataset_digest"]
        == (json.loads(COMMITTED.read_text())["baseline"]["dataset_digest"])
    )


def test_the_snapshot_is_regenerated_identically(snapshot: Path) -> None:
    """Every row made again is the row that was written."""
    report = verify_snapshot(snapshot, source_factory=Dataset.from_request)

    assert report.passed
    assert report.answer.value == "regenerated identical"


def test_the_service_gives_the_same_rows(snapshot: Path) -> None:
    """Records of the API are those of bundle.json."""
    client = create_app(Settings()).test_client()
    answer = client.post("/generate/bundle", json={"records": 30, "seed": 42}).get_json()
    bundle = json.loads((snapshot / "bundle.json").read_text())

    for table in ("persons", "vehicles", "profiles"):
        assert answer[table] == bundle[table]


def test_health_is_ok() -> None:
    """The service says what it would make."""
    health = create_app(Settings()).test_client().get("/healthz").get_json()

    assert health["status"] == "ok"
    assert health["default_seed"] == 20251101
