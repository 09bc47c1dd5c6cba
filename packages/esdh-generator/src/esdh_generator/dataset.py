"""A dataset: the value that a seed stands for, and the rows made from it on demand."""

from __future__ import annotations

import functools
import importlib.metadata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Self
from uuid import UUID

import numpy as np
import pyarrow as pa

from esdh_models import (
    LATEST_CONTRACT_VERSION,
    Contract,
    DatasetIdentity,
    DatasetRequest,
    PlainValue,
    Row,
    errors,
    get_contract,
)

from .arrow_columns import constant_text, plain
from .few_rows.draws import FewDraws
from .few_rows.person import FewPersons
from .few_rows.person import person_columns as few_person_columns
from .few_rows.profile import profile_columns as few_profile_columns
from .few_rows.vehicle import FewVehicles
from .few_rows.vehicle import vehicle_columns as few_vehicle_columns
from .random_streams import RandomStreams
from .record_lookup import RecordLocation, locate_record
from .reference_file import reference_data_digest
from .reference_tables import load_vehicle_ages, load_vehicle_models
from .tables.person import PersonDraws, person_columns
from .tables.profile import profile_columns
from .tables.vehicle import VehicleDraws, vehicle_columns

RULES_VERSIONS: Final = {"v0.1": 1}
"""The rules that this release makes values by, for each contract version it knows."""
SCENARIOS: Final = ("baseline",)

_BLOCK_OWNERS: Final = 50_000
_KEY_CAPACITY: Final = ("vehicles.vin", 2**40)


