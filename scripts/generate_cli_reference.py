"""Write docs/cli.md from the commands themselves, or check that it is what they say.

python scripts/generate_cli_reference.py            write docs/cli.md
python scripts/generate_cli_reference.py --check    compare, and write nothing
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import click

from esdh_api.main import cli as api_cli
from esdh_api.settings import VARIABLES, Settings
from esdh_cli.main import cli

PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "cli.md"
EXIT_CODES: Final[dict[str, dict[int, str]]] = {
    "esdh-cli": {
        0: "fine",
        1: "a check failed, or there is no such record",
        2: "bad input",
        3: "cannot write",
        4: "cannot regenerate here: other rules made this dataset",
        70: "a fault of the program itself",
        130: "interrupted; nothing is left half-written",
        141: "whoever read standard output has gone",
        143: "terminated; nothing is left half-written",
    },
    "esdh-api": {
        0: "fine: it served until a signal, and finished what was begun",
        2: "bad input: an option, a setting, or an address that cannot be bound",
        130: "interrupted a second time, while it was stopping",
        143: "terminated a second time, while it was stopping",
    },
}
_DEFAULT: Final = re.compile(r"\s*\[default: (.+)\]$")
_INTRODUCTION: Final = """# Command-line reference

Written by `make cli-reference` from the commands; a test holds it against them. Every command has
`--help`. Documents and data go to standard output, everything else to standard error (but the line
in which `esdh-api serve` tells its address); an error is one line.
"""


def main(arguments: Sequence[str]) -> int:
    """Write or compare; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="compare, and write nothing")
    options = parser.parse_args(arguments)
    page = render()
    if not options.check:
        PAGE.write_text(page, encoding="utf-8")
        return 0
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == page:
        return 0
    print(
        f"docs/{PAGE.name} is not what the commands say; run `make cli-reference`", file=sys.stderr
    )
    return 1


def render() -> str:
    """The whole page."""
    parts = [_INTRODUCTION, *_iter_program("esdh-cli", cli), *_iter_program("esdh-api", api_cli)]
    return "\n".join(parts).rstrip() + "\n"


def _iter_program(program: str, group: click.Command) -> Iterator[str]:
    """The section of a program: its commands, their options, settings and exit codes."""
    assert isinstance(group, click.Group)  # noqa: S101  # both are
    context = click.Context(group, info_name=program, **group.context_settings)
    commands = {name: group.get_command(context, name) for name in group.list_commands(context)}
    yield f"## {program}\n"
    yield from _iter_help(group)
    yield "| command | what it does |\n|---|---|"
    for name, command in commands.items():
        assert command is not None  # noqa: S101  # the group listed it
        summary = command.get_short_help_str(limit=200)
        yield f"| [{name}](#{program}-{name}) | {_cell(summary)} |"
    yield ""
    for name, command in commands.items():
        assert command is not None  # noqa: S101
        settings = command.context_settings
        yield from _iter_command(click.Context(command, info_name=name, parent=context, **settings))
    if program == "esdh-api":
        yield from _iter_settings()
    yield f"### Exit codes of {program}\n\n| code | meaning |\n|---|---|"
    yield from (f"| {code} | {text} |" for code, text in EXIT_CODES[program].items())
    yield ""


def _iter_command(context: click.Context) -> Iterator[str]:
    """The section of a command."""
    command = context.command
    yield f"### {context.command_path}\n"
    yield f"Usage: `{context.command_path} {' '.join(command.collect_usage_pieces(context))}`\n"
    yield from _iter_help(command)
    arguments = [p for p in command.params if isinstance(p, click.Argument)]
    if arguments:
        yield "| argument | values | default |\n|---|---|---|"
        for argument in arguments:
            name = argument.human_readable_name.upper()
            default = argument.default if isinstance(argument.default, str) else ""
            yield f"| `{name}` | {_values(argument)} | {_cell(default)} |"
        yield ""
    options = [p for p in command.params if isinstance(p, click.Option) and not p.hidden]
    if options:
        yield "| option | meaning | default |\n|---|---|---|"
        yield from (_row(option) for option in options)
        yield ""


def _iter_help(command: click.Command) -> Iterator[str]:
    """Paragraphs of the help as prose, those under a backspace as a block of code."""
    for paragraph in (command.help or "").strip().split("\n\n"):
        lines = [line.rstrip() for line in paragraph.strip("\n").splitlines()]
        if lines and lines[0].strip() == "\b":
            title, *examples = (line.strip() for line in lines[1:])
            yield f"{title}\n\n```\n" + "\n".join(examples) + "\n```\n"
        elif lines:
            yield " ".join(line.strip() for line in lines) + "\n"


def _iter_settings() -> Iterator[str]:
    """The environment variables of the service."""
    yield "### Settings of esdh-api\n"
    yield "| variable | meaning | default |\n|---|---|---|"
    for variable, setting in VARIABLES.items():
        field = Settings.model_fields[setting]
        default = _cell(_literal(field.default)) if field.default not in ((), None) else ""
        yield f"| `{variable}` | {_cell(field.description or '')} | {default} |"
    yield ""


def _row(option: click.Option) -> str:
    """An option as a row of the table; its default may stand in the help."""
    text = option.help or ""
    found = _DEFAULT.search(text)
    default = found[1] if found else ""
    if not found and option.show_default and option.default is not None:
        default = _literal(option.default)
    name = option.opts[0] if option.is_flag else f"{option.opts[0]} {_metavar(option)}"
    meaning = _cell(_DEFAULT.sub("", text))
    if isinstance(option.type, click.Choice):
        meaning = f"{meaning.rstrip('.')}: {_values(option)}."
    return f"| `{name}` | {meaning} | {_cell(default)} |"


def _metavar(option: click.Option) -> str:
    is_choice = isinstance(option.type, click.Choice)
    return option.metavar or ("NAME" if is_choice else option.type.name.upper())


def _values(parameter: click.Parameter) -> str:
    """What a parameter takes, where it can be listed."""
    if isinstance(parameter.type, click.Choice):
        return "one of " + ", ".join(f"`{choice}`" for choice in parameter.type.choices)
    return parameter.type.name


def _literal(value: object) -> str:
    return ",".join(value) if isinstance(value, tuple) else str(value)


def _cell(text: str) -> str:
    """Text that does not break a table."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
