"""Reading YAML that people write: plain data, bounded, and refused with a line number.

PyYAML's own loaders take duplicate keys, aliases that grow without bound and tags, and read `NO`
as false and `12:30:45` as a number. Here a document is mappings, lists and scalars; of plain
scalars `true`, `false`, `null`, decimal integers and decimal fractions are what they look like,
and everything else is text.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from .errors import ConfigurationError, EsdhError

MAXIMUM_BYTES: Final = 65_536
MAXIMUM_DEPTH: Final = 10
_SHOWN: Final = 40

Place = tuple[str | int, ...]
"""Keys and list positions that lead to a value."""

_Model = TypeVar("_Model", bound=BaseModel)

_CONSTANTS: Final = {"true": True, "false": False, "null": None, "~": None, "": None}
_INTEGER: Final = re.compile(r"[-+]?(0|[1-9][0-9]{0,39})", re.ASCII)
_FRACTION: Final = re.compile(r"[-+]?[0-9]{1,40}\.[0-9]{1,40}", re.ASCII)


@dataclass(frozen=True, slots=True)
class YamlDocument:
    """What a file holds, and the line that every value of it stands on."""

    name: str
    value: Any
    lines: Mapping[Place, int]

    def error(self, place: Place, message: str) -> ConfigurationError:
        """The error of a value, with its line; of a value that is missing, the line around it."""
        known = place
        while known not in self.lines:
            known = known[:-1]
        return ConfigurationError(f"{self.name} line {self.lines[known]}: {message}")

    def parse(self, model: type[_Model]) -> _Model:
        """Build a model of the value; raises `ConfigurationError` for its first fault."""
        try:
            return model.model_validate(self.value)
        except ValidationError as error:
            faults = [dict(fault) for fault in error.errors(include_url=False)]
            # A misspelt key is missing under its right name too: it is told first.
            faults.sort(key=lambda fault: fault["type"] != "extra_forbidden")
            place = self._place(faults[0])
            same = [fault for fault in faults if self._place(fault) == place]
            raise self.error(place, _told(model, place, same)) from None

    def _place(self, fault: Mapping[str, Any]) -> Place:
        """Where in the document a fault is: pydantic also names the branches of a choice."""
        place: Place = ()
        for step in fault["loc"]:
            if (*place, step) in self.lines:
                place = (*place, step)
        is_missing = fault["type"] == "missing"
        return (*place, fault["loc"][-1]) if is_missing else place


def load_strict_yaml(data: bytes, name: str) -> YamlDocument:
    """Read one document; `name` is what errors call the file. Raises `ConfigurationError`."""
    if len(data) > MAXIMUM_BYTES:
        raise ConfigurationError(f"{name} is larger than {MAXIMUM_BYTES:,} bytes")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ConfigurationError(f"{name} line {line}: it is not UTF-8") from None
    reader = _Reader(name)
    try:
        value = reader.read(yaml.parse(text, Loader=yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise ConfigurationError(f"{name} line {line}: it is not YAML: {error.problem}") from None
    except yaml.YAMLError as error:
        reason = str(error).splitlines()[0]
        raise ConfigurationError(f"{name} line 1: it is not YAML: {reason}") from None
    return YamlDocument(name, value, reader.lines)


class _Reader:
    """Builds values from the events of PyYAML's parser, which neither resolves nor follows."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.lines: dict[Place, int] = {(): 1}

    def read(self, events: Iterator[yaml.Event]) -> Any:
        """The value of the only document."""
        value: Any = None
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise self._refuse(event, "a second document begins; keep to one")
            elif isinstance(event, yaml.NodeEvent):
                value = self._value(event, events, ())
        return value

    def _value(self, event: yaml.NodeEvent, events: Iterator[yaml.Event], place: Place) -> Any:
        self.lines[place] = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            raise self._refuse(event, "anchors and aliases (& and *) are not allowed")
        if getattr(event, "tag", None) is not None:
            raise self._refuse(event, f"tags are not allowed, but {event.tag[:40]!a} is one")
        if len(place) > MAXIMUM_DEPTH:
            raise self._refuse(event, f"it nests deeper than {MAXIMUM_DEPTH} levels")
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(events, place)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(events, place)
        return self._scalar(event)

    def _mapping(self, events: Iterator[yaml.Event], place: Place) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            if not isinstance(event, yaml.ScalarEvent):
                raise self._refuse(event, "a key must be text")
            if event.anchor is not None or event.tag is not None:
                raise self._refuse(event, "a key must be text without anchor or tag")
            if event.value in found:
                raise self._refuse(event, f"the key {event.value[:40]!a} stands twice")
            below = (*place, event.value)
            found[event.value] = self._value(next(events), events, below)
            self.lines[below] = event.start_mark.line + 1
        return found

    def _sequence(self, events: Iterator[yaml.Event], place: Place) -> list[Any]:
        found: list[Any] = []
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            found.append(self._value(event, events, (*place, len(found))))
        return found

    def _scalar(self, event: yaml.ScalarEvent) -> Any:
        text: str = event.value
        if not event.implicit[0]:
            return text
        if text in _CONSTANTS:
            return _CONSTANTS[text]
        if _INTEGER.fullmatch(text):
            return int(text)
        return float(text) if _FRACTION.fullmatch(text) else text

    def _refuse(self, event: yaml.Event, message: str) -> ConfigurationError:
        return ConfigurationError(f"{self._name} line {event.start_mark.line + 1}: {message}")


