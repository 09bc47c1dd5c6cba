"""The digests that data/demo_samples holds: of which request they are, and what must come out."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from esdh_models import errors

from .configuration import ROOT, Profile

SAMPLES: Final = ROOT / "data" / "demo_samples" / "v0.1"
DIGESTS_NAME: Final = "digests.json"


class CommittedDigest(BaseModel):
    """What one profile came to when the samples were made."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    records: int
    seed: int
    dataset_digest: str


CommittedDigests: Final = TypeAdapter(dict[str, CommittedDigest])


def get_committed_digest(name: str, profile: Profile, samples: Path = SAMPLES) -> str | None:
    """What a profile must come to, or None where nothing is committed for it.

    Raises `ConfigurationError` if the committed digest is of another request, or cannot be read.
    """
    committed = _load(samples / DIGESTS_NAME).get(name)
    if committed is None:
        return None
    if (committed.records, committed.seed) != (profile.records, profile.seed):
        raise errors.ConfigurationError(
            f"the profile {name} asks for {profile.records} records of seed {profile.seed}, but the"
            f" committed digest is of {committed.records} records of seed {committed.seed}; put the"
            " profile back, or run make demo-samples and review the difference"
        )
    return committed.dataset_digest


def _load(path: Path) -> dict[str, CommittedDigest]:
    try:
        return CommittedDigests.validate_json(path.read_bytes())
    except OSError as error:
        fault = error.strerror
    except ValidationError:
        fault = "it is not what make demo-samples writes"
    raise errors.ConfigurationError(
        f"the committed digests in {path.parent.name}/{path.name} cannot be read: {fault};"
        " git restore data/demo_samples brings them back"
    )
