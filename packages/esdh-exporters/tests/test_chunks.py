"""Chunks: checked against their contract, and decoded right whatever shares memory."""

import pyarrow as pa

from esdh_exporters.chunks import Columns


def test_slices_of_one_dictionary_are_told_apart() -> None:
    """Two dictionaries that lie in one buffer are not the same dictionary."""
    texts = pa.array(["a", "b", "c", "d", "e", "f"])
    codes = pa.array([0, 1, 2], pa.int32())
    known = Columns()
    columns = [pa.DictionaryArray.from_arrays(codes, texts.slice(start, 3)) for start in (0, 3)]
    decoded = [known.of(column).plain.to_pylist() for column in columns]

    assert decoded == [["a", "b", "c"], ["d", "e", "f"]]
