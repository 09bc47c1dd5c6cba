"""Every table of damages that the verifier is tested with, run as one and summed up."""

from __future__ import annotations

import inspect
import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from soak.harness import Conclude, damages, failure_of, forgeries, manifests, other_bytes

if TYPE_CHECKING:
    from conftest import SnapshotMaker

TABLES: dict[str, Callable[..., None]] = {
    "files flipped, cut, emptied, grown, or turned into links, FIFOs, directories":
        damages.test_a_damaged_file_is_found_and_named,
    "files more, fewer, swapped, or with names that are twins or control characters":
        damages.test_a_damaged_directory_is_found_and_named,
    "manifests that reach outside or contradict themselves, every hash made to fit":
        manifests.test_a_false_claim_is_found_though_every_hash_fits,
    "manifests that are bombs: huge, deep, long numbers, duplicate keys":
        manifests.test_a_manifest_that_is_a_bomb_ends_in_one_problem,
    "rows of CSV forged, every hash made to fit":
        forgeries.test_reading_the_rows_finds_a_rehashed_forgery,
    "rows of Parquet forged, every hash made to fit":
        forgeries.test_reading_the_rows_finds_a_rehashed_parquet_forgery,
    "bundles forged around their rows, every hash made to fit":
        forgeries.test_reading_the_rows_finds_a_rehashed_bundle_forgery,
    "the same rows in other bytes of CSV, JSON and NDJSON, every hash made to fit":
        other_bytes.test_rows_in_other_bytes_are_found,
}  # fmt: skip
ALL_FORMATS = ("csv", "json", "ndjson", "parquet")


def arguments_of(test: Any) -> Iterator[dict[str, object]]:
    """What a parametrized test is called with beside its snapshot."""
    tables = []
    for mark in test.pytestmark:
        names, rows = mark.args
        several = not isinstance(names, str)
        values = [getattr(row, "values", row) for row in rows]  # those of pytest.param
        tables.append(
            [dict(zip(names, row, strict=True)) if several else {names: row} for row in values]
        )
    for chosen in itertools.product(*tables):
        yield {name: value for part in chosen for name, value in part.items()}


@pytest.mark.parametrize("what", TABLES)
def test_damages(
    make_snapshot: SnapshotMaker, tmp_path: Path, conclude: Conclude, what: str
) -> None:
    """Found, named and told soon, each on a fresh copy."""
    test, snapshot = TABLES[what], tmp_path / "copy" / "snapshot"
    is_whole = "whole" in inspect.signature(test).parameters
    sound = make_snapshot(name="sound", **({"formats": ALL_FORMATS} if is_whole else {}))
    missed, cases = [], list(arguments_of(test))
    for number, arguments in enumerate(cases):
        shutil.copytree(sound, snapshot)
        failure = failure_of(test, snapshot, **arguments)
        missed += [f"case {number}: {failure}"] if failure else []
        shutil.rmtree(snapshot.parent)

    kinds = max(len(mark.args[1]) for mark in test.pytestmark)  # type: ignore[attr-defined]
    seen = f"{kinds} kinds of damage, found under the right name"
    conclude(f"verifier: {what}", len(cases), missed, seen)
