"""Small JSON answers are made of plain values, and large ones of columns: they must be the same."""

from __future__ import annotations

import pytest

from esdh_api.answers import _made
from esdh_exporters import few_rows, render_tables, table_writer
from esdh_generator import Dataset

SEEDS = (0, 7, 20251101, 2**64 - 1)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("tables", [("persons",), ("vehicles",), ("profiles",), None])
def test_answers_are_the_same_bytes(
    seed: int, tables: tuple[str, ...] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows, digests and all around them, up to the most rows that are few."""
    datasets = [Dataset(seed, records, tables=tables) for records in (1, 5, few_rows.FEW_OWNERS)]
    few = [_made(dataset) for dataset in datasets]
    monkeypatch.setattr(table_writer, "FEW_OWNERS", 0)
    monkeypatch.setattr(Dataset, "few_rows", None)

    assert [_made(dataset) for dataset in datasets] == few


def test_a_thousand_rows_have_the_digests_of_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """The quick way would hold for more than it is used for."""
    dataset = Dataset(7, 1_000)
    columns = render_tables(dataset, "ndjson")
    monkeypatch.setattr(table_writer, "FEW_OWNERS", 1_000)
    monkeypatch.setattr(Dataset, "iter_blocks", None)

    assert render_tables(dataset, "ndjson") == columns


def test_one_more_owner_keeps_the_rows_of_few() -> None:
    """Where one way ends and the other begins, the rows go on."""
    few, more = (
        render_tables(Dataset(7, records), "ndjson")
        for records in (few_rows.FEW_OWNERS, few_rows.FEW_OWNERS + 1)
    )

    for name, table in few.items():
        assert more[name].content.startswith(table.content)
