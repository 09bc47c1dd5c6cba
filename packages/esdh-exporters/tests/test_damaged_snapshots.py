"""Whatever was done to a snapshot is found, named, and found soon; nothing hostile gets through."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from esdh_exporters import Answer, VerificationReport, dataset_digest, verify_snapshot
from esdh_models import DatasetRequest

if TYPE_CHECKING:
    from conftest import SnapshotMaker, SourceMaker

Change = Callable[[Path], object]
_SECONDS = 5
_MEGABYTES = 400


@pytest.fixture(autouse=True)
def _soon_and_small() -> Iterator[None]:
    """Every verification ends within seconds, and without a jump in memory."""
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    yield
    assert time.monotonic() - started < _SECONDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < _MEGABYTES * 1024


@pytest.fixture
def snapshot(make_snapshot: SnapshotMaker) -> Path:
    """A snapshot of 20 records."""
    return make_snapshot()


def named(report: VerificationReport) -> list[str]:
    """What the problems are with."""
    return [problem.name for problem in report.problems]


FILES = ["README.md", "SHA256SUMS", "datapackage.json", "manifest.json", "metadata.json",
         "persons.csv", "persons.parquet", "vehicles.csv", "vehicles.parquet"]  # fmt: skip


def test_the_snapshot_of_these_tests_is_sound(snapshot: Path) -> None:
    """Undamaged it passes, and the table above is complete."""
    report = verify_snapshot(snapshot, deep=True)

    assert sorted(path.name for path in snapshot.iterdir()) == FILES
    assert (report.answer, report.problems) == (Answer.SELF_CONSISTENT, ())


def flip(path: Path, place: float) -> None:
    """Change one bit at a share of the file's length."""
    content = bytearray(path.read_bytes())
    content[int((len(content) - 1) * place)] ^= 1
    path.write_bytes(content)


def chop(path: Path) -> None:
    """Take the last byte away."""
    path.write_bytes(path.read_bytes()[:-1])


def append(path: Path) -> None:
    """Add one byte."""
    path.write_bytes(path.read_bytes() + b"\n")


def empty(path: Path) -> None:
    """Take everything away."""
    path.write_bytes(b"")


def link(path: Path) -> None:
    """Put a link to the same content in its place, outside the snapshot."""
    outside = path.parent.parent / f"outside-{path.name}"
    path.rename(outside)
    path.symlink_to(outside)


def link_within(path: Path) -> None:
    """Put a dangling link in its place."""
    path.unlink()
    path.symlink_to("nowhere")


def pipe(path: Path) -> None:
    """Put a FIFO in its place, which holds up whoever opens it."""
    path.unlink()
    os.mkfifo(path)


def directory(path: Path) -> None:
    """Put a directory in its place."""
    path.unlink()
    path.mkdir()


def zeroes(path: Path) -> None:
    """Keep the size, lose the content."""
    path.write_bytes(bytes(path.stat().st_size))


def grow_to_a_terabyte(path: Path) -> None:
    """A sparse file whose reading would take hours."""
    os.truncate(path, 2**40)


FILE_DAMAGES: list[Callable[[Path], object]] = [
    lambda path: flip(path, 0),
    lambda path: flip(path, 0.5),
    lambda path: flip(path, 1),
    chop, append, empty, Path.unlink, link, link_within, pipe, directory, zeroes,
    grow_to_a_terabyte,
]  # fmt: skip


@pytest.mark.parametrize(
    "damage", FILE_DAMAGES, ids=lambda damage: damage.__name__.replace("<lambda>", "flip")
)
@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_is_found_and_named(snapshot: Path, name: str, damage: Change) -> None:
    """Every kind of damage to every file, the manifest's own proof included."""
    damage(snapshot / name)
    report = verify_snapshot(snapshot)

    assert report.answer is Answer.BROKEN
    allowed = {name, "SHA256SUMS"} if name == "manifest.json" else {name}
    assert set(named(report)) & allowed, report.problems


def rename(folder: Path) -> None:
    """A file under another name."""
    (folder / "persons.csv").rename(folder / "people.csv")


def swap(folder: Path) -> None:
    """Two files with each other's names."""
    (folder / "persons.csv").rename(folder / "aside")
    (folder / "vehicles.csv").rename(folder / "persons.csv")
    (folder / "aside").rename(folder / "vehicles.csv")


