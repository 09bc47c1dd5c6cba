"""What to look at when a demo fails, in one block."""

from __future__ import annotations

import importlib.metadata
import platform
import shutil
from pathlib import Path
from typing import Final

from .api_process import last_lines

_PACKAGES: Final = ("esdh-models", "esdh-generator", "esdh-exporters", "esdh-api", "esdh-cli")
_HINTS: Final = {
    "snapshot": "make doctor looks at the installation and the disk",
    "verify": "the snapshot differs from what this release makes: run the step again by hand",
    "api_start": "make demo-stop ends a service that a killed run left behind",
    "health": "the log of the service says what it was asked",
    "generate": "the service may be of another release: compare the package versions",
    "preview": "run esdh-cli preview by hand",
    "smoke_tests": "run make demo-smoke by hand",
}


def diagnostics(step: str, reason: str, folder: Path) -> str:
    """The block, as text."""
    free = shutil.disk_usage(folder).free / 1e9
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in _PACKAGES)
    facts = {
        "failed step": step,
        "reason": reason,
        "what to do": _HINTS.get(step, "make doctor"),
        "service said": last_lines(folder / "api.log") or "nothing",
        "run folder": folder.name,
        "python": platform.python_version(),
        "packages": versions,
        "disk": f"{free:.1f} GB free",
    }
    lines = [f"  {name + ':':<14}{fact}" for name, fact in facts.items()]
    return "\n".join(["--- diagnostics ---", *lines, "-------------------"])
