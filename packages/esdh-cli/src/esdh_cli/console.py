"""What people see: text on standard output, progress on standard error if it is a terminal."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import TaskID

_USUAL_WIDTH: Final = 80


def print_json(document: Mapping[str, Any]) -> None:
    """One JSON document, one line feed."""
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


def make_console(*, soft_wrap: bool = False) -> Console:
    """A console on standard output that leaves a closed pipe to the entry point."""
    from rich.console import Console  # noqa: PLC0415

    class PipeConsole(Console):
        def on_broken_pipe(self) -> None:
            raise  # noqa: PLE0704  # rich calls this from its except clause, and would exit 1

    console = PipeConsole(highlight=False, soft_wrap=soft_wrap)
    if console.width < 1:  # COLUMNS=0 is said where nobody knows the width
        console.width = _USUAL_WIDTH
    return console


def print_facts(title: str, facts: Mapping[str, str], *, good: bool = True) -> None:
    """A title and facts below each other; colours only on a terminal, lines never wrapped."""
    width = max(map(len, facts), default=0)
    named = [(f"  {name:<{width}}  ", fact) for name, fact in facts.items()]
    if not _may_have_colours():  # nor need the library for them
        click.echo("\n".join([title, *map("".join, named)]))
        return
    from rich.text import Text  # noqa: PLC0415

    console = make_console(soft_wrap=True)
    console.print(Text(title, style="bold green" if good else "bold red"))
    for name, fact in named:
        console.print(Text.assemble((name, "dim"), fact))


def _may_have_colours() -> bool:
    """Whether standard output is a terminal, or is to be written as if it were one."""
    wished = os.environ.get("FORCE_COLOR") or os.environ.get("TTY_COMPATIBLE") == "1"
    return bool(wished) or (sys.stdout is not None and sys.stdout.isatty())


@contextmanager
def progress_bars() -> Iterator[Callable[[str, int, int], None]]:
    """Yield a function that draws a bar for each stage; quiet where nobody watches."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield lambda _stage, _steps, _total: None
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        tasks: dict[str, TaskID] = {}

        def advance(stage: str, steps: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = progress.add_task(stage, total=total)
            progress.advance(tasks[stage], steps)

        yield advance
