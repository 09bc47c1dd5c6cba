"""Types that columns of several tables share, each with its format.

Patterns are kept to the subset that Rust's regex, RE2 and JSON Schema read alike.
"""

from typing import Annotated

from pydantic import StringConstraints

Text = Annotated[str, StringConstraints(pattern=r'^[^,"\r\n\t=+@ -][^,"\r\n\t]*$')]
"""Text that is safe in any spreadsheet and in CSV without quotes.

Not empty; no comma, double quote, tab, CR or LF; and no leading = + - @ or blank.
"""

RECORD_ID_PATTERN = r"^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
RecordId = Annotated[str, StringConstraints(pattern=RECORD_ID_PATTERN)]
"""RFC 9562 version-8 UUID, lower case."""

Vin = Annotated[str, StringConstraints(pattern=r"^[A-HJ-NPR-Z0-9]{17}$")]
"""Vehicle identification number, 49 CFR Part 565: 17 characters, never I, O or Q."""

PostalCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{5}$")]
"""Five-digit ZIP code."""

LicenceNumber = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{7,15}$")]
"""Driver's licence number; the state's own format is checked by its identifier class."""
