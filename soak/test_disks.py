"""A disk, or a file, that is full at ten points of a run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from soak.harness import Conclude, failure_of, full_disk

if TYPE_CHECKING:
    from conftest import Program, Stepper

SEEN = "each time exit code 3, one line, nothing left"


def test_full_disks(
    program: Program,
    stepper: Stepper,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    namespace: list[str],
    count: Callable[[int], int],
    conclude: Conclude,
) -> None:
    """Disks of a twentieth, three twentieths, ... of what the snapshot needs."""
    sizes, broken = count(10), []
    for number in range(sizes):
        folder = tmp_path / str(number)
        folder.mkdir()
        broken.append(
            failure_of(
                full_disk.test_a_full_disk_leaves_nothing,
                *(program, stepper, folder, monkeypatch, namespace, full_disk.PARTS),
                share=(number + 0.5) / sizes,
            )
        )
    tried = "disk full, sizes even up to that of the snapshot; csv, parquet; two workers"
    conclude(tried, sizes, list(filter(None, broken)), SEEN)


def test_limits_on_file_sizes(
    program: Program,
    stepper: Stepper,
    tmp_path: Path,
    count: Callable[[int], int],
    conclude: Conclude,
) -> None:
    """The same with RLIMIT_FSIZE, up to the size of the largest file."""
    assert stepper.run(*full_disk.PARTS, tmp_path / "whole").code == 0
    largest = max(path.stat().st_size for path in (tmp_path / "whole").iterdir())
    sizes, broken = count(10), []
    for number in range(sizes):
        folder = tmp_path / str(number)
        folder.mkdir()
        limit = int(largest * (number + 0.5) / sizes)
        test = full_disk.test_a_limit_on_file_sizes_leaves_nothing
        broken.append(failure_of(test, program, folder, full_disk.PARTS, limit))
    tried = "RLIMIT_FSIZE, even up to the largest file; csv, parquet; two workers"
    conclude(tried, sizes, list(filter(None, broken)), SEEN)
