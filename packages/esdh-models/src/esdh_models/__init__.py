"""Contracts of the Enterprise Synthetic Data Hub: what a dataset is, and how to check one.

Besides the names below, these modules are public with the names in them: `codes`,
`data_dictionary`, `dataset_request`, `errors`, `invented_names`, `licence_formats`, `manifest`,
`never_real`, `strict_yaml`, `validation` and `vin`.
"""

from . import (
    codes,
    data_dictionary,
    dataset_request,
    errors,
    invented_names,
    licence_formats,
    manifest,
    never_real,
    strict_yaml,
    validation,
    vin,
)
from .columns import Column, Statistic
from .contracts import (
    CONTRACT_VERSIONS,
    LATEST_CONTRACT_VERSION,
    ColumnContract,
    ColumnKind,
    Contract,
    TableContract,
    get_contract,
)
from .dataset_request import DatasetIdentity, DatasetRequest, Packaging
from .entities.row import Row
from .ports import DatasetSource, FewRows, PlainValue

__all__ = [
    "CONTRACT_VERSIONS",
    "LATEST_CONTRACT_VERSION",
    "Column",
    "ColumnContract",
    "ColumnKind",
    "Contract",
    "DatasetIdentity",
    "DatasetRequest",
    "DatasetSource",
    "FewRows",
    "Packaging",
    "PlainValue",
    "Row",
    "Statistic",
    "TableContract",
    "codes",
    "data_dictionary",
    "dataset_request",
    "errors",
    "get_contract",
    "invented_names",
    "licence_formats",
    "manifest",
    "never_real",
    "strict_yaml",
    "validation",
    "vin",
]
