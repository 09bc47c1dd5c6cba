"""Chunks: checked against their contract, and decoded right whatever shares memory."""

import pyarrow as pa

from esdh_exporters.chunks import Decoder, place_of


def test_slices_of_one_dictionary_are_told_apart() -> None:
    """Two dictionaries that lie in one buffer are not the same dictionary."""
    texts = pa.array(["a", "b", "c", "d", "e", "f"])
    codes = pa.array([0, 1, 2], pa.int32())
    decoder = Decoder()
    columns = [pa.DictionaryArray.from_arrays(codes, texts.slice(start, 3)) for start in (0, 3)]
    decoded = [decoder.plain(place_of(column), column).to_pylist() for column in columns]

    assert decoded == [["a", "b", "c"], ["d", "e", "f"]]
