"""Hands the parts of a snapshot to processes and gathers what they wrote.

This process is one of the workers; each other is a fresh interpreter that was given the source. A
thread per other worker talks to it, so a slow part never holds up the rest. Nothing here decides a
value or a file.
"""

from __future__ import annotations

import os
import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Iterable
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import IO, Any, Final, NamedTuple

import pyarrow as pa

from esdh_models import DatasetSource, Packaging, errors

from .part_writer import PartResult, write_part
from .progress import Steps

_WORKER: Final = "esdh_exporters.worker"


def write_parts(
    source: DatasetSource,
    packaging: Packaging,
    folder: Path,
    *,
    workers: int,
    lock_descriptor: int,
    progress: Steps,
) -> list[PartResult]:
    """Write every part, in so many processes, of which this is one; results in order of parts.

    Raises `OSError`, `SnapshotWriteError` if a worker is lost, and what the source raises.
    """
    if workers < 1:
        raise errors.InvalidRequestError(f"workers must be 1 or more, but got {workers}")
    part_count = packaging.part_count(source.owner_count)
    task = _Task(source, packaging, folder)
    others = min(workers, part_count) - 1
    if not others:
        return [task.write(part, progress) for part in range(part_count)]
    return _Pool(task, part_count, lock_descriptor, progress).run(others)


class _Task(NamedTuple):
    """What every part is written from, and where to."""

    source: DatasetSource
    packaging: Packaging
    folder: Path

    def write(self, part: int, progress: Steps) -> PartResult:
        """Write one part in this process."""
        return write_part(self.source, self.packaging, self.folder, part, progress)


class _Pool:
    def __init__(self, task: _Task, part_count: int, lock_descriptor: int, progress: Steps) -> None:
        self._task = task
        self._pickled_task = pickle.dumps(tuple(task))
        self._lock_descriptor = lock_descriptor
        self._progress = progress
        self._progress_lock = threading.Lock()
        self._parts: queue.SimpleQueue[int] = queue.SimpleQueue()
        for part in range(part_count):
            self._parts.put(part)
        self._results: dict[int, PartResult] = {}
        self._processes: list[subprocess.Popen[bytes]] = []

    def run(self, others: int) -> list[PartResult]:
        """Start the others and work beside them; whatever goes wrong, none of them stays behind."""
        with ThreadPoolExecutor(others) as threads:
            try:
                talks: list[Future[None]] = []
                for _ in range(others):
                    process, answers = self._start()
                    talks.append(threads.submit(self._talk, process, answers))
                self._write_here(talks)
                wait(talks, return_when=FIRST_EXCEPTION)
                _raise_what_failed(talks)
            finally:
                for process in self._processes:
                    process.kill()
                for process in self._processes:
                    process.wait()
        return [self._results[part] for part in sorted(self._results)]

    def _write_here(self, talks: Iterable[Future[None]]) -> None:
        """Write parts until none is left, and stop soon if another worker fails."""

        def progress(owners: int) -> None:
            _raise_what_failed(talks)
            self._count(owners)

        while (part := self._next_part()) is not None:
            self._results[part] = self._task.write(part, progress)

    def _count(self, owners: int) -> None:
        with self._progress_lock:
            self._progress(owners)

    def _start(self) -> tuple[subprocess.Popen[bytes], IO[bytes]]:
        read_end, write_end = os.pipe()
        try:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", _WORKER, str(write_end), str(os.getpid())],
                stdin=subprocess.PIPE,
                pass_fds=(write_end, self._lock_descriptor),
                env={
                    **os.environ,
                    "ARROW_DEFAULT_MEMORY_POOL": pa.default_memory_pool().backend_name,
                },
                process_group=0,  # an interrupt from the terminal is for the parent to handle
            )
        except BaseException:
            os.close(read_end)
            raise
        finally:
            os.close(write_end)
        self._processes.append(process)
        return process, os.fdopen(read_end, "rb")

    def _talk(self, process: subprocess.Popen[bytes], answers: IO[bytes]) -> None:
        assert process.stdin is not None  # noqa: S101  # it was opened as a pipe
        try:
            with answers, process.stdin as tasks:
                tasks.write(pickle.dumps(sys.path) + self._pickled_task)
                while (part := self._next_part()) is not None:
                    _send(tasks, part)
                    self._results[part] = self._receive(answers)
                _send(tasks, None)
        except (EOFError, BrokenPipeError):
            message = f"a worker process ended early (exit code {process.wait()})"
            raise errors.SnapshotWriteError(message) from None

    def _next_part(self) -> int | None:
        try:
            return self._parts.get_nowait()
        except queue.Empty:
            return None

    def _receive(self, answers: IO[bytes]) -> PartResult:
        while True:
            kind, content = pickle.load(answers)  # noqa: S301  # from a process started here
            if kind == "owners":
                self._count(content)
            elif kind == "part":
                result: PartResult = content
                return result
            else:
                raise content


def _raise_what_failed(talks: Iterable[Future[None]]) -> None:
    for talk in talks:
        if talk.done():
            talk.result()


def _send(tasks: IO[bytes], message: Any) -> None:
    tasks.write(pickle.dumps(message))
    tasks.flush()
