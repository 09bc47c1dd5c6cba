"""Every format gives back what it was given, and refuses what is not a table of the contract."""

from __future__ import annotations

import csv
import io
import itertools
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from esdh_exporters.chunks import Chunk, make_chunk
from esdh_exporters.formats import csv as csv_format
from esdh_exporters.formats import get_format, parquet
from esdh_exporters.formats.bounds import BoundedLines
from esdh_exporters.formats.part import Part
from esdh_models import DatasetRequest, dataset_request, errors, get_contract

CONTRACT = get_contract("v0.1")
PERSONS = CONTRACT.table("persons")
TABLES = ("persons", "vehicles", "profiles")
FOREIGN_TEXT = st.text(
    st.characters(codec="utf-8", exclude_characters="\0\r"), min_size=1, max_size=12
)
CONTRACT_TEXT = st.from_regex(r"\A[A-Za-zé'.][A-Za-z é'.\\-]{0,12}\Z")


def persons(texts: list[str], *, coded: bool = False) -> Chunk:
    """A chunk of persons whose text columns hold these texts and whose second address varies."""
    rows = len(texts)
    columns = []
    for column in PERSONS.columns:
        if column.name == "date_of_birth":
            columns.append(pa.array(range(-rows, 0), pa.int32()).view(pa.date32()))
        elif column.name == "address_line_2":
            columns.append(pa.array([None if n % 2 else t for n, t in enumerate(texts)]))
        else:
            columns.append(pa.array(texts, pa.string()))
    if coded:
        columns = [c if pa.types.is_date(c.type) else c.dictionary_encode() for c in columns]
    return make_chunk(PERSONS, pa.record_batch(columns, names=list(PERSONS.column_names)))


def part(folder: Path, tables: tuple[str, ...] = ("persons",)) -> Part:
    """The only part of some request."""
    request = DatasetRequest.parse(
        identity={
            "contract_version": "v0.1",
            "rules_version": 1,
            "seed": 1,
            "as_of_date": "2026-01-01",
        },
        records=10,
        tables=tables,
    )
    return Part(CONTRACT, request, 0, 1, 0, 10, folder)


def written(name: str, chunks: list[Chunk], folder: Path) -> bytes:
    """The chunks as one file."""
    file = io.BytesIO()
    writer = get_format(name).open_writer(file, (PERSONS,), part(folder))
    for chunk in chunks:
        writer.write(chunk)
    writer.close()
    return file.getvalue()


@pytest.mark.parametrize("name", dataset_request.FORMATS)
@given(texts=st.lists(CONTRACT_TEXT | FOREIGN_TEXT, min_size=1, max_size=8), coded=st.booleans())
@settings(deadline=None, max_examples=60)
def test_rows_come_back_as_they_were(
    name: str,
    texts: list[str],
    coded: bool,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Whatever stands in a text - quotes, commas, lines, backslashes - comes back."""
    chunk = persons(texts, coded=coded)
    content = written(name, [chunk, chunk], tmp_path_factory.getbasetemp())
    batches = list(get_format(name).iter_batches(io.BytesIO(content), PERSONS, part(Path())))

    assert pa.Table.from_batches([chunk.plain] * 2) == pa.Table.from_batches(batches)


def test_csv_of_contract_text_needs_no_quotes(tmp_path: Path) -> None:
    """The plainest reader, which splits at commas, reads it right."""
    content = written("csv", [persons(["Ann", "Zoë O'Neil"])], tmp_path).decode()

    assert '"' not in content
    assert [len(line.split(",")) for line in content.splitlines()] == [14, 14, 14]


def test_csv_of_foreign_text_is_quoted_minimally(tmp_path: Path) -> None:
    """Python's own reader agrees on what stands there."""
    content = written("csv", [persons(['a,b "c"', "plain"])], tmp_path).decode()
    rows = list(csv.reader(io.StringIO(content)))

    assert (rows[1][1], rows[2][1]) == ('a,b "c"', "plain")
    assert ",plain," in content


def test_ndjson_lines_are_what_json_dumps_writes(tmp_path: Path) -> None:
    """Key order of the contract, no blanks, raw UTF-8, explicit nulls."""
    content = written("ndjson", [persons(["Zoë", 'quo"te', "back\\slash"], coded=True)], tmp_path)

    for line in content.decode().splitlines():
        document = json.loads(line)
        assert tuple(document) == PERSONS.column_names
        assert line == json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    assert '"address_line_2":null' in content.decode()


def test_a_bundle_is_one_document_with_one_row_a_line(tmp_path: Path) -> None:
    """Any JSON reader takes it whole; a line reader finds the rows."""
    content = written("json", [persons(["Ann", "Bob"]), persons(["Cid"])], tmp_path)
    document = json.loads(content)

    assert list(document) == ["metadata", "persons"]
    assert [row["first_name"] for row in document["persons"]] == ["Ann", "Bob", "Cid"]
    assert content.decode().count('\n{"person_id"') == 3
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["csv", "json", "ndjson"])
def test_a_null_where_none_may_be_is_read(name: str, tmp_path: Path) -> None:
    """Whether it may stand there is for the rules of rows to say, not for a reader of files."""
    rows = persons(["Ann", "Bob"]).plain
    place = PERSONS.column_names.index("city")
    rows = rows.set_column(place, "city", pa.array(["Ayr", None]))
    content = written(name, [Chunk.of_read_rows(PERSONS, rows)], tmp_path)
    batches = list(get_format(name).iter_batches(io.BytesIO(content), PERSONS, part(tmp_path)))

    assert pa.Table.from_batches(batches)["city"].to_pylist() == ["Ayr", None]


