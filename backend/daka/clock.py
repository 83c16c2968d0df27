"""The only place that reads the wall clock. All other code is passed a time or calls `now()`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

_read: Callable[[], datetime] = lambda: datetime.now(UTC)  # noqa: E731


def now() -> datetime:
    """The current time, aware, in UTC."""
    return _read()


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
