"""Temporary environments: the built wheels with the oldest or the newest allowed dependencies."""

from __future__ import annotations

import email
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

Age = Literal["oldest", "newest"]

OLDEST_PYTHON: Final = (3, 11)
PACKAGES: Final = ("esdh-models", "esdh-generator", "esdh-exporters", "esdh-cli")
_RESOLUTIONS: Final[dict[Age, str]] = {"oldest": "lowest-direct", "newest": "highest"}
_ROOT: Final = Path(__file__).resolve().parents[2]
_WHO: Final = """
import json, sys, sysconfig
free_threaded = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
print(json.dumps([sys.implementation.name, free_threaded, *sys.version_info[:3]]))
"""
_VERSIONS: Final = """
import importlib.metadata as metadata, json, sys
print(json.dumps({name: metadata.version(name) for name in sys.argv[1:]}))
"""
_NUMPY_FEATURES: Final = """
try:
    from numpy._core._multiarray_umath import __cpu_dispatch__ as known, __cpu_features__ as found
except ImportError:
    from numpy.core._multiarray_umath import __cpu_dispatch__ as known, __cpu_features__ as found
print(*(name for name in known if found[name]))
"""


@dataclass(frozen=True)
class Environment:
    """An installed environment: its directory and the versions that it holds."""

    folder: Path
    python: str
    age: Age
    versions: Mapping[str, str]

    @property
    def name(self) -> str:
        """Python's version and the age of the dependencies."""
        return f"{self.python} {self.age}"

    @property
    def program(self) -> Path:
        """The installed command."""
        return self.folder / "bin" / "esdh-cli"

    def numpy_features(self, variables: Mapping[str, str]) -> str:
        """Processor features that numpy makes use of under these variables."""
        return run(self.folder / "bin" / "python", "-c", _NUMPY_FEATURES, env=variables).strip()


def run(*command: str | Path, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> str:
    """Return what a command prints; raises `RuntimeError` with its complaint if it fails."""
    words = [os.fspath(word) for word in command]
    done = subprocess.run(words, env=env, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        message = f"{' '.join(words[:4])} ... ended with {done.returncode}:\n{done.stderr}"
        raise RuntimeError(message)
    return done.stdout


def find_pythons() -> dict[str, Path]:
    """Every supported CPython of this machine, pyenv's included, by its full version."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    folders = [*map(Path, os.get_exec_path()), *sorted(pyenv.glob("versions/*/bin"))]
    found: dict[tuple[int, ...], Path] = {}
    for candidate in [Path(sys.executable), *_iter_candidates(folders)]:
        try:
            name, free_threaded, *version = json.loads(run(candidate, "-I", "-c", _WHO))
        except (OSError, RuntimeError):  # a shim of a version that is not there
            continue
        if name == "cpython" and not free_threaded and tuple(version[:2]) >= OLDEST_PYTHON:
            found.setdefault(tuple(version), candidate)
    return {".".join(map(str, version)): found[version] for version in sorted(found)}


def _iter_candidates(folders: list[Path]) -> Iterator[Path]:
    for folder in folders:
        if folder.is_dir():
            yield from sorted(
                path for path in folder.iterdir() if re.fullmatch(r"python3\.\d+", path.name)
            )


def build_wheels(folder: Path) -> list[Path]:
    """Build the four packages."""
    for name in PACKAGES:
        build = (sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder)
        run(*build, cwd=_ROOT / "packages" / name)
    return sorted(folder.glob("*.whl"))


def read_requirements(wheels: list[Path]) -> list[str]:
    """What the wheels need from others; named to uv, because it ages direct requirements only."""
    needed = set()
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
            needed |= set(email.message_from_bytes(archive.read(name)).get_all("Requires-Dist", []))
    return sorted(text for text in needed if not text.startswith("esdh"))


def create_environment(
    folder: Path, version: str, python: Path, age: Age, wheels: list[Path]
) -> Environment:
    """Install the wheels and their dependencies of that age, from built distributions only."""
    beside = Path(sys.executable).with_name("uv")
    uv = os.fspath(beside) if beside.exists() else shutil.which("uv")
    if uv is None:
        message = "uv is needed beside this Python or on the path; `make sync` installs it"
        raise RuntimeError(message)
    env = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
    requirements = read_requirements(wheels)
    options = ("--quiet", "--only-binary", ":all:", "--resolution", _RESOLUTIONS[age])
    run(uv, "venv", "--quiet", "--python", python, folder, env=env)
    inside = folder / "bin" / "python"
    run(uv, "pip", "install", "--python", inside, *options, *wheels, *requirements, env=env)
    names = sorted({re.split(r"[^\w-]", text)[0] for text in requirements})
    versions = json.loads(run(inside, "-c", _VERSIONS, *names))
    return Environment(folder, version, age, versions)
