"""Staging directories: locked while their writer lives, swept when it is gone."""

from pathlib import Path

import pytest

from esdh_exporters.staging import open_staging, sweep_abandoned


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
    abandoned = tmp_path / ".target.esdh-staging-x"
    abandoned.mkdir()
    (abandoned / "persons.csv").write_text("half")
    kept = [tmp_path / ".other.esdh-staging-x", tmp_path / ".target.esdh-staging-link"]
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
    other = tmp_path / ".ab.esdh-staging-x"
    other.mkdir()
    sweep_abandoned(tmp_path / "[a]*")

    assert other.is_dir()
