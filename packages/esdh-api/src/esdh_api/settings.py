"""Settings: one frozen model, read from the environment once, at the start.

An `ESDH_*` variable that nobody reads is a mistake that would otherwise go unnoticed, such as a
key under a misspelt name; so it is refused.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Annotated, Any, Final, Self

import limits
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)

from esdh_models import errors

VARIABLES: Final = {
    "ESDH_API_KEY": "api_keys",
    "ESDH_API_HOST": "host",
    "ESDH_API_PORT": "port",
    "ESDH_API_PROCESSES": "processes",
    "ESDH_API_THREADS": "threads",
    "ESDH_MAX_RECORDS": "max_records",
    "ESDH_MAX_STREAM_RECORDS": "max_stream_records",
    "ESDH_MAX_STREAMS": "max_streams",
    "ESDH_ANSWER_SECONDS": "answer_seconds",
    "ESDH_RATE_LIMIT": "rate_limit",
    "ESDH_RATE_LIMIT_STORAGE": "rate_limit_storage",
    "ESDH_CORS_ORIGINS": "cors_origins",
    "ESDH_TRUSTED_PROXY": "trusted_proxy",
    "ESDH_STOP_SECONDS": "stop_seconds",
}
"""The setting that each environment variable holds."""

OTHER_VARIABLES: Final = ("ESDH_DEBUG",)
"""Variables of sibling programs, which this one passes over."""

MEMORY_STORAGE: Final = "memory://"
_SECRET: Final = ("api_keys", "rate_limit_storage")
_MOST_AMOUNT: Final = 1_000_000
_LONGEST_WINDOW: Final = 86_400
SHORT_KEY: Final = 16
"""Keys of fewer characters are easily guessed; the server warns of them."""


def _split(value: object) -> object:
    """Commas separate several values; blanks around one do not count."""
    if not isinstance(value, str):
        return value
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _split_keys(value: object) -> object:
    """A key that was meant to be there, but came out empty, must not open the service."""
    keys = _split(value)
    if isinstance(value, str) and not keys:
        raise ValueError("it is set, but holds no key; unset it to serve without one")
    return keys


def _check_key(key: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[!-~]{1,512}", key.get_secret_value()):
        raise ValueError("a key must be 1 to 512 printable ASCII characters without blanks")
    return key


def _check_rate(text: str) -> str:
    if text == "off":
        return text
    try:
        (item,) = limits.parse_many(text)
    except ValueError:
        raise ValueError("it must be one rate such as 600/minute, or off") from None
    if not (1 <= item.amount <= _MOST_AMOUNT and item.get_expiry() <= _LONGEST_WINDOW):
        raise ValueError(f"it must allow 1 to {_MOST_AMOUNT:,} requests in at most a day")
    return text


def _check_storage(text: str) -> str:
    if text == MEMORY_STORAGE:
        return text
    if re.match(r"redis\+unix://|rediss?://[^/?#]*(/[0-9]*)?([?#]|$)", text):
        try:
            import redis  # noqa: PLC0415

            redis.ConnectionPool.from_url(text.replace("redis+unix", "unix", 1)).make_connection()
        except ImportError:
            raise ValueError("the package redis is missing; install esdh-api[redis]") from None
        except (TypeError, ValueError):
            pass
        else:
            return text
    raise ValueError("it must be memory:// or the address of a Redis, redis://host:port/0")


def _check_origin(text: str) -> str:
    if not re.fullmatch(r"\*|https?://[A-Za-z0-9.\-\[\]:]+", text):
        raise ValueError("an origin looks like https://host.example, without a path")
    return text.lower()


def _check_proxy(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return ipaddress.ip_network(value)
    except ValueError:
        raise ValueError("it must be an address or a network such as 10.0.0.0/24") from None


ApiKey = Annotated[SecretStr, AfterValidator(_check_key)]
Origin = Annotated[str, AfterValidator(_check_origin)]
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Settings(BaseModel):
    """How one server runs; `from_environment` reads it."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    api_keys: Annotated[tuple[ApiKey, ...], BeforeValidator(_split_keys)] = Field(
        default=(),
        description="Keys, separated by commas; any opens the service. None: loopback only.",
    )
    host: str = Field(default="127.0.0.1", min_length=1, description="Address to bind.")
    port: int = Field(default=5000, ge=0, le=65_535, description="Port to bind; 0 takes any.")
    processes: int = Field(
        default=1, ge=1, le=64, description="Server processes that share the port."
    )
    threads: int = Field(default=8, ge=2, le=128, description="Requests a process handles at once.")
    max_records: int = Field(
        default=10_000, ge=1, le=100_000, description="Most records of a JSON answer."
    )
    max_stream_records: int = Field(
        default=1_000_000, ge=1, le=2**40, description="Most records of a stream."
    )
    max_streams: int = Field(
        default=2, ge=1, le=127, description="Large answers that a process gives at once."
    )
    answer_seconds: int = Field(
        default=600, ge=1, le=86_400, description="How long making and reading an answer may take."
    )
    rate_limit: Annotated[str, AfterValidator(_check_rate)] = Field(
        default="600/minute", description="Requests of one key or address; off for no limit."
    )
    rate_limit_storage: Annotated[str, AfterValidator(_check_storage)] = Field(
        default=MEMORY_STORAGE,
        repr=False,  # it may hold a password
        description="memory:// for one process, redis://host:port/0 for several.",
    )
    cors_origins: Annotated[tuple[Origin, ...], BeforeValidator(_split)] = Field(
        default=(),
        description="Origins whose pages may call, separated by commas; none by default.",
    )
    trusted_proxy: Annotated[Network | None, BeforeValidator(_check_proxy)] = Field(
        default=None, description="Proxy, or network of it, whose X-Forwarded-For is believed."
    )
    stop_seconds: int = Field(
        default=30, ge=0, le=3600, description="How long running answers may take when it stops."
    )

    @model_validator(mode="after")
    def _check_together(self) -> Self:
        if not self.api_keys and not is_loopback(self.host):
            raise ValueError(
                f"without ESDH_API_KEY only loopback may be bound, but ESDH_API_HOST is"
                f" {self.host[:60]!a}; set a key, or bind 127.0.0.1"
            )
        if self.max_streams >= self.threads:
            raise ValueError(
                f"ESDH_MAX_STREAMS ({self.max_streams}) must be less than ESDH_API_THREADS"
                f" ({self.threads}), or streams could take every thread"
            )
        in_memory = self.rate_limit_storage == MEMORY_STORAGE
        if self.processes > 1 and in_memory and self.rate_limit != "off":
            raise ValueError(
                f"{self.processes} processes would each count their own rate limit; set"
                " ESDH_RATE_LIMIT_STORAGE=redis://host:port/0, or ESDH_API_PROCESSES=1"
            )
        return self

    @classmethod
    def parse(cls, **values: Any) -> Self:
        """Build the model; raises `InvalidRequestError` with one sentence for the first fault."""
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise errors.InvalidRequestError(_one_sentence(error)) from None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str], **overrides: Any) -> Self:
        """Read `ESDH_*` variables; `overrides` are settings that win over them.

        Raises `UnknownNameError` for a variable that no program of the hub reads, and
        `InvalidRequestError` for a value that cannot be.
        """
        for name in sorted(environment):
            if name.upper().startswith("ESDH_") and name not in (*VARIABLES, *OTHER_VARIABLES):
                raise errors.UnknownNameError("environment variable", name, VARIABLES)
        values = {
            setting: environment[name] for name, setting in VARIABLES.items() if name in environment
        }
        return cls.parse(**{**values, **overrides})


def is_loopback(host: str) -> bool:
    """Whether nobody outside this machine can reach the address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _one_sentence(error: ValidationError) -> str:
    """The first fault under the name of its variable, with the value unless it may be a secret."""
    first = error.errors(include_url=False)[0]
    message = first["msg"].removeprefix("Value error, ")
    if not first["loc"]:
        return message
    setting = str(first["loc"][0])
    variable = next((name for name, known in VARIABLES.items() if known == setting), setting)
    given = "" if setting in _SECRET else f", but got {str(first['input'])[:60]!a}"
    return f"{variable}: {message[:1].lower()}{message[1:]}{given}"
