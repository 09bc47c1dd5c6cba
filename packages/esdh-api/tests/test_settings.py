"""Every variable: what it may be, what it may not, and what is said then."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from esdh_api import Settings
from esdh_api.settings import OTHER_VARIABLES, VARIABLES
from esdh_models import errors

DEPLOYMENT = Path(__file__).parents[3] / "docs" / "deployment.md"
KEY = "correct-horse-battery-staple"
WITH_KEY = {"ESDH_API_KEY": KEY}
WITHOUT_LIMIT = {"ESDH_RATE_LIMIT": "off"}

GOOD: list[tuple[str, str, object, dict[str, str]]] = [
    ("ESDH_API_KEY", KEY, (SecretStr(KEY),), {}),
    ("ESDH_API_KEY", " one , two,", (SecretStr("one"), SecretStr("two")), {}),
    ("ESDH_API_HOST", "127.0.0.1", "127.0.0.1", {}),
    ("ESDH_API_HOST", "127.8.9.1", "127.8.9.1", {}),
    ("ESDH_API_HOST", "::1", "::1", {}),
    ("ESDH_API_HOST", "localhost", "localhost", {}),
    ("ESDH_API_HOST", "0.0.0.0", "0.0.0.0", WITH_KEY),  # noqa: S104
    ("ESDH_API_HOST", "api.example", "api.example", WITH_KEY),
    ("ESDH_API_PORT", "0", 0, {}),
    ("ESDH_API_PORT", "65535", 65_535, {}),
    ("ESDH_API_PROCESSES", "64", 64, WITHOUT_LIMIT),
    ("ESDH_API_THREADS", "128", 128, {}),
    ("ESDH_MAX_RECORDS", "1", 1, {}),
    ("ESDH_MAX_STREAM_RECORDS", "1099511627776", 2**40, {}),
    ("ESDH_MAX_STREAMS", "7", 7, {}),
    ("ESDH_ANSWER_SECONDS", "86400", 86_400, {}),
    ("ESDH_RATE_LIMIT", "off", "off", {}),
    ("ESDH_RATE_LIMIT", "3 per 4 second", "3 per 4 second", {}),
    ("ESDH_RATE_LIMIT", "1000000/day", "1000000/day", {}),
    ("ESDH_RATE_LIMIT_STORAGE", "memory://", "memory://", {}),
    ("ESDH_RATE_LIMIT_STORAGE", "redis://:pw@h:6379/1", "redis://:pw@h:6379/1", {}),
    ("ESDH_RATE_LIMIT_STORAGE", "rediss://h", "rediss://h", {}),
    ("ESDH_RATE_LIMIT_STORAGE", "redis+unix:///run/r.sock", "redis+unix:///run/r.sock", {}),
    ("ESDH_CORS_ORIGINS", "", (), {}),
    ("ESDH_CORS_ORIGINS", "*", ("*",), {}),
    ("ESDH_CORS_ORIGINS", "https://A.example,http://b:8", ("https://a.example", "http://b:8"), {}),
    ("ESDH_TRUSTED_PROXY", "10.0.0.7", "10.0.0.7/32", {}),
    ("ESDH_TRUSTED_PROXY", "fd00::/8", "fd00::/8", {}),
    ("ESDH_STOP_SECONDS", "0", 0, {}),
]  # fmt: skip

PUBLIC = [
    "0.0.0.0",  # noqa: S104
    "::",
    "192.168.1.5",
    "8.8.8.8",
    "api.example",
    "127.1",
    "0",
    "localhost.example",
]
BAD: dict[str, list[str]] = {
    "ESDH_API_KEY": ["", " ", ",", "two words", "tab\tbed", "schlüssel", "k" * 513, "good,b\x7fd"],
    "ESDH_API_HOST": ["", *PUBLIC],
    "ESDH_API_PORT": ["", "-1", "65536", "http", "5000/tcp", "tcp://10.0.0.1:5000"],
    "ESDH_API_PROCESSES": ["0", "65", "many", "1.5"],
    "ESDH_API_THREADS": ["1", "129", ""],
    "ESDH_MAX_RECORDS": ["0", "100001", "1e3"],
    "ESDH_MAX_STREAM_RECORDS": ["0", str(2**40 + 1), "all"],
    "ESDH_MAX_STREAMS": ["0", "128", "4.5"],
    "ESDH_ANSWER_SECONDS": ["0", "86401", "long"],
    "ESDH_RATE_LIMIT": ["", "fast", "5", "0/minute", "10/second;9/minute", "1000001/day", "1/year"],
    "ESDH_RATE_LIMIT_STORAGE": [
        "", "memory", "memory://x", "file:///secret-password", "redis://:secret-password@h:port/0",
        "redis://:secret-password@h:99999", "redis://:secret-password@h/0?nonsense=1", "redis://[::1",
        "redis://:secret-password@h:1/x", "redis://:secret-password@h/0/1", "rediss://h/-1", "redis://h/1x",
        "redis://:secret-password@h/?db=x",
    ],
    "ESDH_CORS_ORIGINS": ["a.example", "https://a.example/", "https://a.example/x", "null", "ftp://a"],
    "ESDH_TRUSTED_PROXY": ["", "*", "proxy.example", "10.0.0.1/8", "10.0.0.1,10.0.0.2"],
    "ESDH_STOP_SECONDS": ["-1", "3601", "soon"],
}  # fmt: skip


def settings_of(environment: dict[str, str]) -> Settings:
    """Read an environment that holds this and other programs' variables."""
    return Settings.from_environment({"PATH": "/bin", "OTHER_ESDH_KEY": "1", **environment})


def refusal_of(environment: dict[str, str]) -> str:
    """What is said of an environment that cannot be."""
    with pytest.raises(errors.InvalidRequestError) as caught:
        settings_of(environment)
    assert caught.value.__cause__ is None
    return str(caught.value)


