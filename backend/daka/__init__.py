"""Daka (打卡): reminds people to clock in and out."""

from datetime import date
from typing import TYPE_CHECKING

RELEASED_ON = date(2026, 11, 28)
"""When this version was made: a clock that shows an earlier date is wrong. A release sets it to its date in CHANGELOG.md."""

if TYPE_CHECKING:
    __version__: str
else:

    def __getattr__(name: str) -> str:
        """`__version__` when it is first asked for: to find it takes half of what starting to read a file takes."""
        if name != "__version__":
            raise AttributeError(name)
        from importlib.metadata import version

        return globals().setdefault(name, version("daka"))
