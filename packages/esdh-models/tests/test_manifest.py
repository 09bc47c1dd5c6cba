"""The one way in for a manifest: whatever the document, a `Manifest` or a `ManifestError`."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from esdh_models import manifest
from esdh_models.errors import ManifestError
from esdh_models.manifest import MANIFEST_VERSION, Manifest, load_manifest

Place = tuple[str | int, ...]

DOCUMENT: dict[str, Any] = {
    "manifest_version": MANIFEST_VERSION,
    "kind": "esdh-snapshot",
    "dataset_digest": "blake3:" + "1" * 64,
    "request": {
        "identity": {
            "contract_version": "v0.1",
            "rules_version": 1,
            "seed": 7,
            "scenario": "baseline",
            "as_of_date": "2026-01-01",
        },
        "records": 3,
        "tables": ["persons"],
    },
    "request_digest": "2" * 64,
    "reference_data_digest": "3" * 64,
    "packaging": {"formats": ["csv"], "records_per_file": 10_000},
    "tables": [
        {
            "name": "persons",
            "rows": 3,
            "primary_key": "person_id",
            "foreign_keys": {},
            "content_digest": "blake3:" + "4" * 64,
            "columns": {
                "person_id": {"statistic": "none", "nulls": 0, "shortest": 36, "longest": 36},
                "state": {"statistic": "counts", "nulls": 1, "counts": {"Ünder": 2}},
                "date_of_birth": {
                    "statistic": "range",
                    "nulls": 0,
                    "minimum": -5,
                    "maximum": 9,
                    "sum": 4,
                    "bin_edges": [0],
                    "bins": [1, 2],
                },
            },
        }
    ],
    "files": [
        {
            "path": "persons.csv",
            "table": "persons",
            "format": "csv",
            "part": 0,
            "rows": 3,
            "bytes": 100,
            "sha256": "5" * 64,
        },
        {
            "path": "README.md",
            "table": None,
            "format": None,
            "part": None,
            "rows": None,
            "bytes": 10,
            "sha256": "6" * 64,
        },
    ],
    "produced_by": {"somebody": "1.0"},
}


def places_in(value: object, place: Place = ()) -> Iterator[Place]:
    """Where every value and every subtree of a document stands."""
    yield place
    if isinstance(value, dict):
        for key, child in value.items():
            yield from places_in(child, (*place, key))
    if isinstance(value, list):
        for number, child in enumerate(value):
            yield from places_in(child, (*place, number))


def at(document: Any, place: Place) -> Any:
    """What stands there."""
    for step in place:
        document = document[step]
    return document


PLACES = list(places_in(DOCUMENT))
TEXT = st.text(st.characters())  # surrogates too, which no UTF-8 can hold
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**45), 10**45) | st.floats() | TEXT,
    lambda children: st.lists(children) | st.dictionaries(TEXT, children),
    max_leaves=8,
)
FROM_ELSEWHERE = st.sampled_from(PLACES).map(lambda place: at(DOCUMENT, place))


def change(document: dict[str, Any], place: Place, what: str, key: str, value: object) -> Any:
    """Replace or remove what stands in a place, or add to it; no more than can be done there."""
    if place == ():
        return {**document, key: value} if what == "add" else value
    try:
        parent, found = at(document, place[:-1]), at(document, place)
    except (IndexError, KeyError, TypeError):
        return document  # an earlier change took it away
    if what == "remove":
        del parent[place[-1]]
    elif what == "add" and isinstance(found, dict):
        found[key] = value
    elif what == "add" and isinstance(found, list):
        found.append(value)
    else:
        parent[place[-1]] = value
    return document


CHANGES = st.tuples(
    st.sampled_from(PLACES),
    st.sampled_from(["replace", "remove", "add"]),
    TEXT | st.sampled_from([str(place[-1]) for place in PLACES if place]),
    ANY_JSON | FROM_ELSEWHERE,
)


def encoded(document: object) -> bytes:
    """As JSON; what stands there twice in memory is written twice."""
    return json.dumps(document).encode()


def outcome(data: bytes) -> Manifest | ManifestError:
    """How loading ends; any other error is not caught."""
    try:
        return load_manifest(data)
    except ManifestError as error:
        return error


def check(data: bytes) -> None:
    """A manifest that was let in is written and read again as itself; an error is one line."""
    found = outcome(data)
    if isinstance(found, Manifest):
        assert load_manifest(found.to_json()) == found
    else:
        assert str(found).isprintable()
        assert 0 < len(str(found)) < 1000


def test_a_kind_of_statistic_that_is_a_document_is_not_told_whole() -> None:
    """Pydantic quotes the tag of a union, however long it is."""
    table = copy.deepcopy(DOCUMENT)
    next(iter(table["tables"][0]["columns"].values()))["statistic"] = DOCUMENT

    check(encoded(table))


def test_a_manifest_comes_back_as_it_was_written() -> None:
    """The document of these tests is valid, and written in the order of its fields."""
    loaded = load_manifest(encoded(DOCUMENT))

    assert isinstance(loaded, Manifest)
    assert load_manifest(loaded.to_json()) == loaded
    assert json.loads(loaded.to_json()) == DOCUMENT
    assert loaded.to_json() == (json.dumps(DOCUMENT, indent=2, ensure_ascii=False) + "\n").encode()


@settings(deadline=None)
@given(st.lists(CHANGES, min_size=1, max_size=3))
def test_any_change_ends_in_a_manifest_or_the_one_error(
    changes: list[tuple[Place, str, str, object]],
) -> None:
    """Fields and subtrees replaced by any JSON, or by one another, removed, or added to."""
    document: Any = copy.deepcopy(DOCUMENT)
    for place, what, key, value in changes:
        if isinstance(document, dict):
            document = change(document, place, what, key, copy.deepcopy(value))
    check(encoded(document))


@pytest.mark.parametrize("place", PLACES[1:], ids=lambda place: ".".join(map(str, place)))
def test_every_place_holds_out_against_every_kind(place: Place) -> None:
    """Each field and subtree in turn: removed, and replaced by one value of each kind."""
    kinds = (None, True, 0, -1, 2**63, 10**39, "", "\ud800", "x" * 100, [], [[]], {}, {"a": 1})
    for value in kinds:
        check(encoded(change(copy.deepcopy(DOCUMENT), place, "replace", "", value)))
    check(encoded(change(copy.deepcopy(DOCUMENT), place, "remove", "", None)))


@settings(deadline=None)
@given(st.data())
def test_any_damage_to_the_bytes_ends_in_a_manifest_or_the_one_error(data: st.DataObject) -> None:
    """A stretch of the document is cut out or replaced by other bytes."""
    content = encoded(DOCUMENT)
    start = data.draw(st.integers(0, len(content)))
    stop = data.draw(st.integers(start, min(len(content), start + 20)))
    check(content[:start] + data.draw(st.binary(max_size=20)) + content[stop:])


@pytest.mark.parametrize("key", ["two\nlines", "\x1b[2Jclear", "x" * 3000])
def test_a_strange_key_is_told_in_one_short_line(key: str) -> None:
    """What somebody else wrote into a manifest says nothing to a terminal."""
    with pytest.raises(ManifestError) as caught:
        load_manifest(encoded({**DOCUMENT, key: 1}))

    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize("version", [3, 4, 10**30])
def test_a_future_version_says_what_to_do(version: int) -> None:
    """The version that was found, the one that is understood, and the way out."""
    message = (
        f"it has manifest_version {version}, but this program reads up to {MANIFEST_VERSION};"
        " install a newer esdh-cli"
    )
    with pytest.raises(ManifestError) as caught:
        load_manifest(encoded({**DOCUMENT, "manifest_version": version, "news": True}))

    assert str(caught.value) == message


def test_the_version_before_the_first_release_says_what_to_do() -> None:
    """Its digests cannot be made here; the snapshot can."""
    message = (
        "it has manifest_version 1, whose content digests were made in another way;"
        " make the snapshot again, with the command in its README.md"
    )
    with pytest.raises(ManifestError) as caught:
        load_manifest(encoded({**DOCUMENT, "manifest_version": 1}))

    assert str(caught.value) == message


@pytest.mark.parametrize("version", [None, True, "1", [], {}, -1, 0])
def test_a_version_that_never_was_is_refused(version: object) -> None:
    """Neither other types nor numbers below the first version pass."""
    with pytest.raises(ManifestError, match="manifest"):
        load_manifest(encoded({**DOCUMENT, "manifest_version": version}))


def test_older_versions_are_upgraded_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each step leads to the next version, and the last one is held to the model."""
    monkeypatch.setitem(
        manifest.UPGRADES, -1, lambda old: {**old, "manifest_version": 0, "oldest": True}
    )
    monkeypatch.setitem(
        manifest.UPGRADES,
        0,
        lambda old: {
            "manifest_version": MANIFEST_VERSION,
            "produced_by": old["made_by"],
            **{key: old[key] for key in DOCUMENT if key in old and key != "manifest_version"},
        },
    )
    older = {key: value for key, value in DOCUMENT.items() if key != "produced_by"}
    older |= {"made_by": DOCUMENT["produced_by"]}

    for version in (-1, 0):
        loaded = load_manifest(encoded({**older, "manifest_version": version}))
        assert loaded == load_manifest(encoded(DOCUMENT))
    broken = {**older, "manifest_version": 0, "tables": [{**DOCUMENT["tables"][0], "rows": -3}]}
    with pytest.raises(ManifestError, match="rows"):
        load_manifest(encoded(broken))