@pytest.mark.parametrize("place", [0, 9, 10, 24])
def test_quotes_in_one_batch_of_csv_leave_the_others_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, place: int
) -> None:
    """Batches before and after one that Python writes, in this chunk and the next, are in order."""
    monkeypatch.setattr(csv_format, "ROWS_AT_ONCE", 10)
    texts = [f"plain {number}" for number in range(25)]
    quoted = [*texts[:place], 'a,b "c"', *texts[place + 1 :]]
    content = written("csv", [persons(texts), persons(quoted), persons(texts)], tmp_path).decode()

    assert [row[1] for row in csv.reader(io.StringIO(content))][1:] == [*texts, *quoted, *texts]
    assert content.count('""c""') == len(PERSONS.columns) - 1 - (place % 2)


@pytest.mark.parametrize("sizes", [[10_000] * 6, [59_999, 1]])
def test_bytes_of_parquet_come_of_rows_alone(sizes: list[int], tmp_path: Path) -> None:
    """However they are handed over: pages of 17 characters a row would be cut elsewhere."""
    texts = [f"{number:017d}" for number in range(60_000)]
    whole = persons(texts)
    ends = list(itertools.accumulate(sizes))
    cut = [
        Chunk.of_read_rows(PERSONS, whole.plain.slice(end - size, size))
        for end, size in zip(ends, sizes, strict=True)
    ]

    assert ends[-1] == len(texts)
    assert written("parquet", cut, tmp_path) == written("parquet", [whole], tmp_path)


@pytest.mark.parametrize("name", dataset_request.FORMATS)
def test_rows_come_back_across_the_chunks_of_a_reader(name: str, tmp_path: Path) -> None:
    """Some megabytes: lines and sections that chunks cut through are put together again."""
    chunk = persons([f"name {number}" for number in range(8_000)])
    content = written(name, [chunk, chunk], tmp_path)
    batches = list(get_format(name).iter_batches(io.BytesIO(content), PERSONS, part(tmp_path)))

    assert pa.Table.from_batches([chunk.plain] * 2) == pa.Table.from_batches(batches)


@pytest.mark.parametrize(
    ("chunks", "groups"),
    [
        ([], [0]),
        ([1], [1]),
        ([70, 30], [100]),
        ([70, 31], [100, 1]),
        ([30] * 7, [100, 100, 10]),
        ([250], [100, 100, 50]),
    ],
)
def test_row_groups_are_cut_from_chunks_of_any_size(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, chunks: list[int], groups: list[int]
) -> None:
    """Each is full but the last, and no row is lost or doubled between them."""
    monkeypatch.setattr(parquet, "_ROW_GROUP_ROWS", 100)
    made = [persons([f"{rows} {number}" for number in range(rows)]) for rows in chunks]
    content = written("parquet", made, tmp_path)
    file = pq.ParquetFile(io.BytesIO(content))
    sizes = [file.metadata.row_group(n).num_rows for n in range(file.num_row_groups)]
    whole = pa.Table.from_batches([chunk.plain for chunk in made], PERSONS.arrow_schema)

    assert sizes == groups
    assert file.read().equals(whole)


@pytest.mark.parametrize(("size", "passes"), [(65_536, True), (65_537, False)])
@pytest.mark.parametrize("before", [b"", b"x\n", b"x\n" * 40_000])
@pytest.mark.parametrize("chunk", [1, 1_000, 65_536, 2**20])
def test_lines_are_bounded_however_they_are_read(
    size: int, passes: bool, before: bytes, chunk: int
) -> None:
    """The longest line passes, one byte more does not, wherever chunks cut it."""
    content = before + b"y" * (size - 1) + b"\nz\n"
    lines = BoundedLines(io.BytesIO(content))

    def read() -> bytes:
        return b"".join(iter(lambda: lines.read(chunk), b""))

    if passes:
        assert read() == content
    else:
        with pytest.raises(errors.SourceError):
            read()


DAMAGED = {
    "csv": [
        b"",
        b"a,b\n1,2\n",
        b"\xff\xfe",
        b"person_id\n",
    ],
    "json": [b"", b"{}", b'{"persons": []}', b'"persons": [\n{"a":1}\n]', b"[" * 5000],
    "ndjson": [b"[1]\n", b'{"person_id":1}\n', b'{"no_such":"x"}\n', b"{" * 5000],
    "parquet": [b"", b"PAR1", b"PAR1" + b"\0" * 100 + b"PAR1"],
}


@pytest.mark.parametrize(
    ("name", "content"), [(name, content) for name in DAMAGED for content in DAMAGED[name]]
)
def test_what_is_no_table_is_refused(name: str, content: bytes, tmp_path: Path) -> None:
    """Damaged files end in the one error, whatever is wrong with them."""
    with pytest.raises(errors.SourceError):
        list(get_format(name).iter_batches(io.BytesIO(content), PERSONS, part(tmp_path)))
