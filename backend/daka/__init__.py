"""Daka (打卡): nobody forgets to clock in or out."""

from importlib.metadata import version

__version__ = version("daka")