_WORDS: Final = {
    "int_type": "be a whole number",
    "int_from_float": "be a whole number",
    "float_type": "be a number",
    "bool_type": "be true or false",
    "string_type": "be text",
    "model_type": "be a mapping of keys to values",
    "dict_type": "be a mapping of keys to values",
    "list_type": "be a list",
    "tuple_type": "be a list",
    "literal_error": "be {expected}",
    "greater_than_equal": "be at least {ge}",
    "less_than_equal": "be at most {le}",
    "too_short": "not be empty",
    "string_too_short": "not be empty",
    "string_pattern_mismatch": "match {pattern}",
}
"""What a value must, by the type of pydantic's fault, whose own words are about Python."""

_OPENING: Final = re.compile(r"^(?:Value error, )?(?:must |[A-Z][a-z]+ should )?")


def _told(model: type[BaseModel], place: Place, faults: Sequence[Mapping[str, Any]]) -> str:
    """One sentence for the faults of one value; several are those of the branches of a choice."""
    path = ".".join(map(str, place)) or "the document"
    first = faults[0]
    if isinstance(cause := first.get("ctx", {}).get("error"), EsdhError):
        return f"{path}: {cause}"
    if first["type"] == "extra_forbidden":
        known = _keys_beside(model, place)
        near = difflib.get_close_matches(str(place[-1]), known, n=1)
        hint = f" (did you mean {near[0]!r}?)" if near else ""
        return f"unknown key {path!a}{hint}; choose from {', '.join(known)}"
    if first["type"] == "missing":
        return f"{path} is missing"
    wanted = " or ".join(dict.fromkeys(_wanted(fault) for fault in faults))
    return f"{path} must {wanted}, but {_given(first['input'])}"


def _wanted(fault: Mapping[str, Any]) -> str:
    """What a value must, for one fault; a validator's own words may begin with "must"."""
    if words := _WORDS.get(fault["type"]):
        return words.format(**fault.get("ctx", {}))
    return _OPENING.sub("", fault["msg"])


def _given(value: object) -> str:
    """What stands there, as it would be written in the file."""
    if value in (None, "", {}, []):
        return "it is empty"
    shown = ascii(value) if isinstance(value, str) else json.dumps(value)
    return f"got {shown}" if len(shown) <= _SHOWN else f"got {shown[:_SHOWN]}..."


def _keys_beside(model: type[BaseModel], place: Place) -> list[str]:
    """The keys that may stand where the last of `place` does not."""
    found: Any = model
    for step in place[:-1]:
        fields = getattr(found, "model_fields", {})
        if step in fields:
            found = fields[step].annotation
        else:
            found = next(reversed(getattr(found, "__args__", (None,))), None)
    return list(getattr(found, "model_fields", {}))
