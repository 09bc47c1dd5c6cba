"""One insured vehicle."""

from typing import Annotated, Literal

from ...codes import BodyStyle, LobType, RiskRating, StateCode
from ...columns import Column, Statistic
from ..row import Row
from ..value_types import PostalCode, RecordId, Text, Vin

_MODEL_YEARS = tuple(range(1990, 2041))


class Vehicle(Row):
    """A passenger car or light truck, garaged at its owner's address."""

    vehicle_id: Annotated[
        RecordId,
        Column(
            description="Identifier of the vehicle",
            primary_key=True,
            identifier_class="esdh-record-id",
        ),
    ]
    person_id: Annotated[
        RecordId,
        Column(
            description="Policyholder who owns the vehicle",
            foreign_key="persons.person_id",
            identifier_class="esdh-record-id",
        ),
    ]
    vin: Annotated[
        Vin,
        Column(
            description="Vehicle identification number of a manufacturer that does not exist",
            unique=True,
            identifier_class="unassigned-vin",
        ),
    ]
    make: Annotated[Text, Column(description="Brand", statistic=Statistic.COUNTS)]
    model: Annotated[Text, Column(description="Model of the brand in that year and body")]
    model_year: Annotated[
        int,
        Column(
            description="Model year",
            statistic=Statistic.RANGE,
            bin_edges=_MODEL_YEARS,
            limits=(1981, 2040),
        ),
    ]
    body_style: Annotated[BodyStyle, Column(description="Body", statistic=Statistic.COUNTS)]
    risk_rating: Annotated[
        RiskRating,
        Column(
            description="Tier from the driver's age, the vehicle's age and its body",
            statistic=Statistic.COUNTS,
        ),
    ]
    lob_type: Annotated[
        LobType,
        Column(
            description="The owner's line of business",
            statistic=Statistic.COUNTS,
            copy_of="persons.lob_type",
        ),
    ]
    garaging_state: Annotated[
        StateCode,
        Column(
            description="The owner's state", statistic=Statistic.COUNTS, copy_of="persons.state"
        ),
    ]
    garaging_postal_code: Annotated[
        PostalCode, Column(description="The owner's ZIP code", copy_of="persons.postal_code")
    ]
    synthetic_source: Annotated[
        Literal["enterprise-synthetic-data-hub v0.1"],
        Column(description="Marks the row as synthetic", statistic=Statistic.COUNTS),
    ]