@dataclass(frozen=True, slots=True, init=False)
class Dataset:
    """The first `records` policyholders of a seed, with their vehicles and profiles.

    A small frozen value: nothing is made until it is asked for, it pickles, and any range of
    owners comes out the same whichever process asks. Row i depends on the identity and i alone.

    Raises `InvalidRequestError`, `UnknownNameError` or `CapacityError`.
    """

    request: DatasetRequest

    def __init__(
        self,
        seed: int | None = None,
        records: int | None = None,
        *,
        contract_version: str = LATEST_CONTRACT_VERSION,
        tables: Sequence[str] | None = None,
        scenario: str = "baseline",
        as_of_date: date | None = None,
    ) -> None:
        """Ask for a dataset; what is left out is the default of the contract."""
        contract = get_contract(contract_version)
        identity = DatasetIdentity.parse(
            contract_version=contract.version,
            rules_version=RULES_VERSIONS[contract.version],
            seed=contract.default_seed if seed is None else seed,
            scenario=scenario,
            as_of_date=contract.default_as_of_date if as_of_date is None else as_of_date,
        )
        wanted = contract.default_records if records is None else records
        _check_identity(identity)
        _check_capacity(wanted)
        names = contract.table_names if tables is None else tuple(tables)
        request = DatasetRequest.parse(identity=identity, records=wanted, tables=names)
        object.__setattr__(self, "request", request)

    @classmethod
    def from_request(cls, request: DatasetRequest) -> Self:
        """The dataset of a recorded request; raises `CannotRegenerateError`.

        That is the error where this release makes values by other rules than the request's.
        """
        identity = request.identity
        here = RULES_VERSIONS.get(identity.contract_version)
        if here != identity.rules_version:
            message = (
                f"this dataset was made by rules version {identity.rules_version} of contract"
                f" {identity.contract_version}, but this esdh-generator"
                f" ({importlib.metadata.version('esdh-generator')}) has"
                f" {'none' if here is None else f'rules version {here}'};"
                " install the release that made it"
            )
            raise errors.CannotRegenerateError(message)
        try:
            return cls(
                seed=identity.seed,
                records=request.records,
                contract_version=identity.contract_version,
                tables=request.tables,
                scenario=identity.scenario,
                as_of_date=identity.as_of_date,
            )
        except (errors.UnknownNameError, errors.InvalidRequestError) as error:
            raise errors.CannotRegenerateError(f"this release cannot make it: {error}") from None

    @property
    def contract(self) -> Contract:
        """The contract of the dataset."""
        return get_contract(self.request.identity.contract_version)

    @property
    def owner_count(self) -> int:
        """Number of policyholders."""
        return self.request.records

    @property
    def reference_data_digest(self) -> str:
        """SHA-256 over the reference tables."""
        return reference_data_digest()

    @property
    def produced_by(self) -> Mapping[str, str]:
        """Versions of the libraries that make the values."""
        return {
            name: importlib.metadata.version(name)
            for name in ("esdh-generator", "esdh-models", "numpy")
        }

    def iter_blocks(
        self, start: int = 0, stop: int | None = None
    ) -> Iterator[Mapping[str, pa.RecordBatch]]:
        """Yield the tables of owners [start, stop) in blocks of at most 50,000 owners.

        Low-cardinality text is dictionary-encoded, which is quicker to count and to write;
        `table` gives plain columns.
        """
        end = self.owner_count if stop is None else stop
        self._check_owners(start, end)
        for first in range(start, end, _BLOCK_OWNERS):
            yield self._block(first, min(first + _BLOCK_OWNERS, end))

    def few_rows(self, start: int, stop: int) -> Mapping[str, Mapping[str, Sequence[PlainValue]]]:
        """The values of owners [start, stop) by table and column, as plain Python.

        Up to some fifty owners this is quicker than `iter_blocks`, for more it is slower; to be
        written as text it still is the better beginning for two hundred.
        """
        self._check_owners(start, stop)
        identity = self.request.identity
        draws = FewDraws(RandomStreams(identity.seed, identity.scenario), range(start, stop))
        persons, contract = FewPersons(draws, identity.as_of_date), self.contract
        vehicles = FewVehicles(persons)
        source = [contract.synthetic_source] * (stop - start)
        columns = {
            "persons": lambda: few_person_columns(persons, source),
            "vehicles": lambda: few_vehicle_columns(vehicles, source),
            "profiles": lambda: few_profile_columns(vehicles, source),
        }
        return {
            name: dict(zip(contract.table(name).column_names, columns[name](), strict=True))
            for name in self.request.tables
        }

    def table(self, name: str) -> pa.Table:
        """All rows of one table, with the contract's Arrow schema, in memory."""
        contract = self.contract.table(name)
        only = Dataset.from_request(self.request.model_copy(update={"tables": (name,)}))
        batches = [
            pa.RecordBatch.from_arrays(
                [plain(column) for column in block[name].columns], schema=contract.arrow_schema
            )
            for block in only.iter_blocks()
        ]
        return pa.Table.from_batches(batches, schema=contract.arrow_schema)

    def locate(self, record_id: str | UUID) -> RecordLocation:
        """Undo an identifier, in either case of letters, without making any row.

        Tables that the request leaves out are of the dataset too: a filter decides what is
        written, not what exists. Seed and scenario alone decide identifiers. Raises
        `InvalidRequestError` for text that is no record identifier, and `RecordNotFoundError`
        for one of another dataset or beyond the records of this one.
        """
        return locate_record(self.request, record_id)

    def record(self, record_id: str | UUID) -> Row:
        """The row of an identifier, as the contract's row model; raises as `locate` does."""
        location = self.locate(record_id)
        return self._owner_rows(location.owner)[location.table][location.ordinal]

    def relatives(self, record_id: str | UUID) -> Mapping[str, tuple[Row, ...]]:
        """All rows of the same owner by table, the record itself among them.

        Every table of the contract is there, as for `locate`, and only these rows are made.
        """
        return self._owner_rows(self.locate(record_id).owner)

    def record_document(self, record_id: str | UUID) -> dict[str, Any]:
        """A record with everything that belongs to it, as values that JSON holds.

        `record` is the row itself, `relatives` holds the other rows of its owner by table, and
        `request` the dataset they are of. Raises as `locate` does.
        """
        location = self.locate(record_id)
        rows = {
            table: [row.model_dump(mode="json") for row in found]
            for table, found in self._owner_rows(location.owner).items()
        }
        return {
            "record_id": str(record_id).lower(),
            "table": location.table,
            "owner": location.owner,
            "record": rows[location.table].pop(location.ordinal),
            "relatives": {table: found for table, found in rows.items() if found},
            "request": self.request.model_dump(mode="json"),
        }

    def _owner_rows(self, owner: int) -> Mapping[str, tuple[Row, ...]]:
        everything = self.request.model_copy(update={"tables": self.contract.table_names})
        found = Dataset.from_request(everything).few_rows(owner, owner + 1)
        return {
            table.name: tuple(
                table.row_model.model_validate(dict(zip(table.column_names, row, strict=True)))
                for row in zip(*found[table.name].values(), strict=True)
            )
            for table in self.contract.tables
        }

    def _check_owners(self, start: int, stop: int) -> None:
        if not 0 <= start <= stop <= self.owner_count:
            message = (
                f"owners must lie within 0 to {self.owner_count}, but [{start}, {stop}) was asked"
            )
            raise errors.InvalidRequestError(message)

    def _block(self, start: int, stop: int) -> Mapping[str, pa.RecordBatch]:
        identity = self.request.identity
        streams = RandomStreams(identity.seed, identity.scenario)
        owners = np.arange(start, stop, dtype=np.uint64)
        persons = PersonDraws(streams, identity.as_of_date, owners)
        vehicles = VehicleDraws(persons)
        source = constant_text(self.contract.synthetic_source, len(owners))
        columns = {
            "persons": lambda: person_columns(persons, source),
            "vehicles": lambda: vehicle_columns(vehicles, source),
            "profiles": lambda: profile_columns(vehicles, source),
        }
        return {
            name: pa.RecordBatch.from_arrays(
                columns[name](), names=list(self.contract.table(name).column_names)
            )
            for name in self.request.tables
        }


def _check_identity(identity: DatasetIdentity) -> None:
    if identity.scenario not in SCENARIOS:
        raise errors.UnknownNameError("scenario", identity.scenario, SCENARIOS)
    first, last = _as_of_years()
    if not first <= identity.as_of_date.year <= last:
        message = (
            f"as_of_date must lie in the years {first} to {last}, for which there is a vehicle"
            f" catalogue, but got {identity.as_of_date.isoformat()}"
        )
        raise errors.InvalidRequestError(message)


@functools.cache
def _as_of_years() -> tuple[int, int]:
    """The first and the last year of which every vehicle is in the catalogue."""
    models, oldest = load_vehicle_models(), int(load_vehicle_ages().years.max())
    return models.first_year + oldest, models.last_year


def _check_capacity(records: object) -> None:
    column, maximum = _KEY_CAPACITY
    if isinstance(records, int) and records > maximum:
        raise errors.CapacityError(column, records, maximum)
