"""The safe-identifier registry: which classes of identifier exist, and a scanner for each.

Every identifier column names a class here. A class either guarantees that its values can never be
real, or says plainly that only their format is right. A scanner takes whole columns and answers,
row by row, whether a value lies outside its class.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import pyarrow as pa
import pyarrow.compute as pc

from .entities.value_types import RECORD_ID_PATTERN
from .errors import UnknownNameError
from .invented_names import STREET_SUFFIXES, load_invented_streets, load_unassigned_vin_prefixes
from .licence_formats import load_licence_formats
from .vin import vin_check_mask

Scanner = Callable[[pa.Array, pa.RecordBatch], pa.BooleanArray]
"""From a text column and its whole batch to a mask that is true where a value is in its class."""


class Guarantee(StrEnum):
    """How safe a class is."""

    NEVER_REAL = "never-real"
    """No value of the class can belong to a real person or thing."""
    FORMAT_ONLY = "format-only"
    """Values look right; no range is reserved, so one may coincide with an issued number."""


@dataclass(frozen=True, slots=True)
class IdentifierClass:
    """One class of identifier, why it is safe, and how to prove it."""

    name: str
    guarantee: Guarantee
    description: str
    source: str
    scan: Scanner


def _scan_record_id(values: pa.Array, _: pa.RecordBatch) -> pa.BooleanArray:
    return pc.match_substring_regex(values, RECORD_ID_PATTERN)


def _scan_vin(values: pa.Array, _: pa.RecordBatch) -> pa.BooleanArray:
    prefixes = pa.array(load_unassigned_vin_prefixes())
    unassigned = pc.is_in(pc.utf8_slice_codeunits(values, 0, 2), value_set=prefixes)
    return pc.and_(unassigned, vin_check_mask(values))


def _scan_street(values: pa.Array, _: pa.RecordBatch) -> pa.BooleanArray:
    suffixes = "|".join(STREET_SUFFIXES)
    parts = pc.extract_regex(values, rf"^[1-9][0-9]{{0,4}} (?P<stem>[A-Za-z]+) (?:{suffixes})$")
    stems = pc.struct_field(parts, "stem")
    return pc.fill_null(pc.is_in(stems, value_set=pa.array(load_invented_streets())), False)


def _scan_licence(values: pa.Array, batch: pa.RecordBatch) -> pa.BooleanArray:
    """Match each number against the format of the state that issued it."""
    states = batch.column("driver_license_state")
    in_class = pa.array([False] * len(values))
    for licence in load_licence_formats():
        issued_here = pc.equal(states, licence.state)
        matches = pc.match_substring_regex(values, licence.pattern)
        in_class = pc.or_(in_class, pc.and_(issued_here, matches))
    return in_class


IDENTIFIER_CLASSES = (
    IdentifierClass(
        name="esdh-record-id",
        guarantee=Guarantee.NEVER_REAL,
        description=(
            "Version-8 UUID that encodes table and row under a permutation; it belongs to no"
            " system but this one"
        ),
        source="RFC 9562 section 5.8",
        scan=_scan_record_id,
    ),
    IdentifierClass(
        name="unassigned-vin",
        guarantee=Guarantee.NEVER_REAL,
        description=(
            "VIN with a right check digit whose first two characters ISO 3780 assigns to no"
            " country, so that no manufacturer can have it"
        ),
        source="49 CFR Part 565; ISO 3780 country table as of 2026-11-20",
        scan=_scan_vin,
    ),
    IdentifierClass(
        name="driver-license",
        guarantee=Guarantee.FORMAT_ONLY,
        description=(
            "Number in its state's format. In FL, IL and WI its birthday code is one that no"
            " birthday has; elsewhere it lies in the least plausible band of the format"
        ),
        source="published state formats, see governance/data_sources.md",
        scan=_scan_licence,
    ),
    IdentifierClass(
        name="invented-street",
        guarantee=Guarantee.NEVER_REAL,
        description="House number on a street whose name was invented and is registered here",
        source="esdh_models/reference_data/invented_streets.csv",
        scan=_scan_street,
    ),
)


def get_identifier_class(name: str) -> IdentifierClass:
    """Return a registered class; raises `UnknownNameError`."""
    for identifier_class in IDENTIFIER_CLASSES:
        if identifier_class.name == name:
            return identifier_class
    raise UnknownNameError("identifier class", name, (c.name for c in IDENTIFIER_CLASSES))
