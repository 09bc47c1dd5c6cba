"""Validates the generator: the written digests, and no value that depends on how it is asked."""

from __future__ import annotations

import itertools
import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from validator import CheckFailedError, importing, require_none, run_validator

with importing("generator"):
    import pyarrow as pa

    from esdh_exporters import dataset_digest, render_tables, write_snapshot
    from esdh_generator import RULES_VERSIONS, Dataset
    from esdh_models import Packaging, TableContract, validation

_SEED: Final = 7
_RECORDS: Final = 2_000
_GOLDEN_RECORDS: Final = 1_000
"""Requests of more records are left to the tests."""

_CUTS: Final = (0, 1, 2, 999, 1_000, 1_999, _RECORDS)


def golden_digests_match(root: Path) -> str:
    """Small requests have the digests that tests-integration/golden says, by the same rules."""
    problems, requests = [], 0
    for path in sorted((root / "tests-integration" / "golden").glob("*.json")):
        golden = json.loads(path.read_text(encoding="utf-8"))
        version = golden["contract_version"]
        if golden["rules_version"] != RULES_VERSIONS[version]:
            problems.append(f"{path.name} is of other rules than {RULES_VERSIONS[version]}")
        for name, entry in golden["datasets"].items():
            dataset = _asked(version, entry["request"])
            if dataset.owner_count <= _GOLDEN_RECORDS:
                requests += 1
                if _digests(dataset) != (entry["dataset_digest"], entry["tables"]):
                    problems.append(f"{path.name}: {name!r} has other digests; see make golden")
    if not requests:
        problems.append("there is no golden request that is small enough")
    require_none(problems)
    return f"{requests} requests of at most {_GOLDEN_RECORDS:,} records"


def _asked(version: str, request: Mapping[str, Any]) -> Dataset:
    tables = request.get("tables")
    return Dataset(
        request.get("seed"),
        request.get("records"),
        contract_version=version,
        tables=tables.split(",") if tables else None,
    )


def _digests(dataset: Dataset) -> tuple[str, dict[str, str]]:
    rendered = render_tables(dataset, "ndjson")
    tables = {name: table.content_digest for name, table in rendered.items()}
    return dataset_digest(dataset.request, tables), tables


def fewer_records_are_the_first_of_more(_: Path) -> str:
    """1,000 records are the first 1,000 of 2,000, in every table."""
    few, many = Dataset(_SEED, _RECORDS // 2), Dataset(_SEED, _RECORDS)
    require_none(
        f"{table.name} of {few.owner_count:,} records are not the first rows of more"
        for table in many.contract.tables
        if few.table(table.name) != many.table(table.name).slice(0, few.owner_count)
    )
    return f"{few.owner_count:,} of {many.owner_count:,} records"


def cutting_changes_no_value(_: Path) -> str:
    """Ranges of owners, asked one by one, hold the rows of the whole."""
    dataset = Dataset(_SEED, _RECORDS)
    problems = []
    for table in dataset.contract.tables:
        batches = [
            _plain(table, block[table.name])
            for start, stop in itertools.pairwise(_CUTS)
            for block in dataset.iter_blocks(start, stop)
        ]
        if pa.Table.from_batches(batches) != dataset.table(table.name):
            problems.append(f"{table.name} depends on how owners are cut")
    require_none(problems)
    return f"{len(_CUTS) - 1} ranges"


def tables_do_not_depend_on_each_other(_: Path) -> str:
    """A table asked for alone holds the rows that it holds among others."""
    together = next(Dataset(_SEED, _RECORDS).iter_blocks())
    require_none(
        f"{table.name} depends on which tables are asked for"
        for table in Dataset(_SEED, _RECORDS).contract.tables
        if _plain(
            table, next(Dataset(_SEED, _RECORDS, tables=[table.name]).iter_blocks())[table.name]
        )
        != _plain(table, together[table.name])
    )
    return f"{len(together)} tables"


def workers_change_no_value(_: Path) -> str:
    """One process and two write the same manifest."""
    dataset = Dataset(_SEED, 10_001, tables=["persons"])
    packaging = Packaging.parse(formats=("csv",), records_per_file=10_000)
    with tempfile.TemporaryDirectory() as folder:
        one, two = (
            write_snapshot(dataset, Path(folder) / str(workers), packaging, workers=workers)
            for workers in (1, 2)
        )
    if one.manifest != two.manifest:
        raise CheckFailedError("two workers wrote another manifest than one")
    return f"{one.manifest.dataset_digest} by one worker and by two"


def another_seed_is_another_dataset(_: Path) -> str:
    """Twenty seeds give twenty digests."""
    digests = {_digests(Dataset(seed, 5))[0] for seed in range(20)}
    if len(digests) != 20:
        raise CheckFailedError(f"20 seeds gave {len(digests)} digests")
    return "20 seeds"


def identifiers_lie_in_their_classes(_: Path) -> str:
    """No row breaks a rule of its own: nulls, formats, code lists, ages, never-real classes."""
    dataset = Dataset(_SEED, _RECORDS)
    as_of = dataset.request.identity.as_of_date
    require_none(
        f"{found.table}.{found.column} breaks {found.rule} in row {found.row}"
        for table, batch in _iter_batches(dataset)
        for found in validation.iter_row_violations(table, batch, 0, as_of=as_of)
    )
    return f"{_RECORDS:,} policyholders"


def keys_hold(_: Path) -> str:
    """Keys are unique, foreign keys name a row, and copied columns hold what the parent does."""
    dataset = Dataset(_SEED, _RECORDS)
    checks = (
        validation.KeyCheck(dataset.contract.tables),
        validation.CopyCheck(dataset.contract.tables),
    )
    for table, batch in _iter_batches(dataset):
        for check in checks:
            check.add(table, batch)
    require_none(
        f"{found.table}.{found.column} breaks {found.rule} in row {found.row}"
        for check in checks
        for found in check.iter_violations()
    )
    return f"{_RECORDS:,} policyholders"


def identifiers_lead_back_to_their_rows(_: Path) -> str:
    """An identifier, undone, names its table and its owner."""
    dataset = Dataset(_SEED, 20)
    problems, identifiers = [], 0
    for table in dataset.contract.tables:
        rows = dataset.table(table.name).to_pylist()
        for owner, row in enumerate(rows):
            identifiers += 1
            found = dataset.locate(row[table.primary_key])
            if (found.table, found.owner) != (table.name, owner):
                problems.append(f"row {owner} of {table.name} is found as {found}")
    require_none(problems)
    return f"{identifiers} identifiers"


def _iter_batches(dataset: Dataset) -> Iterator[tuple[TableContract, pa.RecordBatch]]:
    """Whole tables in contract order, parents first, as plain columns in one batch each."""
    for table in dataset.contract.tables:
        yield table, dataset.table(table.name).combine_chunks().to_batches()[0]


def _plain(table: TableContract, batch: pa.RecordBatch) -> pa.RecordBatch:
    return batch.cast(table.arrow_schema)


CHECKS: Final = (
    golden_digests_match,
    fewer_records_are_the_first_of_more,
    cutting_changes_no_value,
    tables_do_not_depend_on_each_other,
    workers_change_no_value,
    another_seed_is_another_dataset,
    identifiers_lie_in_their_classes,
    keys_hold,
    identifiers_lead_back_to_their_rows,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the checks."""
    return run_validator("generator", CHECKS, arguments)


if __name__ == "__main__":
    sys.exit(main())
