"""docs/content-digest.md is enough: two strangers' programs that know nothing else agree with it.

The first reads CSV with the standard library, the second Parquet with pyarrow. Neither imports a
package of this project.
"""

import csv
import hashlib
import json
import struct
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from blake3 import blake3

ESDH = str(Path(sys.executable).with_name("esdh-cli"))
LEAF = 10_000
Schema = list[tuple[str, str, bool]]
"""Name, kind and whether nullable, per column."""


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two leaves in two parts, the last of one row; address_line_2 holds nulls."""
    return _snapshot(tmp_path_factory.mktemp("specification") / "parts", "10001", "10000")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four leaves in one part; the first three are made in one go."""
    return _snapshot(tmp_path_factory.mktemp("specification") / "whole", "32345", "250000")


def _snapshot(directory: Path, records: str, records_per_file: str) -> Path:
    command = [ESDH, "generate-snapshot", "--records", records, "--seed", "99"]
    command += ["--output-format", "csv,parquet"]
    command += ["--records-per-file", records_per_file, "--output-dir", str(directory)]
    subprocess.run(command, check=True, capture_output=True)
    return directory


def load(path: Path) -> Any:
    """A JSON document."""
    return json.loads(path.read_text(encoding="utf-8"))


def lines_digest(lines: list[str]) -> str:
    """BLAKE3 of lines, each ended by a line feed."""
    return "blake3:" + blake3("".join(f"{line}\n" for line in lines).encode()).hexdigest()


def leaf_digest(schema: Schema, columns: list[list[Any]]) -> str:
    """Row count, then the digest of every column."""
    digest = blake3(struct.pack("<Q", len(columns[0])))
    for (_, kind, nullable), values in zip(schema, columns, strict=True):
        digest.update(column_digest(kind, nullable=nullable, values=values))
    return str(digest.hexdigest())


def column_digest(kind: str, *, nullable: bool, values: list[Any]) -> bytes:
    """Lengths and bytes of texts, or null flags and numbers."""
    digest = blake3()
    if kind == "text":
        texts = [None if value is None else value.encode() for value in values]
        lengths = [0xFFFFFFFF if text is None else len(text) for text in texts]
        digest.update(struct.pack(f"<{len(values)}I", *lengths))
        digest.update(b"".join(text for text in texts if text is not None))
    else:
        if nullable:
            digest.update(bytes(value is None for value in values))
        digest.update(struct.pack(f"<{len(values)}q", *(value or 0 for value in values)))
    return bytes(digest.digest())


def table_digest(name: str, schema: Schema, leaves: Iterator[list[list[Any]]]) -> str:
    """Schema, number of rows and leaf digests, line by line."""
    rows, digests = 0, []
    for columns in leaves:
        rows += len(columns[0])
        digests.append(leaf_digest(schema, columns))
    marks = [f"{c} {kind} {'nullable' if null else 'required'}" for c, kind, null in schema]
    return lines_digest(["esdh-table-2", name, *marks, f"rows {rows}", *digests])


