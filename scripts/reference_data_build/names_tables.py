"""First names and surnames with the frequencies of the 1990 US Census (PyPI `names`)."""

from collections import Counter
from pathlib import Path

from .csv_tables import Table, generator_table
from .integer_shares import split_by_shares
from .source_archives import NAMES, read_member

WEIGHT_OF_EACH_SEX = 500_000_000
SURNAME_WEIGHT_PER_THOUSANDTH = 5
"""A surname printed with 0.001 % weighs 5; one printed as 0.000 % weighs 1, which is 0.0002 %.

The 69,960 surnames printed as 0.000 share what the cumulative column leaves for them:
90.483 - 77.480 = 13.003 %, which is 0.000186 % each.
"""


def build_first_names(inputs: Path) -> Table:
    """Build first_names.csv: the male and the female list each make half of the total weight."""
    weights: Counter[str] = Counter()
    for member in ("dist.male.first", "dist.female.first"):
        thousandths = _read_thousandths(inputs, member)
        shares = split_by_shares(WEIGHT_OF_EACH_SEX, list(thousandths.values()))
        weights.update(dict(zip(thousandths, shares, strict=True)))
    note = "male and female list each half of the total; names of both lists added"
    return generator_table(
        "first_names.csv", "first_name,weight", sorted(weights.items()), note=note
    )


def build_surnames(inputs: Path) -> Table:
    """Build surnames.csv with every surname of the list."""
    thousandths = _read_thousandths(inputs, "dist.all.last")
    rows = [
        (name, max(1, SURNAME_WEIGHT_PER_THOUSANDTH * count))
        for name, count in sorted(thousandths.items())
    ]
    note = "weight 5 per 0.001 % and 1 for names printed as 0.000 %"
    return generator_table("surnames.csv", "last_name,weight", rows, note=note)


def title_case(name: str) -> str:
    """Write a Census name in title case: SMITH as Smith and MCDONALD as McDonald."""
    if name.startswith("MC") and len(name) > len("MC"):
        return "Mc" + name[2:].capitalize()
    return name.capitalize()


def _read_thousandths(inputs: Path, member: str) -> dict[str, int]:
    """Return each name's frequency in thousandths of a percent."""
    text = read_member(inputs, NAMES, f"names-0.3.0/names/{member}").decode("ascii")
    counts: Counter[str] = Counter()
    for line in text.splitlines():
        name, percent, _cumulative, _rank = line.split()
        counts[title_case(name)] += int(percent.replace(".", ""))
    return dict(counts)
