"""`esdh-cli completion`."""

from __future__ import annotations

import click


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(*, shell: str) -> None:
    """Print the completion script of SHELL.

    \b
    Example:
      eval "$(esdh-cli completion bash)"
    """
    from click.shell_completion import get_completion_class  # noqa: PLC0415

    from ..main import cli  # noqa: PLC0415

    completion_class = get_completion_class(shell)
    assert completion_class is not None  # noqa: S101  # all three are built into click
    click.echo(completion_class(cli, {}, "esdh-cli", "_ESDH_CLI_COMPLETE").source())
