"""Speed, by a ratio so generous that only a blunder passes it; `make bench` measures."""

import hashlib
import io
import time
from pathlib import Path

import pyarrow.csv as pa_csv
import pytest

from esdh_exporters import write_snapshot
from esdh_generator import Dataset
from esdh_models import Packaging

pytestmark = pytest.mark.perf

RECORDS = 10_000
GENEROUS_RATIO = 12


def floor_seconds(dataset: Dataset) -> float:
    """CPU seconds of pyarrow writing the same tables as CSV, and of hashing them."""
    tables = [dataset.table(name) for name in dataset.request.tables]
    start = time.process_time()
    for table in tables:
        buffer = io.BytesIO()
        pa_csv.write_csv(table, buffer)
        hashlib.sha256(buffer.getbuffer()).digest()
    return time.process_time() - start


def test_a_snapshot_costs_a_small_multiple_of_its_floor(tmp_path: Path) -> None:
    """Ten thousand policyholders as CSV with all proof, against pyarrow alone; best of five."""
    dataset, packaging = Dataset(records=RECORDS), Packaging(formats=("csv",))
    write_snapshot(dataset, tmp_path / "warm", packaging)
    ratios = []
    for number in range(5):
        floor = floor_seconds(dataset)
        start = time.process_time()
        write_snapshot(dataset, tmp_path / str(number), packaging)
        ratios.append((time.process_time() - start) / floor)

    assert min(ratios) < GENEROUS_RATIO
