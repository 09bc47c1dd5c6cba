"""Staging directories: locked while their writer lives, swept when it is gone."""

from pathlib import Path

import pytest

from esdh_exporters.staging import open_staging, sweep_abandoned

TOKEN, LINK = "0123456789abcdef", "fedcba9876543210"


def test_staging_is_a_hidden_sibling(tmp_path: Path) -> None:
    """It lies on the target's file system, under a name that says whose it is."""
    with open_staging(tmp_path / "target") as staging:
        assert staging.path.parent == tmp_path
        assert staging.path.name.startswith(".target.esdh-staging-")

    assert list(tmp_path.iterdir()) == []


def test_a_living_writer_keeps_its_staging(tmp_path: Path) -> None:
    """A sweep passes over what is locked."""
    with open_staging(tmp_path / "target") as staging:
        sweep_abandoned(tmp_path / "target")

        assert staging.path.is_dir()


def test_abandoned_staging_is_swept(tmp_path: Path) -> None:
    """What nobody locks goes; another target's staging, files and links stay."""
    abandoned = tmp_path / f".target.esdh-staging-{TOKEN}"
    abandoned.mkdir()
    (abandoned / "persons.csv").write_text("half")
    kept = [tmp_path / f".other.esdh-staging-{TOKEN}", tmp_path / f".target.esdh-staging-{LINK}"]
    kept[0].mkdir()
    kept[1].symlink_to(kept[0])
    sweep_abandoned(tmp_path / "target")

    assert not abandoned.exists()
    assert all(path.exists() for path in kept)


def test_an_error_leaves_nothing(tmp_path: Path) -> None:
    """Whatever ends the writing, the staging directory goes with it."""
    with pytest.raises(ZeroDivisionError), open_staging(tmp_path / "target") as staging:  # noqa: PT012
        (staging.path / "persons.csv").write_text("half")
        raise ZeroDivisionError

    assert list(tmp_path.iterdir()) == []


def test_a_name_with_wildcards_sweeps_only_its_own(tmp_path: Path) -> None:
    """Brackets and stars in a target's name are just characters."""
    other = tmp_path / f".ab.esdh-staging-{TOKEN}"
    other.mkdir()
    sweep_abandoned(tmp_path / "[a]*")

    assert other.is_dir()


@pytest.mark.parametrize("end", ["notes", TOKEN[1:], f"{TOKEN}.bak", "0123456789abcdeX", ""])
def test_what_no_writer_made_is_never_swept(tmp_path: Path, end: str) -> None:
    """A directory that only begins like a staging directory is somebody's."""
    other = tmp_path / f".target.esdh-staging-{end}"
    other.mkdir()
    sweep_abandoned(tmp_path / "target")

    assert other.is_dir()


@pytest.mark.parametrize("name", ["n" * 255, "\u00e4" * 127, "x" * 199 + "\u00e4" * 20])
def test_a_name_as_long_as_may_be_can_be_written(tmp_path: Path, name: str) -> None:
    """The staging directory has a name of its own, which never grows too long."""
    with open_staging(tmp_path / name) as staging:
        staging.commit(check_replaced=None)

    assert [path.name for path in tmp_path.iterdir()] == [name]
