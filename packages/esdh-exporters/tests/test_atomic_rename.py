"""A directory gets its name in one step, and only where nothing is lost."""

from pathlib import Path

import pytest

from esdh_exporters import atomic_rename


def made(path: Path, name: str = "file") -> Path:
    """A directory with one file."""
    path.mkdir()
    (path / name).write_text(path.name)
    return path


def test_a_free_name_is_taken(tmp_path: Path) -> None:
    """The directory stands under the new name only."""
    atomic_rename.rename_to_free_name(made(tmp_path / "new"), tmp_path / "target")

    assert [path.name for path in tmp_path.iterdir()] == ["target"]


def test_an_empty_directory_gives_way(tmp_path: Path) -> None:
    """A directory without anything in it is as good as a free name."""
    (tmp_path / "target").mkdir()
    atomic_rename.rename_to_free_name(made(tmp_path / "new"), tmp_path / "target")

    assert (tmp_path / "target" / "file").read_text() == "new"


@pytest.mark.parametrize("offered", [True, False])
@pytest.mark.parametrize("kind", ["directory", "file", "dangling link"])
def test_anything_else_is_left_alone(
    tmp_path: Path,
    kind: str,
    offered: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A taken name is refused, with the kernel's help and without it."""
    target = tmp_path / "target"
    if kind == "directory":
        made(target)
    elif kind == "file":
        target.write_text("target")
    else:
        target.symlink_to(tmp_path / "nowhere")
    if not offered:
        monkeypatch.setattr(atomic_rename.sys, "platform", "elsewhere")

    with pytest.raises(FileExistsError):
        atomic_rename.rename_to_free_name(made(tmp_path / "new"), target)

    assert (tmp_path / "new" / "file").read_text() == "new"
    assert target.is_symlink() == (kind == "dangling link")


def test_names_are_exchanged(tmp_path: Path) -> None:
    """Both stay complete, under each other's name."""
    atomic_rename.exchange_names(made(tmp_path / "one"), made(tmp_path / "two"))

    assert (tmp_path / "one" / "file").read_text() == "two"
    assert (tmp_path / "two" / "file").read_text() == "one"
