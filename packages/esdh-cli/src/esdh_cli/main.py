"""The entry point: finds the command, runs it, and turns every error into one line and a code.

Exit codes: 0 fine, 1 a check failed or no such record, 2 bad input, 3 cannot write, 4 cannot
regenerate here, 70 a fault of our own, 130 and 143 for an interrupt and a termination signal.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from types import FrameType
from typing import Any, Final

import click

COMMANDS: Final = {
    "completion": "Print the script that completes commands in your shell.",
    "describe": "Show the contracts: tables, columns, data dictionary, JSON Schema.",
    "generate-snapshot": "Write a snapshot: the same data for the same seed, with proof.",
    "preview": "Look at a few records of each table without writing anything.",
    "print-table": "Print the rows of one table to standard output, for pipes.",
    "show-record": "Show the record of an identifier, and its relatives.",
    "validate-snapshot": "Check what a snapshot says: schema, keys, never-real identifiers.",
    "verify-snapshot": "Check that a snapshot is what was written, byte by byte or row by row.",
}
"""Every command with its one-line help, so that `--help` needs none of their modules."""

EXIT_CHECK_FAILED: Final = 1
EXIT_BAD_INPUT: Final = 2
EXIT_CANNOT_WRITE: Final = 3
EXIT_CANNOT_REGENERATE: Final = 4
EXIT_INTERNAL: Final = 70
_HELP_OPTIONS: Final = ["-h", "--help"]
_SIGNAL_EXIT_BASE: Final = 128
_SIGNALS: Final[dict[int, str]] = {signal.SIGINT: "interrupted", signal.SIGTERM: "terminated"}


class OutputClosedError(Exception):
    """Whoever read standard output has gone: no failed check, which click's exit code would say."""


class CommandGroup(click.Group):
    """Imports the module of a command only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f".commands.{cmd_name.replace('-', '_')}", __package__)
        command: click.Command = module.command
        command.context_settings.setdefault("help_option_names", _HELP_OPTIONS)
        return command

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        """Read the options before the command, of which some print something and end it."""
        with _telling_of_closed_output():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        with _telling_of_closed_output():
            result = super().invoke(ctx)
            if sys.stdout is not None:
                sys.stdout.flush()
            return result

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or refuse with the nearest name."""
        if args and args[0] not in COMMANDS:
            import difflib  # noqa: PLC0415

            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            hint = f" (did you mean {near[0]!r}?)" if near else ""
            message = f"there is no command {args[0]!a}{hint}; choose from {', '.join(COMMANDS)}"
            raise click.UsageError(message)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the table above."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@contextlib.contextmanager
def _telling_of_closed_output() -> Iterator[None]:
    """Tell a closed pipe apart from every other error, before click does."""
    try:
        yield
    except BrokenPipeError as error:
        raise OutputClosedError from error


@click.group(
    cls=CommandGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": _HELP_OPTIONS, "max_content_width": 100},
)
@click.version_option(package_name="esdh-cli", prog_name="esdh-cli")
@click.pass_context
def cli(context: click.Context) -> None:
    """Make, verify and describe synthetic auto-insurance data.

    The same request gives the same people, vehicles and profiles, byte for byte, on any machine.

    \b
    Start here:
      esdh-cli generate-snapshot
      esdh-cli verify-snapshot data/snapshots/v0.1
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


def main() -> None:
    """Run the command line of this process and exit."""
    # Numpy starts a thread per core for products of matrices, which spin while they have none to
    # make. There are no matrices here, and workers want the cores.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; errors go to standard error, one line each."""
    try:
        with _leaving_on_signals():
            result = cli.main(args=list(arguments), prog_name="esdh-cli", standalone_mode=False)
    except click.ClickException as error:
        return _fail(_sentence(error), EXIT_BAD_INPUT)
    except OutputClosedError:
        _discard_output()
        return _SIGNAL_EXIT_BASE + signal.SIGPIPE
    except Exception as error:
        if os.environ.get("ESDH_DEBUG"):
            raise
        _flush_or_discard_output()
        return _fail(*_told(error))
    return result if isinstance(result, int) else 0


@contextlib.contextmanager
def _leaving_on_signals() -> Iterator[None]:
    """Turn an interrupt or a termination into an exit, so that what is half done is undone."""
    handlers = {number: signal.signal(number, _leave) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def _leave(number: int, _: FrameType | None) -> None:
    """Say so, once, and unwind; a second signal does not disturb the cleaning."""
    for other in _SIGNALS:
        signal.signal(other, signal.SIG_IGN)
    os.write(2, f"esdh-cli: {_SIGNALS[number]}; nothing was left half-written\n".encode())
    sys.exit(_SIGNAL_EXIT_BASE + number)


def _told(error: Exception) -> tuple[str, int]:
    """The message and the exit code of an error of the family, or of a fault of our own."""
    from esdh_models import errors  # noqa: PLC0415  # not needed for help

    codes: dict[type[Exception], int] = {
        errors.ManifestError: EXIT_CHECK_FAILED,
        errors.RecordNotFoundError: EXIT_CHECK_FAILED,
        errors.SnapshotExistsError: EXIT_CANNOT_WRITE,
        errors.SnapshotWriteError: EXIT_CANNOT_WRITE,
        errors.CannotRegenerateError: EXIT_CANNOT_REGENERATE,
        errors.EsdhError: EXIT_BAD_INPUT,
    }
    for kind, code in codes.items():
        if isinstance(error, kind):
            return str(error).replace(
                "or force its replacement", "or replace it with --force"
            ), code
    if isinstance(error, OSError):
        what = "" if error.filename is None else f" {error.filename}"
        return f"cannot read or write{what}: {error.strerror or error}", EXIT_CANNOT_WRITE
    name = f"{type(error).__name__}: {error}"
    return f"internal error, please report it ({name}); ESDH_DEBUG=1 shows more", EXIT_INTERNAL


def _sentence(error: click.ClickException) -> str:
    """Click's message on one line, with the way to the help."""
    text = " ".join(error.format_message().split()).rstrip(".")
    context = getattr(error, "ctx", None)
    return f"{text}; see '{context.command_path} --help'" if context is not None else text


def _fail(message: str, code: int) -> int:
    click.echo(f"esdh-cli: {' '.join(message.split())}", err=True)
    return code


def _flush_or_discard_output() -> None:
    """Print what waits to be printed; what fails again is given up."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError:
        _discard_output()


def _discard_output() -> None:
    """Point standard output at nothing, so that the interpreter's last flush stays quiet."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
