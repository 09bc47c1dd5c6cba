"""Three frozen models that are never mixed: what decides values, rows, and files.

`DatasetIdentity` decides every value, `DatasetRequest` adds which rows, `Packaging` decides the
files. Workers, directories and `--force` are in none of them.
"""

import functools
import hashlib
import json
from datetime import date
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field, model_validator

from .contracts import get_contract
from .errors import InvalidRequestError, UnknownNameError
from .frozen_model import FrozenModel

MAXIMUM_SEED: Final = 2**64 - 1
MAXIMUM_RECORDS: Final = 2**40
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode
LEAF_OWNERS: Final = 10_000
"""Policyholders per leaf, the unit of content digests."""
DEFAULT_RECORDS_PER_FILE: Final = 250_000
FORMATS: Final = ("csv", "json", "ndjson", "parquet")
DEFAULT_FORMATS: Final = ("csv", "json")


def _whole_number(name: str, minimum: int, maximum: int) -> BeforeValidator:
    def check(value: object) -> object:
        if isinstance(value, int) and not isinstance(value, bool) and minimum <= value <= maximum:
            return value
        given = ascii(value)
        shown = given if len(given) <= 40 else f"{given[:40]}..."
        message = f"{name} must be a whole number from {minimum} to {maximum}, but got {shown}"
        raise InvalidRequestError(message)

    return BeforeValidator(check)


def _tuple_of_names(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _iso_date(value: object) -> object:
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            message = f"as_of_date must be a date written YYYY-MM-DD, but got {value[:40]!a}"
            raise InvalidRequestError(message) from None
    return value


class DatasetIdentity(FrozenModel):
    """What decides every value of a dataset."""

    contract_version: str
    rules_version: Annotated[int, _whole_number("rules_version", 1, 1_000_000)]
    seed: Annotated[int, _whole_number("seed", 0, MAXIMUM_SEED)]
    scenario: str = Field(default="baseline", pattern=r"^[a-z][a-z0-9-]{0,39}$")
    as_of_date: Annotated[date, BeforeValidator(_iso_date)]


class DatasetRequest(FrozenModel):
    """An identity and which of its rows: the first `records` policyholders, of some tables.

    `tables` is kept in contract order without repeats, so that equal requests are equal values.
    """

    identity: DatasetIdentity
    records: Annotated[int, _whole_number("records", 1, MAXIMUM_RECORDS)]
    tables: Annotated[tuple[str, ...], BeforeValidator(_tuple_of_names)]

    @model_validator(mode="before")
    @classmethod
    def _order_tables(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        identity, tables = values.get("identity"), values.get("tables")
        if isinstance(identity, dict):
            identity = DatasetIdentity.model_validate(identity)
        if not isinstance(identity, DatasetIdentity) or not isinstance(tables, (list, tuple)):
            return values
        known = get_contract(identity.contract_version).table_names
        for table in tables:
            if table not in known:
                raise UnknownNameError("entity", table, known)
        if not tables:
            message = f"tables is empty; name at least one of {', '.join(known)}"
            raise InvalidRequestError(message)
        return {**values, "identity": identity, "tables": tuple(t for t in known if t in tables)}

    @property
    def canonical_json(self) -> str:
        """The request as JSON with sorted keys, no spaces, and characters as they are."""
        return _encode(self.model_dump(mode="json"))

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON, as 64 hexadecimal digits."""
        return _digest(self)


@functools.lru_cache(maxsize=64)
def _digest(request: DatasetRequest) -> str:
    return hashlib.sha256(request.canonical_json.encode()).hexdigest()


class Packaging(FrozenModel):
    """What decides the files: formats, and policyholders per file (a multiple of 10,000)."""

    formats: Annotated[tuple[str, ...], BeforeValidator(_tuple_of_names)] = DEFAULT_FORMATS
    records_per_file: int = DEFAULT_RECORDS_PER_FILE

    @model_validator(mode="before")
    @classmethod
    def _check(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        formats = values.get("formats", DEFAULT_FORMATS)
        if not isinstance(formats, (list, tuple)):
            return values
        for name in formats:
            if name not in FORMATS:
                raise UnknownNameError("output format", name, FORMATS)
        if not formats:
            message = f"formats is empty; name at least one of {', '.join(FORMATS)}"
            raise InvalidRequestError(message)
        _check_records_per_file(values.get("records_per_file", DEFAULT_RECORDS_PER_FILE))
        return {**values, "formats": tuple(name for name in FORMATS if name in formats)}

    def part_count(self, owner_count: int) -> int:
        """How many parts a table of so many owners is cut into."""
        return -(-owner_count // self.records_per_file)

    def part_range(self, number: int, owner_count: int) -> tuple[int, int]:
        """The half-open range of owners in part `number`."""
        start = number * self.records_per_file
        return start, min(start + self.records_per_file, owner_count)


def _check_records_per_file(value: object) -> None:
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        if value % LEAF_OWNERS == 0:
            return
        nearest = max(1, (value + LEAF_OWNERS // 2) // LEAF_OWNERS) * LEAF_OWNERS
        hint = f"; the nearest is {nearest}" if value <= MAXIMUM_RECORDS else ""
    else:
        hint = ""
    message = (
        f"records_per_file must be a positive multiple of {LEAF_OWNERS},"
        f" but got {ascii(value)[:40]}{hint}"
    )
    raise InvalidRequestError(message)
