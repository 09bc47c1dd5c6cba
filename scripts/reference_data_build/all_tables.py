"""Every reference table, in the order in which the provenance page lists them."""

from pathlib import Path

from .body_styles import build_body_styles
from .csv_tables import Table
from .driver_ages import build_driver_ages
from .invented_streets import build_invented_streets
from .licence_formats import build_licence_formats
from .locations import LocationBuilder
from .names_tables import build_first_names, build_surnames
from .states import build_states
from .vehicle_ages import build_vehicle_ages
from .vehicle_catalogue import load_catalogue
from .vehicle_models import build_makes, build_vehicle_models
from .vin_prefixes import build_unassigned_vin_prefixes


def build_all_tables(inputs: Path, locations: LocationBuilder) -> list[Table]:
    """Build the twelve tables from the verified archives in `inputs`."""
    catalogue = load_catalogue(inputs)
    return [
        build_first_names(inputs),
        build_surnames(inputs),
        build_states(),
        locations.build(),
        build_driver_ages(),
        build_vehicle_ages(),
        build_body_styles(catalogue),
        build_vehicle_models(catalogue),
        build_makes(catalogue),
        build_unassigned_vin_prefixes(),
        build_licence_formats(),
        build_invented_streets(inputs),
    ]