def swap_formats(folder: Path) -> None:
    """One table, each format under the other's name."""
    (folder / "persons.csv").rename(folder / "aside")
    (folder / "persons.parquet").rename(folder / "persons.csv")
    (folder / "aside").rename(folder / "persons.parquet")


def empty_folder(folder: Path) -> None:
    """Nothing at all is left."""
    shutil.rmtree(folder)
    folder.mkdir()


def add(name: str | bytes) -> Change:
    """One more file."""
    return lambda folder: (folder / os.fsdecode(name)).write_text("x")


FOLDER_DAMAGES: list[tuple[Change, list[str]]] = [
    (rename, ["people.csv", "persons.csv"]),
    (swap, ["persons.csv", "vehicles.csv"]),
    (swap_formats, ["persons.csv", "persons.parquet"]),
    (add("extra.csv"), ["extra.csv"]),
    (add(".hidden"), [".hidden"]),
    (add("Persons.csv"), ["Persons.csv"]),
    (add("pers\u043ens.csv"), ["pers\\u043ens.csv"]),
    (add("persons.csv\u200b"), ["persons.csv\\u200b"]),
    (add("two\nlines"), ["two\\nlines"]),
    (add("\x1b[2Jclear"), ["\\x1b[2Jclear"]),
    (add(b"\xff\xfe"), ["\\udcff\\udcfe"]),
    (lambda folder: (folder / "profiles").mkdir(), ["profiles"]),
    (lambda folder: (folder / "loop").symlink_to("."), ["loop"]),
    (lambda folder: os.mkfifo(folder / "pipe"), ["pipe"]),
    (empty_folder, ["manifest.json"]),
]


@pytest.mark.parametrize(("damage", "names"), FOLDER_DAMAGES)
def test_a_damaged_directory_is_found_and_named(
    snapshot: Path, damage: Change, names: list[str]
) -> None:
    """Files that are more, fewer or elsewhere; names are told so that no terminal obeys them."""
    damage(snapshot)
    report = verify_snapshot(snapshot)

    assert report.answer is Answer.BROKEN
    assert sorted(named(report)) == names


Document = dict[str, Any]


def read(folder: Path) -> Document:
    """The manifest as a document."""
    document: Document = json.loads((folder / "manifest.json").read_bytes())
    return document


def hash_again(folder: Path, document: Document) -> None:
    """Make hashes, sizes and SHA256SUMS fit whatever the files are now."""
    present = {path.name: path for path in folder.iterdir()}
    for entry in document["files"]:
        if entry["path"] in present:
            content = present[entry["path"]].read_bytes()
            entry["bytes"] = len(content)
            entry["sha256"] = hashlib.sha256(content).hexdigest()
    seal(folder, document)


def seal(folder: Path, document: Document) -> None:
    """Write the manifest and the SHA256SUMS that fits it."""
    own = json.dumps(document).encode()
    (folder / "manifest.json").write_bytes(own)
    hashes = {entry["path"]: entry["sha256"] for entry in document["files"]}
    hashes["manifest.json"] = hashlib.sha256(own).hexdigest()
    lines = "".join(f"{hashes[name]}  {name}\n" for name in sorted(hashes))
    (folder / "SHA256SUMS").write_bytes(lines.encode(errors="replace"))


def digest_again(document: Document) -> None:
    """Make request digest and dataset digest follow from whatever is claimed now."""
    request = DatasetRequest.model_validate_json(json.dumps(document["request"]))
    digests = {table["name"]: table["content_digest"] for table in document["tables"]}
    document["request_digest"] = request.digest
    document["dataset_digest"] = dataset_digest(request, digests)


def set_at(*keys: str | int, to: object) -> Callable[[Document], None]:
    """Replace one value of a document."""

    def change(document: Any) -> None:
        for key in keys[:-1]:
            document = document[key]
        document[keys[-1]] = to

    return change


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
    ("future version", set_at("manifest_version", to=2)),
    ("version zero", set_at("manifest_version", to=0)),
    ("version as text", set_at("manifest_version", to="1")),
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


def forge_csv(folder: Path, old: bytes, new: bytes) -> Document:
    """Change a value of a CSV file, and every hash that would tell."""
    path = folder / "persons.csv"
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new, 1))
    document = read(folder)
    hash_again(folder, document)
    return document


