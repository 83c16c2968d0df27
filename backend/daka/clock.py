"""The only place that reads the clock. Everything else is given a moment or asks `now()`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

_read: Callable[[], datetime] = lambda: datetime.now(UTC)  # noqa: E731


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _read()


@contextmanager
def set_to(read: Callable[[], datetime] | datetime) -> Iterator[None]:
    """Replace the clock inside the block: by a fixed moment, or by a function that tells the time."""
    global _read
    before = _read
    _read = read if callable(read) else lambda: read
    try:
        yield
    finally:
        _read = before
