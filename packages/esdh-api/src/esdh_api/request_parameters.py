"""What a request asks for, from its body or its query, as a dataset.

Both ways hold the same parameters and the same refusals: a sentence that names the parameter, what
it may be and what was given. What stands twice or under no known name is refused, never passed
over.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from flask import Request

from esdh_generator import Dataset
from esdh_models import (
    CONTRACT_VERSIONS,
    LATEST_CONTRACT_VERSION,
    Contract,
    dataset_request,
    errors,
    get_contract,
)

from .problem_responses import RefusedError
from .settings import Settings

PARAMETERS: Final = ("records", "seed", "randomize", "dataset_version")
RANDOM: Final = "random"
RANDOM_SEED_BOUND: Final = 2**53
"""Drawn seeds stay below this, so that every JSON reader keeps them exactly."""

_MAXIMUM_DIGITS: Final = 40
_SHOWN_CHARACTERS: Final = 40
_WHOLE_NUMBER: Final = re.compile(f"-?(0|[1-9][0-9]{{0,{_MAXIMUM_DIGITS - 1}}})")
_MAXIMUM_BRACKETS: Final = 100
"""A body is one flat object; what nests deeper than any parser should go is not parsed."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many records may be asked for, and `where` that is so."""

    maximum: int
    where: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A dataset and whether its seed was drawn for this request."""

    dataset: Dataset
    is_drawn: bool


@dataclass(frozen=True, slots=True)
class _Literal:
    """A JSON number that no parameter can be, as it was written."""

    text: str


def read_parameters(asked: Request, names: Sequence[str] = PARAMETERS) -> dict[str, Any]:
    """The parameters of a request: from its body if it is a POST, else from its query."""
    values = _from_body(asked) if asked.method == "POST" else _from_query(asked)
    for name in values:
        if not names:
            raise errors.InvalidRequestError(
                f"this route takes no parameters, but got {_shown(name)}"
            )
        if name not in names:
            raise errors.UnknownNameError("parameter", name, names)
    return values


def ask_dataset(values: Mapping[str, Any], tables: Sequence[str] | None, bounds: Bounds) -> Asked:
    """The dataset of some parameters; what is left out is the default of the contract."""
    contract = _read_contract(values)
    is_drawn = _read_randomize(values)
    seed = _read_seed(values, contract)
    if is_drawn or seed == RANDOM:
        is_drawn, seed = True, secrets.randbelow(RANDOM_SEED_BOUND)
    records = _read_records(values, contract, bounds)
    return Asked(Dataset(seed, records, contract_version=contract.version, tables=tables), is_drawn)


def parameter_schemas(settings: Settings) -> dict[str, Any]:
    """JSON Schemas of the parameters, as the OpenAPI document tells them."""
    contract = get_contract(LATEST_CONTRACT_VERSION)
    return {
        "records": {
            "type": "integer",
            "minimum": 1,
            "maximum": settings.max_records,
            "default": min(contract.default_records, settings.max_records),
            "description": (
                f"Policyholders: at most {settings.max_records:,} in a JSON answer. A stream,"
                f" which is any other media type, holds up to {settings.max_stream_records:,}."
            ),
        },
        "seed": {
            "oneOf": [
                {"type": "integer", "minimum": 0, "maximum": dataset_request.MAXIMUM_SEED},
                {"type": "string", "const": RANDOM},
            ],
            "default": contract.default_seed,
            "description": f"Decides every value; {RANDOM} draws one below 2^53.",
        },
        "randomize": {
            "type": "boolean",
            "default": False,
            "description": "Draw a seed, whatever seed says; the answer tells it.",
        },
        "dataset_version": {
            "type": "string",
            "enum": list(CONTRACT_VERSIONS),
            "default": LATEST_CONTRACT_VERSION,
            "description": "Version of the contract that the rows keep.",
        },
    }


def _read_contract(values: Mapping[str, Any]) -> Contract:
    version = values.get("dataset_version", LATEST_CONTRACT_VERSION)
    if not isinstance(version, str):
        raise _refusal("dataset_version", f"one of {', '.join(CONTRACT_VERSIONS)}", version)
    return get_contract(version)


def _read_randomize(values: Mapping[str, Any]) -> bool:
    randomize = values.get("randomize", False)
    if not isinstance(randomize, bool):
        raise _refusal("randomize", "true or false", randomize)
    return randomize


def _read_seed(values: Mapping[str, Any], contract: Contract) -> Any:
    seed = values.get("seed", contract.default_seed)
    if seed != RANDOM and not _lies_within(seed, 0, dataset_request.MAXIMUM_SEED):
        allowed = f"a whole number from 0 to {dataset_request.MAXIMUM_SEED}, or {RANDOM}"
        raise _refusal("seed", allowed, seed)
    return seed


def _read_records(values: Mapping[str, Any], contract: Contract, bounds: Bounds) -> Any:
    records = values.get("records", min(contract.default_records, bounds.maximum))
    if not _lies_within(records, 1, bounds.maximum):
        allowed = f"a whole number from 1 to {bounds.maximum}{bounds.where}"
        raise _refusal("records", allowed, records)
    return records


def _lies_within(value: object, minimum: int, maximum: int) -> bool:
    if not isinstance(value, int) or isinstance(value, bool):
        return False
    return minimum <= value <= maximum


def _from_body(asked: Request) -> dict[str, Any]:
    if asked.query_string:
        raise errors.InvalidRequestError(
            "a POST takes its parameters from the body; leave the query out, or use GET"
        )
    data = asked.get_data(cache=True)
    if not data:
        return {}
    if asked.mimetype != "application/json":
        raise RefusedError(
            "unsupported-media-type", "send the body as Content-Type: application/json"
        )
    if data.count(b"[") + data.count(b"{") > _MAXIMUM_BRACKETS:
        raise RefusedError("bad-request", "the body nests too deep; it is one flat object")
    try:
        values = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_unique_pairs,
            parse_int=_bounded_integer,
            parse_float=_whole_or_literal,
        )
    except UnicodeDecodeError as error:
        raise RefusedError("bad-request", f"the body is not UTF-8 (byte {error.start})") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise RefusedError("bad-request", f"the body is not JSON: {error.msg} ({place})") from None
    if not isinstance(values, dict):
        raise RefusedError("bad-request", 'the body must be a JSON object such as {"records": 5}')
    return values


def _from_query(asked: Request) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, texts in asked.args.lists():
        if len(texts) > 1:
            raise _stands_twice(name, "query")
        values[name] = _typed(name, texts[0])
    return values


def _typed(name: str, text: str) -> Any:
    """A query holds only text; what does not look like the value stays text, to be refused."""
    if name == "randomize":
        return {"true": True, "false": False}.get(text, text)
    if name in ("records", "seed") and _WHOLE_NUMBER.fullmatch(text):
        return int(text)
    return text


def _unique_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for name, value in pairs:
        if name in document:
            raise _stands_twice(name, "body")
        document[name] = value
    return document


def _stands_twice(name: str, where: str) -> errors.InvalidRequestError:
    return errors.InvalidRequestError(f"{_shown(name)} stands more than once in the {where}")


def _bounded_integer(digits: str) -> int | _Literal:
    return int(digits) if len(digits) <= _MAXIMUM_DIGITS else _Literal(digits)


def _whole_or_literal(text: str) -> int | _Literal:
    """A number with a fraction or an exponent: 5.0 is the integer 5, as JSON Schema has it."""
    with suppress(ArithmeticError):
        number = Decimal(text)
        if number.adjusted() < _MAXIMUM_DIGITS and number == number.to_integral_value():
            return int(number)
    return _Literal(text)


def _refusal(name: str, allowed: str, given: object) -> errors.InvalidRequestError:
    return errors.InvalidRequestError(f"{name} must be {allowed}, but got {_shown(given)}")


def _shown(value: object) -> str:
    """A value as JSON spells it, shortened; what is nested is named, never gone into."""
    if isinstance(value, list | dict):
        return "an array" if isinstance(value, list) else "an object"
    text = value.text if isinstance(value, _Literal) else json.dumps(value)
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}..."
