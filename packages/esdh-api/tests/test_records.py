"""One record by its identifier, with its relatives, without the rest."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from esdh_generator import Dataset
from esdh_generator.random_streams import RandomStreams
from esdh_generator.record_ids import record_ids

if TYPE_CHECKING:
    from conftest import Api

FIRST = "a419ec71-8057-8d2e-bed3-c6231ed7eb6f"
SEED = 20251101
TABLES = ("persons", "vehicles", "profiles")


def identifier(table: str, owner: int, seed: int = SEED) -> str:
    """The identifier of any row, of datasets too large to make."""
    import numpy as np  # noqa: PLC0415

    owners = np.array([owner], np.uint64)
    text: str = record_ids(RandomStreams(seed, "baseline"), table, owners, 0)[0].as_py()
    return text


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("owner", [0, 4])
def test_a_record_is_the_row_of_a_generated_table(api: Api, table: str, owner: int) -> None:
    """With the other rows of its policyholder, as `/generate/bundle` gives them."""
    bundle = json.loads(api.get(f"/generate/bundle?records=5&seed={SEED}").data)
    row = bundle[table][owner]
    key = row[f"{table[:-1]}_id"]
    found = json.loads(api.get(f"/records/{key}?seed={SEED}").data)

    assert (found["record_id"], found["table"], found["owner"]) == (key, table, owner)
    assert found["record"] == row
    assert found["relatives"] == {
        other: [bundle[other][owner]] for other in TABLES if other != table
    }


def test_the_document_is_that_of_the_library(api: Api) -> None:
    """Which is that of `esdh-cli show-record --json`."""
    found = json.loads(api.get(f"/records/{FIRST}?seed={SEED}&records=300").data)

    assert found == Dataset(SEED, 300).record_document(FIRST)


def test_upper_case_is_read(api: Api) -> None:
    """As RFC 9562 asks of readers."""
    lower, upper = (api.get(f"/records/{key}?seed={SEED}") for key in (FIRST, FIRST.upper()))

    assert lower.data == upper.data


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("seed", [0, 2**64 - 1])
def test_the_last_record_of_all_is_found_at_once(api: Api, table: str, seed: int) -> None:
    """Record 2^40 of a seed, of which nobody could make the rest."""
    key = identifier(table, 2**40 - 1, seed)
    started = time.monotonic()
    found = json.loads(api.get(f"/records/{key}?seed={seed}").data)

    assert (found["owner"], found["request"]["records"]) == (2**40 - 1, 2**40)
    assert found["record"][f"{table[:-1]}_id"] == key
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    ("query", "status", "code", "detail"),
    [
        ("seed=20251101&records=1", 200, None, None),
        ("seed=20251101&dataset_version=v0.1", 200, None, None),
        ("seed=7", 404, "record-not-found", "is not a record of seed 7, scenario baseline"),
        ("", 400, "invalid-request", "seed must be the whole number that the record's dataset"),
        ("seed=random", 400, "invalid-request", "such as ?seed=20251101"),
        ("seed=", 400, "invalid-request", "seed must be a whole number from 0 to"),
        ("seed=-1", 400, "invalid-request", "seed must be a whole number from 0 to"),
        ("seed=1&seed=2", 400, "invalid-request", '"seed" stands more than once in the query'),
        ("seed=1&randomize=true", 400, "unknown-name", "choose from seed, records, dataset_ver"),
        ("seed=1&sed=2", 400, "unknown-name", "did you mean 'seed'?"),
        ("seed=1&dataset_version=v9", 400, "unknown-name", "unknown dataset version 'v9'"),
        ("seed=1&records=0", 400, "invalid-request", "from 1 to 1099511627776, but got 0"),
        (f"seed=1&records={2**40 + 1}", 400, "invalid-request", "from 1 to 1099511627776, but"),
    ],
)
def test_questions_and_answers(
    api: Api, query: str, status: int, code: str | None, detail: str | None
) -> None:
    """The seed must be told, and nothing that is not known."""
    answer = api.get(f"/records/{FIRST}?{query}")
    document = json.loads(answer.data)

    assert (answer.status_code, document.get("code")) == (status, code)
    assert detail is None or detail in document["detail"]


def test_a_record_beyond_the_dataset_is_not_of_it(api: Api) -> None:
    """The last one is, the next one is not, and the refusal numbers from 1."""
    key = identifier("vehicles", 300)
    within = api.get(f"/records/{key}?seed={SEED}&records=301")
    beyond = api.get(f"/records/{key}?seed={SEED}&records=300")

    assert (within.status_code, beyond.status_code) == (200, 404)
    assert (
        "would be record 301 of vehicles, but this dataset ends with record 300"
        in (json.loads(beyond.data)["detail"])
    )


@pytest.mark.parametrize(
    "text",
    [
        "7", "x", "%20", "%00", "%0A", "%F0%9F%9A%97", "%FF", FIRST[:-1], f"{FIRST}0",
        f"%7B{FIRST}%7D", FIRST.replace("-", ""), FIRST.replace("8d2e", "4d2e"), "'%20OR%201=1--",
        "x" * 20_000, "%ED%A0%80",
    ],
    ids=lambda text: text[:20],
)  # fmt: skip
def test_other_text_is_no_identifier(api: Api, text: str) -> None:
    """Refused in a short sentence that shows what one looks like."""
    answer = api.get(f"/records/{text}?seed={SEED}")
    document = json.loads(answer.data)

    assert (answer.status_code, document["code"]) == (400, "invalid-request")
    assert document["detail"].startswith("a record identifier is a version-8 UUID such as")
    assert len(document["detail"]) < 500


def test_an_unknown_identifier_is_not_found(api: Api) -> None:
    """A well-formed one that no seed of ours gave."""
    key = "00000000-0000-8000-8000-000000000000"
    answer = api.get(f"/records/{key}?seed={SEED}")

    assert (answer.status_code, json.loads(answer.data)["code"]) == (404, "record-not-found")


def test_nothing_but_the_record_and_its_relatives_is_made(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One policyholder is asked of the generator."""
    asked = []
    few_rows = Dataset.few_rows

    def watch(self: Dataset, start: int, stop: int) -> object:
        asked.append((start, stop))
        return few_rows(self, start, stop)

    monkeypatch.setattr(Dataset, "few_rows", watch)
    monkeypatch.setattr(Dataset, "iter_blocks", None)
    api.get(f"/records/{FIRST}?seed={SEED}")

    assert asked == [(0, 1)]
