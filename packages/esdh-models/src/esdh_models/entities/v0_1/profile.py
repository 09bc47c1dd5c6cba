"""One policyholder with the primary vehicle, side by side for quoting screens."""

from typing import Annotated, Literal

from ...codes import LobType, RiskRating, StateCode
from ...columns import Column, Statistic
from ..row import Row
from ..value_types import PostalCode, RecordId, Text, Vin


class Profile(Row):
    """A flat view of a policyholder and the primary vehicle."""

    profile_id: Annotated[
        RecordId,
        Column(
            description="Identifier of the profile",
            primary_key=True,
            identifier_class="esdh-record-id",
        ),
    ]
    person_id: Annotated[
        RecordId,
        Column(
            description="The policyholder",
            foreign_key="persons.person_id",
            identifier_class="esdh-record-id",
        ),
    ]
    vehicle_id: Annotated[
        RecordId,
        Column(
            description="The primary vehicle",
            foreign_key="vehicles.vehicle_id",
            identifier_class="esdh-record-id",
        ),
    ]
    full_name: Annotated[Text, Column(description="Given and family name of the policyholder")]
    lob_type: Annotated[
        LobType,
        Column(
            description="The policyholder's line",
            statistic=Statistic.COUNTS,
            copy_of="persons.lob_type",
        ),
    ]
    residence_state: Annotated[
        StateCode,
        Column(
            description="The policyholder's state",
            statistic=Statistic.COUNTS,
            copy_of="persons.state",
        ),
    ]
    city: Annotated[Text, Column(description="The policyholder's place", copy_of="persons.city")]
    postal_code: Annotated[
        PostalCode,
        Column(description="The policyholder's ZIP code", copy_of="persons.postal_code"),
    ]
    garaging_state: Annotated[
        StateCode,
        Column(
            description="The vehicle's state",
            statistic=Statistic.COUNTS,
            copy_of="vehicles.garaging_state",
        ),
    ]
    primary_vehicle_vin: Annotated[
        Vin,
        Column(
            description="VIN of the primary vehicle",
            foreign_key="vehicles.vin",
            copy_of="vehicles.vin",
            identifier_class="unassigned-vin",
        ),
    ]
    vehicle_summary: Annotated[
        Text, Column(description="Model year, make and model of the primary vehicle")
    ]
    risk_rating: Annotated[
        RiskRating,
        Column(
            description="The vehicle's tier",
            statistic=Statistic.COUNTS,
            copy_of="vehicles.risk_rating",
        ),
    ]
    synthetic_source: Annotated[
        Literal["enterprise-synthetic-data-hub v0.1"],
        Column(description="Marks the row as synthetic", statistic=Statistic.COUNTS),
    ]