def test_a_rehashed_forgery_is_only_self_consistent(snapshot: Path) -> None:
    """Without reading rows nothing is wrong, and the answer claims no more than that."""
    forge_csv(snapshot, b"first_name 1 7", b"first_name 1 8")

    assert verify_snapshot(snapshot).answer is Answer.SELF_CONSISTENT


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"first_name 1 7", b"first_name 1 8"),
        (b"first_name 1 7", b'"first_name 1 7 "'),
        (b",1970-01-08,", b",1970-01-09,"),
        (b",Unit 1,", b",,"),
        (b",,", b",Unit 1,"),
        (b",1970-01-01,", b",,"),
        (b"person_id,", b"person_ID,"),
        (b"person_id,", b"\xff\xfeperson_id,"),
        (b"first_name 1 7", b"first_name \xff 7"),
        (b"first_name 1 7", b"first_name 1 7,"),
        (b"first_name 1 7", b'"first_name 1 7'),
        (b"first_name 1 7", b"x" * 3_000_000),
        (b",1970-01-08,", b",1970-13-08,"),
    ],
)
def test_reading_the_rows_finds_a_rehashed_forgery(snapshot: Path, old: bytes, new: bytes) -> None:
    """A changed cell, header or line is found under the file's or the table's name."""
    forge_csv(snapshot, old, new)
    report = verify_snapshot(snapshot, deep=True)

    assert report.answer is Answer.BROKEN
    assert named(report)[0] in ("persons.csv", "persons as csv")


def test_a_date_that_is_gone_is_not_taken_for_the_first_of_1970(
    snapshot: Path, make_source: SourceMaker
) -> None:
    """Day 0 and no day are different rows, though the manifest's statistics be forged to fit."""
    expected = read(snapshot)["dataset_digest"]
    document = forge_csv(snapshot, b",1970-01-01,", b",,")
    path = snapshot / "persons.parquet"
    table = pq.read_table(path)
    place = table.schema.get_field_index("date_of_birth")
    days = [None, *table.column(place).to_pylist()[1:]]
    pq.write_table(table.set_column(place, "date_of_birth", [pa.array(days, pa.date32())]), path)
    claim = document["tables"][0]["columns"]["date_of_birth"]
    claim["nulls"], claim["minimum"] = 1, 1
    first = next(number for number, count in enumerate(claim["bins"]) if count)
    claim["bins"][first] -= 1
    hash_again(snapshot, document)
    report = verify_snapshot(
        snapshot, expected_digest=expected, source_factory=lambda _: make_source()
    )

    assert report.answer is Answer.BROKEN


def not_utf8(table: pa.Table) -> pa.Table:
    """Texts that are none, in every text column that is counted or measured."""
    columns = [
        pa.Array.from_buffers(
            pa.string(), 1, [None, pa.array([0, 1], pa.int32()).buffers()[1], pa.py_buffer(b"\xff")]
        )
        if pa.types.is_string(column.type)
        else column.chunk(0).slice(0, 1)
        for column in table.columns
    ]
    return pa.Table.from_arrays(columns, schema=table.schema)


def rewritten(change: Callable[[pa.Table], pa.Table]) -> Change:
    """Write the Parquet file again with another content."""
    return lambda path: pq.write_table(change(pq.read_table(path)), path)


def replaced(change: Callable[[bytes], bytes]) -> Change:
    """Change the bytes of a file."""
    return lambda path: path.write_bytes(change(path.read_bytes()))


PARQUET_FORGERIES: list[tuple[str, Change]] = [
    ("a row less", rewritten(lambda table: table.slice(1))),
    ("another order", rewritten(lambda table: table.take([*range(19, -1, -1)]))),
    ("a column less", rewritten(lambda table: table.remove_column(3))),
    ("another type", rewritten(lambda table: table.set_column(0, "person_id", [[*range(20)]]))),
    ("no text", rewritten(not_utf8)),
    ("empty", replaced(lambda _: b"")),
    ("no footer", replaced(lambda old: old[:-8])),
    ("huge footer", replaced(lambda old: old[:-8] + b"\xff\xff\xff\x7fPAR1")),
    ("a name that is no text", replaced(lambda old: old.replace(b"person_id", b"\xff\xfeerson_i"))),
    ("CSV in its place", replaced(lambda _: b"person_id,first_name\n")),
]


