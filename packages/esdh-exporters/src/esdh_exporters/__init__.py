"""Snapshots of datasets: written whole or not at all, verified and validated.

All of it but the start of workers is imported when it is first asked for, so that they can import
theirs in the meantime (governance/decisions/0026-workers-start-first.md).
"""

# ruff: noqa: F403, F405  # mypy knows the names, and a test that they exist

from typing import TYPE_CHECKING, Any

from .worker_processes import Workers, start_workers

if TYPE_CHECKING:
    from .public_names import *

__all__ = [
    "Answer",
    "Problem",
    "RenderedTable",
    "SnapshotResult",
    "SnapshotStatus",
    "ValidationReport",
    "VerificationReport",
    "Workers",
    "dataset_digest",
    "iter_arrow_stream",
    "iter_tables",
    "load_snapshot_manifest",
    "render_tables",
    "start_workers",
    "use_system_allocator",
    "validate_snapshot",
    "verify_snapshot",
    "write_snapshot",
    "write_table",
]


def __dir__() -> list[str]:
    return __all__


def __getattr__(name: str) -> Any:
    if name not in __all__:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    from . import public_names  # noqa: PLC0415

    return getattr(public_names, name)
