"""One policyholder."""

from datetime import date
from typing import Annotated, Literal

from ...codes import LobType, StateCode
from ...columns import Column, Statistic
from ..row import Row
from ..value_types import LicenceNumber, PostalCode, RecordId, Text

_DECADES = tuple((date(year, 1, 1) - date(1970, 1, 1)).days for year in range(1920, 2020, 10))


class Person(Row):
    """A natural person who holds a policy; lives where the vehicle is garaged."""

    person_id: Annotated[
        RecordId,
        Column(
            description="Identifier of the policyholder",
            primary_key=True,
            identifier_class="esdh-record-id",
        ),
    ]
    first_name: Annotated[Text, Column(description="Given name, by Census frequency")]
    last_name: Annotated[Text, Column(description="Family name, by Census frequency")]
    date_of_birth: Annotated[
        date,
        Column(
            description="Date of birth; at least 16 years before the as-of date",
            statistic=Statistic.RANGE,
            bin_edges=_DECADES,
            ages=(16, 110),
        ),
    ]
    driver_license_number: Annotated[
        LicenceNumber,
        Column(
            description="Licence number in the format of its state; may repeat",
            identifier_class="driver-license",
        ),
    ]
    driver_license_state: Annotated[
        StateCode,
        Column(description="State that issued the licence", statistic=Statistic.COUNTS),
    ]
    address_line_1: Annotated[
        Text,
        Column(
            description="House number and invented street",
            identifier_class="invented-street",
        ),
    ]
    address_line_2: Annotated[
        Text | None,
        Column(description="Apartment, unit or suite; absent for about two in three"),
    ]
    city: Annotated[Text, Column(description="Place, by population within the state")]
    state: Annotated[
        StateCode, Column(description="State of residence", statistic=Statistic.COUNTS)
    ]
    postal_code: Annotated[PostalCode, Column(description="ZIP code of the place")]
    country: Annotated[
        Literal["US"], Column(description="Country of residence", statistic=Statistic.COUNTS)
    ]
    lob_type: Annotated[LobType, Column(description="Line of business", statistic=Statistic.COUNTS)]
    synthetic_source: Annotated[
        Literal["enterprise-synthetic-data-hub v0.1"],
        Column(description="Marks the row as synthetic", statistic=Statistic.COUNTS),
    ]
