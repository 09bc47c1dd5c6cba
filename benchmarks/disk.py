"""What the disk alone takes: so many megabytes in one file, written and synced.

It is run as `python disk.py MEGABYTES FOLDER`.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

_PIECE: Final = os.urandom(10**6)
"""No disk makes less of it."""


def measure_disk(megabytes: int, folder: Path) -> dict[str, float]:
    """CPU and wall seconds, from the first byte until the file is on disk."""
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        before, start = time.process_time(), time.perf_counter()
        for _ in range(megabytes):
            file.write(_PIECE)
        os.fsync(file.fileno())
        wall_seconds = time.perf_counter() - start
    return {
        "cpu_seconds": time.process_time() - before,
        "wall_seconds": wall_seconds,
        "written_megabytes": megabytes,
    }


if __name__ == "__main__":
    print(json.dumps(measure_disk(int(sys.argv[1]), Path(sys.argv[2]))))
