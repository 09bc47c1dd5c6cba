"""Headers that keep browsers from doing more than is meant, and who may call from where."""

from __future__ import annotations

from typing import Final

from flask import Flask, Response, request

from .settings import Settings

_POLICY: Final = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)
HEADERS: Final = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_EXPOSED: Final = (
    "ESDH-Seed, ESDH-Request-Digest, ESDH-Record-Count, ETag, RateLimit, RateLimit-Policy,"
    " Retry-After, X-Request-ID"
)


def register(app: Flask, settings: Settings) -> None:
    """Add the headers to every answer."""
    headers = list(HEADERS.items())

    @app.after_request
    def _secure(response: Response) -> Response:
        response.headers.extend(headers)
        if "Cache-Control" not in response.headers:
            response.headers.add("Cache-Control", "no-store")
        if settings.cors_origins:
            _allow_origin(response, settings.cors_origins)
        return response


def _allow_origin(response: Response, origins: tuple[str, ...]) -> None:
    response.vary.add("Origin")
    origin = request.headers.get("Origin")
    if origin is None or not ("*" in origins or origin in origins):
        return
    response.headers["Access-Control-Allow-Origin"] = "*" if "*" in origins else origin
    response.headers["Access-Control-Expose-Headers"] = _EXPOSED
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = "GET, HEAD, POST"
        response.headers["Access-Control-Allow-Headers"] = (
            "Accept, Authorization, Content-Type, If-None-Match, X-API-Key, X-Request-ID"
        )
        response.headers["Access-Control-Max-Age"] = "600"
