"""What was measured on: the facts that a reader needs, and none that name the machine."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
from pathlib import Path
from typing import Final

_LIBRARIES: Final = (
    "esdh-cli",
    "numpy",
    "pyarrow",
    "blake3",
    "click",
    "polars",
    "faker",
    "mimesis",
    "tpchgen-cli",
)
_IN_MEMORY: Final = frozenset({"tmpfs", "ramfs"})


def machine_facts(folder: Path) -> dict[str, str]:
    """Processor, memory, system and versions, by what they are."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": f"{_processor()}, {len(os.sched_getaffinity(0))} cores",
        "memory": f"{memory / 2**30:.0f} GiB",
        "files on": file_system(folder),
        "kernel": f"{platform.system()} {platform.release().partition('-')[0]}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "libraries": ", ".join(f"{n} {importlib.metadata.version(n)}" for n in _LIBRARIES),
    }


def file_system(folder: Path) -> str:
    """Kind of the file system that holds a folder."""
    mounts: dict[Path, str] = {}
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, place, kind, *_ = line.split()
        mounts[Path(place)] = kind
    path = folder.resolve()
    return next(mounts[above] for above in (path, *path.parents) if above in mounts)


def is_in_memory(folder: Path) -> bool:
    """Whether files there are never written to a disk."""
    return file_system(folder) in _IN_MEMORY


def _processor() -> str:
    facts = Path("/proc/cpuinfo").read_text()
    found = re.search(r"^model name\s*: (.*)$", facts, re.MULTILINE)
    return found[1] if found else platform.machine()
