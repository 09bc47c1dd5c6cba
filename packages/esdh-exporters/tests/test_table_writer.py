"""Tables without a snapshot around them: the same bytes and digests as in one, in flat memory."""

from __future__ import annotations

import functools
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from esdh_exporters import (
    iter_arrow_stream,
    iter_tables,
    load_snapshot_manifest,
    render_tables,
    write_snapshot,
    write_table,
)
from esdh_models import Contract, DatasetRequest, Packaging, errors

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import SourceMaker
    from plain_source import PlainSource

TABLES = ("persons", "vehicles")
FORMATS = ("csv", "ndjson", "parquet")
SIZES = (1, 9_999, 10_000, 10_001, 50_003)
_KNOWN = 40_000


@dataclass
class KnownSource:
    """The rows of a source, made once and dictionary-encoded; counts the owners asked for."""

    plain: PlainSource
    asked: int = 0

    @property
    def request(self) -> DatasetRequest:
        """That of the plain source, as is all but the rows."""
        return self.plain.request

    @property
    def contract(self) -> Contract:
        """The contract."""
        return self.plain.contract

    @property
    def owner_count(self) -> int:
        """Number of policyholders."""
        return self.plain.owner_count

    @property
    def reference_data_digest(self) -> str:
        """Nothing."""
        return self.plain.reference_data_digest

    @property
    def produced_by(self) -> Mapping[str, str]:
        """Nothing but the plain source."""
        return self.plain.produced_by

    def iter_blocks(self, start: int, stop: int) -> Iterator[Mapping[str, pa.RecordBatch]]:
        """Slices of the known rows, from the beginning again where they end."""
        self.asked += stop - start
        for first in range(start, stop, 10_000):
            rows = min(10_000, stop - first)
            yield {
                name: batch.slice(first % _KNOWN, rows)
                for name, batch in _known_rows(_of_size(self.plain, _KNOWN)).items()
            }


def _of_size(source: PlainSource, records: int) -> PlainSource:
    return replace(source, request=source.request.model_copy(update={"records": records}))


@functools.cache
def _known_rows(source: PlainSource) -> Mapping[str, pa.RecordBatch]:
    (block,) = source.iter_blocks(0, source.owner_count)
    return {name: _coded(batch) for name, batch in block.items()}


def _coded(batch: pa.RecordBatch) -> pa.RecordBatch:
    columns = [
        column.dictionary_encode() if pa.types.is_string(column.type) else column
        for column in batch.columns
    ]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


SourceOfSize = Callable[..., KnownSource]


@pytest.fixture
def known(make_source: SourceMaker) -> SourceOfSize:
    """Makes a source of so many records."""
    return lambda records=20, **more: KnownSource(make_source(records=records, **more))


def written(source: KnownSource, table: str, format_name: str) -> bytes:
    """A table as `write_table` writes it."""
    file = io.BytesIO()
    write_table(source, table, format_name, file)
    return file.getvalue()


@pytest.mark.parametrize("records", SIZES)
@pytest.mark.parametrize("format_name", FORMATS)
def test_chunks_side_by_side_are_the_tables(
    known: SourceOfSize, records: int, format_name: str
) -> None:
    """Put together, the chunks of each table are the bytes of `write_table`."""
    source = known(records)
    steps = list(iter_tables(source, format_name))

    assert all(tuple(step) == TABLES for step in steps)
    for table in TABLES:
        assert b"".join(step[table] for step in steps) == written(source, table, format_name)


@pytest.mark.parametrize("format_name", FORMATS)
def test_coded_text_is_written_as_it_stands(known: SourceOfSize, format_name: str) -> None:
    """How a source encodes its columns cannot be seen in the bytes."""
    source = known(30)
    plain = io.BytesIO()
    write_table(source.plain, "persons", format_name, plain)

    assert written(source, "persons", format_name) == plain.getvalue()


@pytest.mark.parametrize(("format_name", "last"), [("csv", 0), ("ndjson", 0), ("parquet", 1)])
def test_every_step_is_a_leaf(known: SourceOfSize, format_name: str, last: int) -> None:
    """Three leaves, three steps, and one more where the format has an end."""
    assert len(list(iter_tables(known(20_003), format_name))) == 3 + last


@pytest.mark.parametrize("format_name", ["csv", "ndjson"])
def test_chunks_end_with_a_row(known: SourceOfSize, format_name: str) -> None:
    """So that what is put between them, such as the name of a table, stands between rows."""
    for step in iter_tables(known(10_001), format_name):
        assert all(chunk.endswith(b"\n") for chunk in step.values())


