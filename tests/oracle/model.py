"""What is sent to whom and when, minute by minute: as plain as it can be, written from the description and not from the code.

Every minute of the week is asked the same three questions. Is it a step of the rule? Is it quiet? Is anything held back?
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
IN, OUT = "clock_in", "clock_out"


@dataclass(frozen=True)
class Rule:
    """Minutes from the punch point."""

    start: int
    every: int | None
    until: int
    escalate: int | None
    also_team_from: int | None


@dataclass(frozen=True)
class Policy:
    rules: dict[str, Rule]
    quiet: tuple[int, int] | None
    """Minutes of the day."""


@dataclass(frozen=True)
class Shift:
    periods: tuple[tuple[int, int], ...]
    """Minutes from the midnight with which the work date begins."""
    overtime: int
    policy: Policy | None
    owner: str | None
    """The team that it belongs to; None: every team's."""


@dataclass(frozen=True)
class Team:
    name: str
    zone: str
    policy: Policy | None


@dataclass(frozen=True)
class Absence:
    first: date
    last: date
    kind: str | None
    period: int | None


@dataclass
class Person:
    team: Team
    policy: Policy | None
    cells: dict[date, Shift]
    absences: list[Absence] = field(default_factory=list)
    move: tuple[date, Team] | None = None
    """From a work date on in another team."""


DEFAULT = Policy({IN: Rule(-15, 5, 10, None, None), OUT: Rule(0, 5, 30, None, None)}, None)

Sent = tuple[datetime, str, str, date, str]
"""When, `reminder` or `escalation`, of what, of which work date, and through whose channel: `own`, `team` or `planner`."""


class WallClock:
    """What the clock on the wall shows at each minute."""

    def __init__(self, zone: str, first: datetime, last: datetime) -> None:
        self.minutes: list[datetime] = []
        self.shown: list[datetime] = []
        moment = first
        while moment <= last:
            self.minutes.append(moment)
            self.shown.append(moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None))
            moment += MINUTE
        self._first_place: dict[datetime, int] = {}
        for place, shown in enumerate(self.shown):
            self._first_place.setdefault(shown, place)

    def place_of(self, wanted: datetime) -> int:
        """The minute at which it first shows this; if it is skipped, the minute at which an unchanged clock would have."""
        if wanted in self._first_place:
            return self._first_place[wanted]
        after = next(place for place, shown in enumerate(self.shown) if shown > wanted)
        return after - 1 + (wanted - self.shown[after - 1]) // MINUTE


def sent_to(person: Person, first: datetime, last: datetime) -> set[Sent]:
    """Everything that is sent about a person from the first to the last minute, if they never punch."""
    return {sent for sent in _everything(person, first, last) if first <= sent[0] <= last}


def _everything(person: Person, first: datetime, last: datetime) -> Iterator[Sent]:
    clocks: dict[str, WallClock] = {}
    for work_date, shift in person.cells.items():
        team = person.team
        if person.move is not None and work_date >= person.move[0]:
            team = person.move[1]
            if shift.owner not in (None, team.name):
                continue
        if team.zone not in clocks:
            clocks[team.zone] = WallClock(team.zone, first - timedelta(days=5), last + timedelta(days=5))
        policy = person.policy or shift.policy or team.policy or DEFAULT
        for period, (start, end) in enumerate(shift.periods):
            for kind, minute in ((IN, start), (OUT, end)):
                is_away = any(
                    absence.first <= work_date <= absence.last
                    and absence.kind in (None, kind)
                    and absence.period in (None, period)
                    for absence in person.absences
                )
                if not is_away:
                    is_last = period == len(shift.periods) - 1 and kind == OUT
                    midnight = datetime(work_date.year, work_date.month, work_date.day)  # noqa: DTZ001 - of the wall
                    place = clocks[team.zone].place_of(midnight + minute * MINUTE) + is_last * shift.overtime
                    quiet = policy.quiet if kind == OUT else None
                    for at, occasion, channel in _walk(clocks[team.zone], place, policy.rules[kind], quiet):
                        yield at, occasion, kind, work_date, channel


def _walk(
    clock: WallClock, point: int, rule: Rule, quiet: tuple[int, int] | None
) -> Iterator[tuple[datetime, str, str]]:
    reminder_waits = escalation_waits = False
    for place in range(point - 13 * 60, min(point + 72 * 60, len(clock.minutes))):
        after_start, is_before_end = place - point - rule.start, place - point <= rule.until
        if after_start == 0 or (after_start > 0 and is_before_end and rule.every and after_start % rule.every == 0):
            reminder_waits = True
        if place - point == rule.escalate:
            escalation_waits = True
        if quiet is not None and _is_within(clock.shown[place], quiet):
            continue
        at = clock.minutes[place].astimezone(UTC)
        if reminder_waits:
            yield at, "reminder", "own"
            if rule.also_team_from is not None and place - point >= rule.also_team_from:
                yield at, "reminder", "team"
        if escalation_waits:
            yield at, "escalation", "team"
            yield at, "escalation", "planner"
        reminder_waits = escalation_waits = False


def _is_within(shown: datetime, quiet: tuple[int, int]) -> bool:
    minute, (start, end) = shown.hour * 60 + shown.minute, quiet
    return start <= minute < end if start < end else minute >= start or minute < end
