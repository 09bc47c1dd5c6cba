"""The base of every row model: frozen, and closed to columns that the contract does not name."""

from pydantic import BaseModel, ConfigDict


class Row(BaseModel):
    """One row of one table."""

    model_config = ConfigDict(frozen=True, extra="forbid")
