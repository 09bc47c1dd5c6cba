"""Whatever was done to the files of a snapshot is found, named, and found soon."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from esdh_exporters import Answer, verify_snapshot

sys.path.append(str(Path(__file__).parent))
from resealing import Change, named

pytestmark = pytest.mark.usefixtures("soon_and_small")

FILES = ["README.md", "SHA256SUMS", "datapackage.json", "manifest.json", "metadata.json",
         "persons.csv", "persons.parquet", "vehicles.csv", "vehicles.parquet"]  # fmt: skip


def test_the_snapshot_of_these_tests_is_sound(snapshot: Path) -> None:
    """Undamaged it passes, and the table above is complete."""
    report = verify_snapshot(snapshot, deep=True)

    assert sorted(path.name for path in snapshot.iterdir()) == FILES
    assert (report.answer, report.problems) == (Answer.SELF_CONSISTENT, ())


def flip(path: Path, place: float) -> None:
    """Change one bit at a share of the file's length."""
    content = bytearray(path.read_bytes())
    content[int((len(content) - 1) * place)] ^= 1
    path.write_bytes(content)


def chop(path: Path) -> None:
    """Take the last byte away."""
    path.write_bytes(path.read_bytes()[:-1])


def append(path: Path) -> None:
    """Add one byte."""
    path.write_bytes(path.read_bytes() + b"\n")


def empty(path: Path) -> None:
    """Take everything away."""
    path.write_bytes(b"")


def link(path: Path) -> None:
    """Put a link to the same content in its place, outside the snapshot."""
    outside = path.parent.parent / f"outside-{path.name}"
    path.rename(outside)
    path.symlink_to(outside)


def link_within(path: Path) -> None:
    """Put a dangling link in its place."""
    path.unlink()
    path.symlink_to("nowhere")


def pipe(path: Path) -> None:
    """Put a FIFO in its place, which holds up whoever opens it."""
    path.unlink()
    os.mkfifo(path)


def device(path: Path) -> None:
    """Put a device in its place, of which reading never ends."""
    path.unlink()
    try:
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("only the administrator may make a device")


def directory(path: Path) -> None:
    """Put a directory in its place."""
    path.unlink()
    path.mkdir()


def zeroes(path: Path) -> None:
    """Keep the size, lose the content."""
    path.write_bytes(bytes(path.stat().st_size))


def grow_to_a_terabyte(path: Path) -> None:
    """A sparse file whose reading would take hours."""
    os.truncate(path, 2**40)


FILE_DAMAGES: list[Callable[[Path], object]] = [
    lambda path: flip(path, 0),
    lambda path: flip(path, 0.5),
    lambda path: flip(path, 1),
    chop, append, empty, Path.unlink, link, link_within, pipe, device, directory, zeroes,
    grow_to_a_terabyte,
]  # fmt: skip


@pytest.mark.parametrize(
    "damage", FILE_DAMAGES, ids=lambda damage: damage.__name__.replace("<lambda>", "flip")
)
@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_is_found_and_named(snapshot: Path, name: str, damage: Change) -> None:
    """Every kind of damage to every file, the manifest's own proof included."""
    damage(snapshot / name)
    report = verify_snapshot(snapshot)

    assert report.answer is Answer.BROKEN
    allowed = {name, "SHA256SUMS"} if name == "manifest.json" else {name}
    assert set(named(report)) & allowed, report.problems


def rename(folder: Path) -> None:
    """A file under another name."""
    (folder / "persons.csv").rename(folder / "people.csv")


def swap(folder: Path) -> None:
    """Two files with each other's names."""
    (folder / "persons.csv").rename(folder / "aside")
    (folder / "vehicles.csv").rename(folder / "persons.csv")
    (folder / "aside").rename(folder / "vehicles.csv")


def swap_formats(folder: Path) -> None:
    """One table, each format under the other's name."""
    (folder / "persons.csv").rename(folder / "aside")
    (folder / "persons.parquet").rename(folder / "persons.csv")
    (folder / "aside").rename(folder / "persons.parquet")


def empty_folder(folder: Path) -> None:
    """Nothing at all is left."""
    shutil.rmtree(folder)
    folder.mkdir()


def add(name: str | bytes) -> Change:
    """One more file."""
    return lambda folder: (folder / os.fsdecode(name)).write_text("x")


FOLDER_DAMAGES: list[tuple[Change, list[str]]] = [
    (rename, ["people.csv", "persons.csv"]),
    (swap, ["persons.csv", "vehicles.csv"]),
    (swap_formats, ["persons.csv", "persons.parquet"]),
    (add("extra.csv"), ["extra.csv"]),
    (add(".hidden"), [".hidden"]),
    (add("Persons.csv"), ["Persons.csv"]),
    (add("pers\u043ens.csv"), ["pers\\u043ens.csv"]),
    (add("persons.csv\u200b"), ["persons.csv\\u200b"]),
    (add("two\nlines"), ["two\\nlines"]),
    (add("\x1b[2Jclear"), ["\\x1b[2Jclear"]),
    (add(b"\xff\xfe"), ["\\udcff\\udcfe"]),
    (lambda folder: (folder / "profiles").mkdir(), ["profiles"]),
    (lambda folder: (folder / "loop").symlink_to("."), ["loop"]),
    (lambda folder: os.mkfifo(folder / "pipe"), ["pipe"]),
    (empty_folder, ["manifest.json"]),
]


@pytest.mark.parametrize(("damage", "names"), FOLDER_DAMAGES)
def test_a_damaged_directory_is_found_and_named(
    snapshot: Path, damage: Change, names: list[str]
) -> None:
    """Files that are more, fewer or elsewhere; names are told so that no terminal obeys them."""
    damage(snapshot)
    report = verify_snapshot(snapshot)

    assert report.answer is Answer.BROKEN
    assert sorted(named(report)) == names


@pytest.mark.skipif(not hasattr(os, "seteuid") or os.geteuid() != 0, reason="needs another user")
@pytest.mark.parametrize("name", FILES)
def test_a_file_that_may_not_be_read_is_named(snapshot: Path, name: str) -> None:
    """Without permission the answer is a problem with the file's name, not an error."""
    (snapshot / name).chmod(0)
    for folder in [snapshot, *snapshot.parents][:-2]:
        folder.chmod(folder.stat().st_mode | 0o055)
    os.seteuid(65534)
    try:
        report = verify_snapshot(snapshot)
    finally:
        os.seteuid(0)

    assert (report.answer, named(report)) == (Answer.BROKEN, [name])
