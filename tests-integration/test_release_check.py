"""The rehearsal of a release passes here, and goes red for what must not be released."""

import os
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
    shutil.copy(ROOT / "LICENSE", tmp_path)
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
    assert [line.split()[:1] for line in lines] == [["ok"]] * 10
    assert " passed in " in lines[-1]
    assert sorted(path.suffix for path in (tmp_path / "dist").iterdir()) == [".gz", ".whl"]


@pytest.mark.parametrize("package", PACKAGES)
def test_classifiers_name_the_pythons_that_were_seen(package: str) -> None:
    """Neither more nor fewer than those in the determinism page's matrix."""
    page = (ROOT / "docs" / "determinism.md").read_text()
    seen = sorted(set(re.findall(r"^\| (3\.\d+)\.\d+ \|", page, flags=re.MULTILINE)))
    classifiers = Release(package).project["classifiers"]
    prefix = "Programming Language :: Python :: "
    told = [text.removeprefix(prefix) for text in classifiers if text.startswith(f"{prefix}3.")]

    assert told == seen


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


def tagged(folder: Path, *tags: str) -> Path:
    """The copy as a repository with these tags."""
    person = ["-c", "user.name=tester", "-c", "user.email=tester@example.com"]
    git(folder, "init", "--quiet")
    git(folder, *person, "commit", "--quiet", "--allow-empty", "--no-verify", "-m", "Begin")
    for tag in tags:
        git(folder, *person, "tag", "-a", tag, "-m", tag)
    return folder


def git(folder: Path, *arguments: str) -> None:
    """Run git without the settings of whoever tests."""
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    subprocess.run(["git", *arguments], cwd=folder, check=True, env=environment)


def test_a_tag_waits_for_the_tags_of_its_siblings(copy: Path) -> None:
    """The first sibling without a tag is named, with what is needed of it."""
    tagged(copy, "esdh-models-v0.1.0")

    with pytest.raises(CheckError, match=r"it needs esdh-exporters<0\.2,>=0\.1, of which no ver"):
        Release("esdh-cli", root=copy, tag_version="0.1.0").check_sibling_tags()


@pytest.mark.parametrize(
    "tags", [["esdh-models-v0.2.0"], ["esdh-models-v0.1"], ["esdh-models-v0.1.0-old"], []]
)
def test_a_tag_of_another_version_does_not_count(copy: Path, tags: list[str]) -> None:
    """What is outside of the range, or names no version, is no release of what is needed."""
    tagged(copy, "esdh-exporters-v0.1.0", *tags)

    with pytest.raises(CheckError, match="release esdh-models first"):
        Release("esdh-generator", root=copy, tag_version="0.1.0").check_sibling_tags()


def test_siblings_that_have_tags_are_told(copy: Path) -> None:
    """Of several releases in the range, the newest is what an installer takes."""
    tagged(copy, "esdh-models-v0.1.9", "esdh-models-v0.1.10", "esdh-models-v0.2.0")
    release = Release("esdh-generator", root=copy, tag_version="0.1.0")

    assert release.check_sibling_tags() == "esdh-models 0.1.10"


def test_without_a_tag_no_sibling_needs_one(copy: Path) -> None:
    """A rehearsal before the first release says what there is."""
    assert Release("esdh-cli", root=copy).check_sibling_tags() == "asked of a tag only"
    assert Release("esdh-models", root=copy, tag_version="0.1.0").check_sibling_tags() == (
        "it needs none"
    )


def test_the_workflow_fetches_the_tags() -> None:
    """A shallow checkout has none, and every release but the first would be refused."""
    text = (ROOT / ".github" / "workflows" / "release.yml").read_text()

    checkout = text.partition("uses: actions/checkout@")[2].partition("- uses:")[0]

    assert "fetch-depth: 0 " in checkout


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


def test_a_wheel_with_another_licence_is_refused(copy: Path, tmp_path: Path) -> None:
    """Whoever gets the wheel gets the text of the licence, word for word."""
    edit(copy / "packages/esdh-cli/LICENSE", "Apache License", "Other License")
    build(copy, tmp_path / "dist", ["esdh-cli"])

    with pytest.raises(CheckError, match="lacks the LICENSE of the repository"):
        Release("esdh-cli", root=copy).check_wheel(tmp_path / "dist")


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
