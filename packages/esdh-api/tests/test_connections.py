"""Sending past the queue: to a reader that keeps up, and what becomes of one that does not."""

import itertools
import socket
import threading
import time
from collections.abc import Iterable
from types import SimpleNamespace

import pytest
from waitress.channel import HTTPChannel

from esdh_api import connections, pieces
from esdh_api.connections import AnswerTask, ImpatientChannel
from esdh_api.pieces import Pieces

MEGABYTE = 2**20


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
    monkeypatch.setattr(pieces, "_MOMENT_MILLISECONDS", 60_000)
    content, found = bytes(range(256)) * 2**14, bytearray()
    monkeypatch.setattr(connections, "_SLICE_BYTES", 0)

    def read() -> None:
        while len(found) < len(content):
            found.extend(far.recv(MEGABYTE))

    reader = threading.Thread(target=read)
    reader.start()
    waiting = Pieces(memoryview(content)[start : start + 10**5] for start in range(0, 2**22, 10**5))
    channel_on(near)._send_at_once(waiting)
    reader.join()

    assert not waiting
    assert found == content


def test_nobody_waits_with_what_the_queue_takes_at_once(
    ends: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thread is free again though the reader reads nothing."""
    monkeypatch.delattr(connections, "has_room")

    waiting = Pieces([bytes(MEGABYTE)])
    channel_on(ends[0])._send_at_once(waiting)

    assert 0 < waiting.size < MEGABYTE


def test_a_reader_that_lags_behind_is_left_to_the_queue(
    ends: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a moment, with the first part sent."""
    monkeypatch.setattr(pieces, "_MOMENT_MILLISECONDS", 1)

    waiting = Pieces([bytes(MEGABYTE)] * 8)
    channel_on(ends[0])._send_at_once(waiting)

    assert 0 < waiting.size < 8 * MEGABYTE


def test_closing_ends_a_thread_that_waits(
    ends: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it was about to do with the connection, no error comes of it."""
    monkeypatch.setattr(pieces, "_MOMENT_MILLISECONDS", 50)
    channel, left = channel_on(ends[0]), Pieces([bytes(MEGABYTE)] * 8)
    waiting = threading.Thread(target=channel._send_at_once, args=[left])
    waiting.start()
    time.sleep(0.02)
    with channel.outbuf_lock:
        channel.connected = False
    channel.socket = None
    ends[0].close()
    waiting.join()

    assert 0 < left.size < 8 * MEGABYTE


def test_closing_between_sending_and_waiting(ends: tuple[socket.socket, socket.socket]) -> None:
    """The narrowest moment: the lock is free again and the connection gone."""
    channel = channel_on(ends[0])

    class Closing:
        """A connection that is closed as soon as there is no room."""

        def sendmsg(self, _: Iterable[memoryview]) -> int:
            channel.connected, channel.socket = False, None
            raise BlockingIOError

        def fileno(self) -> int:
            return -1

    channel.socket = Closing()
    left = Pieces([bytes(MEGABYTE)] * 8)
    channel._send_at_once(left)

    assert left.size == 8 * MEGABYTE


def test_what_is_left_is_queued_in_slices(
    ends: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In order, to the last byte: of a reader that reads nothing, and then everything."""
    near, far = ends
    queued: list[bytes] = []
    monkeypatch.setattr(pieces, "_MOMENT_MILLISECONDS", 1)
    monkeypatch.setattr(HTTPChannel, "write_soon", lambda _, data: queued.append(bytes(data)))
    content = b"".join(number.to_bytes(4, "big") for number in range(5 * 2**18 + 2))
    ends_at = (0, 3 * MEGABYTE, 3 * MEGABYTE + 5, 5 * MEGABYTE + 7, len(content))
    parts = [content[start:stop] for start, stop in itertools.pairwise(ends_at)]
    channel_on(near).write_pieces(Pieces(parts))
    near.close()
    with far.makefile("rb") as sent:
        early = sent.read()

    assert early
    assert max(map(len, queued)) <= MEGABYTE
    assert early + b"".join(queued) == content


class Collecting:
    """A channel that keeps what is written, and how it was grouped."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.chunks: list[list[bytes]] = []

    def write_pieces(self, waiting: Pieces) -> None:
        """Take pieces."""
        self.chunks.append([bytes(piece) for piece in waiting])
        waiting.clear()

    def write_soon(self, data: bytes) -> None:
        """Take a little."""
        self.chunks.append([data])


def task_on(channel: Collecting) -> AnswerTask:
    """An answer in chunks whose header is out."""
    task = AnswerTask(channel, SimpleNamespace(version="1.1", command="GET"))
    task.status, task.complete = "200 OK", True
    task.wrote_header = task.chunked_response = True
    return task


def test_views_go_out_as_one_chunk_with_what_ends_them() -> None:
    """However small; nothing goes out before its length can be told."""
    channel = Collecting()
    task = task_on(channel)
    task.write(memoryview(b"ab"))
    task.write(memoryview(b"cde"))
    assert channel.chunks == []
    task.write(b"f")
    task.write(b"g")

    assert channel.chunks == [[b"6\r\n", b"ab", b"cde", b"f", b"\r\n"], [b"1\r\ng\r\n"]]


def test_views_that_nothing_ends_go_out_with_the_end() -> None:
    """The last chunk of a body comes after all of them."""
    channel = Collecting()
    task = task_on(channel)
    task.write(memoryview(b"ab"))
    task.finish()

    assert channel.chunks == [[b"2\r\n", b"ab", b"\r\n"], [b"0\r\n\r\n"]]


def test_an_answer_without_chunks_gathers_nothing() -> None:
    """As HTTP/1.0 has it: each piece goes its way when it comes."""
    channel = Collecting()
    task = task_on(channel)
    task.chunked_response = False
    task.write(memoryview(b"ab"))
    task.write(memoryview(b"c"))
    task.finish()

    assert channel.chunks == [[b"ab"], [b"c"]]
