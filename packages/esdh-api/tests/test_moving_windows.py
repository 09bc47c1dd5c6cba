"""Requests of one caller within a moving window, and the forgetting of callers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from esdh_api import moving_windows
from esdh_api.moving_windows import MovingWindows

WINDOW = {"limit": 2, "expiry": 60}
Clock = Callable[[float], None]


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Sets the time."""
    return lambda now: monkeypatch.setattr(moving_windows.time, "time", lambda: now)


def hits(windows: MovingWindows, set_clock: Clock, *moments: float, key: str = "one") -> list[bool]:
    """Which requests at these moments pass."""
    passed = []
    for moment in moments:
        set_clock(moment)
        passed.append(windows.acquire_entry(key, **WINDOW))
    return passed


def test_the_window_moves(set_clock: Clock) -> None:
    """A request counts for a whole window; one that was refused does not."""
    assert hits(MovingWindows(), set_clock, 0, 30, 59, 60, 60.5, 61, 90.5) == [
        True, True, False, False, True, False, True,
    ]  # fmt: skip


def test_each_caller_has_a_window(set_clock: Clock) -> None:
    """What one does costs the other nothing."""
    windows = MovingWindows()

    assert hits(windows, set_clock, 0, 0, 0) == [True, True, False]
    assert hits(windows, set_clock, 0, key="other") == [True]


def test_the_window_tells_its_beginning_and_how_many(set_clock: Clock) -> None:
    """The oldest request that still counts; none, then now."""
    windows = MovingWindows()
    hits(windows, set_clock, 10, 20)

    assert windows.get_moving_window("one", **WINDOW) == (10, 2)
    set_clock(75)
    assert windows.get_moving_window("one", **WINDOW) == (20, 1)
    set_clock(81)
    assert windows.get_moving_window("one", **WINDOW) == (81, 0)
    assert windows.get_moving_window("nobody", **WINDOW) == (81, 0)


def test_each_limit_has_its_own_window(set_clock: Clock) -> None:
    """A short window does not make a long one forget."""
    windows = MovingWindows()
    assert hits(windows, set_clock, 0, 0) == [True, True]

    set_clock(10)
    windows.acquire_entry("of another limit", limit=5, expiry=1)
    assert hits(windows, set_clock, 20) == [False]


def test_callers_are_forgotten_when_asked(set_clock: Clock) -> None:
    """One, or all of them; then they begin anew."""
    windows = MovingWindows()
    hits(windows, set_clock, 0, 0)
    hits(windows, set_clock, 0, key="other")

    windows.clear("one")
    windows.clear("nobody")
    assert hits(windows, set_clock, 0, 0, 0) == [True, True, False]
    assert windows.reset() == 2
    assert len(windows) == 0


def test_callers_are_forgotten_when_all_of_their_requests_are_over(
    set_clock: Clock,
) -> None:
    """By whoever asks next, so that memory holds those of one window."""
    windows = MovingWindows()
    for number in range(5):
        hits(windows, set_clock, 10 * number, key=f"caller {number}")
    assert len(windows) == 5

    hits(windows, set_clock, 85, key="last")
    assert len(windows) == 3
