"""Validates the contracts: derived whole, safe by class, and closed to rows that break them."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from validator import importing, require_none, run_validator

with importing("schema"):
    import jsonschema  # type: ignore[import-untyped]  # it ships no annotations
    import pyarrow as pa
    from pydantic import ValidationError

    from esdh_generator import Dataset
    from esdh_models import (
        CONTRACT_VERSIONS,
        Contract,
        DatasetRequest,
        TableContract,
        errors,
        get_contract,
        never_real,
        strict_yaml,
    )

_IDENTIFYING: Final = re.compile(
    r"(^|_)(id|vin|ssn|ein|number|phone|email|iban|plate|login)$|^address_line_1$"
)
"""Names of columns that point at a person or thing, whatever their contract says."""

_OUTSIDE: Final = {
    "esdh-record-id": "00000000-0000-4000-8000-000000000000",
    "unassigned-vin": "11111111111111111",
    "driver-license": "NOT A NUMBER",
    "invented-street": "100 Main St",
}
"""For each identifier class a value that its scanner must refuse."""

_BAD_YAML: Final = {
    "a duplicate key": b"a: 1\na: 2\n",
    "an alias": b"a: &x 1\nb: *x\n",
    "a tag": b"a: !!python/name:os.system\n",
    "depth": b"[" * 20 + b"]" * 20,
    "size": b"#" * 100_000,
    "two documents": b"a: 1\n---\nb: 2\n",
}
_BAD_RECORDS: Final = (0, -1, 2.5, "10", True, None, 2**40 + 1, 10**30)


def contracts_derive(_: Path) -> str:
    """Every version gives tables with one primary key and foreign keys that lead to keys."""
    contracts = [get_contract(version) for version in CONTRACT_VERSIONS]
    require_none(problem for contract in contracts for problem in _derivation_problems(contract))
    tables = sum(len(contract.tables) for contract in contracts)
    return f"{', '.join(CONTRACT_VERSIONS)}: {tables} tables"


def _derivation_problems(contract: Contract) -> Iterator[str]:
    seen: dict[str, TableContract] = {}
    for table in contract.tables:
        place = f"{contract.version} {table.name}"
        if [name for name in table.column_names if table.column_names.count(name) > 1]:
            yield f"{place} has a column twice"
        if table.arrow_schema.names != list(table.column_names):
            yield f"{place} has another Arrow schema than columns"
        if sum(column.facts.primary_key for column in table.columns) != 1:
            yield f"{place} has no single primary key"
        seen[table.name] = table
        for column in table.columns:
            for reference in filter(None, (column.facts.foreign_key, column.facts.copy_of)):
                parent, _, name = reference.partition(".")
                if parent not in seen or name not in seen[parent].column_names:
                    yield f"{place}.{column.name} refers to {reference}, which does not stand above"
                elif reference == column.facts.foreign_key and not seen[parent].column(name).unique:
                    yield f"{place}.{column.name} refers to {reference}, which is no key"


def identifier_columns_have_registered_classes(_: Path) -> str:
    """Each key, and each column with an identifying name, is in a class; each class is used."""
    registered = {entry.name for entry in never_real.IDENTIFIER_CLASSES}
    used: set[str] = set()
    problems: list[str] = []
    for version in CONTRACT_VERSIONS:
        for table in get_contract(version).tables:
            for column in table.columns:
                name = column.facts.identifier_class
                place = f"{version} {table.name}.{column.name}"
                is_key = column.unique or column.facts.foreign_key is not None
                if name is None and (is_key or _IDENTIFYING.search(column.name)):
                    problems.append(f"{place} has no identifier class")
                elif name is not None and name not in registered:
                    problems.append(f"{place} is in class {name!r}, which is not registered")
                used |= {name} if name else set()
    problems += [f"the class {name!r} is in no contract" for name in sorted(registered - used)]
    require_none(problems)
    return f"{len(registered)} classes: {', '.join(sorted(registered))}"


def scanners_refuse_what_could_be_real(_: Path) -> str:
    """The scanner of each class takes a generated value and refuses one from outside."""
    batches = {
        name: Dataset(records=1).table(name).to_batches()[0] for name in _tables().table_names
    }
    problems = []
    for entry in never_real.IDENTIFIER_CLASSES:
        if entry.name not in _OUTSIDE:
            problems.append(f"no value from outside of {entry.name} is known to this check")
            continue
        table, column = next(
            (table, column.name)
            for table in _tables().tables
            for column in table.columns
            if column.facts.identifier_class == entry.name
        )
        batch = batches[table.name]
        if entry.scan(batch.column(column), batch).to_pylist() != [True]:
            problems.append(f"{entry.name} refuses a generated value")
        if entry.scan(pa.array([_OUTSIDE[entry.name]]), batch).to_pylist() != [False]:
            problems.append(f"{entry.name} takes a value that could be real")
    require_none(problems)
    return f"{len(_OUTSIDE)} scanners"


def _tables() -> Contract:
    return get_contract(CONTRACT_VERSIONS[-1])


def json_schemas_are_valid(_: Path) -> str:
    """The JSON Schema of every row is one of draft 2020-12, and a generated row meets it."""
    problems = []
    for table, row in _iter_first_rows():
        schema = table.json_schema
        try:
            jsonschema.Draft202012Validator.check_schema(schema)
            jsonschema.validate(_as_json(row), schema, jsonschema.Draft202012Validator)
        except (jsonschema.SchemaError, jsonschema.ValidationError) as error:
            problems.append(f"{table.name}: {error.message}")
    require_none(problems)
    return f"{len(_tables().tables)} schemas"


def row_models_refuse_bad_rows(_: Path) -> str:
    """A generated row is taken; the same row with any one fault is not."""
    faults, problems = 0, []
    for table, row in _iter_first_rows():
        table.row_model.model_validate(row)
        for fault, bad in _iter_bad_rows(table, row):
            faults += 1
            try:
                table.row_model.model_validate(bad)
            except ValidationError:
                continue
            problems.append(f"{table.name} takes {fault}")
    require_none(problems)
    return f"{faults} faults refused"


def _iter_first_rows() -> Iterator[tuple[TableContract, dict[str, Any]]]:
    for table in _tables().tables:
        yield table, Dataset(records=1).table(table.name).to_pylist()[0]


def _as_json(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in row.items()
    }


def _iter_bad_rows(
    table: TableContract, row: Mapping[str, Any]
) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "a column that is not its own", {**row, "column_of_nobody": "x"}
    for column in table.columns:
        name = column.name
        yield f"no {name}", {other: row[other] for other in row if other != name}
        yield f"a list as {name}", {**row, name: []}
        if not column.nullable:
            yield f"null as {name}", {**row, name: None}
        if column.pattern is not None or column.allowed is not None:
            yield f"a formula as {name}", {**row, name: "=1+1"}


def requests_refuse_impossible_sizes(_: Path) -> str:
    """Records that are none, too many or no whole number are refused as `InvalidRequestError`."""
    good = Dataset(records=1).request
    require_none(
        f"records={records!r} is taken" for records in _BAD_RECORDS if _is_taken(good, records)
    )
    return f"{len(_BAD_RECORDS)} sizes refused"


def _is_taken(good: DatasetRequest, records: object) -> bool:
    try:
        DatasetRequest.parse(identity=good.identity, records=records, tables=good.tables)
    except errors.InvalidRequestError:
        return False
    return True


def configuration_is_read_strictly(_: Path) -> str:
    """Hostile YAML is refused, and every refusal names the file and a line or its size."""
    problems = []
    for fault, data in _BAD_YAML.items():
        try:
            strict_yaml.load_strict_yaml(data, "bad.yaml")
        except errors.ConfigurationError as error:
            if not str(error).startswith(("bad.yaml line ", "bad.yaml is larger")):
                problems.append(f"the refusal of {fault} does not say where: {error}")
        else:
            problems.append(f"{fault} is taken")
    require_none(problems)
    return f"{len(_BAD_YAML)} faults refused"


CHECKS: Final = (
    contracts_derive,
    identifier_columns_have_registered_classes,
    scanners_refuse_what_could_be_real,
    json_schemas_are_valid,
    row_models_refuse_bad_rows,
    requests_refuse_impossible_sizes,
    configuration_is_read_strictly,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the checks."""
    return run_validator("schema", CHECKS, arguments)


if __name__ == "__main__":
    sys.exit(main())
