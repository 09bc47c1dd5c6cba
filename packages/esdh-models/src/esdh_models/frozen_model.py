"""The base of requests and manifests: frozen, strict, closed, and refused in one sentence."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from .errors import EsdhError, InvalidRequestError

_SHOWN = 60
_SAID = 200


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
    place = ascii(".".join(str(part) for part in first["loc"]))[1:-1]
    message = ascii(first["msg"].lower())[1:-1]
    return InvalidRequestError(
        f"{_short(place)}: {_short(message, _SAID)}, but {_short(ascii(first['input']))} was given"
    )


def _short(text: str, most: int = _SHOWN) -> str:
    """The text, or its beginning: what came from elsewhere may be long, and pydantic quotes it."""
    return text if len(text) <= most else f"{text[:most]}..."