def test_the_tables_hold_every_variable() -> None:
    """No variable is left out of this test, and every setting has one."""
    assert {variable for variable, *_ in GOOD} == set(BAD) == set(VARIABLES)
    assert list(VARIABLES.values()) == list(Settings.model_fields)


@pytest.mark.parametrize(("variable", "text", "expected", "others"), GOOD)
def test_a_value_that_can_be_is_read(
    variable: str, text: str, expected: object, others: dict[str, str]
) -> None:
    """Text becomes what the server works with."""
    value: Any = getattr(settings_of({**others, variable: text}), VARIABLES[variable])

    assert (str(value) if variable == "ESDH_TRUSTED_PROXY" else value) == expected


@pytest.mark.parametrize(("variable", "text"), [(v, text) for v in BAD for text in BAD[v]])
def test_a_value_that_cannot_be_is_refused(variable: str, text: str) -> None:
    """One sentence names the variable, and the value if it is no secret."""
    told = refusal_of({variable: text})

    assert variable in told
    assert "\n" not in told
    if variable in ("ESDH_API_KEY", "ESDH_RATE_LIMIT_STORAGE"):
        assert "password" not in told
        assert len(text) < 9 or text not in told
    elif text not in ("", "128"):  # as many streams are refused for being as many as threads
        assert ascii(text)[:60] in told


@pytest.mark.parametrize("host", PUBLIC)
def test_a_public_address_needs_a_key(host: str) -> None:
    """Whatever is not surely loopback is taken for public."""
    told = refusal_of({"ESDH_API_HOST": host})

    assert told == (
        f"without ESDH_API_KEY only loopback may be bound, but ESDH_API_HOST is '{host}';"
        " set a key, or bind 127.0.0.1"
    )
    assert settings_of({"ESDH_API_HOST": host, **WITH_KEY}).host == host


def test_streams_never_take_every_thread() -> None:
    """As many streams as threads are refused, with both figures."""
    told = refusal_of({"ESDH_MAX_STREAMS": "8", "ESDH_API_THREADS": "8"})

    assert told.startswith("ESDH_MAX_STREAMS (8) must be less than ESDH_API_THREADS (8)")


def test_processes_need_a_storage_that_they_share() -> None:
    """Several that count alone are refused; with a Redis or without a limit they are not."""
    several = {"ESDH_API_PROCESSES": "2"}

    assert "ESDH_RATE_LIMIT_STORAGE" in refusal_of(several)
    assert settings_of({**several, **WITHOUT_LIMIT}).processes == 2
    assert settings_of({**several, "ESDH_RATE_LIMIT_STORAGE": "redis://h"}).processes == 2


def test_a_redis_without_its_package_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names what to install."""
    monkeypatch.setitem(sys.modules, "redis", None)

    assert refusal_of({"ESDH_RATE_LIMIT_STORAGE": "redis://h"}) == (
        "ESDH_RATE_LIMIT_STORAGE: the package redis is missing; install esdh-api[redis]"
    )


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("ESDH_API_KEYS", "ESDH_API_KEY"),
        ("ESDH_APIKEY", "ESDH_API_KEY"),
        ("esdh_api_key", "choose from"),
        ("ESDH_PORT", "ESDH_API_PORT"),
        ("ESDH_", "choose from"),
    ],
)
def test_a_variable_that_nobody_reads_is_refused(name: str, hint: str) -> None:
    """It may be a key under a misspelt name; the value is not told."""
    with pytest.raises(errors.UnknownNameError) as caught:
        settings_of({name: KEY})

    assert str(caught.value).startswith(f"unknown environment variable '{name}'")
    assert hint in str(caught.value)
    assert KEY not in str(caught.value)


def test_variables_of_siblings_are_passed_over() -> None:
    """What another program of the hub reads is no mistake."""
    assert settings_of(dict.fromkeys(OTHER_VARIABLES, "1")) == Settings()


def test_an_option_wins_over_its_variable() -> None:
    """What stands on the command line counts."""
    found = Settings.from_environment({"ESDH_API_PORT": "1", "ESDH_STOP_SECONDS": "7"}, port=2)

    assert (found.port, found.stop_seconds) == (2, 7)


def test_settings_tell_no_secret() -> None:
    """Neither keys nor the password of the storage are in what is shown of them."""
    found = settings_of({**WITH_KEY, "ESDH_RATE_LIMIT_STORAGE": "redis://:password@h:6379/0"})

    assert KEY not in repr(found)
    assert "password" not in repr(found)


def test_settings_stay_as_they_are() -> None:
    """Nobody changes them while the server runs."""
    with pytest.raises(ValidationError, match="frozen"):
        Settings().port = 1  # type: ignore[misc]


def rows() -> list[str]:
    """A line of a table for every variable."""
    found = []
    for variable, setting in VARIABLES.items():
        field = Settings.model_fields[setting]
        bounds = [getattr(bound, name) for bound in field.metadata for name in ("ge", "le")
                  if hasattr(bound, name)]  # fmt: skip
        allowed = f" ({bounds[0]:,} to {bounds[1]:,})" if bounds else ""
        default = "" if field.default in ((), None) else f"`{field.default}`"
        found.append(f"| `{variable}` | {default} | {field.description}{allowed} |")
    return found


def test_the_page_on_deployment_has_every_variable() -> None:
    """Its table is what the model says, line by line."""
    text = DEPLOYMENT.read_text(encoding="utf-8")
    section = text.partition("\n## Variables\n")[2].partition("\n## ")[0]
    table = [line for line in section.splitlines() if line.startswith("| `")]

    assert table == rows(), "\n".join(rows())
