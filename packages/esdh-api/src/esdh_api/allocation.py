"""Allocating memory so that what an answer took goes back to the system."""

from __future__ import annotations

import ctypes
import os
import sys
from typing import Final

from esdh_exporters import use_system_allocator

_M_ARENA_MAX: Final = -8
"""The parameter's number in glibc's malloc.h."""
_ARENAS: Final = 2


def give_memory_back() -> None:
    """Use glibc's allocator for Arrow too, with few arenas; call it before threads start.

    Arrow's own pool and an arena for each thread would keep the memory of the largest answers.
    `ARROW_DEFAULT_MEMORY_POOL` and `MALLOC_ARENA_MAX` are heeded where they are set.
    """
    use_system_allocator()
    if sys.platform == "linux" and "MALLOC_ARENA_MAX" not in os.environ:
        set_option = getattr(ctypes.CDLL(None), "mallopt", None)  # other C libraries have none
        if set_option is not None:
            set_option(_M_ARENA_MAX, _ARENAS)
