"""Allocating Arrow's memory by the system's own allocator."""

from __future__ import annotations

import os

import pyarrow as pa


def use_system_allocator() -> None:
    """Let Arrow allocate as the rest of the process does; for programs, before they make arrays.

    Arrow's own pool gives large pieces back to the system and takes them anew all the time, each
    time cleared: with glibc's allocator a snapshot takes less time, and mostly less memory
    (governance/decisions/0025-system-allocator.md). Other C libraries keep Arrow's pool, and
    `ARROW_DEFAULT_MEMORY_POOL` is heeded where it is set.
    """
    if "ARROW_DEFAULT_MEMORY_POOL" not in os.environ and _is_glibc():
        use_allocator("system")


def use_allocator(name: str) -> None:
    """Let Arrow allocate by `jemalloc`, `mimalloc` or `system`, as this build of it has them."""
    pools = {
        "jemalloc": pa.jemalloc_memory_pool,
        "mimalloc": pa.mimalloc_memory_pool,
        "system": pa.system_memory_pool,
    }
    pa.set_memory_pool(pools[name]())


def _is_glibc() -> bool:
    """Whether the C library is glibc."""
    try:
        return bool(os.confstr("CS_GNU_LIBC_VERSION"))
    except (AttributeError, OSError, ValueError):
        return False
