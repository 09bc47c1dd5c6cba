"""Rehearse the release of a package, of the one that a tag names, or of all.

    python scripts/release_check.py esdh-models
    python scripts/release_check.py --tag esdh-models-v0.1.0 --dist dist

One line per check. With a tag, every sibling that the package needs must have a tag that its range
admits: without it nobody could install what is published. All wheels are built and installed
together in a clean environment, and the packages' own tests run there from a copy. With --dist the
wheel and the sdist of the package are kept if all is well, so that what was rehearsed is what is
published. Exit code 0 or 1; 2 for a package or a tag that there is not.
"""

from __future__ import annotations

import argparse
import datetime as dt
import email.message
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from packaging.requirements import Requirement
from packaging.version import Version

ROOT: Final = Path(__file__).resolve().parent.parent
PACKAGES: Final = ("esdh-models", "esdh-generator", "esdh-exporters", "esdh-cli", "esdh-api")
TEST_TOOLS: Final = ("hypothesis", "jsonschema", "pytest", "pytest-randomly")
NEEDED_METADATA: Final = (
    *("name", "version", "description", "readme", "license", "license-files"),
    *("requires-python", "keywords", "classifiers"),
)
READ_BY_TESTS: Final = ("docs", "governance")
"""Folders of the repository that tests of packages hold against the code."""

Command = Sequence[str | Path]

_TAG: Final = re.compile(r"(esdh-[a-z]+)-v([0-9]+\.[0-9]+\.[0-9]+)")
_HEADING: Final = re.compile(r"^## \[([^\]]+)\] - (.+)$", re.MULTILINE)
_UNWANTED: Final = re.compile(
    r"(^|/)(tests?|__pycache__|\.[^/]+)/|(^|/)(test_[^/]*|conftest)\.py$|\.pyc$"
)
_CACHES: Final = re.compile(r"(^|/)(__pycache__|\.(?!gitignore$)[^/]*)(/|$)|\.pyc$")


class CheckError(Exception):
    """A check failed; the message is the sentence for it."""


