"""ETags: strong, different wherever a byte could differ, and answered with 304."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from esdh_api import answers
from esdh_generator import dataset
from esdh_models import manifest

if TYPE_CHECKING:
    from conftest import Api

JSON = "application/json"
NDJSON = "application/x-ndjson"
CSV = "text/csv"
ARROW = "application/vnd.apache.arrow.stream"
ADDRESS = "/generate/person?records=3&seed=7"


def tag(api: Api, address: str = ADDRESS, accept: str = JSON) -> str:
    """The ETag of an answer."""
    return api.get(address, accept).headers["ETag"]


@pytest.mark.parametrize("accept", [JSON, NDJSON, CSV, ARROW])
def test_the_same_question_has_the_same_tag(api: Api, accept: str) -> None:
    """However it is written, by GET and by HEAD; it is strong."""
    spelt_out = "/generate/person?seed=7&dataset_version=v0.1&randomize=false&records=3"
    head = api.ask("HEAD", ADDRESS, headers={"Accept": accept})

    assert tag(api, accept=accept) == tag(api, spelt_out, accept) == head.headers["ETag"]
    assert tag(api, accept=accept)[0] == '"'


def test_every_other_question_has_another_tag(api: Api) -> None:
    """By seed, records, table and media type."""
    addresses = [
        ADDRESS,
        "/generate/person?records=3&seed=8",
        "/generate/person?records=4&seed=7",
        "/generate/vehicle?records=3&seed=7",
        "/generate/profile?records=3&seed=7",
    ]
    tags = [
        tag(api, address, accept) for address in addresses for accept in (JSON, NDJSON, CSV, ARROW)
    ]
    tags += [tag(api, "/generate/bundle?records=3&seed=7", accept) for accept in (JSON, NDJSON)]

    assert len(set(tags)) == len(tags) == 22


@pytest.mark.parametrize("name", sorted(answers.library_versions()))
def test_another_version_of_a_library_has_another_tag(
    api: Api, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An upgrade is never taken for what was cached before it."""
    before = tag(api)
    versions = {**answers.library_versions(), name: "99.0"}
    monkeypatch.setattr(answers, "library_versions", lambda: versions)

    assert tag(api) != before


def test_other_rules_have_another_tag(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new rules version makes other values of the same seed."""
    before = tag(api)
    monkeypatch.setitem(dataset.RULES_VERSIONS, "v0.1", 2)

    assert tag(api) != before


def test_other_reference_data_has_another_tag(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tables that values are drawn from count too."""
    before = tag(api)
    monkeypatch.setattr(dataset, "reference_data_digest", lambda: "0" * 64)

    assert tag(api) != before


def test_digests_made_in_another_way_have_another_tag(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They stand in the answer, and the version of manifests says how they are made."""
    before = tag(api)
    monkeypatch.setattr(manifest, "MANIFEST_VERSION", 0)

    assert tag(api) != before


@pytest.mark.parametrize("accept", [JSON, NDJSON, CSV, ARROW])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "form", ["{}", "W/{}", '"other", {}', '"other" , W/{} ,"more"', "*", '{} , "x"']
)
def test_what_is_still_true_is_not_sent(api: Api, accept: str, method: str, form: str) -> None:
    """304 without a body, with the tag and how long it may be kept."""
    known = tag(api, accept=accept)
    headers = {"Accept": accept, "If-None-Match": form.format(known)}
    answer = api.ask(method, ADDRESS, headers=headers)

    assert (answer.status_code, answer.data) == (304, b"")
    assert answer.headers["ETag"] == known
    assert answer.headers["Vary"] == "Accept"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert "Content-Type" not in answer.headers
    assert "Content-Length" not in answer.headers


@pytest.mark.parametrize(
    "given", ['"other"', 'W/"other"', "", '""', "garbage", '"', "W/", ",,,", '"a' * 5_000]
)
def test_what_is_no_longer_true_is_sent(api: Api, given: str) -> None:
    """Any other tag, and whatever is none."""
    assert api.get(ADDRESS, headers={"If-None-Match": given}).status_code == 200


def test_a_tag_is_of_its_media_type(api: Api) -> None:
    """The tag of the JSON answer is not one of the CSV."""
    headers = {"If-None-Match": tag(api)}

    assert api.get(ADDRESS, CSV, headers=headers).status_code == 200


def test_a_request_that_cannot_be_is_refused_first(api: Api) -> None:
    """Nothing is still true of it."""
    answer = api.get("/generate/person?records=0", headers={"If-None-Match": "*"})

    assert answer.status_code == 400


def test_posts_and_drawn_seeds_have_no_tag(api: Api) -> None:
    """Neither can be asked for again under the same address."""
    posted = api.post("/generate/person", '{"records": 3}', headers={"If-None-Match": "*"})
    drawn = api.get("/generate/person?seed=random", headers={"If-None-Match": "*"})

    for answer in (posted, drawn):
        assert answer.status_code == 200
        assert "ETag" not in answer.headers
        assert answer.headers["Cache-Control"] == "no-store"


def test_nothing_is_made_for_a_304(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer comes from the question alone."""
    known = tag(api)

    def fail(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(dataset.Dataset, "iter_blocks", fail)

    assert api.get(ADDRESS, headers={"If-None-Match": known}).status_code == 304
