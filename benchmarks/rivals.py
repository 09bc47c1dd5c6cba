"""Faker and Mimesis making the same 39 columns as dicts, record by record.

Each value comes from the provider that is meant for it, and is made once even where it stands in
several columns. Neither library is asked for anything consistent, unique or weighted beyond that.
What has no provider in both (brands, models, codes) is a choice from a short list.

    python rivals.py NAME RECORDS
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from faker import Faker
from mimesis import Generic, Locale

from esdh_models import codes, get_contract

_SEED: Final = 20251101
_AS_OF_YEAR: Final = 2025
_RISKS: Final = tuple(member.value for member in codes.RiskRating)
_BODIES: Final = tuple(member.value for member in codes.BodyStyle)
_LINES: Final = tuple(member.value for member in codes.LobType)
_MODELS: Final = (("Kia", "Soul"), ("Ford", "F-150"), ("Honda", "Civic"), ("Toyota", "RAV4"))
_YEARS: Final = tuple(range(_AS_OF_YEAR - 25, _AS_OF_YEAR + 1))

Record = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Maker:
    """One function per value that has to be made."""

    record_id: Callable[[], str]
    first_name: Callable[[], str]
    last_name: Callable[[], str]
    birth_date: Callable[[], Any]
    licence: Callable[[], str]
    street: Callable[[], str]
    unit: Callable[[], str]
    city: Callable[[], str]
    state: Callable[[], str]
    postal_code: Callable[[], str]
    vin: Callable[[], str]
    choice: Callable[[Any], Any]


def faker_maker(*, use_weighting: bool = True) -> Maker:
    """Faker as it comes draws names by their frequency, as the product does."""
    fake = Faker("en_US", use_weighting=use_weighting)
    fake.seed_instance(_SEED)
    return Maker(
        record_id=fake.uuid4,
        first_name=fake.first_name,
        last_name=fake.last_name,
        birth_date=lambda: fake.date_of_birth(minimum_age=16, maximum_age=95),
        licence=lambda: fake.bothify("?#######"),
        street=fake.street_address,
        unit=fake.secondary_address,
        city=fake.city,
        state=fake.state_abbr,
        postal_code=fake.postcode,
        vin=fake.vin,
        choice=fake.random_element,
    )


def mimesis_maker() -> Maker:
    """Mimesis; it has no VIN, so a mask of its shape without a check digit."""
    generic = Generic(Locale.EN, seed=_SEED)
    random = generic.random
    return Maker(
        record_id=generic.cryptographic.uuid,
        first_name=generic.person.first_name,
        last_name=generic.person.last_name,
        birth_date=lambda: generic.datetime.date(_AS_OF_YEAR - 95, _AS_OF_YEAR - 16),
        licence=lambda: random.generate_string_by_mask("@#######"),
        street=generic.address.address,
        unit=generic.address.secondary_address,
        city=generic.address.city,
        state=lambda: generic.address.state(abbr=True),
        postal_code=generic.address.zip_code,
        vin=lambda: random.generate_string_by_mask("@@#@@@@###@######"),
        choice=random.choice,
    )


_MAKERS: Final[dict[str, Callable[[], Maker]]] = {
    "faker": faker_maker,
    "faker-unweighted": lambda: faker_maker(use_weighting=False),
    "mimesis": mimesis_maker,
}


def make_record(make: Maker, source: str) -> Record:
    """One policyholder, vehicle and profile."""
    person_id, vehicle_id, line = make.record_id(), make.record_id(), make.choice(_LINES)
    state, city, postal_code = make.state(), make.city(), make.postal_code()
    first_name, last_name = make.first_name(), make.last_name()
    (brand, model), year = make.choice(_MODELS), make.choice(_YEARS)
    vin, risk = make.vin(), make.choice(_RISKS)
    return {
        "persons": {
            "person_id": person_id,
            "first_name": first_name,
            "last_name": last_name,
            "date_of_birth": make.birth_date(),
            "driver_license_number": make.licence(),
            "driver_license_state": state,
            "address_line_1": make.street(),
            "address_line_2": make.unit() if make.choice((0, 0, 1)) else None,
            "city": city,
            "state": state,
            "postal_code": postal_code,
            "country": "US",
            "lob_type": line,
            "synthetic_source": source,
        },
        "vehicles": {
            "vehicle_id": vehicle_id,
            "person_id": person_id,
            "vin": vin,
            "make": brand,
            "model": model,
            "model_year": year,
            "body_style": make.choice(_BODIES),
            "risk_rating": risk,
            "lob_type": line,
            "garaging_state": state,
            "garaging_postal_code": postal_code,
            "synthetic_source": source,
        },
        "profiles": {
            "profile_id": make.record_id(),
            "person_id": person_id,
            "vehicle_id": vehicle_id,
            "full_name": f"{first_name} {last_name}",
            "lob_type": line,
            "residence_state": state,
            "city": city,
            "postal_code": postal_code,
            "garaging_state": state,
            "primary_vehicle_vin": vin,
            "vehicle_summary": f"{year} {brand} {model}",
            "risk_rating": risk,
            "synthetic_source": source,
        },
    }


def measure_rival(name: str, records: int) -> dict[str, float]:
    """CPU seconds of making records; the first one, which loads the library's data, is free."""
    make = _MAKERS[name]()
    contract = get_contract("v0.1")
    first = make_record(make, contract.synthetic_source)
    made = {table: tuple(columns) for table, columns in first.items()}
    if made != {table.name: table.column_names for table in contract.tables}:
        message = "the columns are not those of the contract"
        raise RuntimeError(message)
    before = time.process_time()
    for _ in range(records):
        make_record(make, contract.synthetic_source)
    return {"cpu_seconds": time.process_time() - before}


if __name__ == "__main__":
    print(json.dumps(measure_rival(sys.argv[1], int(sys.argv[2]))))
