"""Driver licence number templates of the 51 jurisdictions.

In a template `?` is a letter A-Z, `#` a digit, anything else stands for itself. Florida, Illinois
and Wisconsin carry the birthday code 000, which cannot be issued; others lie in a low band.
"""

from .csv_tables import Table, load_typed_facts, models_table


def build_licence_formats() -> Table:
    """Build licence_formats.csv, sorted by state code."""
    rows = [
        (row["state"], row["template"], row["safety"], row["note"])
        for row in sorted(load_typed_facts("state_licence_forms.csv"), key=lambda row: row["state"])
    ]
    note = "typed; most common form of each state; 3 states provably unissued"
    return models_table("licence_formats.csv", "state,template,safety,note", rows, note=note)
