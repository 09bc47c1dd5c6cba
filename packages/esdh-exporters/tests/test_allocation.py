"""What Arrow allocates with, in a process of its own."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

SHOWN = """
import os, sys
if "elsewhere" in sys.argv:
    def confstr(name):
        raise ValueError("unrecognized configuration name")
    os.confstr = confstr
import pyarrow as pa
from esdh_exporters import use_system_allocator
use_system_allocator()
print(pa.default_memory_pool().backend_name)
"""
ON_GLIBC = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="set on glibc alone")


def shown(*arguments: str, **environment: str) -> str:
    """Arrow's allocator once it was asked for the system's."""
    known = {key: value for key, value in os.environ.items() if key != "ARROW_DEFAULT_MEMORY_POOL"}
    ended = subprocess.run(
        [sys.executable, "-c", SHOWN, *arguments],
        capture_output=True,
        text=True,
        check=True,
        env={**known, **environment},
        timeout=60,
    )
    return ended.stdout.strip()


@ON_GLIBC
def test_it_is_the_one_of_glibc() -> None:
    """With nothing set."""
    assert shown() == "system"


def test_the_environment_goes_first() -> None:
    """Whoever names another pool gets it."""
    assert shown(ARROW_DEFAULT_MEMORY_POOL="mimalloc") == "mimalloc"


def test_elsewhere_arrow_keeps_its_own() -> None:
    """Another C library's allocator was never measured."""
    assert shown("elsewhere") != "system"
