"""Writes shifts as iCalendar (RFC 5545). Pure; the same shifts give the same bytes, so that a hash can be the ETag."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from daka.roster.feeds.zones import timezone_component

if TYPE_CHECKING:
    import icalendar  # imported where it is used: most processes never need it

PRODUCT = "-//Daka//Roster//ZH"
REFRESH = timedelta(hours=1)
SEQUENCE_BEGINS = datetime(2020, 1, 1, tzinfo=UTC)
"""A number that grows with each change, without being counted: the seconds since then."""


@dataclass(frozen=True, slots=True)
class WorkEvent:
    """One period of a shift, or (without times) a day of leave."""

    uid: str
    title: str
    changed_at: datetime
    day: date
    span: tuple[datetime, datetime] | None = None
    description: str = ""


def calendar_text(name: str, zone: ZoneInfo, events: Iterable[WorkEvent], *, alarm_minutes: int | None) -> bytes:
    """An iCalendar document with times in `zone` (and its VTIMEZONE); lines are folded at 75 octets."""
    import icalendar

    calendar = icalendar.Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", zone.key)
    calendar.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    events = list(events)
    years = [moment.year for event in events for moment in event.span or ()]
    if years:
        calendar.add_component(timezone_component(zone, min(years) - 1, max(years) + 1))
    for event in events:
        calendar.add_component(_event(event, zone, alarm_minutes))
    text: bytes = calendar.to_ical()
    return text


def _event(event: WorkEvent, zone: ZoneInfo, alarm_minutes: int | None) -> "icalendar.Event":
    import icalendar

    found = icalendar.Event()
    found.add("uid", event.uid)
    found.add("dtstamp", event.changed_at)
    found.add("last-modified", event.changed_at)
    found.add("sequence", max(0, int((event.changed_at - SEQUENCE_BEGINS).total_seconds())))
    found.add("summary", event.title)
    if event.description:
        found.add("description", event.description)
    if event.span is None:
        found.add("dtstart", event.day)
        found.add("dtend", event.day + timedelta(days=1))
        found.add("transp", "TRANSPARENT")
        return found
    start, end = event.span
    found.add("dtstart", start.astimezone(zone))
    found.add("dtend", end.astimezone(zone))
    if alarm_minutes is not None:
        found.add_component(_alarm(f"上班打卡：{event.title}", -timedelta(minutes=alarm_minutes), "START"))
        found.add_component(_alarm(f"下班打卡：{event.title}", timedelta(), "END"))
    return found


def _alarm(words: str, trigger: timedelta, related: str) -> "icalendar.Alarm":
    import icalendar

    alarm = icalendar.Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", words)
    alarm.add("trigger", trigger, parameters={"related": related})
    return alarm
