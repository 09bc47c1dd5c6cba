"""The application: routes, and what is done before and after each of them, in this order.

Before: id and clock, rate limit, key. After, in reverse: security headers, limit, figures, log.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from flask import Flask

from . import auth, metrics, problem_responses, rate_limit, request_log, security_headers
from .blueprints import contracts, generate, health, pages, records
from .extension import Extension, attach
from .settings import Settings
from .streams import StreamSlots


class _Application(Flask):
    """Its functions are called as they are: none of them is a coroutine."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Look for none, which Flask does at every call."""
        return func


def create_app(settings: Settings | None = None) -> Flask:
    """Build the application; without settings they are read from the environment.

    Raises `InvalidRequestError` or `UnknownNameError` for settings that cannot be.
    """
    settings = settings or Settings.from_environment(os.environ)
    app = _Application(__name__)
    app.config["MAX_CONTENT_LENGTH"] = problem_responses.MAXIMUM_BODY_BYTES
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    app.json.sort_keys = False  # type: ignore[attr-defined]  # of the default provider
    problem_responses.register(app)
    keys = auth.Keys(settings)
    request_log.register(app, keys)
    figures = metrics.register(app)
    limit = rate_limit.register(app, settings, keys)
    auth.register(app, settings, keys)
    security_headers.register(app, settings)
    for module in (health, generate, records, contracts, pages):
        app.register_blueprint(module.blueprint)
    attach(app, Extension(settings, keys, limit, figures, StreamSlots(settings.max_streams)))
    return app