@pytest.mark.parametrize(
    "forge", [f for _, f in PARQUET_FORGERIES], ids=[name for name, _ in PARQUET_FORGERIES]
)
def test_reading_the_rows_finds_a_rehashed_parquet_forgery(snapshot: Path, forge: Change) -> None:
    """Whatever the file holds now, the answer is a problem with its name, never a crash."""
    forge(snapshot / "persons.parquet")
    hash_again(snapshot, read(snapshot))
    report = verify_snapshot(snapshot, deep=True)

    assert report.answer is Answer.BROKEN
    assert named(report)[0] in ("persons.parquet", "persons as parquet")


def test_parts_in_another_order_are_found(make_snapshot: SnapshotMaker) -> None:
    """The content of two parts exchanged, hashes and all, is not the same table."""
    snapshot = make_snapshot(records=20_000, formats=("csv",))
    first, second = sorted(snapshot.glob("persons-*.csv"))
    first.rename(snapshot / "aside")
    second.rename(first)
    (snapshot / "aside").rename(second)
    hash_again(snapshot, read(snapshot))

    assert verify_snapshot(snapshot).answer is Answer.SELF_CONSISTENT
    assert named(verify_snapshot(snapshot, deep=True)) == ["persons as csv"]


@pytest.fixture
def forgery(make_snapshot: SnapshotMaker) -> Path:
    """A snapshot of other rows under this request, with every digest made to fit."""
    forged = make_snapshot(seed=2, name="forged")
    document = read(forged)
    document["request"]["identity"]["seed"] = 1
    digest_again(document)
    hash_again(forged, document)
    return forged


def test_a_forgery_with_all_digests_is_self_consistent_even_deep(forgery: Path) -> None:
    """Nothing inside contradicts anything inside: the answer says just that."""
    assert verify_snapshot(forgery, deep=True).answer is Answer.SELF_CONSISTENT


def test_an_expected_digest_finds_it(forgery: Path, snapshot: Path) -> None:
    """The digest that was quoted elsewhere is not the forgery's."""
    expected = read(snapshot)["dataset_digest"]
    report = verify_snapshot(forgery, expected_digest=expected)

    assert verify_snapshot(snapshot, expected_digest=expected).answer is Answer.MATCHES_EXPECTED
    assert (report.answer, named(report)) == (Answer.BROKEN, ["dataset"])


def test_regenerating_finds_it(forgery: Path, snapshot: Path, make_source: SourceMaker) -> None:
    """The rows that the request makes are not the forgery's."""
    report = verify_snapshot(forgery, source_factory=lambda _: make_source(seed=1))
    sound = verify_snapshot(snapshot, source_factory=lambda _: make_source(seed=1))

    assert sound.answer is Answer.REGENERATED_IDENTICAL
    assert (report.answer, named(report)) == (Answer.BROKEN, ["persons", "vehicles"])


@pytest.mark.parametrize("name", ["README.md", "datapackage.json", "metadata.json"])
def test_a_forged_explanation_is_found_by_regenerating(
    snapshot: Path, make_source: SourceMaker, name: str
) -> None:
    """What explains a snapshot follows from its manifest too; other text in it is a forgery."""
    path = snapshot / name
    path.write_bytes(path.read_bytes().replace(b"ynthetic", b"ctually real"))
    hash_again(snapshot, read(snapshot))
    report = verify_snapshot(snapshot, source_factory=lambda _: make_source(seed=1))

    assert (report.answer, named(report)) == (Answer.BROKEN, [name])


@pytest.mark.parametrize("name", ["datapackage.json", "metadata.json"])
def test_claiming_another_release_does_not_hide_a_forged_explanation(
    snapshot: Path, make_source: SourceMaker, name: str
) -> None:
    """Whoever forges writes `produced_by` too; what programs read is compared in any case."""
    path = snapshot / name
    path.write_bytes(path.read_bytes().replace(b"ynthetic", b"ctually real"))
    document = read(snapshot)
    document["produced_by"]["esdh-exporters"] = "9.9.9"
    hash_again(snapshot, document)
    report = verify_snapshot(snapshot, source_factory=lambda _: make_source(seed=1))

    assert (report.answer, named(report)) == (Answer.BROKEN, [name])


