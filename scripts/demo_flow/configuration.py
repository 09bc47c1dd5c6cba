"""The profiles of config/demo.yaml."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from esdh_models import Packaging, dataset_request, errors, strict_yaml

ROOT: Final = Path(__file__).parents[2]
DEFAULT_CONFIG: Final = ROOT / "config" / "demo.yaml"


def _loopback(host: str) -> str:
    try:
        is_loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_loopback = False
    if not is_loopback:
        message = "must be a loopback address such as 127.0.0.1: the demo serves this machine alone"
        raise ValueError(message)
    return host


def _whole_leaves(records: int) -> int:
    Packaging.parse(records_per_file=records)
    return records


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Profile(_Part):
    """How much the demo shows, and of which seed."""

    description: Annotated[str, Field(min_length=1)]
    records: Annotated[int, Field(ge=1, le=100_000)]
    seed: Annotated[int, Field(ge=0, le=dataset_request.MAXIMUM_SEED)] | Literal["random"]
    records_per_file: Annotated[int, AfterValidator(_whole_leaves)] = (
        dataset_request.DEFAULT_RECORDS_PER_FILE
    )

    @property
    def part_count(self) -> int:
        """The files of a table, and so the most processes that have something to write."""
        packaging = Packaging.parse(records_per_file=self.records_per_file)
        return packaging.part_count(self.records)


class Api(_Part):
    """Where the service of the demo listens."""

    host: Annotated[str, AfterValidator(_loopback)]
    port: Annotated[int, Field(ge=1, le=65_535)]
    health_endpoint: Annotated[str, Field(pattern=r"^/[a-z/]+$")]


class DemoConfiguration(_Part):
    """The whole file."""

    profiles: Annotated[
        dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")], Profile],
        Field(min_length=1),
    ]
    api: Api

    def profile(self, name: str) -> Profile:
        """One profile; raises `UnknownNameError`."""
        if name not in self.profiles:
            raise errors.UnknownNameError("profile", name, self.profiles)
        return self.profiles[name]


def load_configuration(path: Path) -> DemoConfiguration:
    """Read the file; raises `ConfigurationError` with the line of the first fault."""
    try:
        data = path.read_bytes()
    except OSError as error:
        message = f"{str(path)!a} cannot be read: {error.strerror}"
        raise errors.ConfigurationError(message) from None
    return strict_yaml.load_strict_yaml(data, path.name).parse(DemoConfiguration)
