"""Arithmetic of dates that the process that reads a file needs too: it imports little. Pure."""

from datetime import date, timedelta


def next_month(day: date) -> date:
    """The first day of the month after this one."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