class Release:
    """One package as it would be released from the repository at `root`."""

    def __init__(self, package: str, *, root: Path = ROOT, tag_version: str | None = None) -> None:
        self.package = package
        self.root = root
        self.tag_version = tag_version
        self.folder = root / "packages" / package
        self.module = package.replace("-", "_")
        self.project = read_project(self.folder)

    @property
    def version(self) -> str:
        """The version in pyproject.toml."""
        version: str = self.project["version"]
        return version

    def check_version(self) -> str:
        """The version is a plain one, and that of the tag."""
        if not re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+", self.version):
            raise CheckError(f"pyproject.toml says {self.version!r}, which is not A.B.C")
        if self.tag_version not in (None, self.version):
            raise CheckError(f"the tag says {self.tag_version}, pyproject.toml {self.version}")
        return self.version + (" like the tag" if self.tag_version else "")

    def check_changelog(self) -> str:
        """Its first entry is of this version; with a tag it has a date."""
        entries = _HEADING.findall((self.folder / "CHANGELOG.md").read_text(encoding="utf-8"))
        if not entries or entries[0][0] != self.version:
            found = entries[0][0] if entries else "none"
            wanted = f"'## [{self.version}] - DATE'"
            raise CheckError(f"the first entry of CHANGELOG.md must be {wanted}, found {found}")
        date = entries[0][1]
        if date == "unreleased":
            if self.tag_version:
                raise CheckError(f"{self.version} is tagged, but unreleased in CHANGELOG.md")
            return f"{self.version} is unreleased"
        try:
            dt.date.fromisoformat(date)
        except ValueError:
            raise CheckError(f"{date!r} in CHANGELOG.md is neither a date nor unreleased") from None
        return f"{self.version} of {date}"

    def check_siblings(self) -> str:
        """The ranges of siblings admit the siblings of this repository."""
        told = []
        for wanted in self._needed_siblings():
            found = read_project(self.root / "packages" / wanted.name)["version"]
            if not wanted.specifier.contains(found):
                raise CheckError(f"it wants {wanted}, but {wanted.name} here is {found}")
            told.append(f"{wanted.name} {found}")
        return ", ".join(told) or "it needs none"

    def check_sibling_tags(self) -> str:
        """With a tag: of every sibling that it needs, a version in the range has a tag already."""
        if self.tag_version is None:
            return "asked of a tag only"
        told = []
        for wanted in self._needed_siblings():
            released = [v for v in self._released(wanted.name) if wanted.specifier.contains(v)]
            if not released:
                raise CheckError(
                    f"it needs {wanted}, of which no version has a tag here; "
                    f"release {wanted.name} first, or fetch the tags"
                )
            told.append(f"{wanted.name} {max(released, key=Version)}")
        return ", ".join(told) or "it needs none"

    def check_metadata(self) -> str:
        """Everything that an index shows is there, and a README in Markdown."""
        missing = [name for name in NEEDED_METADATA if not self.project.get(name)]
        if missing:
            raise CheckError(f"pyproject.toml lacks {', '.join(missing)}")
        readme = self.folder / self.project["readme"]
        if not readme.is_file() or not readme.read_text(encoding="utf-8").startswith("# "):
            raise CheckError(f"{readme.name} is missing or does not begin with a title")
        if "Typing :: Typed" not in self.project["classifiers"]:
            raise CheckError("the classifier 'Typing :: Typed' is missing")
        return "complete"

    def check_wheel(self, dist: Path) -> str:
        """The wheel holds what src holds and nothing else; it says what the project says."""
        with zipfile.ZipFile(self.find(dist, "*.whl")) as archive:
            names = set(archive.namelist())
            (path,) = (name for name in names if name.endswith(".dist-info/METADATA"))
            metadata = email.message_from_bytes(archive.read(path))
            licence = path.replace("METADATA", "licenses/LICENSE")
            is_licensed = (
                licence in names and archive.read(licence) == (self.root / "LICENSE").read_bytes()
            )
        inside = {name for name in names if ".dist-info/" not in name}
        if unwanted := sorted(filter(_UNWANTED.search, inside)):
            raise CheckError(f"the wheel holds {unwanted[0]}, which is no part of the package")
        expected = set(_iter_sources(self.folder / "src"))
        if inside != expected:
            first = min(inside ^ expected)
            raise CheckError(f"{first} is {'not of' if first in inside else 'missing from'} src")
        if not is_licensed:
            raise CheckError("the wheel lacks the LICENSE of the repository")
        if f"{self.module}/py.typed" not in inside:
            raise CheckError("the wheel lacks py.typed")
        self._check_written_metadata(metadata)
        return f"{len(inside)} files and {metadata['Metadata-Version']} metadata"

    def check_sdist(self, dist: Path) -> str:
        """The sdist holds the sources, README and changelog, and no caches."""
        with tarfile.open(self.find(dist, "*.tar.gz")) as archive:
            names = {name.partition("/")[2] for name in archive.getnames()}
        sources = {f"src/{name}" for name in _iter_sources(self.folder / "src")}
        needed = {"pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE", "PKG-INFO", *sources}
        if missing := sorted(needed - names):
            raise CheckError(f"the sdist lacks {missing[0]}")
        if unwanted := sorted(filter(_CACHES.search, names)):
            raise CheckError(f"the sdist holds {unwanted[0]}, which is no source")
        return f"{len(names)} files"

    def find(self, dist: Path, pattern: str) -> Path:
        """The built file of this package."""
        (found,) = dist.glob(f"{self.module}-{pattern}")
        return found

    def _needed_siblings(self) -> list[Requirement]:
        needed = map(Requirement, self.project["dependencies"])
        return [requirement for requirement in needed if requirement.name in PACKAGES]

    def _released(self, package: str) -> list[str]:
        """Versions of a package that have a tag in this repository."""
        listed: Command = ["git", "tag", "--list", f"{package}-v*"]
        names = _run(listed, cwd=self.root, failed="git does not list the tags").splitlines()
        return [match[2] for match in map(_TAG.fullmatch, names) if match and match[1] == package]

    def _check_written_metadata(self, metadata: email.message.Message) -> None:
        if (metadata["Name"], metadata["Version"]) != (self.package, self.version):
            raise CheckError(f"the wheel says {metadata['Name']} {metadata['Version']}")
        if metadata["Description-Content-Type"] != "text/markdown":
            raise CheckError("the wheel's description is not text/markdown")
        readme = (self.folder / self.project["readme"]).read_text(encoding="utf-8")
        if str(metadata.get_payload()).strip() != readme.strip():
            raise CheckError("the wheel's description is not the README")


