"""Rows that were forged, every hash made to fit: reading them finds it, or making them again."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from esdh_exporters import Answer, verify_snapshot

sys.path.append(str(Path(__file__).parent))
from resealing import Change, Document, digest_again, hash_again, named, read

if TYPE_CHECKING:
    from conftest import SnapshotMaker, SourceMaker

pytestmark = pytest.mark.usefixtures("soon_and_small")


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
    whole: Path, forge: Callable[[bytes], bytes]
) -> None:
    """A bundle is held to its layout: no reader may find in it what another does not."""
    path = whole / "bundle.json"
    forged = forge(path.read_bytes())
    assert forged != path.read_bytes()
    path.write_bytes(forged)
    hash_again(whole, read(whole))
    report = verify_snapshot(whole, deep=True)

    assert (report.answer, named(report)[0]) == (Answer.BROKEN, "bundle.json")
