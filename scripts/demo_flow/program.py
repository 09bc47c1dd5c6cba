"""Where a program of the demo begins and ends: every signal and every error is one line.

Nothing heavy is imported here, and the program itself only after signals are looked after, so that
an interrupt is quiet at any moment.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import os
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import Final, NoReturn

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
_SIGNAL_EXIT_BASE: Final = 128
_FAILED: Final = 1
_BAD_INPUT: Final = 2


class Parser(argparse.ArgumentParser):
    """Options whose faults are one line, as every other bad input."""

    def error(self, message: str) -> NoReturn:
        """Refuse; raises `InvalidRequestError`."""
        from esdh_models import errors  # noqa: PLC0415

        raise errors.InvalidRequestError(f"{message}; see --help")


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """The type of an option that is a whole number between two."""

    def read(text: str) -> int:
        if text.isascii() and text.isdecimal() and least <= int(text[:20]) <= most:
            return int(text)
        message = f"it must be a whole number from {least} to {most}, but got {text[:40]!a}"
        raise argparse.ArgumentTypeError(message)

    return read


def run_program(name: str, module: str) -> NoReturn:
    """Import the module, call its `main` with the arguments, and exit with what it gives.

    A signal during the imports ends the process at once, since nothing is begun; later it unwinds
    what was begun. `name` is what every line on standard error starts with.
    """
    farewell = f"{name}: interrupted; nothing is left running"

    def end(number: int, _: FrameType | None) -> None:
        os.write(2, f"\n{farewell}\n".encode())
        os._exit(_SIGNAL_EXIT_BASE + number)

    def unwind(number: int, _: FrameType | None) -> None:
        for other in _SIGNALS:  # a second one does not disturb the cleaning
            signal.signal(other, signal.SIG_IGN)
        sys.exit(_SIGNAL_EXIT_BASE + number)

    try:
        _handle_signals(end)
        main = importlib.import_module(module).main
        _handle_signals(unwind)
        code = main(sys.argv[1:])
        sys.stdout.flush()
    except SystemExit as error:
        if isinstance(error.code, int) and error.code > _SIGNAL_EXIT_BASE:
            _say(f"\n{farewell}")
        raise
    except Exception as error:
        message, code = _told(error)
        if message is None:
            raise
        _discard_output()
        _say(f"{name}: {message}")
    sys.exit(code)


def _handle_signals(handler: Callable[[int, FrameType | None], None]) -> None:
    for number in _SIGNALS:
        signal.signal(number, handler)


def _told(error: Exception) -> tuple[str | None, int]:
    """The one line of an error and its exit code; no line for a fault of our own."""
    if isinstance(error, ImportError):
        return f"{error}; run make sync", _BAD_INPUT
    from esdh_models import errors  # noqa: PLC0415

    from .failure import StepError  # noqa: PLC0415

    if isinstance(error, errors.EsdhError):
        return str(error), _BAD_INPUT
    if isinstance(error, StepError):
        return f"{error}; {error.advice}", _FAILED
    if isinstance(error, BrokenPipeError):
        return "whoever read the output has gone", _SIGNAL_EXIT_BASE + signal.SIGPIPE
    if isinstance(error, OSError):
        return f"cannot read or write: {error.strerror or error}", _FAILED
    return None, _FAILED


def _say(line: str) -> None:
    with contextlib.suppress(OSError):  # the terminal may be gone
        print(line, file=sys.stderr, flush=True)


def _discard_output() -> None:
    """Write out what can be; point standard output at nothing for the interpreter's last flush."""
    with contextlib.suppress(OSError):
        sys.stdout.flush()
        return
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