def main(arguments: Sequence[str]) -> int:
    """Check what was asked for; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("packages", nargs="*", help=f"any of {', '.join(PACKAGES)}; all by default")
    parser.add_argument("--tag", help="the package and version that this tag names")
    parser.add_argument("--dist", type=Path, help="keep the wheel and the sdist here")
    options = parser.parse_args(arguments)
    packages, version = options.packages or list(PACKAGES), None
    if options.tag is not None:
        match = _TAG.fullmatch(options.tag)
        if options.packages or match is None:
            parser.error(f"a tag is esdh-x-vA.B.C, without other names, but got {options.tag!a}")
        packages, version = [match[1]], match[2]
    if unknown := [name for name in packages if name not in PACKAGES]:
        parser.error(f"there is no package {unknown[0]!a}; choose from {', '.join(PACKAGES)}")
    releases = [Release(name, tag_version=version) for name in packages]
    return 0 if rehearse(releases, options.dist) else 1


def rehearse(releases: Sequence[Release], kept: Path | None) -> bool:
    """Print a line for each check; what takes long is left out after a failure."""
    if not check_sources(releases):
        return False
    with tempfile.TemporaryDirectory(prefix="release-check-") as name:
        folder = Path(name)
        dist = folder / "dist"
        passed = (
            _passes("all", "build", partial(build, ROOT, dist))
            and check_built(releases, dist)
            and _passes("all", "install", partial(install, folder, dist))
            and check_tests(releases, folder)
        )
        if passed and kept is not None:
            kept.mkdir(parents=True, exist_ok=True)
            for release in releases:
                for pattern in ("*.whl", "*.tar.gz"):
                    shutil.copy2(release.find(dist, pattern), kept)
    return passed


def check_sources(releases: Sequence[Release]) -> bool:
    """The checks that need nothing built."""
    results = []
    for release in releases:
        results += [
            _passes(release.package, "version", release.check_version),
            _passes(release.package, "changelog", release.check_changelog),
            _passes(release.package, "siblings", release.check_siblings),
            _passes(release.package, "released", release.check_sibling_tags),
            _passes(release.package, "metadata", release.check_metadata),
        ]
    return all(results)


def check_built(releases: Sequence[Release], dist: Path) -> bool:
    """The checks of what was built."""
    results = []
    for release in releases:
        results += [
            _passes(release.package, "wheel", partial(release.check_wheel, dist)),
            _passes(release.package, "sdist", partial(release.check_sdist, dist)),
        ]
    return all(results)


def check_tests(releases: Sequence[Release], folder: Path) -> bool:
    """The packages' own tests, each to its end."""
    tests = [(release.package, partial(run_tests, release, folder)) for release in releases]
    results = [_passes(package, "tests", test) for package, test in tests]
    return all(results)


def build(root: Path, dist: Path, packages: Sequence[str] = PACKAGES) -> str:
    """Build wheels and sdists; how many there are."""
    for name in packages:
        command: Command = [sys.executable, "-m", "hatchling", "build", "-d", dist]
        _run(command, cwd=root / "packages" / name, failed=f"{name} cannot be built")
    return f"{len(list(dist.iterdir()))} files"


