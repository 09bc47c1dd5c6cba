"""The one error of the demo's steps."""

from __future__ import annotations

import os


class StepError(RuntimeError):
    """Something did not do what it should; `advice` says what to do about this cause."""

    def __init__(self, reason: str, advice: str) -> None:
        super().__init__(reason)
        self.advice = advice


def service_advice(otherwise: str) -> str:
    """What to do about a service that refuses: most often the shell's variables change it."""
    found = sorted(name for name in os.environ if name.startswith("ESDH_"))
    if not found:
        return otherwise
    return f"unset {' '.join(found)}: such variables of your shell change how the service runs"
