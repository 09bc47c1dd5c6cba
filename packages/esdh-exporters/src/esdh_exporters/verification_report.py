"""What verifying a snapshot can answer."""

from dataclasses import dataclass
from enum import StrEnum

from esdh_models import manifest


class Answer(StrEnum):
    """What verifying a snapshot showed, from worst to best."""

    BROKEN = "broken"
    CANNOT_VERIFY = "cannot verify here"
    CANNOT_REGENERATE = "cannot regenerate here"
    SELF_CONSISTENT = "self-consistent"
    MATCHES_EXPECTED = "matches expected"
    REGENERATED_IDENTICAL = "regenerated identical"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, and the file or table that it is wrong with."""

    name: str
    message: str

    def __str__(self) -> str:
        return f"{self.name}: {self.message}"


@dataclass(frozen=True, slots=True)
class VerificationReport:
    """The answer, what it rests on, and every problem found (at most 1,000).

    `deep` says that rows were read, which they are only where nothing is wrong with the files.
    """

    answer: Answer
    problems: tuple[Problem, ...]
    manifest: manifest.Manifest | None
    deep: bool
    note: str = ""

    @property
    def passed(self) -> bool:
        """Whether everything that was asked for was proved."""
        return self.answer in _PROOFS


_PROOFS = (Answer.SELF_CONSISTENT, Answer.MATCHES_EXPECTED, Answer.REGENERATED_IDENTICAL)
