"""What to look at when a demo fails, in one block."""

from __future__ import annotations

import importlib.metadata
import platform
import shutil
from pathlib import Path
from typing import Final

from .api_process import service_log

_PACKAGES: Final = ("esdh-models", "esdh-generator", "esdh-exporters", "esdh-api", "esdh-cli")


def diagnostics(step: str, reason: str, advice: str, folder: Path) -> str:
    """The block, as text."""
    free = shutil.disk_usage(folder).free / 1e9
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in _PACKAGES)
    facts = {
        "failed step": step,
        "reason": reason,
        "what to do": advice,
        "service said": service_log(folder) or "nothing",
        "run folder": folder.name,
        "python": platform.python_version(),
        "packages": versions,
        "disk": f"{free:.1f} GB free",
    }
    lines = [f"  {name + ':':<14}{fact}" for name, fact in facts.items()]
    return "\n".join(["--- diagnostics ---", *lines, "-------------------"])
