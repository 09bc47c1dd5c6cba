"""A worker process: `python -m esdh_exporters.worker FD` writes parts that its parent names.

It reads pickled messages from standard input and answers on the descriptor FD. It dies with its
parent, and while it lives it holds the parent's lock on the staging directory.
"""

from __future__ import annotations

import ctypes
import os
import pickle
import signal
import sys
import traceback
from typing import BinaryIO

from .part_writer import write_part

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Serve the parent until it closes standard input."""
    _die_with_parent(int(sys.argv[2]))
    with os.fdopen(int(sys.argv[1]), "wb") as answers:
        _serve(sys.stdin.buffer, answers)


def _serve(tasks: BinaryIO, answers: BinaryIO) -> None:
    sys.path[:] = pickle.load(tasks)  # noqa: S301  # the pipe comes from our own parent

    def send(kind: str, content: object) -> None:
        pickle.dump((kind, content), answers)
        answers.flush()

    try:
        source, packaging, folder = pickle.load(tasks)  # noqa: S301
        while (part := pickle.load(tasks)) is not None:  # noqa: S301
            result = write_part(source, packaging, folder, part, lambda n: send("owners", n))
            send("part", result)
    except Exception as error:  # noqa: BLE001  # whatever it is, the parent must hear of it
        send("error", _portable(error))


def _portable(error: Exception) -> Exception:
    """The error itself if it survives pickling, else its traceback as text."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301
    except Exception:  # noqa: BLE001
        return RuntimeError("".join(traceback.format_exception(error)))
    return error


def _die_with_parent(parent: int) -> None:
    """Ask the kernel for a kill when the parent ends; elsewhere end of input must do."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)


if __name__ == "__main__":
    main()
