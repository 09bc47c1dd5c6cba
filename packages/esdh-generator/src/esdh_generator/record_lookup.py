"""Finds the row that an identifier stands for, from the identifier alone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from esdh_models import DatasetRequest, errors, get_contract

from .random_streams import RandomStreams
from .record_ids import TABLE_NUMBERS, unpack_record_id

_RECORD_ID: Final = re.compile(
    "[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE
)
_TABLES: Final = {number: table for table, number in TABLE_NUMBERS.items()}


@dataclass(frozen=True, slots=True)
class RecordLocation:
    """The `ordinal`-th row of an owner in a table; owners and ordinals are numbered from 0.

    In contract v0.1 every owner has one row per table, so the ordinal is always 0.
    """

    table: str
    owner: int
    ordinal: int


def locate_record(request: DatasetRequest, record_id: str | UUID) -> RecordLocation:
    """Undo an identifier; raises `InvalidRequestError` or `RecordNotFoundError`."""
    number = _parse(str(record_id))
    identity = request.identity
    streams = RandomStreams(identity.seed, identity.scenario)
    table_number, owner, ordinal, check = unpack_record_id(streams, number.int)
    table = _TABLES.get(table_number)
    known = get_contract(identity.contract_version).table_names
    if check != 0 or ordinal != 0 or table not in known:
        message = (
            f"{number} is not a record of seed {identity.seed}, scenario {identity.scenario};"
            " look for it in the dataset that it came from"
        )
        raise errors.RecordNotFoundError(message)
    if owner >= request.records:
        message = (
            f"{number} would be record {owner + 1:,} of {table},"
            f" but this dataset ends with record {request.records:,}"
        )
        raise errors.RecordNotFoundError(message)
    return RecordLocation(table, owner, ordinal)


def _parse(text: str) -> UUID:
    if not _RECORD_ID.fullmatch(text):
        shown = ascii(text) if len(text) <= 60 else f"{text[:60]!a}..."
        message = (
            "a record identifier is a version-8 UUID such as"
            f" a419ec71-8057-8d2e-bed3-c6231ed7eb6f, but got {shown}"
        )
        raise errors.InvalidRequestError(message)
    return UUID(text)
