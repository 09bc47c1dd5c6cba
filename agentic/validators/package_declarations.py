"""What the packages declare: versions, siblings, licences of what they stand on."""

from __future__ import annotations

import importlib.metadata
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from markdown_page import table_rows
from packaging.requirements import Requirement

LICENCE: Final = "Apache-2.0"
_LICENCE_PAGE: Final = "governance/third_party_licences.md"


@dataclass(frozen=True, slots=True)
class Declared:
    """One package of the workspace as its `pyproject.toml` has it."""

    folder: Path
    project: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Name of the distribution."""
        return str(self.project["name"])

    def requirements(self) -> Iterator[tuple[str, Requirement]]:
        """Who needs what: the package itself, or it with an extra."""
        for text in self.project.get("dependencies", []):
            yield self.name, Requirement(text)
        for extra, texts in self.project.get("optional-dependencies", {}).items():
            for text in texts:
                yield f"{self.name}[{extra}]", Requirement(text)


def declared_packages(root: Path) -> dict[str, Declared]:
    """The packages of the workspace by name."""
    found = [
        Declared(path.parent, tomllib.loads(path.read_text(encoding="utf-8"))["project"])
        for path in sorted((root / "packages").glob("*/pyproject.toml"))
    ]
    return {package.name: package for package in found}


def licence_problems(root: Path) -> Iterator[str]:
    """Where the page of licences is not what the packages declare and the metadata states.

    The metadata counts where the locked version is installed; others may word it otherwise.
    """
    packages = declared_packages(root)
    needed: dict[str, list[str]] = {}
    for package in packages.values():
        if package.project.get("license") != LICENCE:
            yield f"{package.name} does not state {LICENCE}"
        for who, requirement in package.requirements():
            if requirement.name not in packages:
                needed.setdefault(requirement.name, []).append(who)
    told = table_rows(root / _LICENCE_PAGE, "licences")
    lock = (root / "uv.lock").read_text(encoding="utf-8")
    expected = []
    for name, users in sorted(needed.items()):
        licence = _stated_licence(name)
        if f'name = "{name}"\nversion = "{importlib.metadata.version(name)}"\n' not in lock:
            licence = next((row[1] for row in told if row[0] == name), licence)
        expected.append([name, licence, ", ".join(sorted(set(users)))])
    yield from (f"{_LICENCE_PAGE} lacks: {' | '.join(r)}" for r in expected if r not in told)
    yield from (
        f"{_LICENCE_PAGE} should not say: {' | '.join(r)}" for r in told if r not in expected
    )
    if not (root / "LICENSE").read_text(encoding="utf-8").lstrip().startswith("Apache License"):
        yield "LICENSE is not the Apache License"
    archives = table_rows(root / "governance" / "data_sources.md", "archives")
    yield from (f"data_sources.md: {row[0]} has no licence" for row in archives if not row[1])
    if not archives:
        yield "data_sources.md names no source package"


def _stated_licence(name: str) -> str:
    stated = importlib.metadata.metadata(name)
    return next(
        (stated[field] for field in ("License-Expression", "License") if field in stated),
        "none stated",
    )


def release_problems(root: Path) -> Iterator[str]:
    """Where a package could not be released: changelog, siblings, or a version of another shape."""
    packages = declared_packages(root)
    for package in packages.values():
        version = str(package.project["version"])
        changelog = (package.folder / "CHANGELOG.md").read_text(encoding="utf-8")
        if f"## [{version}]" not in changelog:
            yield f"the changelog of {package.name} does not name {version}"
        for who, requirement in package.requirements():
            sibling = packages.get(requirement.name)
            if sibling is None:
                continue
            if not requirement.specifier:
                yield f"{who} takes any {sibling.name}"
            elif sibling.project["version"] not in requirement.specifier:
                yield f"{who} does not take {sibling.name} {sibling.project['version']}"
