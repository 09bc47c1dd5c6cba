"""The scanners of the safe-identifier registry: right values pass, others do not."""

import pyarrow as pa
import pytest

from esdh_models import errors, invented_names, never_real

CASES = [
    ("esdh-record-id", "a419ec71-8057-8d2e-bed3-c6231ed7eb6f", True),
    ("esdh-record-id", "a419ec71-8057-4d2e-bed3-c6231ed7eb6f", False),
    ("esdh-record-id", "a419ec71-8057-8d2e-7ed3-c6231ed7eb6f", False),
    ("esdh-record-id", "A419EC71-8057-8D2E-BED3-C6231ED7EB6F", False),
    ("unassigned-vin", "E9ZAA1B28MA000001", True),
    ("unassigned-vin", "E9ZAA1B38MA000001", False),
    ("unassigned-vin", "1M8GDM9AXKP042788", False),
    ("unassigned-vin", "WDBEA30D3HA391172", False),
    ("invented-street", "1600 Pennsylvania Ave", False),
    ("invented-street", "0 {stem} Ave", False),
    ("invented-street", "12 {stem} Ave", True),
    ("invented-street", "12 {stem} Avenue", False),
    ("invented-street", "{stem} Ave", False),
    ("driver-license", "A0001234/CA", True),
    ("driver-license", "A1234567/CA", False),
    ("driver-license", "A0001234/TX", False),
    ("driver-license", "F123456780000/FL", True),
    ("driver-license", "F123456781230/FL", False),
    ("driver-license", "A0001234/XX", False),
]


@pytest.mark.parametrize(("name", "value", "safe"), CASES)
def test_scanners_tell_safe_values_from_others(name: str, value: str, safe: bool) -> None:
    """Real numbers and near misses are outside their class."""
    value = value.format(stem=invented_names.load_invented_streets()[0])
    text, _, state = value.partition("/")
    batch = pa.record_batch([pa.array([state])], names=["driver_license_state"])
    kept = never_real.get_identifier_class(name).scan(pa.array([text]), batch)

    assert kept.to_pylist() == [safe]


@pytest.mark.parametrize("entry", never_real.IDENTIFIER_CLASSES, ids=lambda entry: entry.name)
def test_every_class_says_why_it_is_safe(entry: never_real.IdentifierClass) -> None:
    """A class has a reason and a source, and its name finds it."""
    assert entry.description
    assert entry.source
    assert never_real.get_identifier_class(entry.name) is entry


def test_unknown_classes_are_refused() -> None:
    """A column cannot name a class that nobody registered."""
    with pytest.raises(errors.UnknownNameError, match="unknown identifier class 'ssn'"):
        never_real.get_identifier_class("ssn")
