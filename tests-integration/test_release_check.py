"""The rehearsal of a release passes here, and goes red for what must not be released."""

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT / "scripts"))

from release_check import PACKAGES, CheckError, Release, build  # noqa: E402

SCRIPT = ROOT / "scripts" / "release_check.py"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the packages' sources that may be damaged."""
    for name in PACKAGES:
        shutil.copytree(
            ROOT / "packages" / name,
            tmp_path / "packages" / name,
            ignore=shutil.ignore_patterns("__pycache__"),
        )
    return tmp_path


def edit(file: Path, pattern: str, replacement: str) -> None:
    """Damage a file; the pattern must be there."""
    text, count = re.subn(pattern, replacement, file.read_text(), count=1)
    assert count == 1
    file.write_text(text)


@pytest.mark.parametrize("package", PACKAGES)
def test_what_is_written_of_a_package_agrees(package: str) -> None:
    """Version, changelog, sibling ranges and metadata of each package fit each other."""
    release = Release(package)

    release.check_version()
    release.check_siblings()
    release.check_metadata()
    assert release.check_changelog().startswith(release.version)


@pytest.mark.parametrize("package", PACKAGES)
def test_what_is_built_of_a_package_is_the_package(package: str, tmp_path: Path) -> None:
    """Wheel and sdist of each package hold its sources, typed, and nothing else."""
    release = Release(package)
    build(ROOT, tmp_path, [package])

    assert " files and " in release.check_wheel(tmp_path)
    assert release.check_sdist(tmp_path).endswith(" files")


def test_a_whole_rehearsal_passes(tmp_path: Path) -> None:
    """Wheels are installed together, the tests of a package pass there, and its files are kept."""
    done = subprocess.run(
        [sys.executable, SCRIPT, "esdh-models", "--dist", tmp_path / "dist"],
        capture_output=True,
        text=True,
        check=False,
    )

    lines = done.stdout.splitlines()
    assert done.returncode == 0, done.stdout + done.stderr
    assert [line.split()[:1] for line in lines] == [["ok"]] * 9
    assert " passed in " in lines[-1]
    assert sorted(path.suffix for path in (tmp_path / "dist").iterdir()) == [".gz", ".whl"]


def test_a_tag_must_name_the_version_of_the_package() -> None:
    """A tag of another version is refused with both versions."""
    release = Release("esdh-cli", tag_version="9.9.9")

    with pytest.raises(CheckError, match=r"the tag says 9\.9\.9, pyproject.toml "):
        release.check_version()


def test_a_version_must_be_plain(copy: Path) -> None:
    """Nothing but A.B.C is released."""
    edit(copy / "packages/esdh-cli/pyproject.toml", r'version = ".*"', 'version = "0.1.0.dev1"')

    with pytest.raises(CheckError, match=r"not A\.B\.C"):
        Release("esdh-cli", root=copy).check_version()


def test_a_version_without_a_changelog_entry_is_refused(copy: Path) -> None:
    """Raising the version alone is no release."""
    edit(copy / "packages/esdh-cli/pyproject.toml", r'version = ".*"', 'version = "0.7.0"')

    with pytest.raises(CheckError, match=r"must be '## \[0\.7\.0\] - DATE', found "):
        Release("esdh-cli", root=copy).check_changelog()


@pytest.mark.parametrize(
    ("date", "tagged", "fault"),
    [
        ("unreleased", True, "tagged, but unreleased"),
        ("soon", False, "neither a date nor unreleased"),
        ("2026-02-31", True, "neither a date nor unreleased"),
    ],
)
def test_a_tagged_version_must_have_a_date(copy: Path, date: str, tagged: bool, fault: str) -> None:
    """What is tagged has a date, and a date is one of the calendar."""
    edit(copy / "packages/esdh-cli/CHANGELOG.md", r"(## \[[^]]+\]) - .*", rf"\1 - {date}")
    version = Release("esdh-cli", root=copy).version
    release = Release("esdh-cli", root=copy, tag_version=version if tagged else None)

    with pytest.raises(CheckError, match=fault):
        release.check_changelog()


def test_a_dated_version_may_be_tagged(copy: Path) -> None:
    """The entry of a release tells its date."""
    edit(copy / "packages/esdh-cli/CHANGELOG.md", r"(## \[[^]]+\]) - .*", r"\1 - 2026-01-31")
    version = Release("esdh-cli", root=copy).version
    release = Release("esdh-cli", root=copy, tag_version=version)

    assert release.check_changelog() == f"{version} of 2026-01-31"


def test_a_sibling_outside_the_range_is_refused(copy: Path) -> None:
    """A package that does not admit its siblings of today is not released."""
    edit(copy / "packages/esdh-models/pyproject.toml", r'version = ".*"', 'version = "0.2.0"')

    with pytest.raises(CheckError, match=r"it wants esdh-models<0\.2,>=0\.1, but .* is 0\.2\.0"):
        Release("esdh-cli", root=copy).check_siblings()


@pytest.mark.parametrize("name", ["description", "license", "keywords"])
def test_missing_metadata_are_told(copy: Path, name: str) -> None:
    """What an index shows must be there."""
    edit(copy / "packages/esdh-cli/pyproject.toml", rf"(?m)^{name} = .*\n", "")

    with pytest.raises(CheckError, match=f"lacks {name}"):
        Release("esdh-cli", root=copy).check_metadata()


@pytest.mark.parametrize("name", ["test_stray.py", "tests/rows.py", "conftest.py"])
def test_a_test_in_the_wheel_is_refused(copy: Path, tmp_path: Path, name: str) -> None:
    """Tests stay outside of wheels."""
    stray = copy / "packages/esdh-cli/src/esdh_cli" / name
    stray.parent.mkdir(exist_ok=True)
    stray.write_text("")
    build(copy, tmp_path / "dist", ["esdh-cli"])

    with pytest.raises(CheckError, match=f"{name}, which is no part of the package"):
        Release("esdh-cli", root=copy).check_wheel(tmp_path / "dist")


def test_a_wheel_without_its_data_is_refused(copy: Path, tmp_path: Path) -> None:
    """Reference tables and py.typed are part of the package."""
    edit(
        copy / "packages/esdh-models/pyproject.toml",
        r"(packages = .*)",
        r'\1\nexclude = ["*.csv", "py.typed"]',
    )
    build(copy, tmp_path / "dist", ["esdh-models"])

    with pytest.raises(CheckError, match=r"is missing from src|lacks"):
        Release("esdh-models", root=copy).check_wheel(tmp_path / "dist")


def test_a_wheel_with_more_than_the_sources_is_refused(copy: Path, tmp_path: Path) -> None:
    """A file that comes from nowhere is noticed."""
    build(copy, tmp_path / "dist", ["esdh-cli"])
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr("esdh_cli/extra.py", "")

    with pytest.raises(CheckError, match=r"esdh_cli/extra\.py is not of src"):
        Release("esdh-cli", root=copy).check_wheel(tmp_path / "dist")


@pytest.mark.parametrize(
    "arguments",
    [
        ["esdh-nothing"],
        ["--tag", "v0.1.0"],
        ["--tag", "esdh-models-v0.1.0; ls"],
        ["--tag", "esdh-x-v0.1.0"],
    ],
)
def test_other_names_and_tags_are_bad_input(arguments: list[str]) -> None:
    """Exit code 2 for a package or a tag that there is not; nothing is built."""
    done = subprocess.run(
        [sys.executable, SCRIPT, *arguments], capture_output=True, text=True, check=False
    )

    assert done.returncode == 2
    assert done.stdout == ""