@pytest.mark.parametrize("format_name", FORMATS)
def test_rendered_tables_are_those_of_a_snapshot(
    known: SourceOfSize, tmp_path: Path, format_name: str
) -> None:
    """Rows, digest and bytes, for any number of leaves."""
    for records in SIZES:
        source = known(records)
        packaging = Packaging.parse(formats=["parquet"])
        directory = write_snapshot(source, tmp_path / f"{records}", packaging).directory
        told = {table.name: table for table in load_snapshot_manifest(directory).tables}
        rendered = render_tables(source, format_name)

        assert tuple(rendered) == TABLES
        for table, found in rendered.items():
            assert found.rows == records
            assert found.content_digest == told[table].content_digest
            assert found.content == written(source, table, format_name)


@pytest.mark.parametrize("records", SIZES)
@pytest.mark.parametrize("table", TABLES)
def test_an_arrow_stream_is_the_table(known: SourceOfSize, records: int, table: str) -> None:
    """With the contract's schema, plain columns, 50,000 rows a batch, and its end marked."""
    source = known(records)
    stream = b"".join(iter_arrow_stream(source, table))
    reader = pa.ipc.open_stream(stream)
    batches = list(reader)
    parquet = pq.read_table(io.BytesIO(written(source, table, "parquet")))

    assert reader.schema == source.contract.table(table).arrow_schema
    assert [batch.num_rows for batch in batches[:-1]] == [50_000] * (len(batches) - 1)
    assert len(batches) == -(-records // 50_000)
    assert stream.endswith(b"\xff\xff\xff\xff\0\0\0\0")
    assert pa.Table.from_batches(batches).to_pylist() == parquet.to_pylist()


def test_formats_hold_the_same_rows(known: SourceOfSize) -> None:
    """NDJSON against Arrow, value by value."""
    source = known(300)
    lines = render_tables(source, "ndjson")["persons"].content.splitlines()
    stream = pa.ipc.open_stream(b"".join(iter_arrow_stream(source, "persons"))).read_all()
    rows = stream.set_column(
        stream.column_names.index("date_of_birth"),
        "date_of_birth",
        stream["date_of_birth"].cast(pa.string()),
    )

    assert [json.loads(line) for line in lines] == rows.to_pylist()


@pytest.mark.parametrize("format_name", ["csv", "ndjson"])
def test_nothing_is_made_before_it_is_taken(known: SourceOfSize, format_name: str) -> None:
    """A reader that stops costs a few leaves, however many there are."""
    source = known(10_000_000)
    steps = iter_tables(source, format_name)
    stream = iter_arrow_stream(source, "persons")

    assert source.asked == 0
    next(steps)
    next(stream)
    assert 10_000 <= source.asked <= 60_000
    steps.close()  # type: ignore[attr-defined]  # both are generators
    stream.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("format_name", "error", "message"),
    [
        ("xml", errors.UnknownNameError, "unknown output format 'xml'"),
        ("json", errors.InvalidRequestError, "json holds whole datasets, not one table"),
    ],
)
def test_formats_that_cannot_be(
    known: SourceOfSize, format_name: str, error: type[Exception], message: str
) -> None:
    """Refused at the first step, by every function."""
    source = known()

    with pytest.raises(error, match=message):
        next(iter_tables(source, format_name))
    with pytest.raises(error, match=message):
        render_tables(source, format_name)
    with pytest.raises(error, match=message):
        write_table(source, "persons", format_name, io.BytesIO())


def test_tables_that_were_not_asked_for(known: SourceOfSize) -> None:
    """A filter of the request holds here too."""
    source = known(tables=("persons",))

    assert tuple(render_tables(source, "csv")) == ("persons",)
    with pytest.raises(errors.UnknownNameError, match="unknown entity 'vehicles'"):
        next(iter_arrow_stream(source, "vehicles"))
    with pytest.raises(errors.UnknownNameError, match="unknown entity 'vehicles'"):
        write_table(source, "vehicles", "csv", io.BytesIO())


def test_progress_counts_owners(known: SourceOfSize) -> None:
    """Chunk by chunk, to the last."""
    told: list[int] = []
    write_table(known(50_003), "persons", "csv", io.BytesIO(), progress=told.append)

    assert told == [50_000, 3]
