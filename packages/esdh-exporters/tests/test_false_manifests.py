"""A manifest that reaches outside, contradicts itself or is a bomb ends in one clear problem."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from esdh_exporters import Answer, verify_snapshot

sys.path.append(str(Path(__file__).parent))
from resealing import Document, digest_again, hash_again, named, read, seal, set_at

pytestmark = pytest.mark.usefixtures("soon_and_small")

CLAIMS: list[tuple[str, Callable[[Document], None]]] = [
    ("path with ..", set_at("files", 0, "path", to="../outside")),
    ("path with a folder", set_at("files", 0, "path", to="folder/persons.csv")),
    ("absolute path", set_at("files", 0, "path", to="/etc/passwd")),
    ("backslash", set_at("files", 0, "path", to="..\\outside")),
    ("drive", set_at("files", 0, "path", to="C:persons.csv")),
    ("NUL", set_at("files", 0, "path", to="persons.csv\0")),
    ("line feed", set_at("files", 0, "path", to="persons.csv\n")),
    ("empty path", set_at("files", 0, "path", to="")),
    ("dot", set_at("files", 0, "path", to=".")),
    ("long path", set_at("files", 0, "path", to="a" * 300)),
    ("lone surrogate", set_at("files", 0, "path", to="\ud800")),
    ("case twin", set_at("files", 0, "path", to="PERSONS.parquet")),
    ("Unicode twin", set_at("files", 0, "path", to="per\u017fons.csv")),
    ("Kelvin sign", set_at("files", 0, "path", to="\u212a.csv")),
    ("listed twice", lambda document: document["files"].append(document["files"][0])),
    ("lists itself", set_at("files", 0, "path", to="manifest.json")),
    ("lists its sums", set_at("files", 0, "path", to="sha256sums")),
    ("future version", set_at("manifest_version", to=3)),
    ("unreleased version", set_at("manifest_version", to=1)),
    ("version zero", set_at("manifest_version", to=0)),
    ("version as text", set_at("manifest_version", to="2")),
    ("version as truth", set_at("manifest_version", to=True)),
    ("foreign kind", set_at("kind", to="something-else")),
    ("unknown key", set_at("comment", to="hello")),
    ("missing key", lambda document: document.pop("packaging")),
    ("no contract", set_at("request", "identity", "contract_version", to="latest")),
    ("unknown table", set_at("request", "tables", to=["persons", "policies"])),
    ("unknown format", set_at("packaging", "formats", to=["csv", "xlsx"])),
    ("fewer tables", set_at("request", "tables", to=["persons"])),
    ("negative size", set_at("files", 0, "bytes", to=-1)),
    ("size beyond 64 bits", set_at("files", 0, "bytes", to=2**70)),
    ("part size", set_at("packaging", "records_per_file", to=12_345)),
    ("no such day", set_at("request", "identity", "as_of_date", to="2026-02-30")),
    ("seed beyond 64 bits", set_at("request", "identity", "seed", to=2**64)),
    ("request is a list", set_at("request", to=[])),
    ("request is null", set_at("request", to=None)),
    ("identity is a list", set_at("request", "identity", to=[])),
    ("identity with a strange key", set_at("request", "identity", "cls", to=1)),
    ("packaging is a number", set_at("packaging", to=5)),
    ("packaging is null", set_at("packaging", to=None)),
    ("formats is a number", set_at("packaging", "formats", to=5)),
    ("formats is null", set_at("packaging", "formats", to=None)),
    ("files is an object", set_at("files", to={})),
    ("tables is null", set_at("tables", to=None)),
    ("records claimed", set_at("request", "records", to=2**40)),
    ("records by one", set_at("request", "records", to=21)),
    ("rows of a file", set_at("files", 0, "rows", to=19)),
    ("part of a file", set_at("files", 0, "part", to=1)),
    ("table of a file", set_at("files", 0, "table", to="vehicles")),
    ("file not listed", lambda document: document["files"].pop(0)),
    ("file that is not there", set_at("files", 0, "path", to="people.csv")),
    ("rows of a table", set_at("tables", 0, "rows", to=2**62)),
    ("key of a table", set_at("tables", 0, "primary_key", to="last_name")),
    ("foreign key", set_at("tables", 1, "foreign_keys", to={})),
    ("dataset digest", set_at("dataset_digest", to="blake3:" + "0" * 64)),
    ("request digest", set_at("request_digest", to="0" * 64)),
    ("content digest", set_at("tables", 0, "content_digest", to="blake3:" + "0" * 64)),
]


@pytest.mark.parametrize("change", [c for _, c in CLAIMS], ids=[name for name, _ in CLAIMS])
def test_a_false_claim_is_found_though_every_hash_fits(
    snapshot: Path, change: Callable[[Document], None]
) -> None:
    """A manifest that reaches outside, claims too much or contradicts itself is refused."""
    document = read(snapshot)
    change(document)
    seal(snapshot, document)
    report = verify_snapshot(snapshot)

    assert report.answer is Answer.BROKEN
    assert {"manifest.json", "people.csv"} & set(named(report)), report.problems
    assert all(len(str(problem)) < 1000 and "\n" not in str(problem) for problem in report.problems)


def test_a_record_count_with_every_digest_to_fit_costs_nothing(snapshot: Path) -> None:
    """2^40 records in files of 10,000 would be 100 million files: told without making the list."""
    document = read(snapshot)
    document["request"]["records"] = 2**40
    for table in document["tables"]:
        table["rows"] = 2**40
    digest_again(document)
    hash_again(snapshot, document)
    report = verify_snapshot(snapshot, deep=True)

    assert report.answer is Answer.BROKEN
    assert named(report) == ["manifest.json"]


def test_a_contract_of_a_newer_release_is_not_called_broken(snapshot: Path) -> None:
    """What this release does not know may be sound: the answer asks for a newer one."""
    document = read(snapshot)
    document["request"]["identity"]["contract_version"] = "v9.9"
    seal(snapshot, document)
    report = verify_snapshot(snapshot)

    assert (report.answer, report.problems, report.passed) == (Answer.CANNOT_VERIFY, (), False)
    assert "v9.9" in report.note
    assert "newer esdh-cli" in report.note


def twins(count: int) -> bytes:
    """An object of many keys, of which the last two are the same."""
    keys = "".join(f'"{number}":0,' for number in range(count))
    return f'{{"kind":"esdh-snapshot",{keys}"twin":1,"twin":2}}'.encode()


def many_files(snapshot: bytes, count: int) -> bytes:
    """A manifest that lists many files, of which the last two are the same."""
    document = json.loads(snapshot)
    entry = {"bytes": 0, "sha256": "0" * 64}
    paths = [str(number) for number in range(count)]
    document["files"] = [{"path": path, **entry} for path in [*paths, paths[-1]]]
    return json.dumps(document).encode()


BOMBS: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("nothing", lambda _: b""),
    ("no JSON", lambda _: b"PK\x03\x04"),
    ("UTF-16", lambda old: old.decode().encode("utf-16")),
    ("byte order mark", lambda old: b"\xef\xbb\xbf" + old),
    ("foreign JSON", lambda _: b'{"name": "datapackage", "resources": []}'),
    ("array", lambda old: b"[" + old + b"]"),
    ("duplicate key", lambda old: old.replace(b'"kind"', b'"kind": "x", "kind"', 1)),
    ("hidden duplicate", lambda old: old.replace(b'"kind"', b'"k\\u0069nd": "x", "kind"', 1)),
    ("deep lists", lambda old: old.replace(b"[", b"[" * 100_000, 1)),
    ("deep objects", lambda old: old.replace(b"{", b'{"a":' * 100_000, 1)),
    ("huge number", lambda old: old.replace(b'"seed": 1', b'"seed": ' + b"9" * 1_000_000)),
    ("float", lambda old: old.replace(b'"seed": 1', b'"seed": 1.0')),
    ("exponent", lambda old: old.replace(b'"seed": 1', b'"seed": 1e999')),
    ("not a number", lambda old: old.replace(b'"seed": 1', b'"seed": NaN')),
    ("17 MB of blanks", lambda old: old + b" " * (17 * 2**20)),
    ("17 MB of text", lambda old: old.replace(b"esdh-snapshot", b"x" * (17 * 2**20))),
    ("many values", lambda old: old.replace(b"{", b'{"a":[' + b"1," * 3_000_000 + b"1],", 1)),
    ("many keys with a twin", lambda _: twins(12_000)),
    ("many files with a twin", lambda old: many_files(old, 12_000)),
]


@pytest.mark.parametrize("change", [c for _, c in BOMBS], ids=[name for name, _ in BOMBS])
def test_a_manifest_that_is_a_bomb_ends_in_one_problem(
    snapshot: Path, change: Callable[[bytes], bytes]
) -> None:
    """Size, depth, numbers and twins: one clear sentence, soon, whatever the bytes."""
    path = snapshot / "manifest.json"
    path.write_bytes(change(path.read_bytes()))
    report = verify_snapshot(snapshot)

    assert report.answer is Answer.BROKEN
    assert named(report) == ["manifest.json"]
    assert len(str(report.problems[0])) < 1000
