"""What the package offers, but for what must start before any of this is imported."""

from .allocation import use_system_allocator
from .arrow_stream import iter_arrow_stream
from .content_digest import dataset_digest
from .rendered_table import RenderedTable
from .snapshot_manifest import load_snapshot_manifest
from .snapshot_writer import SnapshotResult, SnapshotStatus, write_snapshot
from .table_writer import (
    iter_tables,
    render_tables,
    write_table,
)
from .validate import ValidationReport, validate_snapshot
from .verification_report import Answer, Problem, VerificationReport
from .verify import verify_snapshot

__all__ = [
    "Answer",
    "Problem",
    "RenderedTable",
    "SnapshotResult",
    "SnapshotStatus",
    "ValidationReport",
    "VerificationReport",
    "dataset_digest",
    "iter_arrow_stream",
    "iter_tables",
    "load_snapshot_manifest",
    "render_tables",
    "use_system_allocator",
    "validate_snapshot",
    "verify_snapshot",
    "write_snapshot",
    "write_table",
]
