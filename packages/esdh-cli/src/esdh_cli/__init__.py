"""One command, one governed snapshot of synthetic auto-insurance data."""

from .main import main

__all__ = ["main"]