def install(folder: Path, dist: Path) -> str:
    """Make an environment of the built wheels, and of the lock's versions of everything else."""
    uv = shutil.which("uv", path=os.fspath(Path(sys.executable).parent)) or shutil.which("uv")
    if uv is None:
        raise CheckError("uv is needed beside this Python or on the path; `make sync` installs it")
    lock = folder / "lock.txt"
    options = ("--frozen", "--no-hashes", "--no-emit-workspace", "--all-packages", "--all-extras")
    _run([uv, "export", "--quiet", *options, "-o", lock], cwd=ROOT, failed="no versions locked")
    environment = folder / "environment"
    _run([uv, "venv", "--quiet", "--python", sys.executable, environment], failed="no environment")
    wheels = [
        f"{name}{_extras(name)} @ {next(dist.glob(_wheel(name))).as_uri()}" for name in PACKAGES
    ]
    command: Command = [uv, "pip", "install", "--quiet", "--python", environment / "bin" / "python"]
    command = [*command, "--constraint", lock, *wheels, *TEST_TOOLS]
    cached = subprocess.run([*command, "--offline"], capture_output=True, check=False)
    if cached.returncode:
        _run(command, failed="the built wheels cannot be installed together")
    return f"{len(wheels)} wheels together, the rest as locked"


def run_tests(release: Release, folder: Path) -> str:
    """Run the package's own tests on the installed wheels, away from the sources.

    Tests that read files of a package by path find those that are installed.
    """
    place = folder / "tests-of" / release.package
    tests = Path("packages") / release.package / "tests"
    caches = shutil.ignore_patterns("__pycache__")
    shutil.copytree(release.root / tests, place / tests, ignore=caches)
    for name in READ_BY_TESTS:
        shutil.copytree(release.root / name, place / name)
    for name in ("pyproject.toml", f"packages/{release.package}/README.md"):
        shutil.copy2(release.root / name, place / name)
    environment = folder / "environment"
    for installed in environment.glob("lib/python*/site-packages/esdh_[a-z]*[a-z]"):
        if installed.name in {name.replace("-", "_") for name in PACKAGES}:
            src = place / "packages" / installed.name.replace("_", "-") / "src"
            src.mkdir(parents=True)
            (src / installed.name).symlink_to(installed)
    python = environment / "bin" / "python"
    command: Command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", tests]
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return _run(command, cwd=place, env=variables, failed="tests fail").splitlines()[-1]


def read_project(folder: Path) -> dict[str, Any]:
    """The table [project] of a package."""
    document = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))
    project: dict[str, Any] = document["project"]
    return project


def _extras(name: str) -> str:
    extras = read_project(ROOT / "packages" / name).get("optional-dependencies", {})
    return f"[{','.join(extras)}]" if extras else ""


def _wheel(name: str) -> str:
    return f"{name.replace('-', '_')}-*.whl"


def _iter_sources(src: Path) -> Iterator[str]:
    for path in src.rglob("*"):
        name = path.relative_to(src).as_posix()
        if path.is_file() and not _CACHES.search(name):
            yield name


def _passes(package: str, name: str, check: Callable[[], str]) -> bool:
    """Print the line of a check; whether it passed."""
    try:
        said, passed = check(), True
    except CheckError as error:
        said, passed = str(error), False
    print(f"{'ok' if passed else 'FAILED':6}  {package:14}  {name:9}  {said}", flush=True)
    return passed


def _run(
    command: Command,
    *,
    failed: str,
    cwd: Path | None = None,
    env: dict[str, str] | None = None,
) -> str:
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        print((done.stdout + done.stderr).rstrip(), file=sys.stderr)
        raise CheckError(f"{failed}; what was said is on standard error")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
