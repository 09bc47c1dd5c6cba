"""`preview`: a few records of each table that fit where they are looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from esdh_cli.commands.preview import _FAVOURITES
from esdh_generator import Dataset
from esdh_models import CONTRACT_VERSIONS, get_contract

if TYPE_CHECKING:
    from conftest import Cli

TABLES = ("persons", "vehicles", "profiles")


def headings(output: str) -> dict[str, list[str]]:
    """The columns shown, by table: the words of the line below each title."""
    lines = output.splitlines()
    return {
        table: lines[number + 1].split()
        for table in TABLES
        for number, line in enumerate(lines)
        if line.startswith(f"{table}  ")
    }


@pytest.mark.parametrize("version", CONTRACT_VERSIONS)
def test_favourites_are_columns_of_the_contract(version: str) -> None:
    """No favourite is misspelt or chosen twice."""
    contract = get_contract(version)

    assert set(_FAVOURITES) == set(contract.table_names)
    for table, names in _FAVOURITES.items():
        assert len(set(names)) == len(names)
        assert set(names) <= set(contract.table(table).column_names)


@pytest.mark.parametrize("width", [60, 80, 100, 140, 200])
def test_tables_fit_the_width(cli: Cli, monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    """No line is longer, no value is cut, and columns not shown are named."""
    monkeypatch.setenv("COLUMNS", str(width))
    output = cli("preview").out
    tables, hint = output.split("One record in full:")

    assert max(len(line.rstrip()) for line in tables.splitlines()) <= width
    assert "\N{HORIZONTAL ELLIPSIS}" not in output
    assert "\x1b" not in output
    assert "esdh-cli show-record a419ec71-8057-8d2e-bed3-c6231ed7eb6f --seed 20251101\n" in hint
    for table in get_contract("v0.1").tables:
        assert all(name in tables for name in table.column_names)


def test_a_wider_terminal_shows_more_columns(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """At 80 characters what tells most, at 140 addresses and vehicle numbers too."""
    shown = {}
    for width in (1, 80, 140):
        monkeypatch.setenv("COLUMNS", str(width))
        shown[width] = headings(cli("preview").out)

    assert shown[80]["persons"][:4] == ["first_name", "last_name", "date_of_birth", "city"]
    assert shown[80]["vehicles"] == [
        "make", "model", "model_year", "body_style", "risk_rating", "lob_type",
    ]  # fmt: skip
    assert {"full_name", "vehicle_summary", "risk_rating"} <= set(shown[80]["profiles"])
    for table in TABLES:
        assert set(shown[80][table]) < set(shown[140][table])


def test_json_holds_every_column(cli: Cli) -> None:
    """The same rows as the library makes, and the request that makes them."""
    document = cli("preview", "--records", "3", "--seed", "7", "--json").document
    dataset = Dataset(7, 3)

    assert document["request"] == dataset.request.model_dump(mode="json")
    assert list(document["tables"]) == list(TABLES)
    for table in TABLES:
        rows = dataset.table(table).to_pylist()
        assert len(document["tables"][table]) == 3
        assert document["tables"][table] == [
            {
                name: value if isinstance(value, int | None) else str(value)
                for name, value in r.items()
            }
            for r in rows
        ]


def test_what_the_hint_says_works(cli: Cli) -> None:
    """The command below the tables shows the first record."""
    hint = cli("preview", "--seed", "11", "--records", "1").out.splitlines()[-1].split()

    assert hint[0] == "esdh-cli"
    assert cli(*hint[1:]).out.startswith("persons, record 1  v0.1, seed 11\n")


def test_a_terminal_gets_colours(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """Titles and risk ratings stand out where somebody looks."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    output = cli("preview").out

    assert "\x1b[1;32mpersons\x1b[0m" in output
    assert "\x1b[32mLow" in output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--records", "0"], "records must be a whole number from 1"),
        (["--records", "1001"], "--records must be at most 1000 here, but got 1001"),
        (["--seed", "-1"], "seed must be a whole number from 0"),
        (["--dataset-version", "v9"], "unknown dataset version 'v9'"),
    ],
)
def test_bad_input_is_refused(cli: Cli, arguments: list[str], message: str) -> None:
    """Exit code 2 and one line."""
    outcome = cli("preview", *arguments)

    assert (outcome.code, outcome.out) == (2, "")
    assert message in outcome.err
    assert outcome.err.count("\n") == 1
