"""Daka (打卡): reminds people to clock in and out."""

from importlib.metadata import version

__version__ = version("daka")
