"""The same rows in other bytes are a forgery too: other programs read other rows in them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from esdh_exporters import Answer, validate_snapshot, verify_snapshot

sys.path.append(str(Path(__file__).parent))
from resealing import hash_again, named, read

pytestmark = pytest.mark.usefixtures("soon_and_small")

Rewrite = Callable[[bytes], bytes]
ROW = b'{"person_id":"person_id 1 1",'


def instead(old: bytes, new: bytes) -> Rewrite:
    """Write the first of something otherwise."""
    return lambda content: content.replace(old, new, 1)


def without_last(content: bytes) -> bytes:
    """Leave the last line feed out."""
    return content.removesuffix(b"\n")


VEHICLES: dict[str, Rewrite] = {
    "hexadecimal": instead(b",1991,", b",0x7c7,"),
    "leading zero": instead(b",1991,", b",01991,"),
    "sign": instead(b",1991,", b",+1991,"),
    "quoted number": instead(b",1991,", b',"1991",'),
    "blank before": instead(b",1991,", b", 1991,"),
    "tab before": instead(b",1991,", b",\t1991,"),
    "tab behind": instead(b",1991,", b",1991\t,"),
}
PERSONS: dict[str, Rewrite] = {
    "quoted text": instead(b",first_name 1 1,", b',"first_name 1 1",'),
    "quoted nothing": instead(b",,", b',"",'),
    "carriage returns": lambda content: content.replace(b"\n", b"\r\n"),
    "lone carriage returns": lambda content: content.replace(b"\n", b"\r"),
    "no end of line": without_last,
    "empty line": instead(b"\n", b"\n\n"),
    "date with a time": instead(b",1970-01-02,", b",1970-01-02 00:00:00,"),
    "byte order mark": lambda content: b"\xef\xbb\xbf" + content,
}
NDJSON: dict[str, Rewrite] = {
    "byte order mark": lambda content: b"\xef\xbb\xbf" + content,
    "carriage returns": lambda content: content.replace(b"\n", b"\r\n"),
    "no end of line": without_last,
    "empty line": instead(b"\n", b"\n\n"),
    "null left out": instead(b'"address_line_2":null,', b""),
    "blank": instead(b'":"', b'": "'),
    "blank at the start": lambda content: b" " + content,
    "escaped text": instead(b'"first_name 1 1"', b'"\\u0066irst_name 1 1"'),
    "escaped key": instead(b'"first_name":', b'"\\u0066irst_name":'),
    "another order": instead(ROW, b'{"last_name":"last_name 1 1","person_id":"person_id 1 1",'),
    "key twice": instead(ROW, b'{"person_id":"x","person_id":"person_id 1 1",'),
}
BUNDLE: dict[str, Rewrite] = {
    "blank": instead(b'":"', b'": "'),
    "null left out": instead(b'"address_line_2":null,', b""),
    "escaped text": instead(b'"first_name 1 1"', b'"\\u0066irst_name 1 1"'),
    "number with a fraction": instead(b":1991,", b":1991.0,"),
    "number with an exponent": instead(b":1991,", b":1991e0,"),
}
FILES = {
    "vehicles.csv": VEHICLES,
    "persons.csv": PERSONS,
    "persons.ndjson": NDJSON,
    "bundle.json": BUNDLE,
}
CASES = [
    pytest.param(file, rewrite, id=f"{file}: {name}")
    for file, rewrites in FILES.items()
    for name, rewrite in rewrites.items()
]


@pytest.mark.parametrize(("file", "rewrite"), CASES)
def test_rows_in_other_bytes_are_found(whole: Path, file: str, rewrite: Rewrite) -> None:
    """Whatever Arrow's parsers would let pass, reading the rows names the file."""
    rewrite_file(whole / file, rewrite)
    report = verify_snapshot(whole, deep=True)

    assert (report.answer, set(named(report))) == (Answer.BROKEN, {file})


@pytest.mark.parametrize(("file", "rewrite"), CASES)
def test_validating_finds_them_too(whole: Path, file: str, rewrite: Rewrite) -> None:
    """What is validated is what every reader finds: no cell begins with a tab, no name hides."""
    rewrite_file(whole / file, rewrite)

    assert not validate_snapshot(whole).passed


def rewrite_file(path: Path, rewrite: Rewrite) -> None:
    """Change a file and every hash that would tell."""
    content = path.read_bytes()
    assert rewrite(content) != content
    path.write_bytes(rewrite(content))
    hash_again(path.parent, read(path.parent))


def test_notes_in_a_parquet_file_are_found(whole: Path) -> None:
    """Nothing stands beside the rows: a note could say anything, of real people too."""
    path = whole / "persons.parquet"
    table = pq.read_table(path)
    with pq.ParquetWriter(path, table.schema, store_schema=False) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata({"note": "x"})
    hash_again(whole, read(whole))
    report = verify_snapshot(whole, deep=True)

    assert (report.answer, named(report)) == (Answer.BROKEN, ["persons.parquet"])
