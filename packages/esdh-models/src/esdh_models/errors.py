"""The one family of errors; each also is the builtin that a caller would expect to catch.

Every message is one sentence that says what was wrong, what was given and what to do. Only the
edges (command line, API) translate these into exit codes or responses.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import ClassVar


class EsdhError(Exception):
    """Anything that ESDH refuses or fails at, with a stable `code`."""

    code: ClassVar[str] = "esdh-error"

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle the finished message, so that an error crosses from a worker to its parent."""
        return _rebuild, (type(self), self.args, self.__dict__)


def _rebuild(cls: type[EsdhError], args: tuple[object, ...], state: dict[str, object]) -> EsdhError:
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class InvalidRequestError(EsdhError, ValueError):
    """A dataset request or packaging that asks for something impossible."""

    code = "invalid-request"


class UnknownNameError(EsdhError, LookupError):
    """A contract version, table, format or scenario that does not exist here."""

    code = "unknown-name"

    def __init__(self, kind: str, given: object, allowed: Iterable[str]) -> None:
        """Name what was given, what is allowed, and the nearest allowed name if one is near."""
        names = list(allowed)
        spelled = {name.lower(): name for name in names}
        near = difflib.get_close_matches(str(given).lower(), spelled, n=1)
        hint = f" (did you mean {spelled[near[0]]!r}?)" if near else ""
        shown = ascii(given) if len(str(given)) <= 60 else f"{str(given)[:60]!a}..."
        super().__init__(f"unknown {kind} {shown}{hint}; choose from {', '.join(names)}")
        self.given = given
        self.allowed = tuple(names)


class ConfigurationError(EsdhError, ValueError):
    """A configuration file that is broken, unbounded or says what nobody reads."""

    code = "configuration"


class CapacityError(EsdhError, OverflowError):
    """More rows than a key column can number without repeating."""

    code = "capacity"

    def __init__(self, column: str, asked: int, maximum: int) -> None:
        """Name the column and the largest number of records it can tell apart."""
        super().__init__(
            f"{column} can number at most {maximum:,} records, but {asked:,} were asked for;"
            " ask for fewer records or split the request over several seeds"
        )


class RecordNotFoundError(EsdhError, LookupError):
    """An identifier that is not of this dataset, or lies beyond its records."""

    code = "record-not-found"


class SourceError(EsdhError, ValueError):
    """A dataset source that yields something other than its contract promises."""

    code = "source"


class ManifestError(EsdhError, ValueError):
    """A manifest that is broken, foreign, hostile or of a future version."""

    code = "manifest"


class SnapshotExistsError(EsdhError, FileExistsError):
    """The target name is taken by something other than the snapshot asked for."""

    code = "snapshot-exists"


class SnapshotWriteError(EsdhError, OSError):
    """The snapshot could not be written; nothing was left under its name."""

    code = "snapshot-write"


class CannotRegenerateError(EsdhError, LookupError):
    """This installation does not hold the rules that made the dataset."""

    code = "cannot-regenerate"
