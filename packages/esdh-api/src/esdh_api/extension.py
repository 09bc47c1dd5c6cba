"""What the routes of one application share, kept with the application and never in a global."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask import Flask

from .auth import Keys
from .metrics import Metrics
from .rate_limit import RateLimit
from .settings import Settings
from .streams import StreamSlots

_NAME: Final = "esdh"


@dataclass(slots=True)
class Extension:
    """Settings and the parts made from them; `is_stopping` turns readiness off."""

    settings: Settings
    keys: Keys
    rate_limit: RateLimit | None
    metrics: Metrics
    stream_slots: StreamSlots
    is_stopping: bool = False


def attach(app: Flask, own: Extension) -> None:
    """Keep the extension with its application."""
    app.extensions[_NAME] = own


def extension(app: Flask) -> Extension:
    """The extension of an application."""
    found: Extension = app.extensions[_NAME]
    return found
