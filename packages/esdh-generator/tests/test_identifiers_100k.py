"""Keys over 100,000 owners: unique, and taken apart again to the very row."""

import uuid

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from esdh_generator import Dataset
from esdh_generator.permutation import Permutation
from esdh_generator.random_streams import RandomStreams
from esdh_models import never_real

RECORDS = 100_000
SEED = 20251101
TABLES = {"persons": 1, "vehicles": 2, "profiles": 3}
KEYS = [
    ("persons", "person_id"),
    ("vehicles", "vehicle_id"),
    ("vehicles", "vin"),
    ("profiles", "profile_id"),
]


@pytest.fixture(scope="module")
def tables() -> dict[str, pa.Table]:
    """All three tables."""
    dataset = Dataset(SEED, RECORDS)
    return {name: dataset.table(name) for name in TABLES}


@pytest.mark.parametrize(("table", "key"), KEYS)
def test_keys_are_unique(tables: dict[str, pa.Table], table: str, key: str) -> None:
    """Not one of 100,000 repeats."""
    assert pc.count_distinct(tables[table][key]).as_py() == RECORDS


def test_no_identifier_stands_in_two_tables(tables: dict[str, pa.Table]) -> None:
    """Ids tell their table apart, so a mixed-up join finds nothing."""
    columns = [tables[table][key] for table, key in KEYS if key != "vin"]
    together = pa.chunked_array(chunk for column in columns for chunk in column.chunks)

    assert pc.count_distinct(together).as_py() == 3 * RECORDS


@pytest.mark.parametrize(
    ("table", "column"), [("vehicles", "person_id"), ("profiles", "person_id")]
)
def test_children_name_the_parent_of_the_same_row(
    tables: dict[str, pa.Table], table: str, column: str
) -> None:
    """One vehicle and one profile per person in v0.1: row i belongs to person i."""
    assert tables["persons"]["person_id"].equals(tables[table][column])


@pytest.mark.parametrize("table", TABLES)
def test_ids_undone_offline_count_the_rows(tables: dict[str, pa.Table], table: str) -> None:
    """All 100,000 identifiers give table, owner 0, 1, 2 ..., ordinal 0 and zero check bits."""
    numbers = [uuid.UUID(text).int for text in tables[table][f"{table[:-1]}_id"].to_pylist()]
    free = [(n >> 80) << 74 | ((n >> 64) & 0xFFF) << 62 | n & (2**62 - 1) for n in numbers]

    left, right = Permutation.of(RandomStreams(SEED, "baseline"), "record_id", 61).undo(
        np.array([n >> 61 for n in free], np.uint64),
        np.array([n & (2**61 - 1) for n in free], np.uint64),
    )

    assert {TABLES[table]} == set((left >> np.uint64(53)).tolist())
    assert list(range(RECORDS)) == ((left >> np.uint64(5)) & np.uint64(2**48 - 1)).tolist()
    assert {0} == set((left & np.uint64(0x1F)).tolist()) | set(right.tolist())


@pytest.mark.parametrize("table", TABLES)
def test_every_identifier_cell_lies_in_its_registered_class(
    tables: dict[str, pa.Table], table: str
) -> None:
    """The scanner that each class registers accepts each of 100,000 cells."""
    outside = []
    for batch in tables[table].combine_chunks().to_batches():
        for column in Dataset(SEED, 1).contract.table(table).columns:
            if column.facts.identifier_class is not None:
                scan = never_real.get_identifier_class(column.facts.identifier_class).scan
                mask = scan(batch.column(column.name), batch)
                outside += [column.name] if not pc.all(mask).as_py() else []

    assert outside == []
