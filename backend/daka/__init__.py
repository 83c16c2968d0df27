"""Daka (打卡): reminds people to clock in and out."""

from datetime import date
from importlib.metadata import version

__version__ = version("daka")

RELEASED_ON = date(2026, 11, 28)
"""When this version was made: a clock that shows an earlier date is wrong. A release sets it to its date in CHANGELOG.md."""
