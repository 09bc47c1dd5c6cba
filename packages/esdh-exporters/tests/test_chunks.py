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


def test_columns_of_one_place_and_two_types_are_told_apart() -> None:
    """Days and numbers may lie in one buffer."""
    days = pa.array([1, 2], pa.int32())
    known = Columns()

    assert [known.of(column).plain.type for column in (days, days.view(pa.date32()))] == [
        pa.int32(),
        pa.date32(),
    ]
