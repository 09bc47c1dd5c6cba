"""Synthetic auto-insurance data over HTTP: the rows of the snapshots, on demand."""

from .app import create_app
from .settings import Settings

__all__ = ["Settings", "create_app"]
