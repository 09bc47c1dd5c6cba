"""`esdh-cli describe`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..console import make_console, print_facts, print_json
from ..options import Version, json_option

if TYPE_CHECKING:
    from esdh_models import Contract, TableContract

_WIDE = 110
"""Characters from which on the identifier classes have room too."""


@click.command("describe")
@click.argument("version", type=Version(), required=False)
@click.option("--table", "table_name", help="Only this table.")
@click.option("--markdown", is_flag=True, help="Print the data dictionary as Markdown.")
@click.option("--json-schema", is_flag=True, help="Print the JSON Schema of --table.")
@json_option
def command(
    *,
    version: str | None,
    table_name: str | None,
    markdown: bool,
    json_schema: bool,
    as_json: bool,
) -> None:
    """Describe the contracts, or the one of VERSION: tables, columns and what they promise.

    \b
    Examples:
      esdh-cli describe
      esdh-cli describe v0.1 --table persons
      esdh-cli describe v0.1 --table persons --json-schema
    """
    from esdh_models import (  # noqa: PLC0415
        CONTRACT_VERSIONS,
        LATEST_CONTRACT_VERSION,
        data_dictionary,
        get_contract,
    )

    details = table_name or markdown or json_schema
    if version is None and not details:
        _print_contracts([get_contract(name) for name in CONTRACT_VERSIONS], as_json=as_json)
        return
    contract = get_contract(version or LATEST_CONTRACT_VERSION)
    tables = [contract.table(table_name)] if table_name else list(contract.tables)
    if json_schema:
        if table_name is None:
            message = f"--json-schema needs --table: {', '.join(contract.table_names)}"
            raise click.UsageError(message, click.get_current_context())
        print_json(tables[0].json_schema)
    elif markdown:
        click.echo(data_dictionary.as_markdown(contract, tables), nl=False)
    elif as_json:
        print_json(data_dictionary.as_document(contract, tables))
    else:
        _print_tables(contract, tables)


def _print_contracts(contracts: list[Contract], *, as_json: bool) -> None:
    documents: dict[str, dict[str, Any]] = {
        contract.version: {
            "tables": list(contract.table_names),
            "default_records": contract.default_records,
            "default_seed": contract.default_seed,
            "default_as_of_date": contract.default_as_of_date.isoformat(),
            "synthetic_source": contract.synthetic_source,
        }
        for contract in contracts
    }
    if as_json:
        print_json(documents)
        return
    for version, document in documents.items():
        facts = {name.replace("_", " "): str(fact) for name, fact in document.items()}
        facts["tables"] = ", ".join(document["tables"])
        print_facts(f"Contract {version}", facts)


def _print_tables(contract: Contract, tables: list[TableContract]) -> None:
    from rich.table import Table  # noqa: PLC0415

    from esdh_models import data_dictionary  # noqa: PLC0415

    console = make_console()
    headings = [
        heading
        for heading in data_dictionary.HEADINGS
        if heading != "identifier" or console.width >= _WIDE
    ]
    for table in tables:
        grid = Table(title=f"{table.name} ({contract.version})", title_justify="left")
        for heading in headings:
            grid.add_column(heading, overflow="fold", no_wrap=heading in {"column", "key"})
        for entry in data_dictionary.rows(table):
            named = dict(zip(data_dictionary.HEADINGS, entry, strict=True))
            grid.add_row(*(named[heading] for heading in headings))
        console.print(grid)
