"""The base of requests and manifests: frozen, strict, closed, and refused in one sentence."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from .errors import EsdhError, InvalidRequestError

_SHOWN = 60


class FrozenModel(BaseModel):
    """A value that is checked once, at the edge, and trusted from then on."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    @classmethod
    def parse(cls, /, **values: Any) -> Self:
        """Build the model; raises `InvalidRequestError` with one sentence for the first fault."""
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise one_sentence(error) from None


def one_sentence(error: ValidationError) -> EsdhError:
    """Turn pydantic's report into the error that names the first fault."""
    first = error.errors(include_url=False)[0]
    cause = first.get("ctx", {}).get("error")
    if isinstance(cause, EsdhError):
        return cause
    place = ".".join(str(part) for part in first["loc"])
    given = ascii(first["input"])
    shown = given if len(given) <= _SHOWN else f"{given[:_SHOWN]}..."
    return InvalidRequestError(f"{place}: {first['msg'].lower()}, but {shown} was given")
