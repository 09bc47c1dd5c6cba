"""Option types that refuse with one clear sentence, and options that several commands share.

Defaults are literals, so that help needs neither pydantic nor pyarrow; a test holds them against
the models.
"""

from __future__ import annotations

import re
from typing import Any, Final

import click

DEFAULT_VERSION: Final = "v0.1"
DEFAULT_RECORDS: Final = 200
DEFAULT_SEED: Final = 20251101
DEFAULT_FORMATS: Final = "csv,json"
DEFAULT_RECORDS_PER_FILE: Final = 250_000
RANDOM_SEED_BOUND: Final = 2**53
"""Drawn seeds stay below this, so that every JSON reader keeps them exactly."""


class WholeNumber(click.ParamType):  # type: ignore[type-arg,unused-ignore]  # generic from click 8.5 on
    """A whole number in decimal digits; whether it is too large is for the library to say."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read digits, with a minus sign or underscores if need be."""
        text = str(value)
        if not re.fullmatch(r"-?[0-9]+(_[0-9]+)*", text, re.ASCII) or len(text) > 100:
            names = [one.name for one in ctx.command.params] if ctx is not None else []
            hint = "; --randomize draws one" if text == "random" and "randomize" in names else ""
            self.fail(f"it must be a whole number such as 1000, but got {text[:40]!a}{hint}")
        return int(text)


class NameList(click.ParamType):  # type: ignore[type-arg,unused-ignore]  # generic from click 8.5 on
    """Names with commas between them."""

    name = "names"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """Split at commas; blanks around a name do not count."""
        if isinstance(value, tuple):
            return value
        return tuple(name.strip() for name in str(value).split(",") if name.strip())


class Version(click.ParamType):  # type: ignore[type-arg,unused-ignore]  # generic from click 8.5 on
    """A dataset version; a missing v is forgiven."""

    name = "version"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Put the v in front of a bare number."""
        text = str(value)
        return f"v{text}" if text[:1].isdigit() else text


records_option = click.option(
    "--records",
    type=WholeNumber(),
    default=DEFAULT_RECORDS,
    show_default=True,
    help="Number of policyholders.",
)
seed_option = click.option(
    "--seed",
    type=WholeNumber(),
    default=DEFAULT_SEED,
    show_default=True,
    help="From 0 to 2^64-1; it decides every value.",
)
version_option = click.option(
    "--dataset-version",
    type=Version(),
    default=DEFAULT_VERSION,
    show_default=True,
    help="Contract version.",
)
json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document instead of text."
)


class DirectoryName(click.Path):
    """A path that is not empty, as an unset shell variable would make it."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Refuse nothing but the empty path."""
        if value == "":
            self.fail("it is empty; name a directory", param, ctx)
        return super().convert(value, param, ctx)


snapshot_argument = click.argument(
    "directory", type=DirectoryName(), default=f"data/snapshots/{DEFAULT_VERSION}"
)
