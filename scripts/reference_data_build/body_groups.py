"""The closed set of body styles and the four groups in which production shares are published."""

BODY_GROUPS = {
    "Car": ("Sedan", "Coupe", "Hatchback", "Wagon", "Convertible"),
    "SUV": ("SUV",),
    "Pickup": ("Pickup",),
    "Van": ("Minivan", "Van"),
}
GROUP_OF_BODY = {body: group for group, bodies in BODY_GROUPS.items() for body in bodies}
LOB_TYPES = ("Commercial", "Personal")
FIRST_MODEL_YEAR = 1992
LAST_MODEL_YEAR = 2026
MODEL_YEARS = range(FIRST_MODEL_YEAR, LAST_MODEL_YEAR + 1)
