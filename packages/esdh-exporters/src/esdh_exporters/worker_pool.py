"""Hands the parts of a snapshot to processes and gathers what they wrote.

This process is one of the workers; each other is a fresh interpreter that is given the source. A
thread per other worker talks to it, so a slow part never holds up the rest. Nothing here decides a
value or a file.
"""

from __future__ import annotations

import pickle
import queue
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import nullcontext
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from esdh_models import DatasetSource, Packaging, errors

from . import part_writer
from .part_writer import PartResult
from .progress import Steps
from .worker_line import Line, LineClosedError
from .worker_processes import Worker, Workers, end, start_workers


def write_parts(
    source: DatasetSource,
    packaging: Packaging,
    folder: Path,
    *,
    workers: int | Workers,
    lock_descriptor: int,
    progress: Steps,
) -> list[PartResult]:
    """Write every part, in so many processes, of which this is one; results in order of parts.

    Raises `OSError`, `SnapshotWriteError` if a worker is lost, and what the source raises.
    """
    if isinstance(workers, int) and workers < 1:
        raise errors.InvalidRequestError(f"workers must be 1 or more, but got {workers}")
    part_count = packaging.part_count(source.owner_count)
    task = _Task(source, packaging, folder)
    most = part_count - 1
    started = (
        start_workers(min(workers - 1, most)) if isinstance(workers, int) else nullcontext(workers)
    )
    with started as processes:
        others = processes.take(most)
        if not others:
            return list(task.write(range(part_count), progress))
        try:
            return _Pool(task, part_count, lock_descriptor, progress).run(others)
        finally:
            end(others)


class _Task(NamedTuple):
    """What every part is written from, and where to."""

    source: DatasetSource
    packaging: Packaging
    folder: Path

    def write(self, numbers: Iterable[int], progress: Steps) -> Iterator[PartResult]:
        """Write parts in this process."""
        return part_writer.write_parts(*self, numbers, progress)


class _Pool:
    def __init__(self, task: _Task, part_count: int, lock_descriptor: int, progress: Steps) -> None:
        self._task = task
        # Before anything runs here, which may leave the source something that is not for others.
        self._first_messages = (
            pickle.dumps((sys.path, pa.default_memory_pool().backend_name)),
            pickle.dumps(tuple(task)),
        )
        self._lock_descriptor = lock_descriptor
        self._progress = progress
        self._progress_lock = threading.Lock()
        self._part_count = part_count
        self._parts: queue.SimpleQueue[int] = queue.SimpleQueue()
        for part in range(part_count):
            self._parts.put(part)
        self._results: dict[int, PartResult] = {}

    def run(self, others: Sequence[Worker]) -> list[PartResult]:
        """Work beside the others; whatever goes wrong, none of them stays behind."""
        with ThreadPoolExecutor(len(others)) as threads:
            try:
                talks = [threads.submit(self._talk, worker) for worker in others]
                self._write_here(talks)
                wait(talks, return_when=FIRST_EXCEPTION)
                _raise_what_failed(talks)
            finally:
                for worker in others:
                    worker.kill()  # which ends the talks too
        return [self._result(part) for part in range(self._part_count)]

    def _result(self, part: int) -> PartResult:
        if part not in self._results:
            raise errors.SnapshotWriteError(f"no process says that it wrote part {part}")
        return self._results[part]

    def _write_here(self, talks: Iterable[Future[None]]) -> None:
        """Write parts until none is left, and stop soon if another worker fails."""

        def progress(owners: int) -> None:
            _raise_what_failed(talks)
            self._count(owners)

        for result in self._task.write(iter(self._next_part, None), progress):
            self._results[result.number] = result

    def _count(self, owners: int) -> None:
        with self._progress_lock:
            self._progress(owners)

    def _talk(self, worker: Worker) -> None:
        try:
            worker.line.send_descriptor(self._lock_descriptor)
            worker.line.send_pickled(*self._first_messages)
            self._serve(worker.line)
        except LineClosedError:
            message = f"a worker process ended early (exit code {worker.exit_code()})"
            raise errors.SnapshotWriteError(message) from None

    def _next_part(self) -> int | None:
        try:
            return self._parts.get_nowait()
        except queue.Empty:
            return None

    def _serve(self, line: Line) -> None:
        """Answer a worker until it has written all that it was given."""
        while True:
            kind, content = line.receive()
            if kind == "owners":
                self._count(content)
            elif kind == "next":
                line.send(self._next_part())
            elif kind == "part":
                self._results[content.number] = content
            elif kind == "end":
                return
            else:
                raise content


def _raise_what_failed(talks: Iterable[Future[None]]) -> None:
    for talk in talks:
        if talk.done():
            talk.result()
