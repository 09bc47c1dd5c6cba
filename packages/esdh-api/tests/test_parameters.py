"""What the parameters may be, in a body and in a query, and what is said of what they may not."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

if TYPE_CHECKING:
    from conftest import Api, ApiMaker
    from werkzeug.test import TestResponse

RECORDS = "records must be a whole number from 1 to 10000 in a JSON answer (1000000 in a stream)"
SEED = "seed must be a whole number from 0 to 18446744073709551615, or random"
LONG = "9" * 60_000


def refusal(answer: TestResponse) -> tuple[int, str, str]:
    """Status, code and detail of a problem."""
    document = json.loads(answer.data)
    assert answer.status_code == document["status"]
    return document["status"], document["code"], document["detail"]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("0", "0"),
        ("-1", "-1"),
        ("2.5", "2.5"),
        ('"10"', '"10"'),
        ('"5 records"', '"5 records"'),
        ("true", "true"),
        ("false", "false"),
        ("null", "null"),
        ("10001", "10001"),
        (f"{10**9}", "1000000000"),
        (f"{10**30}", f"{10**30}"),
        (LONG, f"{'9' * 40}..."),
        (f"-{LONG}", f"-{'9' * 39}..."),
        ("NaN", "NaN"),
        ("Infinity", "Infinity"),
        ("-Infinity", "-Infinity"),
        ("1e30", f"{10**30}"),
        ("1e999", "1e999"),
        ("1e-3", "1e-3"),
        ("1e99999999999999999999", "1e99999999999999999999"),
        ("5.000000001", "5.000000001"),
        ("[]", "an array"),
        ("[5]", "an array"),
        ("{}", "an object"),
        ("[" * 99 + "]" * 99, "an array"),
        (f'"{"x" * 60_000}"', f'"{"x" * 39}...'),
        ('"\\ud800"', '"\\ud800"'),
    ],
    ids=lambda text: text[:25],
)
def test_records_in_a_body_that_cannot_be(api: Api, given: str, shown: str) -> None:
    """Refused at once, in a sentence that names the field, what is allowed and what was given."""
    started = time.monotonic()
    answer = api.post("/generate/bundle", f'{{"records": {given}}}')

    assert refusal(answer) == (400, "invalid-request", f"{RECORDS}, but got {shown}")
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    "given",
    [
        "0", "-1", "2.5", '"10"', "true", "null", "10001", f"{10**9}", f"{10**30}", LONG, "NaN",
        "Infinity", "1e3", "5.0", "[]", "", " 5", "+5", "05", "5_0", "0x5", "\u0665", "5\n", "\0",
        "é",
    ],
    ids=lambda text: ascii(text)[:20],
)  # fmt: skip
def test_records_in_a_query_that_cannot_be(api: Api, given: str) -> None:
    """The same refusal; a query holds digits, whatever else a body may spell."""
    status, code, detail = refusal(api.get(f"/generate/bundle?records={quote(given)}"))
    shown = given if given.lstrip("-").isdecimal() and given.isascii() else json.dumps(given)
    shown = '"05"' if given == "05" else f'"{LONG[:39]}...' if given == LONG else shown

    assert (status, code, detail) == (400, "invalid-request", f"{RECORDS}, but got {shown}")


def test_no_depth_of_nesting_is_a_fault(api: Api) -> None:
    """Neither where a body is no longer read nor one level before."""
    bodies = [f'{{"records": {"[" * depth}{"]" * depth}}}' for depth in range(1, 130)]

    assert {api.post("/generate/person", body).status_code for body in bodies} == {400}


@pytest.mark.parametrize("spelling", ["5", "5.0", "5e0", "0.5e1", "50e-1", "5.000"])
def test_a_body_may_spell_a_whole_number_as_json_can(api: Api, spelling: str) -> None:
    """JSON Schema calls 5.0 an integer, and so does the document of this service."""
    answer = api.post("/generate/person", f'{{"records": {spelling}}}')

    assert json.loads(answer.data)["records_requested"] == 5


@pytest.mark.parametrize(("seed", "spelling"), [(2**53 + 1, f"{2**53 + 1}.0"), (0, "-0.0")])
def test_a_spelling_never_changes_a_seed(api: Api, seed: int, spelling: str) -> None:
    """No digit is lost in a number that floating point cannot hold."""
    answer = api.post("/generate/person", f'{{"records": 1, "seed": {spelling}}}')

    assert json.loads(answer.data)["seed"] == seed


@pytest.mark.parametrize("seed", [0, 1, 2**53, 2**63, 2**64 - 1])
def test_every_seed_that_can_be(api: Api, seed: int) -> None:
    """The smallest and the largest, by both ways, to the last digit."""
    posted = api.post("/generate/person", f'{{"records": 1, "seed": {seed}}}')
    got = api.get(f"/generate/person?records=1&seed={seed}")

    assert json.loads(posted.data)["seed"] == seed
    assert posted.headers["ESDH-Seed"] == f"{seed}"
    assert posted.data == got.data


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("-1", "-1"),
        (f"{2**64}", f"{2**64}"),
        ("1.5", "1.5"),
        ('"7"', '"7"'),
        ('"Random"', '"Random"'),
        ("null", "null"),
        ("true", "true"),
        ('["random"]', "an array"),
        ("NaN", "NaN"),
        (LONG, f"{'9' * 40}..."),
    ],
    ids=lambda text: text[:25],
)
@pytest.mark.parametrize("randomize", ["false", "true"])
def test_seeds_that_cannot_be(api: Api, given: str, shown: str, randomize: str) -> None:
    """Refused, even where a drawn one would take its place."""
    body = f'{{"records": 1, "seed": {given}, "randomize": {randomize}}}'

    assert refusal(api.post("/generate/person", body)) == (
        400,
        "invalid-request",
        f"{SEED}, but got {shown}",
    )


@pytest.mark.parametrize("given", ["-1", f"{2**64}", "1.5", "Random", "", "null", LONG])
def test_seeds_in_a_query_that_cannot_be(api: Api, given: str) -> None:
    """The same refusal."""
    status, code, detail = refusal(api.get(f"/generate/person?seed={given}"))

    assert (status, code) == (400, "invalid-request")
    assert detail.startswith(f"{SEED}, but got ")
    assert len(detail) < 150


@pytest.mark.parametrize(
    ("body", "query"),
    [
        ('{"seed": "random"}', "seed=random"),
        ('{"randomize": true}', "randomize=true"),
        ('{"randomize": true, "seed": 7}', "randomize=true&seed=7"),
        ('{"randomize": false, "seed": "random"}', "randomize=false&seed=random"),
    ],
)
def test_a_seed_can_be_drawn(api: Api, body: str, query: str) -> None:
    """Anew each time, told in the answer, kept exactly by any JSON reader, never cached."""
    answers = [api.post("/generate/person", body), api.post("/generate/person", body)]
    answers += [api.get(f"/generate/person?{query}"), api.get(f"/generate/person?{query}")]
    seeds = [json.loads(answer.data)["seed"] for answer in answers]

    assert len(set(seeds)) == 4
    assert all(0 <= seed < 2**53 for seed in seeds)
    assert [answer.headers["ESDH-Seed"] for answer in answers] == [f"{seed}" for seed in seeds]
    assert {answer.headers["Cache-Control"] for answer in answers} == {"no-store"}
    assert all("ETag" not in answer.headers for answer in answers)


def test_a_drawn_seed_gives_its_rows_again(api: Api) -> None:
    """Whoever keeps the seed of an answer keeps the answer."""
    drawn = json.loads(api.get("/generate/bundle?records=3&seed=random").data)
    again = json.loads(api.get(f"/generate/bundle?records=3&seed={drawn['seed']}").data)

    assert drawn == again


@pytest.mark.parametrize(
    ("body", "query"),
    [
        ('{"randomize": "true"}', None),
        ('{"randomize": 1}', None),
        ('{"randomize": null}', None),
        (None, "randomize=yes"),
        (None, "randomize=1"),
        (None, "randomize=True"),
        (None, "randomize="),
    ],
)
def test_randomize_is_true_or_false(api: Api, body: str | None, query: str | None) -> None:
    """Nothing else is taken for either of them."""
    answer = api.post("/generate/person", body) if body else api.get(f"/generate/person?{query}")
    status, code, detail = refusal(answer)

    assert (status, code) == (400, "invalid-request")
    assert detail.startswith("randomize must be true or false, but got ")


@pytest.mark.parametrize(
    ("body", "code", "detail"),
    [
        ('{"dataset_version": "v0.9"}', "unknown-name", "unknown dataset version 'v0.9' (did you"),
        ('{"dataset_version": ""}', "unknown-name", "unknown dataset version ''"),
        ('{"dataset_version": "\\ud800"}', "unknown-name", "unknown dataset version '\\ud800'"),
        ('{"dataset_version": 0.1}', "invalid-request", "one of v0.1, but got 0.1"),
        ('{"dataset_version": null}', "invalid-request", "one of v0.1, but got null"),
        ('{"dataset_version": ["v0.1"]}', "invalid-request", "one of v0.1, but got an array"),
        (f'{{"dataset_version": "{LONG}"}}', "unknown-name", "unknown dataset version '9999"),
    ],
    ids=lambda text: text[:40],
)
def test_versions_that_do_not_exist(api: Api, body: str, code: str, detail: str) -> None:
    """Named, shortened, with what there is."""
    status, found, said = refusal(api.post("/generate/person", body))

    assert (status, found) == (400, code)
    assert detail in said
    assert "v0.1" in said
    assert len(said) < 200


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("recrods", " (did you mean 'records'?)"),
        ("Seed", " (did you mean 'seed'?)"),
        ("colour", ""),
        ("", ""),
        ("\0", ""),
        ("x" * 60_000, ""),
    ],
    ids=lambda text: ascii(text)[:20],
)
def test_unknown_parameters_are_refused(api: Api, name: str, hint: str) -> None:
    """A misspelt name would otherwise be a default that nobody asked for."""
    answers = [
        api.post("/generate/person", json.dumps({name: 5})),
        api.get(f"/generate/person?{quote(name)}=5"),
    ]

    for answer in answers:
        status, code, detail = refusal(answer)
        assert (status, code) == (400, "unknown-name")
        assert detail.endswith(f"{hint}; choose from records, seed, randomize, dataset_version")
        assert len(detail) < 200


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ('{"seed": 1, "seed": 1}', '"seed" stands more than once in the body'),
        ('{"records": 1, "seed": 2, "records": 3}', '"records" stands more than once in the body'),
        ('{"records": {"a": 1, "a": 2}}', '"a" stands more than once in the body'),
        (
            f'{{"{"x" * 9_000}": 1, "{"x" * 9_000}": 1}}',
            f'"{"x" * 39}... stands more than once in the body',
        ),
    ],
)
def test_keys_that_stand_twice_in_a_body(api: Api, body: str, detail: str) -> None:
    """Readers of JSON differ in which of them counts; none does here."""
    assert refusal(api.post("/generate/person", body)) == (400, "invalid-request", detail)


@pytest.mark.parametrize("query", ["seed=1&seed=1", "records=1&seed=2&records=3", "a&a"])
def test_parameters_that_stand_twice_in_a_query(api: Api, query: str) -> None:
    """The same for a query."""
    status, code, detail = refusal(api.get(f"/generate/person?{query}"))

    assert (status, code) == (400, "invalid-request")
    assert detail.endswith(" stands more than once in the query")


@pytest.mark.parametrize(
    ("body", "status", "code", "detail"),
    [
        (b"{", 400, "bad-request", "not JSON: Expecting property name"),
        (b" ", 400, "bad-request", "not JSON: Expecting value (line 1, column 2)"),
        (b"{'records': 5}", 400, "bad-request", "not JSON"),
        (b'{"records": 5,}', 400, "bad-request", "not JSON"),
        (b'{"records": 5} x', 400, "bad-request", "not JSON: Extra data"),
        (b'{"records": 05}', 400, "bad-request", "not JSON"),
        (b"records=5", 400, "bad-request", "not JSON"),
        (b"\xef\xbb\xbf{}", 400, "bad-request", "not JSON"),
        (b'{"seed": "\xff"}', 400, "bad-request", "not UTF-8 (byte 10)"),
        (b"\xff\xfe{\0}\0", 400, "bad-request", "not UTF-8 (byte 0)"),
        (b"[]", 400, "bad-request", "must be a JSON object such as"),
        (b"5", 400, "bad-request", "must be a JSON object"),
        (b"null", 400, "bad-request", "must be a JSON object"),
        (b"NaN", 400, "bad-request", "must be a JSON object"),
        (b'"records"', 400, "bad-request", "must be a JSON object"),
        (b"[" * 65_536, 400, "bad-request", "nests too deep"),
        (b'{"a":' * 13_000, 400, "bad-request", "nests too deep"),
        (b"[" * 101, 400, "bad-request", "nests too deep"),
        (b"[" * 50_000 + b"]" * 50_000, 413, "body-too-large", "at most 65,536 bytes"),
        (b" " * 65_537, 413, "body-too-large", "at most 65,536 bytes"),
    ],
    ids=lambda text: ascii(text)[:30],
)
def test_bodies_that_are_no_request(
    api: Api, body: bytes, status: int, code: str, detail: str
) -> None:
    """Told where it is wrong, without a trace of how it was read."""
    found_status, found_code, found_detail = refusal(api.post("/generate/person", body))

    assert (found_status, found_code) == (status, code)
    assert detail in found_detail


def test_a_body_may_have_as_many_bytes_as_are_allowed(api: Api) -> None:
    """The limit itself is within."""
    assert api.post("/generate/person", b"{}".ljust(65_536)).status_code == 200


@pytest.mark.parametrize(
    "body", [b"", b"{}", b' {"records":200,"seed":20251101,"randomize":false} ']
)
def test_what_is_left_out_is_the_default(api: Api, body: bytes) -> None:
    """200 records of the default seed, as for `esdh-cli generate-snapshot`."""
    document = json.loads(api.post("/generate/person", body).data)

    assert (document["record_count"], document["seed"]) == (200, 20251101)


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json", 200),
        ("application/json; charset=utf-8", 200),
        ("Application/JSON", 200),
        ("", 415),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data", 415),
        ("application/vnd.api+json", 415),
        ("application/jsonx", 415),
        ("json", 415),
        ("\x7f", 415),
    ],
)
def test_a_body_is_json_by_its_media_type(api: Api, content_type: str, status: int) -> None:
    """A form of some page cannot pass for a request."""
    answer = api.post("/generate/person", b'{"records": 5}', content_type=content_type)

    assert answer.status_code == status
    if status == 415:
        detail = "send the body as Content-Type: application/json"
        assert refusal(answer) == (415, "unsupported-media-type", detail)


def test_an_empty_body_needs_no_media_type(api: Api) -> None:
    """`curl -X POST` works."""
    assert api.ask("POST", "/generate/person").status_code == 200


@pytest.mark.parametrize("query", ["?records=5", "?x", "?="])
def test_a_post_has_no_query(api: Api, query: str) -> None:
    """One of the two places would have to lose."""
    status, code, detail = refusal(api.post(f"/generate/person{query}", b"{}"))

    assert (status, code) == (400, "invalid-request")
    assert detail.startswith("a POST takes its parameters from the body")


@pytest.mark.parametrize("accept", ["application/x-ndjson", "text/csv"])
def test_streams_have_a_limit_of_their_own(make_api: ApiMaker, accept: str) -> None:
    """More than a JSON answer may hold, and told where it ends."""
    api = make_api(max_records=10, max_stream_records=30)
    beyond = refusal(api.get("/generate/person?records=31", accept))

    assert api.get("/generate/person?records=30", accept).data.count(b"\n") in (30, 31)
    assert beyond[2] == "records must be a whole number from 1 to 30 in a stream, but got 31"
    assert refusal(api.get("/generate/person?records=11"))[2] == (
        "records must be a whole number from 1 to 10 in a JSON answer (30 in a stream), but got 11"
    )


def test_the_default_keeps_to_a_small_limit(make_api: ApiMaker) -> None:
    """Who asks for nothing in particular is not refused for it."""
    api = make_api(max_records=10)

    assert json.loads(api.get("/generate/person").data)["record_count"] == 10


@pytest.mark.parametrize(
    "address",
    [
        "/contracts", "/contracts/v0.1", "/contracts/v0.1/persons/schema", "/metrics",
        "/openapi.json",
    ],
)  # fmt: skip
def test_a_route_without_parameters_refuses_any(api: Api, address: str) -> None:
    """Nothing is passed over, and the sentence says why; twice is refused as everywhere."""
    told = "this route takes no parameters, but got"

    assert refusal(api.get(f"{address}?x=1")) == (400, "invalid-request", f'{told} "x"')
    assert refusal(api.get(f"{address}?records")) == (400, "invalid-request", f'{told} "records"')
    assert refusal(api.get(f"{address}?x&x"))[2] == '"x" stands more than once in the query'
    assert api.get(address).status_code == 200
    assert api.get(f"{address}?").status_code == 200


@pytest.mark.parametrize("address", ["/healthz", "/readyz", "/docs", "/demo", "/static/style.css"])
def test_what_probes_and_links_add_is_passed_over(api: Api, address: str) -> None:
    """They hold nothing that a parameter could change, and are asked by others than people."""
    answer = api.app.test_client().get(f"{address}?probe=1&utm_source=x", buffered=True)

    assert answer.status_code == 200
