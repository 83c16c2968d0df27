"""The only place that reads the wall clock. All other code is passed a time or calls `now()`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta

from daka import RELEASED_ON

AHEAD = timedelta(minutes=1)
"""A stored past moment that lies further ahead than this was written by a clock that has been set back since."""

EARLIEST = datetime.combine(RELEASED_ON, time(), UTC)

_read: Callable[[], datetime] = lambda: datetime.now(UTC)  # noqa: E731


def now() -> datetime:
    """The current time, aware, in UTC."""
    return _read()


def is_plausible() -> bool:
    """Whether the clock may be right. A board without a battery starts in 1970, until it hears from a time server."""
    return now() >= EARLIEST


def describe_doubt() -> str:
    """Why the clock cannot be right, in a sentence."""
    return f"it says {now():%Y-%m-%d %H:%M} UTC, but this version is of {RELEASED_ON}"


@contextmanager
def set_to(read: Callable[[], datetime] | datetime) -> Iterator[None]:
    """Replace the clock inside the block: by a fixed time, or by a function that returns the time."""
    global _read
    before = _read
    _read = read if callable(read) else lambda: read
    try:
        yield
    finally:
        _read = before
