"""Look at everything that a demo needs, and say what to do about what is missing.

    python scripts/doctor.py

Exit code 0 if the demo can run, 1 if not; a warning alone does not count. What it looks at may be
missing, so nothing of the hub is imported before its look.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.metadata
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple

_ROOT: Final = Path(__file__).parents[2]
_PACKAGES: Final = ("esdh_models", "esdh_generator", "esdh_exporters", "esdh_api", "esdh_cli")
_NEEDED_BYTES: Final = 200_000_000
_OLDEST_PYTHON: Final = (3, 11)


class Finding(NamedTuple):
    """What one look found; without a remedy all is well."""

    said: str
    remedy: str = ""
    is_needed: bool = True


def main(arguments: list[str]) -> int:
    """Look, print, and return the exit code."""
    argparse.ArgumentParser(prog="doctor.py", description=__doc__).parse_args(arguments)
    broken = 0
    for name, look in _LOOKS.items():
        found = look()
        broken += bool(found.remedy and found.is_needed)
        mark = "ok" if not found.remedy else ("MISSING" if found.is_needed else "warning")
        print(f"{mark:<8}{name}: {found.said}" + (f"; {found.remedy}" if found.remedy else ""))
    things = "one thing is" if broken == 1 else f"{broken} things are"
    print(f"{things} missing" if broken else "the demo can run")
    return 1 if broken else 0


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    is_old = sys.version_info < _OLDEST_PYTHON
    return Finding(version, "install Python 3.11 or newer" if is_old else "")


def _packages() -> Finding:
    try:
        for name in _PACKAGES:
            importlib.import_module(name)
    except ImportError as error:
        return Finding(str(error), "run make sync")
    return Finding(f"{len(_PACKAGES)} import, version {importlib.metadata.version('esdh-cli')}")


def _programs() -> Finding:
    folder = Path(sys.executable).parent
    missing = [name for name in ("esdh-cli", "esdh-api") if not (folder / name).exists()]
    return Finding(", ".join(missing) or "esdh-cli, esdh-api", "run make sync" if missing else "")


def _configuration() -> Finding:
    found, fault = _load_configuration()
    if found is None:
        return Finding(fault, "mend config/demo.yaml, or git restore it")
    return Finding(f"profiles {', '.join(found.profiles)}")


def _load_configuration() -> tuple[Any, str]:
    """The configuration, or None and what is wrong with it."""
    try:
        from .configuration import DEFAULT_CONFIG, load_configuration  # noqa: PLC0415

        return load_configuration(DEFAULT_CONFIG), ""
    except (ImportError, ValueError) as error:
        return None, str(error)


def _disk() -> Finding:
    try:
        with tempfile.TemporaryDirectory(dir=_ROOT):
            free = shutil.disk_usage(_ROOT).free
    except OSError as error:
        return Finding(f"the folder cannot be written: {error.strerror}", "check its permissions")
    return Finding(f"{free / 1e9:.1f} GB free", "free some space" if free < _NEEDED_BYTES else "")


def _port() -> Finding:
    found, _ = _load_configuration()
    if found is None:
        return Finding("not known while the configuration is missing")
    api = found.api
    family = socket.AF_INET6 if ":" in api.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((api.host, api.port))
        except OSError:
            said = f"{api.port} is taken"
            return Finding(said, "the demo will take one of the next", is_needed=False)
    return Finding(f"{api.port} is free")


def _variables() -> Finding:
    found = sorted(name for name in os.environ if name.startswith("ESDH_"))
    if found:
        return Finding(", ".join(found), "they change how the service runs", is_needed=False)
    return Finding("no ESDH_ variable is set")


def _browser() -> Finding:
    if shutil.which("chromium"):
        return Finding("chromium is there")
    return Finding("no chromium", "the tests of the demo page will be skipped", is_needed=False)


_LOOKS: Final[dict[str, Callable[[], Finding]]] = {
    "Python": _python,
    "packages": _packages,
    "programs": _programs,
    "configuration": _configuration,
    "disk": _disk,
    "port": _port,
    "environment": _variables,
    "browser": _browser,
}
