"""Who may ask: API keys, compared as digests of equal length in constant time.

A key is taken from `Authorization: Bearer` or `X-API-Key` alone. In an address or a body it would
end up in histories and logs, so a request that carries one there is refused.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Final
from urllib.parse import unquote_plus

from flask import Flask, Request

from .current_request import current_request
from .problem_responses import RefusedError
from .settings import Settings

OPEN_ENDPOINTS: Final = frozenset(
    {
        "health.healthz",
        "health.readyz",
        "pages.openapi_document",
        "pages.docs",
        "pages.demo",
        "pages.home",
        "static",
    }
)
"""The routes that need no key: they hold no data."""

_CHALLENGE: Final = {"WWW-Authenticate": 'Bearer realm="esdh"'}
_TELLING_CHARACTERS: Final = 8
_WORD: Final = re.compile(r"[^\s/?&=,:;\"'{}\[\]]+")
_JSON_ESCAPE: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))")
_NEEDED: Final = "send a valid key as Authorization: Bearer KEY or X-API-Key: KEY"


class Keys:
    """The digests of the keys that open the service."""

    def __init__(self, settings: Settings) -> None:
        """Digest the keys; the keys themselves are kept to find them where they must not be."""
        self._texts = frozenset(key.get_secret_value() for key in settings.api_keys)
        self._telling = tuple(text for text in self._texts if len(text) >= _TELLING_CHARACTERS)
        self._digests = tuple(_digest(text) for text in self._texts)

    def __bool__(self) -> bool:
        """Whether any key is set."""
        return bool(self._texts)

    def know(self, given: str) -> bool:
        """Whether it is a key; every key is compared, whatever the first comparisons said."""
        digest = _digest(given)
        found = [hmac.compare_digest(digest, known) for known in self._digests]
        return any(found)

    def know_all(self, given: list[str]) -> bool:
        """Whether at least one text was given, and all of them are keys."""
        return bool(given) and all(map(self.know, given))

    def are_in(self, text: str) -> bool:
        """Whether any key stands in a text, a short one as a word: else it would by chance."""
        has_words = not self._texts.isdisjoint(_WORD.findall(text))
        return has_words or any(known in text for known in self._telling)

    def touch(self, text: str) -> bool:
        """Whether a text holds a key or is a piece of one, in whatever case."""
        text = text.lower()
        return any(known.lower() in text or text in known.lower() for known in self._texts)


def register(app: Flask, settings: Settings, keys: Keys) -> None:
    """Ask for a key before every route that is not open."""

    @app.before_request
    def _check_key() -> None:
        if not keys:
            return
        asked = current_request()
        if asked.endpoint in OPEN_ENDPOINTS or is_preflight(asked, settings):
            return
        if not keys.know_all(given_keys(asked)):
            raise RefusedError("unauthorized", _NEEDED, _CHALLENGE)
        _refuse_misplaced(keys, asked)


def given_keys(asked: Request) -> list[str]:
    """The keys that a request carries; two headers that differ are two keys.

    Headers of one name come as one, joined by commas, and that is no key.
    """
    found = []
    key, authorization = asked.headers.get("X-API-Key"), asked.headers.get("Authorization")
    if key is not None:
        found.append(key)
    if authorization is not None:
        scheme, _, text = authorization.partition(" ")
        found.append(text.strip() if scheme.lower() == "bearer" else "")
    return found


def refuse_key_in(keys: Keys, *texts: str) -> None:
    """Refuse a request that carries a key where it must not be; raises `RefusedError`."""
    if any(keys.are_in(text) or keys.are_in(unquote_plus(text)) for text in texts):
        detail = "an API key belongs into the Authorization or X-API-Key header, nowhere else"
        raise RefusedError("key-in-request", detail)


def _refuse_misplaced(keys: Keys, asked: Request) -> None:
    body = asked.get_data(cache=True).decode("utf-8", "replace")
    plain = _JSON_ESCAPE.sub(lambda found: found[2] or chr(int(found[1], 16)), body)
    refuse_key_in(keys, asked.full_path, asked.headers.get("Host", ""), body, plain)


def is_preflight(asked: Request, settings: Settings) -> bool:
    """A browser's question whether it may call, which cannot carry a key."""
    if not settings.cors_origins or asked.method != "OPTIONS":
        return False
    return "Origin" in asked.headers and "Access-Control-Request-Method" in asked.headers


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()
