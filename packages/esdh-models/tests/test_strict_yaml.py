"""YAML from people: plain, bounded, and refused with a line number."""

import time
from collections.abc import Iterator
from typing import Annotated, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from esdh_models import errors, strict_yaml


class Server(BaseModel):
    """Part of a configuration."""

    model_config = ConfigDict(extra="forbid", strict=True)

    host: str
    port: int = 5000


class Config(BaseModel):
    """A configuration."""

    model_config = ConfigDict(extra="forbid", strict=True)

    profiles: dict[str, Server]


def load(text: str) -> strict_yaml.YamlDocument:
    """Read a text as the file c.yaml."""
    return strict_yaml.load_strict_yaml(text.encode(), "c.yaml")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: NO", {"a": "NO"}),
        ("a: yes", {"a": "yes"}),
        ("a: 12:30:45", {"a": "12:30:45"}),
        ("a: 2026-01-01", {"a": "2026-01-01"}),
        ("a: 010", {"a": "010"}),
        ("a: 0x1F", {"a": "0x1F"}),
        ("a: 1_000", {"a": "1_000"}),
        ("a: 1e3", {"a": "1e3"}),
        ("a: .inf", {"a": ".inf"}),
        ("a: 42", {"a": 42}),
        ("a: -7", {"a": -7}),
        ("a: 1.5", {"a": 1.5}),
        ("a: true", {"a": True}),
        ("a: 'true'", {"a": "true"}),
        ('a: "42"', {"a": "42"}),
        ("a:", {"a": None}),
        ("a: [1, x, [2]]", {"a": [1, "x", [2]]}),
        ("<<: 1", {"<<": 1}),
        ("1: x", {"1": "x"}),
        ("", None),
        ("just text", "just text"),
    ],
)
def test_scalars_are_what_they_look_like(text: str, expected: object) -> None:
    """Nothing but true, false, null and decimal numbers is anything but text."""
    found = load(text).value

    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "'a' stands twice"),
        ("a: &x [1]\nb: *x\n", 1, "anchors and aliases"),
        ("a: 1\nb: *x\n", 2, "anchors and aliases"),
        ("a: 1\nb: !!python/object:os.system {}\n", 2, "tags are not allowed"),
        ("a: 1\n!!str b: 2\n", 2, "without anchor or tag"),
        ("a: 1\n? [x]\n: 2\n", 2, "a key must be text"),
        ("a: 1\n---\nb: 2\n", 2, "second document"),
        ("a:\n  b: 1\n c: 2\n", 3, "not YAML"),
        ("a: 1\nb: [1, 2\n", 3, "not YAML"),
        ('a: 1\nb: "x\n', 3, "not YAML"),
        ("a: \x07\n", 1, "not YAML"),
        ("a: 1\n%x", 2, "not YAML"),
    ],
)
def test_what_is_not_plain_is_refused_with_its_line(text: str, line: int, word: str) -> None:
    """Duplicate keys, aliases, tags, odd keys and broken syntax: one line, with a number."""
    with pytest.raises(errors.ConfigurationError, match=word) as caught:
        load(text)

    assert str(caught.value).startswith(f"c.yaml line {line}: ")
    assert "\n" not in str(caught.value)


def bombs() -> Iterator[str]:
    """Documents that are small and grow, or are deep."""
    yield "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{name}: &{name} [{','.join(['*' + before] * 9)}]\n"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    yield "a: " + "[" * 20_000
    yield "a: " + "{b: " * 15_000
    yield "".join(" " * depth + "a:\n" for depth in range(300))
    yield "- " * 30_000 + "x"


@pytest.mark.parametrize(
    "text", list(bombs()), ids=["aliases", "lists", "mappings", "blocks", "dashes"]
)
def test_bombs_end_at_once(text: str) -> None:
    """What would grow or nest without bound is refused within a second of work."""
    start = time.process_time()  # other work of the machine does not count
    with pytest.raises(errors.ConfigurationError, match=r"c\.yaml line \d+: "):
        load(text)

    assert time.process_time() - start < 1


def test_a_large_file_is_refused_unread() -> None:
    """More bytes than any configuration has."""
    with pytest.raises(errors.ConfigurationError, match="larger than 65,536 bytes"):
        load("a: 1\n" * 20_000)


