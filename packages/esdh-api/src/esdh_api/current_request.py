"""The request that is being answered, itself: Flask's proxy looks for it at every attribute."""

from __future__ import annotations

from flask import Request, request


def current_request() -> Request:
    """The request; raises `RuntimeError` outside of one."""
    found: Request = request._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    return found
