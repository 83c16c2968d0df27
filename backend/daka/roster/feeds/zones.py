"""Writes a time zone as VTIMEZONE so that every reader finds the same moments. Pure.

A change of clocks that comes every year is a rule (RRULE), any other one a component of its own: readers exist that take
only the first moment of a list of dates (RDATE). Onsets are written in the local time before the change (RFC 5545, 3.6.5).
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from daka.shifts.times import offset_change

if TYPE_CHECKING:
    import icalendar  # imported where it is used: most processes never need it

STEP = timedelta(days=7)
ALWAYS = datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None)
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True, slots=True)
class Onset:
    """A change of clocks: the local time before it, and the offsets on both sides."""

    local: datetime
    before: timedelta
    after: timedelta
    name: str
    is_dst: bool

    @property
    def kind(self) -> tuple[timedelta, timedelta, str, bool]:
        return self.before, self.after, self.name, self.is_dst

    def rule(self, *, from_the_end: bool) -> tuple[int, int, str, object]:
        """Month, which one of its weekdays (-1: the last), weekday and time of day."""
        which = (self.local.day - 1) // 7 + 1
        if from_the_end:
            which = -1 if (self.local + timedelta(days=7)).month != self.local.month else 0
        return self.local.month, which, WEEKDAYS[self.local.weekday()], self.local.time()


def onsets(zone: ZoneInfo, first_year: int, last_year: int) -> Iterator[Onset]:
    """The changes of a zone's clocks from one year to another."""
    moment, end = datetime(first_year, 1, 1, tzinfo=UTC), datetime(last_year + 1, 1, 1, tzinfo=UTC)
    while moment < end:
        after = min(moment + STEP, end)
        before_offset, after_offset = _offset(moment, zone), _offset(after, zone)
        if before_offset != after_offset:
            at = offset_change(moment, after, zone)
            here = at.astimezone(zone)
            local = (at + before_offset).replace(tzinfo=None)
            yield Onset(local, before_offset, after_offset, here.tzname() or zone.key, bool(here.dst()))
        moment = after


def timezone_component(zone: ZoneInfo, first_year: int, last_year: int) -> "icalendar.Timezone":
    """A zone as it is from one year to another."""
    import icalendar

    found = icalendar.Timezone()
    found.add("tzid", zone.key)
    begin = datetime(first_year, 1, 1, tzinfo=UTC).astimezone(zone)
    offset = begin.utcoffset() or timedelta()
    found.add_component(_observance(Onset(ALWAYS, offset, offset, begin.tzname() or "", False), None))
    kinds: dict[tuple[timedelta, timedelta, str, bool], list[Onset]] = defaultdict(list)
    for onset in onsets(zone, first_year, last_year):
        kinds[onset.kind].append(onset)
    for same in kinds.values():
        rule = _yearly_rule(same, last_year - first_year + 1)
        for onset in same[:1] if rule else same:
            found.add_component(_observance(onset, rule))
    return found


def _yearly_rule(same: list[Onset], years: int) -> dict[str, object] | None:
    """The rule that gives exactly these moments, one a year; None if there is none."""
    if len(same) != years or len({onset.local.year for onset in same}) != years:
        return None
    for from_the_end in (True, False):
        rules = {onset.rule(from_the_end=from_the_end) for onset in same}
        [(month, which, weekday, _), *others] = rules
        if not others and which != 0:
            return {"freq": "yearly", "bymonth": month, "byday": f"{which}{weekday}"}
    return None


def _observance(onset: Onset, rule: dict[str, object] | None) -> "icalendar.Component":
    import icalendar

    found = icalendar.TimezoneDaylight() if onset.is_dst else icalendar.TimezoneStandard()
    found.add("dtstart", onset.local)
    found.add("tzoffsetfrom", onset.before)
    found.add("tzoffsetto", onset.after)
    found.add("tzname", onset.name)
    if rule:
        found.add("rrule", rule)
    return found


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()