def dataset_digest(manifest: dict[str, Any], tables: dict[str, str]) -> str:
    """Contract version, request and table digests, line by line."""
    request = json.dumps(
        manifest["request"], sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    version = manifest["request"]["identity"]["contract_version"]
    request_digest = hashlib.sha256(request.encode()).hexdigest()
    lines = ["esdh-dataset-1", version, request_digest]
    return lines_digest(lines + [f"{name} {digest}" for name, digest in tables.items()])


def parts(manifest: dict[str, Any], table: str, format_name: str) -> list[str]:
    """File names of a table's parts in order."""
    entries = [f for f in manifest["files"] if (f["table"], f["format"]) == (table, format_name)]
    return [entry["path"] for entry in sorted(entries, key=lambda entry: entry["part"])]


def csv_schema(directory: Path, table: str) -> Schema:
    """Kinds and nullability as datapackage.json has them."""
    kinds = {"string": "text", "integer": "integer", "date": "date"}
    resources = load(directory / "datapackage.json")["resources"]
    schema = next(one["schema"] for one in resources if one["name"] == table)
    return [
        (field["name"], kinds[field["type"]], not field["constraints"].get("required", False))
        for field in schema["fields"]
    ]


def csv_leaves(directory: Path, names: list[str], schema: Schema) -> Iterator[list[list[Any]]]:
    """Columns of 10,000 rows at a time, over all parts."""
    rows: list[list[str]] = []
    for name in names:
        with (directory / name).open(encoding="utf-8", newline="") as file:
            reader = csv.reader(file)
            assert next(reader) == [column for column, _, _ in schema]
            rows += reader
    for start in range(0, len(rows), LEAF):
        cells = zip(*rows[start : start + LEAF], strict=True)
        kinds = [kind for _, kind, _ in schema]
        yield [[_value(kind, c) for c in column] for kind, column in zip(kinds, cells, strict=True)]


def _value(kind: str, cell: str) -> Any:
    if cell == "":
        return None
    if kind == "date":
        return (date.fromisoformat(cell) - date(1970, 1, 1)).days
    return int(cell) if kind == "integer" else cell


def parquet_schema(file: Path) -> Schema:
    """Kinds and nullability as the Parquet file has them."""
    kinds = {pa.string(): "text", pa.int64(): "integer", pa.date32(): "date"}
    return [(field.name, kinds[field.type], field.nullable) for field in pq.read_schema(file)]


def parquet_leaves(directory: Path, names: list[str]) -> Iterator[list[list[Any]]]:
    """Columns of 10,000 rows at a time, over all parts."""
    table = pa.concat_tables([pq.read_table(directory / name) for name in names])
    for start in range(0, table.num_rows, LEAF):
        yield [
            (pc.cast(c, pa.int32()) if pa.types.is_date(c.type) else c).to_pylist()
            for c in table.slice(start, LEAF).itercolumns()
        ]


@pytest.mark.parametrize("which", ["snapshot", "whole"])
def test_csv_read_by_a_stranger_gives_the_manifests_digests(
    which: str, request: pytest.FixtureRequest
) -> None:
    """The page, the csv module and BLAKE3 are all it takes."""
    directory: Path = request.getfixturevalue(which)
    manifest = load(directory / "manifest.json")
    tables = {}
    for table in manifest["request"]["tables"]:
        schema = csv_schema(directory, table)
        leaves = csv_leaves(directory, parts(manifest, table, "csv"), schema)
        tables[table] = table_digest(table, schema, leaves)

    assert tables == {table["name"]: table["content_digest"] for table in manifest["tables"]}
    assert dataset_digest(manifest, tables) == manifest["dataset_digest"]


@pytest.mark.parametrize("which", ["snapshot", "whole"])
def test_parquet_read_by_a_stranger_gives_the_manifests_digests(
    which: str, request: pytest.FixtureRequest
) -> None:
    """The same from Parquet, whose own schema says what is nullable."""
    directory: Path = request.getfixturevalue(which)
    manifest = load(directory / "manifest.json")
    tables = {}
    for table in manifest["request"]["tables"]:
        names = parts(manifest, table, "parquet")
        schema = parquet_schema(directory / names[0])
        tables[table] = table_digest(table, schema, parquet_leaves(directory, names))

    assert tables == {table["name"]: table["content_digest"] for table in manifest["tables"]}
    assert dataset_digest(manifest, tables) == manifest["dataset_digest"]


def test_the_request_digest_is_the_hash_of_the_request(snapshot: Path) -> None:
    """SHA-256 over the canonical JSON, as the manifest states it."""
    manifest = load(snapshot / "manifest.json")
    text = json.dumps(
        manifest["request"], sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )

    assert hashlib.sha256(text.encode()).hexdigest() == manifest["request_digest"]


def test_the_snapshots_hold_what_the_page_speaks_of(snapshot: Path, whole: Path) -> None:
    """Leaves in two parts or one, nulls, all three kinds: nothing of the page is left untried."""
    persons = load(snapshot / "manifest.json")["tables"][0]
    kinds = {kind for table in ("persons", "vehicles") for _, kind, _ in csv_schema(whole, table)}

    assert persons["rows"] == LEAF + 1
    assert persons["columns"]["address_line_2"]["nulls"] > 0
    assert len(list(snapshot.glob("persons-*.csv"))) == 2
    assert kinds == {"text", "integer", "date"}


@pytest.mark.parametrize(
    ("column", "row", "value"), [(0, 0, "x"), (7, 3, ""), (13, LEAF, "real"), (3, 5, "1990-01-01")]
)
def test_one_changed_cell_changes_the_digest(
    snapshot: Path, column: int, row: int, value: str
) -> None:
    """First and last row, a null that comes or goes, a date: the stranger's digest moves."""
    schema = csv_schema(snapshot, "persons")
    names = parts(load(snapshot / "manifest.json"), "persons", "csv")
    leaves = list(csv_leaves(snapshot, names, schema))
    before = table_digest("persons", schema, iter(leaves))
    leaf, place = divmod(row, LEAF)
    old = leaves[leaf][column][place]

    leaves[leaf][column][place] = _value(schema[column][1], value) if old is not None else "Apt 1"

    assert before != table_digest("persons", schema, iter(leaves))
