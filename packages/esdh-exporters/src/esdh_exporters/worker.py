"""A worker process: `python -m esdh_exporters.worker PARENT` writes the parts it is given.

Standard input is the line to the parent. It dies with its parent, and while it lives it holds the
parent's lock on the staging directory.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import pickle
import signal
import sys
import traceback
from collections.abc import Iterator

from .worker_line import Line, LineClosedError

_PR_SET_PDEATHSIG = 1
_STANDARD_INPUT = 0


def main() -> None:
    """Serve the parent until it has no more to do, or is gone."""
    _die_with_parent(int(sys.argv[1]))
    line = _line_from_standard_input()
    with contextlib.closing(line), contextlib.suppress(LineClosedError):
        _serve(line)


def _line_from_standard_input() -> Line:
    """The line, which nothing that runs here or is started from here takes for its input."""
    line = Line(_STANDARD_INPUT)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, _STANDARD_INPUT)
    os.close(nothing)
    return line


def _serve(line: Line) -> None:
    try:
        _write_parts(line)
    except LineClosedError:
        raise
    except Exception as error:  # noqa: BLE001  # whatever it is, the parent must hear of it
        line.send(("error", _portable(error)))
        line.pass_over_the_rest()


def _write_parts(line: Line) -> None:
    from .allocation import use_allocator  # noqa: PLC0415  # the parent may be gone before this
    from .part_writer import write_parts  # noqa: PLC0415

    line.receive_descriptor()
    sys.path[:], allocator = line.receive()
    use_allocator(allocator)
    source, packaging, folder = line.receive()

    def progress(owners: int) -> None:
        line.send(("owners", owners))

    for result in write_parts(source, packaging, folder, _numbers(line), progress):
        line.send(("part", result))
    line.send(("end", None))


def _numbers(line: Line) -> Iterator[int]:
    """Ask for one part after the other, until none is left."""
    while True:
        line.send(("next", None))
        number = line.receive()
        if number is None:
            return
        yield number


def _portable(error: Exception) -> Exception:
    """The error itself if it survives pickling, else its traceback as text."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301
    except Exception:  # noqa: BLE001
        return RuntimeError("".join(traceback.format_exception(error)))
    return error


def _die_with_parent(parent: int) -> None:
    """Ask the kernel for a kill when the parent ends; elsewhere the end of the line must do."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)


if __name__ == "__main__":
    main()
