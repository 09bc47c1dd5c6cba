"""What a server allocates with."""

import os
import platform
import subprocess
import sys

import pytest

SHOWN = """
import ctypes, threading
from esdh_api.allocation import give_memory_back
give_memory_back()
import pyarrow as pa

together = threading.Barrier(9)
def allocate():
    together.wait()
    kept = [bytearray(1000) for _ in range(1000)]
    together.wait()
threads = [threading.Thread(target=allocate) for _ in range(8)]
for thread in threads: thread.start()
together.wait()
together.wait()
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
file = ctypes.c_void_p(libc.fopen(b"/dev/stdout", b"w"))
libc.malloc_info(0, file)
libc.fclose(file)
print(pa.default_memory_pool().backend_name)
"""


def shown(**environment: str) -> tuple[str, int]:
    """Arrow's allocator, and in how many arenas eight threads allocate."""
    known = {name: value for name, value in os.environ.items() if "MALLOC" not in name}
    known.pop("ARROW_DEFAULT_MEMORY_POOL", None)
    ended = subprocess.run(
        [sys.executable, "-c", SHOWN],
        capture_output=True,
        text=True,
        check=True,
        env={**known, "PYTHONMALLOC": "malloc", **environment},
        timeout=60,
    )
    return ended.stdout.split()[-1], ended.stdout.count("<heap nr=")


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="arenas are glibc's")
def test_threads_share_two_arenas_of_the_system() -> None:
    """With nothing set, Arrow included."""
    assert shown() == ("system", 2)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="arenas are glibc's")
def test_the_environment_goes_first() -> None:
    """Whoever sets another allocator or number of arenas gets it."""
    assert shown(ARROW_DEFAULT_MEMORY_POOL="mimalloc", MALLOC_ARENA_MAX="5") == ("mimalloc", 5)
