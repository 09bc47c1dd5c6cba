"""Where the CPU seconds go: generate, decode, render, write, hash, digest, statistics.

The product is run in this process with its functions wrapped from outside; nothing in it knows.
Prints the CPU seconds of each phase by the clock of the thread that ran it.

    python phases.py FORMAT RECORDS FOLDER
"""

from __future__ import annotations

import functools
import importlib
import json
import shutil
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from unittest import mock

from esdh_exporters import use_system_allocator, write_snapshot
from esdh_generator import Dataset
from esdh_models import Packaging

_FUNCTIONS: Final = {
    "decode": ("esdh_exporters.chunks.make_chunk",),
    "digest": ("esdh_exporters.table_tally.leaf_digests",),
    "write": ("os.write", "os.fsync"),
}
_FACTORIES: Final = {
    "hash": ("hashlib.sha256", ("update", "hexdigest")),
    "statistics": ("esdh_exporters.table_tally.new_tally", ("add",)),
}


class Stopwatch:
    """CPU seconds by phase; what a phase calls of another phase counts there alone."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self._of_thread = threading.local()

    @contextmanager
    def measuring(self, phase: str) -> Iterator[None]:
        """Count the CPU time of this thread."""
        inner: list[float] = getattr(self._of_thread, "inner", [0.0])
        self._of_thread.inner = [*inner, 0.0]
        start = time.thread_time()
        try:
            yield
        finally:
            spent = time.thread_time() - start
            self.seconds[phase] += spent - self._of_thread.inner[-1]
            inner[-1] += spent
            self._of_thread.inner = inner

    def wrap(self, phase: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The same function, measured."""

        @functools.wraps(function)
        def measured(*arguments: Any, **options: Any) -> Any:
            with self.measuring(phase):
                return function(*arguments, **options)

        return measured

    def wrap_made(
        self, phase: str, make: Callable[..., Any], methods: tuple[str, ...]
    ) -> Callable[..., Any]:
        """The same factory; some methods of what it makes are measured."""

        def made(*arguments: Any, **options: Any) -> Any:
            return _Measured(make(*arguments, **options), self, phase, methods)

        return made


class _Measured:
    """Stands before an object and measures some of its methods."""

    def __init__(self, inside: Any, watch: Stopwatch, phase: str, methods: tuple[str, ...]) -> None:
        self._inside = inside
        for name in methods:
            setattr(self, name, watch.wrap(phase, getattr(inside, name)))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inside, name)


@dataclass(frozen=True)
class MeasuredSource:
    """A dataset whose blocks are measured while they are made."""

    dataset: Dataset
    watch: Stopwatch

    def __getattr__(self, name: str) -> Any:
        return getattr(self.dataset, name)

    def iter_blocks(self, start: int, stop: int) -> Iterator[Any]:
        """Yield the dataset's blocks."""
        blocks = self.dataset.iter_blocks(start, stop)
        while True:
            with self.watch.measuring("generate"):
                block = next(blocks, None)
            if block is None:
                return
            yield block


def measure_phases(format_name: str, records: int, folder: Path) -> dict[str, float]:
    """Write a snapshot and tell what each phase took; "rest" is what no phase covers."""
    watch = Stopwatch()
    format_module = importlib.import_module(f"esdh_exporters.formats.{format_name}")
    opened = watch.wrap_made("render", format_module.open_writer, ("write", "close"))
    source: Any = MeasuredSource(Dataset(records=records), watch)
    next(source.dataset.iter_blocks(0, 1))  # reference tables belong to the start
    with ExitStack() as stack:
        stack.enter_context(mock.patch.object(format_module, "open_writer", opened))
        for phase, targets in _FUNCTIONS.items():
            for target in targets:
                stack.enter_context(mock.patch(target, watch.wrap(phase, _found(target))))
        for phase, (target, methods) in _FACTORIES.items():
            made = watch.wrap_made(phase, _found(target), methods)
            stack.enter_context(mock.patch(target, made))
        before = time.process_time()
        write_snapshot(source, folder / "phases", Packaging(formats=(format_name,)))
        total = time.process_time() - before
    shutil.rmtree(folder / "phases")
    rest = total - sum(watch.seconds.values())
    return {**watch.seconds, "rest": rest}


def _found(target: str) -> Any:
    module, _, name = target.rpartition(".")
    return getattr(importlib.import_module(module), name)


if __name__ == "__main__":
    use_system_allocator()  # as the command does
    print(json.dumps(measure_phases(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))))
