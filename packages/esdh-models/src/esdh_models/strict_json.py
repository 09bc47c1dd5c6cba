"""Reading JSON that may be hostile: bounded in size, depth and numbers, and without twins.

Python's own parser accepts duplicate keys, NaN and integers of any length; none of these passes.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, Final

from .errors import ManifestError

MAXIMUM_BYTES: Final = 16 * 2**20
MAXIMUM_TOKENS: Final = 1_500_000
MAXIMUM_DEPTH: Final = 20
MAXIMUM_DIGITS: Final = 40


def load_strict_json(data: bytes) -> dict[str, Any]:
    """Parse one JSON object; raises `ManifestError` that says what is wrong and where."""
    _check_bounds(data)
    try:
        text = data.decode("utf-8")
        document = json.loads(
            text,
            object_pairs_hook=_unique_pairs,
            parse_int=_bounded_int,
            parse_float=_refuse_number,
            parse_constant=_refuse_number,
        )
    except UnicodeDecodeError as error:
        message = f"it is not UTF-8 (byte {error.start})"
        raise ManifestError(message) from None
    except json.JSONDecodeError as error:
        message = f"it is not JSON: {error.msg} (line {error.lineno}, column {error.colno})"
        raise ManifestError(message) from None
    except RecursionError:
        message = f"it nests deeper than {MAXIMUM_DEPTH} levels"
        raise ManifestError(message) from None
    if not isinstance(document, dict):
        message = f"it must be a JSON object, not {type(document).__name__}"
        raise ManifestError(message)
    return document


def _check_bounds(data: bytes) -> None:
    if len(data) > MAXIMUM_BYTES:
        message = f"it is larger than {MAXIMUM_BYTES:,} bytes"
        raise ManifestError(message)
    tokens = sum(data.count(mark) for mark in (b"{", b"[", b",", b":"))
    if tokens > MAXIMUM_TOKENS:
        message = f"it holds more than {MAXIMUM_TOKENS:,} values"
        raise ManifestError(message)
    _check_depth(data)


def _check_depth(data: bytes) -> None:
    """Refuse deep nesting before parsing; brackets inside text count too, which errs to safety."""
    depth = 0
    for mark in data.translate(None, delete=_ALL_BUT_BRACKETS):
        depth += 1 if mark in b"{[" else -1
        if depth > MAXIMUM_DEPTH:
            message = f"it nests deeper than {MAXIMUM_DEPTH} levels"
            raise ManifestError(message)


_ALL_BUT_BRACKETS: Final = bytes(byte for byte in range(256) if byte not in b"{}[]")


def _unique_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        twin = next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
        message = f"the key {twin[:60]!a} stands twice in one object"
        raise ManifestError(message)
    return document


def _bounded_int(digits: str) -> int:
    if len(digits) > MAXIMUM_DIGITS:
        message = f"a number has more than {MAXIMUM_DIGITS} digits"
        raise ManifestError(message)
    return int(digits)


def _refuse_number(digits: str) -> Any:
    message = f"the number {digits[:40]!a} is not an integer"
    raise ManifestError(message)
