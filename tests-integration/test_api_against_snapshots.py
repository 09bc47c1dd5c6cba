"""The service and the command give the same data for the same request."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from flask.testing import FlaskClient

from esdh_api import Settings, create_app

if TYPE_CHECKING:
    from conftest import Program

TABLES = {"persons": "person", "vehicles": "vehicle", "profiles": "profile"}
JSON = "application/json"
NDJSON = "application/x-ndjson"
CSV = "text/csv"
ARROW = "application/vnd.apache.arrow.stream"
REQUESTS = [(1, 0), (37, 7), (200, 20251101), (10_001, 2**64 - 1)]
FIRST = "a419ec71-8057-8d2e-bed3-c6231ed7eb6f"


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    """The service, which may answer larger requests as JSON than it does by default."""
    return create_app(Settings.parse(rate_limit="off", max_records=20_000)).test_client()


def asked(client: FlaskClient, path: str, accept: str = JSON) -> bytes:
    """The whole body of an answer."""
    answer = client.get(path, headers={"Accept": accept}, buffered=True)
    assert answer.status_code == 200, answer.data[:500]
    return answer.data


@pytest.mark.parametrize(("records", "seed"), REQUESTS)
def test_a_bundle_is_the_snapshot(
    program: Program, client: FlaskClient, tmp_path: Path, records: int, seed: int
) -> None:
    """Records of `bundle.json`, digests of the manifest, and bytes of every other file."""
    directory = tmp_path / "snapshot"
    ended = program.run(
        "generate-snapshot", "--records", str(records), "--seed", str(seed), "--output-dir",
        directory, "--output-format", "csv,json,ndjson,parquet", "--workers", "1",
    )  # fmt: skip
    assert ended.code == 0, ended.err
    manifest = json.loads((directory / "manifest.json").read_text())
    bundle = json.loads((directory / "bundle.json").read_text())
    query = f"records={records}&seed={seed}"
    answer = json.loads(asked(client, f"/generate/bundle?{query}"))
    posted = client.post("/generate/bundle", json={"records": records, "seed": seed})

    assert {name: answer[name] for name in TABLES} == {name: bundle[name] for name in TABLES}
    assert json.loads(posted.data) == answer
    assert answer["request_digest"] == manifest["request_digest"]
    assert answer["tables"] == {
        table["name"]: {"record_count": table["rows"], "content_digest": table["content_digest"]}
        for table in manifest["tables"]
    }
    shared = {"synthetic_source", "dataset_version"}
    assert {answer["metadata"][n] for n in shared} == {bundle["metadata"][n] for n in shared}
    for table, kind in TABLES.items():
        path = f"/generate/{kind}?{query}"
        assert asked(client, path, CSV) == (directory / f"{table}.csv").read_bytes()
        assert asked(client, path, NDJSON) == (directory / f"{table}.ndjson").read_bytes()
        stream = pa.ipc.open_stream(asked(client, path, ARROW)).read_all()
        assert stream == pq.read_table(directory / f"{table}.parquet").cast(stream.schema)
    assert records_by_table(asked(client, f"/generate/bundle?{query}", NDJSON)) == {
        name: bundle[name] for name in TABLES
    }


def records_by_table(lines: bytes) -> dict[str, list[Any]]:
    """The records of a bundle in lines."""
    found: dict[str, list[Any]] = {name: [] for name in TABLES}
    for line in lines.splitlines():
        document = json.loads(line)
        found[document["table"]].append(document["record"])
    return found


@pytest.mark.parametrize("table", TABLES)
def test_one_table_is_a_snapshot_of_one_table(
    program: Program, client: FlaskClient, tmp_path: Path, table: str
) -> None:
    """The request digest of a filtered snapshot is that of `/generate/person` and so on."""
    directory = tmp_path / "snapshot"
    ended = program.run(
        "generate-snapshot", "--records", "50", "--entity-filter", table, "--output-dir", directory
    )
    assert ended.code == 0, ended.err
    manifest = json.loads((directory / "manifest.json").read_text())
    answer = json.loads(asked(client, f"/generate/{TABLES[table]}?records=50"))

    assert answer["request_digest"] == manifest["request_digest"]
    assert answer["tables"][table]["content_digest"] == manifest["tables"][0]["content_digest"]


@pytest.mark.parametrize(("name", "accept"), [("csv", CSV), ("ndjson", NDJSON)])
def test_streams_are_what_print_table_prints(
    program: Program, client: FlaskClient, name: str, accept: str
) -> None:
    """Byte for byte."""
    ended = program.run("print-table", "vehicles", "--records", "321", "--output-format", name)

    assert asked(client, "/generate/vehicle?records=321", accept).decode() == ended.out


@pytest.mark.parametrize("more", [(), ("--records", "300")])
def test_a_record_is_what_show_record_shows(
    program: Program, client: FlaskClient, more: tuple[str, ...]
) -> None:
    """The same document."""
    ended = program.run("show-record", FIRST.upper(), "--seed", "20251101", "--json", *more)
    query = f"seed=20251101{'&records=300' if more else ''}"

    assert json.loads(asked(client, f"/records/{FIRST.upper()}?{query}")) == json.loads(ended.out)


def test_contracts_are_what_describe_prints(program: Program, client: FlaskClient) -> None:
    """The same columns."""
    ended = program.run("describe", "v0.1", "--json")

    told = json.loads(asked(client, "/contracts/v0.1"))
    assert told["tables"] == json.loads(ended.out)["tables"]
