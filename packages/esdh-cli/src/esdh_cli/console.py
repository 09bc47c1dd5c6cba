"""What people see: text on standard output, progress on standard error if it is a terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import click


def print_json(document: Mapping[str, Any]) -> None:
    """One JSON document, one line feed."""
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


def print_facts(title: str, facts: Mapping[str, str], *, good: bool = True) -> None:
    """A title and facts below each other; colours only on a terminal, lines never wrapped."""
    from rich.console import Console  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    console = Console(highlight=False, soft_wrap=True)
    console.print(Text(title, style="bold green" if good else "bold red"))
    width = max(map(len, facts), default=0)
    for name, fact in facts.items():
        console.print(Text.assemble((f"  {name:<{width}}  ", "dim"), fact))


@contextmanager
def progress_bar(label: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """Yield a function to call with the number of steps done; quiet where nobody watches."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn(label), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(label, total=total)
        yield lambda steps: progress.advance(task, steps)
