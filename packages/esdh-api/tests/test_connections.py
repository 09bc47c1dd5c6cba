"""Sending past the queue: to a reader that keeps up, and what becomes of one that does not."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from esdh_api import connections
from esdh_api.connections import ImpatientChannel

MEGABYTE = 2**20


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Both ends of a connection; the first never waits, as the server's."""
    near, far = socket.socketpair()
    near.setblocking(False)
    with near, far:
        yield near, far


def channel_on(connection: socket.socket) -> ImpatientChannel:
    """A channel with nothing in its queue, and no server."""
    channel = ImpatientChannel.__new__(ImpatientChannel)
    channel.outbuf_lock = threading.Condition()
    channel.total_outbufs_len = 0
    channel.connected = True
    channel.socket = connection
    return channel


def test_a_reader_that_keeps_up_gets_all_of_it(
    ends: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is left for the queue."""
    near, far = ends
    monkeypatch.setattr(connections, "_MOMENT_MILLISECONDS", 60_000)
    content, found = bytes(range(256)) * 2**14, bytearray()
    monkeypatch.setattr(connections, "_SLICE_BYTES", 0)

    def read() -> None:
        while len(found) < len(content):
            found.extend(far.recv(MEGABYTE))

    reader = threading.Thread(target=read)
    reader.start()
    sent = channel_on(near)._send_at_once(memoryview(content))
    reader.join()

    assert sent == len(content)
    assert found == content


def test_nobody_waits_with_what_the_queue_takes_at_once(
    ends: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thread is free again though the reader reads nothing."""
    monkeypatch.delattr(connections, "_has_room")

    assert 0 < channel_on(ends[0])._send_at_once(memoryview(bytes(MEGABYTE))) < MEGABYTE


def test_a_reader_that_lags_behind_is_left_to_the_queue(
    ends: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a moment, with the first part sent."""
    monkeypatch.setattr(connections, "_MOMENT_MILLISECONDS", 1)

    assert 0 < channel_on(ends[0])._send_at_once(memoryview(bytes(8 * MEGABYTE))) < 8 * MEGABYTE


def test_closing_ends_a_thread_that_waits(
    ends: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it was about to do with the connection, no error comes of it."""
    monkeypatch.setattr(connections, "_MOMENT_MILLISECONDS", 50)
    channel, ended = channel_on(ends[0]), []
    waiting = threading.Thread(
        target=lambda: ended.append(channel._send_at_once(memoryview(bytes(8 * MEGABYTE))))
    )
    waiting.start()
    time.sleep(0.02)
    with channel.outbuf_lock:
        channel.connected = False
    channel.socket = None
    ends[0].close()
    waiting.join()

    assert len(ended) == 1
    assert ended[0] < 8 * MEGABYTE


def test_closing_between_sending_and_waiting(ends: tuple[socket.socket, socket.socket]) -> None:
    """The narrowest moment: the lock is free again and the connection gone."""
    channel = channel_on(ends[0])

    class Closing:
        """A connection that is closed as soon as there is no room."""

        def send(self, _: memoryview) -> int:
            channel.connected, channel.socket = False, None
            raise BlockingIOError

        def fileno(self) -> int:
            return -1

    channel.socket = Closing()

    assert channel._send_at_once(memoryview(bytes(8 * MEGABYTE))) == 0
