"""The line to a worker: that nobody is at the other end is told from all else."""

from __future__ import annotations

import contextlib
import os
import socket

import pytest

from esdh_exporters.worker_line import Line, LineClosedError


@pytest.mark.parametrize("sent", [b"", b"\x05\0", b"\x05" + bytes(7) + b"half"], ids=len)
def test_a_line_that_closed_is_told(sent: bytes) -> None:
    """Before a message or in the middle of one."""
    ours, theirs = socket.socketpair()
    with ours, contextlib.closing(Line(ours.fileno())) as line:
        theirs.sendall(sent)
        theirs.close()
        with pytest.raises(LineClosedError):
            line.receive()


def test_a_line_without_a_descriptor_is_closed() -> None:
    """Which is what comes first."""
    ours, theirs = socket.socketpair()
    theirs.close()
    with ours, contextlib.closing(Line(ours.fileno())) as line, pytest.raises(LineClosedError):
        line.receive_descriptor()


def test_a_line_carries_what_was_sent() -> None:
    """A descriptor of the same open file, then messages of any size, in order."""
    ours, theirs = socket.socketpair()
    reading, writing = os.pipe()
    with (
        ours,
        theirs,
        contextlib.closing(Line(ours.fileno())) as here,
        contextlib.closing(Line(theirs.fileno())) as there,
    ):
        here.send_descriptor(writing)
        here.send(("first", b"x" * 50_000))
        here.send(None)
        received = there.receive_descriptor()
        os.write(received, b"through")

        assert os.read(reading, 100) == b"through"
        assert there.receive() == ("first", b"x" * 50_000)
        assert there.receive() is None
    for descriptor in (reading, writing, received):
        os.close(descriptor)
