"""The names that other packages may use."""

import subprocess
import sys

import pytest

import esdh_exporters


def test_public_names_are_pinned() -> None:
    """The package offers exactly these names."""
    expected = {
        "Answer", "Problem", "RenderedTable", "SnapshotResult", "SnapshotStatus",
        "ValidationReport", "VerificationReport", "Workers", "dataset_digest", "iter_arrow_stream",
        "iter_tables", "load_snapshot_manifest", "render_tables", "start_workers",
        "use_system_allocator", "validate_snapshot", "verify_snapshot", "write_snapshot",
        "write_table",
    }  # fmt: skip

    assert expected == set(esdh_exporters.__all__) == set(dir(esdh_exporters))
    assert all(hasattr(esdh_exporters, name) for name in expected)


def test_starting_workers_imports_nothing_heavy() -> None:
    """They start while their maker imports the rest, so neither waits for the other."""
    heavy = "{'numpy', 'pyarrow', 'pydantic'}"
    code = f"import sys, esdh_exporters.worker; print({heavy} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )

    assert done.stdout == "set()\n"


def test_other_names_do_not_exist() -> None:
    """Nothing is looked for in vain."""
    with pytest.raises(AttributeError, match="module 'esdh_exporters' has no attribute 'write'"):
        esdh_exporters.write  # noqa: B018