def test_bytes_that_are_no_text_are_refused() -> None:
    """The line of the first byte that is not UTF-8."""
    with pytest.raises(errors.ConfigurationError, match="line 2: it is not UTF-8"):
        strict_yaml.load_strict_yaml(b"a: 1\nb: \xff\n", "c.yaml")


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text makes anything but a value or the one error."""
    try:
        load(text)
    except errors.ConfigurationError as error:
        assert str(error).startswith("c.yaml ")  # noqa: PT017  # either outcome is right


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "profiles:\n  a:\n    port: 1\n",
            "c.yaml line 2: profiles.a.host is missing",
        ),
        (
            "profiles:\n  a:\n    hots: x\n",
            "c.yaml line 3: unknown key 'profiles.a.hots' (did you mean 'host'?)",
        ),
        (
            "profiles:\n  a:\n    host: x\n    prot: 1\n",
            (
                "c.yaml line 4: unknown key 'profiles.a.prot' (did you mean 'port'?);"
                " choose from host, port"
            ),
        ),
        (
            "profiles:\n  a:\n    host: x\n    port: many\n",
            "c.yaml line 4: profiles.a.port must be a whole number, but got 'many'",
        ),
        ("x: 1\nprofiles: {}\n", "c.yaml line 1: unknown key 'x'; choose from profiles"),
        ("", "c.yaml line 1: the document must be a mapping of keys to values, but it is empty"),
    ],
)
def test_models_are_refused_with_the_line_of_the_value(text: str, message: str) -> None:
    """Unknown keys come with a suggestion, everything with its line."""
    with pytest.raises(errors.ConfigurationError) as caught:
        load(text).parse(Config)

    assert str(caught.value).startswith(message)


def test_a_good_document_is_the_model() -> None:
    """Values arrive typed."""
    found = load("profiles:\n  a:\n    host: localhost\n    port: 1\n").parse(Config)

    assert found == Config(profiles={"a": Server(host="localhost", port=1)})


def _even(number: int) -> int:
    if number % 2:
        raise ValueError("must be even")
    return number


class Choices(BaseModel):
    """Fields whose faults pydantic tells in words of Python, or once for each branch."""

    model_config = ConfigDict(extra="forbid", strict=True)

    seed: Annotated[int, Field(ge=0)] | Literal["random"] = 0
    share: float = 0.5
    is_on: bool = True
    names: Annotated[dict[Annotated[str, Field(pattern="^[a-z]+$")], str], Field(min_length=1)] = {}
    few: Annotated[list[int], Field(max_length=1)] = []
    even: Annotated[int, AfterValidator(_even)] = 0
    server: Server = Server(host="x")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("seed: x", "seed must be a whole number or be 'random', but got 'x'"),
        ("seed: -1", "seed must be at least 0 or be 'random', but got -1"),
        ("seed:", "seed must be a whole number or be 'random', but it is empty"),
        ("seed: true", "seed must be a whole number or be 'random', but got true"),
        ("seed: {a: 1}", "seed must be a whole number or be 'random', but got {\"a\": 1}"),
        ("share: [x]", 'share must be a number, but got ["x"]'),
        ("is_on: yes", "is_on must be true or false, but got 'yes'"),
        ("names: {}", "names must not be empty, but it is empty"),
        ("names: {A: x}", "names.A must match ^[a-z]+$, but got 'A'"),
        ("names: {a: 1}", "names.a must be text, but got 1"),
        ("few: 1", "few must be a list, but got 1"),
        ("few: [1, 2]", "few must have at most 1 item after validation, not 2, but got [1, 2]"),
        ("even: 3", "even must be even, but got 3"),
        ("server: x", "server must be a mapping of keys to values, but got 'x'"),
        ("server: {host: x, prot: 1}", "unknown key 'server.prot' (did you mean 'port'?); choose"),
    ],
)
def test_faults_are_told_in_the_words_of_the_file(text: str, message: str) -> None:
    """No name of a class, no branch of a choice and no value of Python is in a message."""
    with pytest.raises(errors.ConfigurationError) as caught:
        load(text).parse(Choices)

    assert str(caught.value).startswith(f"c.yaml line 1: {message}")
