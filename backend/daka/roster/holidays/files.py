"""Finds the special days of a year in the calendar files of other projects. Pure."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from daka.spreadsheets.sheet import BadFile

MOST_DAYS = 120
"""A year has about forty special days; a file with far more is not a holiday calendar."""


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A day off, or a day that is worked although it may be at a weekend."""

    day: date
    is_off: bool
    name: str


def days_in_file(body: bytes) -> list[SpecialDay]:
    """The special days in a file: holidays and makeup workdays.

    Two formats are supported: holiday-cn (https://github.com/NateScarlet/holiday-cn):
    `{"year": 2026, "days": [{"name": "元旦", "date": "2026-01-01", "isOffDay": true}]}`, and a year from timor.tech
    (https://timor.tech/api/holiday):
    `{"code": 0, "holiday": {"01-01": {"holiday": true, "name": "元旦", "date": "2026-01-01"}}}`.
    Raises BadFile: another format, an invalid day, no days, or too many.
    """
    try:
        document: Any = json.loads(body.decode("utf-8-sig"), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise BadFile("calendar_not_json", "This is not JSON") from error
    if isinstance(document, dict) and isinstance(document.get("days"), list):
        rows = [(row.get("date"), row.get("isOffDay"), row.get("name")) for row in _objects(document["days"])]
    elif isinstance(document, dict) and isinstance(document.get("holiday"), dict):
        rows = [
            (row.get("date"), row.get("holiday"), row.get("name")) for row in _objects(document["holiday"].values())
        ]
    else:
        raise BadFile("calendar_unknown_format", "This is neither holiday-cn nor timor.tech JSON")
    if not rows:
        raise BadFile("calendar_empty", "The file has no days; nothing was changed")
    if len(rows) > MOST_DAYS:
        raise BadFile("calendar_too_long", f"The file has more than {MOST_DAYS} days")
    return [_special_day(*row) for row in rows]


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object, if each of its names is there once: of two, `json` alone would keep the last."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name is there twice")
    return found


def read_lines(body: bytes, *, on_row: Callable[[int], None]) -> Iterator[Any]:
    """The special days in a file as JSON values: date, whether it is off, name."""
    for number, found in enumerate(days_in_file(body)):
        on_row(number)
        yield [found.day.isoformat(), found.is_off, found.name]


def _objects(rows: Iterable[Any]) -> list[dict[str, Any]]:
    found = list(rows)
    if not all(isinstance(row, dict) for row in found):
        raise BadFile("calendar_unknown_format", "A day in the file is not an object")
    return found


def _special_day(text: Any, is_off: Any, name: Any) -> SpecialDay:
    try:
        day = date.fromisoformat(text)
    except (TypeError, ValueError) as error:
        raise BadFile("calendar_bad_day", f"{str(text)[:20]!r} is not a date such as 2026-01-01") from error
    if not isinstance(is_off, bool) or not 2000 <= day.year <= 2100:
        raise BadFile("calendar_bad_day", f"{day} has no valid day-off flag")
    return SpecialDay(day, is_off, str(name or "").strip()[:40])
