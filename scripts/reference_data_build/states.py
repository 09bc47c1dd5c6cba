"""The 50 states and the District of Columbia with their 2020 Census populations."""

from .csv_tables import Table, generator_table, load_typed_facts

US_POPULATION_2020 = 331_449_281
"""US Census Bureau, 2020 Census, resident population of the 50 states and DC."""


def load_state_populations() -> dict[str, int]:
    """Return the typed populations by state, after checking their sum against the national count.

    Source: US Census Bureau, 2020 Census (P.L. 94-171).
    """
    rows = load_typed_facts("states_2020.csv")
    populations = {row["state"]: int(row["population_2020"]) for row in rows}
    if sum(populations.values()) != US_POPULATION_2020:
        raise ValueError(f"state populations sum to {sum(populations.values()):,}")
    return populations


def build_states() -> Table:
    """Build states.csv, sorted by state code."""
    load_state_populations()
    rows = [
        (row["state"], row["state_name"], int(row["population_2020"]))
        for row in sorted(load_typed_facts("states_2020.csv"), key=lambda row: row["state"])
    ]
    note = "typed; the sum is 331449281"
    return generator_table("states.csv", "state,state_name,population_2020", rows, note=note)