def test_the_readme_of_another_release_may_be_worded_otherwise(
    snapshot: Path, make_source: SourceMaker
) -> None:
    """That it was not compared is said, and nothing else stays unsaid."""
    (snapshot / "README.md").write_text("Other words.")
    document = read(snapshot)
    document["produced_by"]["esdh-exporters"] = "9.9.9"
    hash_again(snapshot, document)
    report = verify_snapshot(snapshot, source_factory=lambda _: make_source(seed=1))

    assert report.answer is Answer.REGENERATED_IDENTICAL
    assert report.note.startswith("README.md was written by another release")


def test_a_file_that_vanishes_while_rows_are_read_is_named(snapshot: Path) -> None:
    """It was there when hashes were compared; the answer is a problem, not an error."""

    def vanish(stage: str, _steps: int, _total: int) -> None:
        if stage == "reading":
            (snapshot / "vehicles.csv").unlink(missing_ok=True)

    report = verify_snapshot(snapshot, deep=True, progress=vanish)

    assert (report.answer, named(report)) == (Answer.BROKEN, ["vehicles.csv"])
    assert report.problems[0].message == "it is missing"


ANOTHER = b',\n"persons": [\n{"person_id":"x"}\n]'
NEXT = b',\n"vehicles"'
BUNDLE_FORGERIES: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("garbage before", lambda old: b"garbage\n" + old),
    ("garbage for metadata", lambda old: b"garbage" + old[old.index(b"\n") - 1 :]),
    ("another seed", lambda old: old.replace(b'"seed":1', b'"seed":2', 1)),
    ("a second section", lambda old: old[:-2] + ANOTHER + old[-2:]),
    ("a second section at once", lambda old: old.replace(NEXT, ANOTHER + NEXT)),
    ("one more key", lambda old: old.replace(NEXT, b',\n"more": 1' + NEXT)),
    ("a second document", lambda old: old + old),
    ("one more line feed", lambda old: old + b"\n"),
    ("no end", lambda old: old[:-2]),
    ("an empty line", lambda old: old.replace(b"},\n{", b"},\n\n{", 1)),
    ("a comma less", lambda old: old.replace(b"},\n{", b"}\n{", 1)),
    ("a comma more", lambda old: old.replace(b"},\n{", b"},,\n{", 1)),
    ("a comma at the end", lambda old: old.replace(b"}\n]", b"},\n]", 1)),
    ("two rows in a line", lambda old: old.replace(b"},\n{", b"} {", 1)),
    ("a key twice", lambda old: old.replace(b'{"person_id"', b'{"city":"x","person_id"', 1)),
    ("sections exchanged", lambda old: old.replace(b'"vehicles": [', b'"persons": [')),
    ("an endless line", lambda old: old.replace(b"[\n", b"[" + b" " * 3_000_000 + b"\n", 1)),
]  # fmt: skip


@pytest.mark.parametrize(
    "forge", [f for _, f in BUNDLE_FORGERIES], ids=[name for name, _ in BUNDLE_FORGERIES]
)
def test_reading_the_rows_finds_a_rehashed_bundle_forgery(
    make_snapshot: SnapshotMaker, forge: Callable[[bytes], bytes]
) -> None:
    """A bundle is held to its layout: no reader may find in it what another does not."""
    snapshot = make_snapshot(formats=("json",))
    path = snapshot / "bundle.json"
    forged = forge(path.read_bytes())
    assert forged != path.read_bytes()
    path.write_bytes(forged)
    hash_again(snapshot, read(snapshot))
    report = verify_snapshot(snapshot, deep=True)

    assert (report.answer, named(report)[0]) == (Answer.BROKEN, "bundle.json")


@pytest.mark.skipif(not hasattr(os, "seteuid") or os.geteuid() != 0, reason="needs another user")
@pytest.mark.parametrize("name", FILES)
def test_a_file_that_may_not_be_read_is_named(snapshot: Path, name: str) -> None:
    """Without permission the answer is a problem with the file's name, not an error."""
    (snapshot / name).chmod(0)
    for folder in [snapshot, *snapshot.parents][:-2]:
        folder.chmod(folder.stat().st_mode | 0o055)
    os.seteuid(65534)
    try:
        report = verify_snapshot(snapshot)
    finally:
        os.seteuid(0)

    assert (report.answer, named(report)) == (Answer.BROKEN, [name])
