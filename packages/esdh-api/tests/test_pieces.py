"""Pieces sent by one call each time: all bytes, in order, wherever a call leaves off."""

from __future__ import annotations

import socket
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esdh_api.pieces import Pieces, has_room


class Taking:
    """A connection that takes so many bytes, call by call; 0 stands for no room."""

    def __init__(self, sizes: Iterable[int]) -> None:
        """Nothing is sent yet."""
        self._sizes = iter(sizes)
        self.sent = b""

    def sendmsg(self, pieces: Iterable[memoryview]) -> int:
        """Take as many as come next, or everything."""
        offered = b"".join(pieces)
        size = min(next(self._sizes, len(offered)), len(offered))
        if not size:
            raise BlockingIOError
        self.sent += offered[:size]
        return size


@given(parts=st.lists(st.binary(max_size=9), max_size=12), sizes=st.lists(st.integers(0, 40)))
def test_calls_may_leave_off_anywhere(parts: list[bytes], sizes: list[int]) -> None:
    """Between pieces, within one, at empty ones: what went out and what is left is all there is."""
    pieces, connection = Pieces(parts), Taking(sizes)
    whole = b"".join(parts)
    while pieces.size:
        before = pieces.size
        size = pieces.send_what_fits(connection)  # type: ignore[arg-type]  # all it needs
        assert pieces.size == before - size
        assert connection.sent + b"".join(pieces) == whole

    assert connection.sent == whole


def test_more_pieces_than_a_call_takes(ends: tuple[socket.socket, socket.socket]) -> None:
    """A system refuses a call with more than about a thousand."""
    near, far = ends
    pieces = Pieces([b"a", b"b"] * 2_000)
    while pieces:
        assert pieces.send_what_fits(near)
    near.close()
    with far.makefile("rb") as found:
        assert found.read() == b"ab" * 2_000


def test_what_is_sent_is_let_go_of(ends: tuple[socket.socket, socket.socket]) -> None:
    """A piece holds its memory until its last byte is out."""
    first, second = bytearray(10), bytearray(2**24)
    pieces = Pieces(map(memoryview, (first, second)))
    pieces.send_what_fits(ends[0])

    first.clear()  # which is an error while somebody looks at it
    with pytest.raises(BufferError):
        second.clear()


def test_a_connection_that_is_closed_is_an_error(ends: tuple[socket.socket, socket.socket]) -> None:
    """Nothing is taken for sent."""
    near, far = ends
    far.close()
    pieces = Pieces([b"a"])

    with pytest.raises(BrokenPipeError):
        pieces.send_what_fits(near)
    assert pieces.size == 1


def test_there_is_room_until_the_reader_lags_behind(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    """And again when it has read."""
    near, far = ends
    pieces = Pieces([bytes(2**24)])
    assert has_room(near)
    while pieces.send_what_fits(near):
        pass
    assert not has_room(near)
    far.recv(2**24)

    assert has_room(near)
