"""Files that are hashed as they are written."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esdh_exporters.hashing_file import HashingFile, write_synced


@given(st.lists(st.binary(max_size=2000)))
def test_hash_and_size_are_those_of_the_file(
    tmp_path_factory: pytest.TempPathFactory, chunks: list[bytes]
) -> None:
    """However it is written, what is told is what is there."""
    path = tmp_path_factory.mktemp("hashing") / "file"
    with HashingFile(path) as file:
        for chunk in chunks:
            file.write(chunk)
    content = path.read_bytes()

    assert content == b"".join(chunks)
    assert (file.size, file.sha256) == (len(content), hashlib.sha256(content).hexdigest())


def test_an_existing_file_is_never_overwritten(tmp_path: Path) -> None:
    """A name that is taken is refused."""
    write_synced(tmp_path / "file", b"first")

    with pytest.raises(FileExistsError):
        write_synced(tmp_path / "file", b"second")

    assert (tmp_path / "file").read_bytes() == b"first"
