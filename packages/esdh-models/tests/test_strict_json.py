"""Strict JSON refuses what Python's parser lets through, quickly and in flat memory."""

import contextlib
import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from esdh_models.errors import ManifestError
from esdh_models.strict_json import MAXIMUM_BYTES, load_strict_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.dictionaries(st.text(), VALUES))
def test_ordinary_documents_are_read_as_they_are(document: dict[str, object]) -> None:
    """What json.dumps writes without floats comes back equal."""
    assert document == load_strict_json(json.dumps(document).encode())


@settings(deadline=None)
@given(st.binary())
def test_any_bytes_end_in_a_document_or_the_one_error(data: bytes) -> None:
    """No input gets out any other way."""
    with contextlib.suppress(ManifestError):
        assert isinstance(load_strict_json(data), dict)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b'{"a": 1, "a": 2}', "stands twice"),
        (b'{"a": {"b": 1, "b": 1}}', "stands twice"),
        (b'{"a": NaN}', "not an integer"),
        (b'{"a": 1.5}', "not an integer"),
        (b'{"a": 1e999}', "not an integer"),
        (b'{"a": ' + b"9" * 5000 + b"}", "more than 40 digits"),
        (b"[]", "must be a JSON object"),
        (b'{"a": "\xff"}', "not UTF-8"),
        (b'{"a": ', "not JSON"),
        (b"[" * 100_000, "nests deeper"),
        (b'{"a":' * 100_000, "nests deeper"),
        (b'{"a": [' + b"1," * 2_000_000 + b"1]}", "more than 1,500,000 values"),
        (b" " * (MAXIMUM_BYTES + 1), "larger than"),
    ],
)
def test_hostile_documents_are_refused_in_a_moment(data: bytes, message: str) -> None:
    """Bombs and twins end in a clear error within a second or two."""
    started = time.monotonic()
    with pytest.raises(ManifestError, match=message):
        load_strict_json(data)

    assert time.monotonic() - started < 5
