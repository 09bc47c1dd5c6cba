"""Clean make and model names: one name per model line, without cab, cargo and trim words."""

import re

MAKES = {"FIAT": "Fiat", "HUMMER": "Hummer", "INFINITI": "Infiniti", "MAZDA": "Mazda",
         "smart": "Smart"}  # fmt: skip
DROPPED_MAKES = frozenset(
    {"Aston Martin", "Bentley", "Daihatsu", "Ferrari", "Fisker", "Lamborghini", "Lotus",
     "Maserati", "Maybach", "McLaren", "Panoz", "Rolls-Royce", "SRT"}
)  # fmt: skip
"""Super-cars and makes with a handful of vehicles in the country."""
DROPPED_MODELS = re.compile(
    r"^(F450 .*|Carrera GT|LFA|GT|SLR McLaren|Mercedes-Maybach .*|NV200 Taxi|Z8)$"
)
"""Super-cars, one heavy pickup sold as a work chassis, one taxi."""
CAB_WORDS = re.compile(
    r" ?\b(Crew|Extended|Regular|Double|Quad|Mega|Super|SuperCrew|King|Access|Club|Single|Macro)"
    r" (Cab|Cab Plus)$| ?\b(Xtra Cab|Club Coupe Cab|Club Coupe|Cab Plus|SuperCab|SuperCrew|CrewMax"
    r"|Xtracab|Spacecab)$"
)
BODY_WORDS = re.compile(r" (WORKER )?(Cargo|Passenger|Crew)( Van)?$| Window Van$")
NOTE_IN_BRACKETS = re.compile(r" ?\([^)]*\)")
SPREADSHEET_DATES = {"3-Sep": "9-3", "5-Sep": "9-5"}
"""Saab 9-3 and 9-5, which the source holds as dates."""
FORD_SERIES = re.compile(r"\b([EF])(150|250|350)\b")
RENAMES = {
    ("Chevrolet", "1500"): "C/K 1500",
    ("Chevrolet", "2500"): "C/K 2500",
    ("Chevrolet", "2500 HD"): "C/K 2500 HD",
    ("Chevrolet", "3500"): "C/K 3500",
    ("Chevrolet", "3500 HD"): "C/K 3500 HD",
    ("GMC", "1500"): "Sierra 1500",
    ("GMC", "2500"): "Sierra 2500",
    ("GMC", "2500 HD"): "Sierra 2500 HD",
    ("GMC", "3500"): "Sierra 3500",
    ("Nissan", "JUKE"): "Juke",
}


def clean_make(make: str) -> str:
    """Write a make as its other models are written."""
    return MAKES.get(make, make)


def clean_model(make: str, model: str) -> str:
    """Return the model line's name; a pickup that had no name of its own is `Pickup`."""
    name = SPREADSHEET_DATES.get(model, NOTE_IN_BRACKETS.sub("", model))
    name = BODY_WORDS.sub("", CAB_WORDS.sub("", name))
    if name.startswith("Transit "):
        name = re.sub(r"( HD)? (Van|Wagon)$", "", name)
    name = FORD_SERIES.sub(r"\1-\2", name)
    name = name.replace("TITAN", "Titan").replace("MAZDA", "Mazda").replace("Mercedes-AMG", "AMG")
    return RENAMES.get((make, name), name.strip() or "Pickup")
