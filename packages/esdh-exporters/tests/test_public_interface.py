"""The names that other packages may use."""

import esdh_exporters


def test_public_names_are_pinned() -> None:
    """The package offers exactly these names."""
    expected = {
        "Answer", "Problem", "RenderedTable", "SnapshotResult", "SnapshotStatus",
        "ValidationReport", "VerificationReport", "dataset_digest", "iter_arrow_stream",
        "iter_tables", "load_snapshot_manifest", "render_tables", "use_system_allocator",
        "validate_snapshot",
        "verify_snapshot", "write_snapshot", "write_table",
    }  # fmt: skip

    assert expected == set(esdh_exporters.__all__)
    assert all(hasattr(esdh_exporters, name) for name in expected)
