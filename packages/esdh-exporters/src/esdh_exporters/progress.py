"""How long work tells of its progress."""

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called with the stage, the steps done since the last call, and the stage's exact total."""
Steps = Callable[[int], None]
"""Called with the steps done since the last call."""


def ignore_progress(_stage: str, _steps: int, _total: int) -> None:
    """Tell nobody."""


def steps_of(progress: Progress, stage: str, total: int) -> Steps:
    """Tell of one stage, whose total is known."""
    return lambda steps: progress(stage, steps, total)
