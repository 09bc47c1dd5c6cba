"""One flipped bit anywhere in a snapshot is found, and the right file named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from soak.harness import Conclude, damages

from esdh_exporters import Answer, verify_snapshot

if TYPE_CHECKING:
    from conftest import Stepper


def test_flipped_bits(
    stepper: Stepper, tmp_path: Path, count: Callable[[int], int], conclude: Conclude
) -> None:
    """Places are even over all bytes of all files, and the eight bits take turns."""
    target = tmp_path / "target"
    arguments = ["generate-snapshot", "--records", "20", "--workers", "1", "--output-dir", target]
    assert stepper.run(*arguments, "--output-format", "csv,json,ndjson,parquet").code == 0
    places = [
        (path, place) for path in sorted(target.iterdir()) for place in range(path.stat().st_size)
    ]
    flips, broken, named = count(2000), [], Counter[str]()
    for number in range(flips):
        path, place = places[len(places) * number // flips]
        content = path.read_bytes()
        damaged = bytearray(content)
        damaged[place] ^= 1 << number % 8
        path.write_bytes(damaged)
        report = verify_snapshot(target)
        path.write_bytes(content)
        allowed = {path.name, "SHA256SUMS"} if path.name == "manifest.json" else {path.name}
        names = damages.named(report)
        if report.answer is not Answer.BROKEN or not allowed & set(names):
            broken.append(f"bit {number % 8} of byte {place} of {path.name}: {report.problems}")
        named["alone" if names == [path.name] else "with others"] += 1
    assert verify_snapshot(target, deep=True).passed

    files = len({path for path, _ in places})
    conclude(
        "one flipped bit, places even over all bytes; csv, json, ndjson, parquet",
        flips,
        broken,
        f"{len(places):,} bytes in {files} files; the file was named alone"
        f" {named['alone']} times, for the others SHA256SUMS too or a file whose entry was hit",
    )
