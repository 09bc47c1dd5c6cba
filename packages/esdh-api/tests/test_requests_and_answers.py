"""Requests and what they are answered with: routes, methods, media types, rows."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from esdh_api.answers import library_versions
from esdh_api.streams import LARGE_RECORDS
from esdh_exporters import write_table
from esdh_generator import Dataset
from esdh_models import get_contract

if TYPE_CHECKING:
    from conftest import Api, ApiMaker

JSON = "application/json"
NDJSON = "application/x-ndjson"
CSV = "text/csv"
ARROW = "application/vnd.apache.arrow.stream"
PROBLEM = "application/problem+json"
HTML = "text/html"
CONTRACT = get_contract("v0.1")
KINDS = {"person": "persons", "vehicle": "vehicles", "profile": "profiles"}
FIRST = "a419ec71-8057-8d2e-bed3-c6231ed7eb6f"
ONE_TABLE = "CSV and Arrow hold one table: ask for a person, vehicle or profile"
REQUEST = "records=3&seed=7"


@pytest.mark.parametrize(
    ("method", "address", "status", "media_type", "code"),
    [
        ("GET", "/healthz", 200, JSON, None),
        ("GET", "/readyz", 200, JSON, None),
        ("GET", "/metrics", 200, "text/plain", None),
        ("GET", "/openapi.json", 200, JSON, None),
        ("GET", "/docs", 200, HTML, None),
        ("GET", "/demo", 200, HTML, None),
        ("GET", "/contracts", 200, JSON, None),
        ("GET", "/contracts/v0.1", 200, JSON, None),
        ("GET", "/contracts/v0.1/persons/schema", 200, "application/schema+json", None),
        ("GET", "/generate/person", 200, JSON, None),
        ("GET", "/generate/vehicle", 200, JSON, None),
        ("GET", "/generate/profile", 200, JSON, None),
        ("GET", "/generate/bundle", 200, JSON, None),
        ("POST", "/generate/person", 200, JSON, None),
        ("POST", "/generate/vehicle", 200, JSON, None),
        ("POST", "/generate/profile", 200, JSON, None),
        ("POST", "/generate/bundle", 200, JSON, None),
        ("GET", f"/records/{FIRST}?seed=20251101", 200, JSON, None),
        ("GET", "/generate/person/?records=1", 200, JSON, None),
        ("GET", "/healthz/", 200, JSON, None),
        ("GET", f"/records/{FIRST}/?seed=20251101", 200, JSON, None),
        ("GET", "/nothing", 404, PROBLEM, "not-found"),
        ("GET", "/generate", 404, PROBLEM, "not-found"),
        ("GET", "/generate/persons", 404, PROBLEM, "not-found"),
        ("GET", "/generate//person", 404, PROBLEM, "not-found"),
        ("GET", "/Generate/person", 404, PROBLEM, "not-found"),
        ("GET", "/records", 404, PROBLEM, "not-found"),
        ("GET", "/records/", 404, PROBLEM, "not-found"),
        ("GET", f"/records/{FIRST}/persons?seed=1", 404, PROBLEM, "not-found"),
        ("GET", "/records/..%2F..%2Fetc%2Fpasswd?seed=1", 404, PROBLEM, "not-found"),
        ("GET", "/static/../app.py", 404, PROBLEM, "not-found"),
        ("GET", "/static/nothing.js", 404, PROBLEM, "not-found"),
        ("GET", "/%00", 404, PROBLEM, "not-found"),
        ("GET", "/\ud7ff", 404, PROBLEM, "not-found"),
        ("DELETE", "/generate/person", 405, PROBLEM, "method-not-allowed"),
        ("PUT", "/generate/bundle", 405, PROBLEM, "method-not-allowed"),
        ("PATCH", "/healthz", 405, PROBLEM, "method-not-allowed"),
        ("POST", "/healthz", 405, PROBLEM, "method-not-allowed"),
        ("POST", "/contracts", 405, PROBLEM, "method-not-allowed"),
        ("POST", f"/records/{FIRST}?seed=1", 405, PROBLEM, "method-not-allowed"),
        ("TRACE", "/generate/person", 405, PROBLEM, "method-not-allowed"),
        ("QUERY", "/generate/person", 405, PROBLEM, "method-not-allowed"),
        ("NONSENSE", "/openapi.json", 405, PROBLEM, "method-not-allowed"),
    ],
)
def test_every_route_answers(
    api: Api, method: str, address: str, status: int, media_type: str, code: str | None
) -> None:
    """Each with its status and media type; whatever is no route is a problem document."""
    answer = api.ask(method, address)

    assert (status, media_type) == (answer.status_code, answer.mimetype)
    assert code is None or json.loads(answer.data)["code"] == code


@pytest.mark.parametrize(
    ("address", "methods"),
    [
        ("/generate/person", {"GET", "HEAD", "OPTIONS", "POST"}),
        ("/generate/bundle", {"GET", "HEAD", "OPTIONS", "POST"}),
        ("/healthz", {"GET", "HEAD", "OPTIONS"}),
        ("/contracts/v0.1", {"GET", "HEAD", "OPTIONS"}),
        (f"/records/{FIRST}", {"GET", "HEAD", "OPTIONS"}),
    ],
)
def test_methods_are_told(api: Api, address: str, methods: set[str]) -> None:
    """By OPTIONS, and by the refusal of any other."""
    for method, status in (("OPTIONS", 200), ("DELETE", 405)):
        answer = api.ask(method, address)
        assert answer.status_code == status
        assert methods == {name.strip() for name in answer.headers["Allow"].split(",")}


@pytest.mark.parametrize(
    ("accept", "one_table", "bundle"),
    [
        (None, JSON, JSON),
        ("", JSON, JSON),
        ("  ", JSON, JSON),
        ("*/*", JSON, JSON),
        ("application/*", JSON, JSON),
        ("text/*", CSV, None),
        (JSON, JSON, JSON),
        (NDJSON, NDJSON, NDJSON),
        (CSV, CSV, None),
        (ARROW, ARROW, None),
        ("application/JSON", JSON, JSON),
        ("application/json; charset=utf-8", JSON, JSON),
        ("application/json;q=0.9;version=1", JSON, JSON),
        ("text/csv; header=present; charset=utf-8", CSV, None),
        ("text/csv, */*", CSV, JSON),
        ("text/csv, application/json", JSON, JSON),
        ("text/csv, application/json;q=0.9", CSV, JSON),
        ("application/json;q=0.2, application/x-ndjson;q=0.7", NDJSON, NDJSON),
        ("application/json;q=0, */*", NDJSON, NDJSON),
        ("application/json;q=0.1, */*;q=0.5", NDJSON, NDJSON),
        ("text/csv;q=0.5, application/x-ndjson;q=0.4, text/html", CSV, NDJSON),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", JSON, JSON),
        ("text/html", None, None),
        ("application/xml, text/plain", None, None),
        ("*/*;q=0", None, None),
        ("application/json;q=0", None, None),
        ("json", None, None),
        ("*/json", None, None),
        ("/", None, None),
        (";;;,,q=", None, None),
        ("application/json;q=high", None, None),
        ("\xe9/\xe9", None, None),
        ("text/csv," * 4_000, CSV, None),
    ],
    ids=lambda text: ascii(text)[:40],
)
def test_accept_chooses_the_media_type(
    api: Api, accept: str | None, one_table: str | None, bundle: str | None
) -> None:
    """The best that is offered, or 406 with what is offered; a bundle is neither CSV nor Arrow."""
    for path, expected in (("person", one_table), ("bundle", bundle)):
        for answer in (
            api.get(f"/generate/{path}?{REQUEST}", accept),
            api.post(f"/generate/{path}", '{"records":1}', headers=accept_header(accept)),
        ):
            assert answer.mimetype == (expected or PROBLEM)
            assert answer.status_code == (200 if expected else 406)


def accept_header(accept: str | None) -> dict[str, str]:
    """The header, or none."""
    return {} if accept is None else {"Accept": accept}


@pytest.mark.parametrize(
    ("kind", "accept", "detail"),
    [
        ("person", "text/html", f"offered are {JSON}, {NDJSON}, {CSV}, {ARROW}"),
        ("bundle", "text/html", f"offered are {JSON}, {NDJSON}"),
        (
            "bundle",
            CSV,
            f"offered are {JSON}, {NDJSON}; {ONE_TABLE}",
        ),
    ],
)
def test_a_media_type_that_is_not_offered(api: Api, kind: str, accept: str, detail: str) -> None:
    """The refusal says what is, and why a bundle is no CSV."""
    document = json.loads(api.get(f"/generate/{kind}", accept).data)

    assert (document["code"], document["detail"]) == ("not-acceptable", detail)


@pytest.mark.parametrize("kind", [*KINDS, "bundle"])
def test_a_json_answer_says_what_it_is(api: Api, kind: str) -> None:
    """Metadata, seed, counts, digests and rows, the same by POST and by GET."""
    tables = [KINDS[kind]] if kind in KINDS else list(CONTRACT.table_names)
    dataset = Dataset(7, 3, tables=tables)
    posted = api.post(f"/generate/{kind}", '{"records": 3, "seed": 7}')
    document = json.loads(posted.data)

    assert list(document) == [
        "metadata", "seed", "records_requested", "record_count", "request_digest", "tables",
        *tables,
    ]  # fmt: skip
    assert (document["seed"], document["records_requested"], document["record_count"]) == (7, 3, 3)
    assert document["request_digest"] == dataset.request.digest
    assert document["metadata"] == {
        "synthetic_source": "enterprise-synthetic-data-hub v0.1",
        "dataset_version": "v0.1",
        "rules_version": 1,
        "scenario": "baseline",
        "as_of_date": "2026-01-01",
        "tables": tables,
        "notice": "Every person, vehicle and address is synthetic; none is taken from a real one.",
    }
    assert list(document["tables"]) == tables
    for name in tables:
        assert document[name] == [as_json(row) for row in dataset.table(name).to_pylist()]
        assert document["tables"][name]["record_count"] == 3
    assert posted.data == api.get(f"/generate/{kind}?{REQUEST}").data
    assert posted.headers["ESDH-Seed"] == "7"
    assert posted.headers["ESDH-Record-Count"] == "3"
    assert posted.headers["ESDH-Request-Digest"] == dataset.request.digest
    assert posted.headers["Content-Length"] == f"{len(posted.data)}"


def as_json(row: dict[str, Any]) -> dict[str, Any]:
    """A row with its dates as text."""
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in row.items()
    }


@pytest.mark.parametrize("records", [1, 9_999, 10_000, 10_001, 20_500])
@pytest.mark.parametrize("kind", KINDS)
def test_streams_hold_the_rows_of_the_dataset(api: Api, kind: str, records: int) -> None:
    """At the edges of blocks too; CSV and NDJSON byte for byte what `write_table` writes."""
    dataset = Dataset(11, records, tables=[KINDS[kind]])
    query = f"/generate/{kind}?records={records}&seed=11"
    arrow = pa.ipc.open_stream(api.get(query, ARROW).data)

    for media_type, format_name in ((CSV, "csv"), (NDJSON, "ndjson")):
        expected = io.BytesIO()
        write_table(dataset, KINDS[kind], format_name, expected)
        assert api.get(query, media_type).data == expected.getvalue()
    assert arrow.schema == CONTRACT.table(KINDS[kind]).arrow_schema
    assert arrow.read_all() == dataset.table(KINDS[kind])


@pytest.mark.parametrize("kind", KINDS)
def test_every_form_holds_the_same_rows(api: Api, kind: str) -> None:
    """JSON, NDJSON, CSV and Arrow, read by readers that know nothing of each other."""
    query = f"/generate/{kind}?records=50&seed=3"
    document = json.loads(api.get(query).data)
    rows = document[KINDS[kind]]
    lines = api.get(query, NDJSON).data.decode().splitlines()
    cells = csv.DictReader(io.StringIO(api.get(query, CSV).data.decode()))
    columns = pa.ipc.open_stream(api.get(query, ARROW).data).read_all()

    assert rows == [json.loads(line) for line in lines]
    assert rows == [as_json(row) for row in columns.to_pylist()]
    assert list(cells) == [
        {name: "" if value is None else str(value) for name, value in row.items()} for row in rows
    ]


@pytest.mark.parametrize("records", [3, 10_001])
def test_a_bundle_in_lines_names_the_table_of_each(api: Api, records: int) -> None:
    """Parents before their children within 10,000 policyholders, nothing left out."""
    lines = api.get(f"/generate/bundle?records={records}&seed=3", NDJSON).data.splitlines()
    found: dict[str, list[Any]] = {name: [] for name in CONTRACT.table_names}
    for line in lines:
        document = json.loads(line)
        assert list(document) == ["table", "record"]
        found[document["table"]].append(document["record"])
    dataset = Dataset(3, records)

    for name, rows in found.items():
        assert rows == [as_json(row) for row in dataset.table(name).to_pylist()]


def test_fewer_records_are_the_first_of_more(api: Api) -> None:
    """Also over HTTP: 2 records are the first 2 of 5."""
    few, more = (json.loads(api.get(f"/generate/bundle?seed=7&records={n}").data) for n in (2, 5))

    assert all(few[name] == more[name][:2] for name in CONTRACT.table_names)


@pytest.mark.parametrize("accept", [JSON, NDJSON, CSV, ARROW])
def test_head_is_get_without_its_body(api: Api, accept: str) -> None:
    """The same headers; where the length is not known beforehand, none is made up."""
    address = f"/generate/person?{REQUEST}"
    got = api.get(address, accept)
    head = api.ask("HEAD", address, headers={"Accept": accept})
    differing = {"X-Request-ID"}

    assert (head.status_code, head.data) == (200, b"")
    assert {k: v for k, v in head.headers.items() if k not in differing} == {
        k: v for k, v in got.headers.items() if k not in differing
    }
    assert head.headers.get("Content-Length") in (None, f"{len(got.data)}")


def test_a_csv_says_that_it_has_a_header(api: Api) -> None:
    """As RFC 4180 registers it."""
    answer = api.get(f"/generate/person?{REQUEST}", CSV)

    assert answer.content_type == "text/csv; charset=utf-8; header=present"


def test_refused_streams_are_counted_neither_as_running_nor_as_records(make_api: ApiMaker) -> None:
    """A stream that finds no place takes none, and the next one after the others finds it."""
    api = make_api(max_streams=1)
    client = api.app.test_client()
    large, small = LARGE_RECORDS + 1, LARGE_RECORDS
    running = client.get(f"/generate/person?records={large}", headers={"Accept": CSV})
    refused = [api.get(f"/generate/person?records={large}", form) for form in (CSV, JSON)]
    served = [api.get(f"/generate/person?records={small}", form) for form in (CSV, JSON)]
    running.close()

    for answer in refused:
        assert (answer.status_code, json.loads(answer.data)["code"]) == (503, "busy")
        assert answer.headers["Retry-After"] == "2"
    assert [answer.status_code for answer in served] == [200, 200]
    assert api.get(f"/generate/person?records={large}", CSV).status_code == 200
    figures = api.get("/metrics").data.decode().splitlines()
    assert f'esdh_records_total{{media_type="text/csv"}} {float(2 * large + small)}' in figures


def test_every_answer_has_an_id(api: Api) -> None:
    """The caller's own, if it is a UUID; any other text is replaced, and never sent back."""
    own = "0b0e9a3c-4a3e-4c1e-9f0e-0123456789ab"
    kept = api.get("/healthz", headers={"X-Request-ID": own.upper()})
    replaced = api.get("/nothing", headers={"X-Request-ID": "<script>"})

    assert kept.headers["X-Request-ID"] == own
    assert json.loads(replaced.data)["request_id"] == replaced.headers["X-Request-ID"]
    assert "script" not in replaced.headers["X-Request-ID"]


def test_versions_are_those_of_this_installation() -> None:
    """What makes the bytes of an answer, the libraries below included."""
    assert set(library_versions()) == {
        "esdh-api", "esdh-exporters", "esdh-generator", "esdh-models", "numpy", "pyarrow",
    }  # fmt: skip
