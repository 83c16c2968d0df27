"""When a reminder is due. Pure: a window with its steps, and what is to be done at a given moment.

A *step* is a moment at which the person is reminded: `opens_at`, then every `every`, never after `closes_at`. Two more moments
belong to a reminder: `escalate_at`, when it is escalated to the team, and `ends_at`, when it expires.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from daka.policy import Policy, QuietHours
from daka.shifts.times import PunchKind, offset_change

SENDING_GRACE = timedelta(seconds=60)
"""A step due at the last moment of its window still has this long to reach its provider."""

TOO_CLOSE = timedelta(minutes=2)
"""A step that comes sooner after a reminder between steps (planned late, sent late, a snooze that ends) is left out: nobody is
reminded twice within a minute or two."""

MOST_DECISIONS = 2000
"""The most that are forecast."""

EARLY_PUNCH = timedelta(hours=4)
"""A punch this long before its point still settles it; an earlier one belongs to another point."""


Span = tuple[datetime, datetime]
"""From the first moment to before the second."""


@dataclass(frozen=True, slots=True)
class Window:
    """The steps of one reminder."""

    point_at: datetime
    opens_at: datetime
    closes_at: datetime
    every: timedelta | None = None
    escalate_at: datetime | None = None
    team_from_at: datetime | None = None
    """From then on reminders also go to the team's channels."""
    quiet: tuple[Span, ...] = ()
    """Quiet hours, in order. Steps inside become one step at their end, even if the window would have closed before."""

    @property
    def first_step_at(self) -> datetime:
        return self.after_quiet(self.opens_at)

    @property
    def last_step_at(self) -> datetime:
        """No step is due after it."""
        return max(self.closes_at, self.after_quiet(self._planned_step_before(self.closes_at) or self.opens_at))

    @property
    def ends_at(self) -> datetime:
        """When nothing more can follow."""
        return max(self.last_step_at, self.escalation_at or self.last_step_at) + SENDING_GRACE

    @property
    def escalation_at(self) -> datetime | None:
        """When it is escalated, quiet hours considered."""
        return self.after_quiet(self.escalate_at) if self.escalate_at else None

    def step_before(self, moment: datetime) -> datetime | None:
        """The last step that is not later than the moment; None also if quiet hours hold it back past the moment."""
        step = self._planned_step_before(moment)
        return step if step is not None and self.after_quiet(step) <= moment else None

    def step_after(self, moment: datetime) -> datetime | None:
        """The first step strictly later than the moment."""
        quiet_until, former = self.after_quiet(moment), self._planned_step_before(moment)
        if quiet_until > moment and former is not None and self.after_quiet(former) == quiet_until:
            return quiet_until
        following = self._planned_step_after(moment)
        return self.after_quiet(following) if following is not None else None

    def is_told_by(self, moment: datetime) -> datetime:
        """Until when a reminder at that moment stands for the steps that follow: past those that come too soon after it."""
        if self.every is None or self.is_step(moment):
            return moment
        until = moment + min(TOO_CLOSE, self.every / 2) - timedelta(microseconds=1)
        step = self.step_after(moment)
        is_new_to_team = self.team_from_at is not None and moment < self.team_from_at <= until
        return until if step is not None and step <= until and not is_new_to_team else moment

    def is_step(self, moment: datetime) -> bool:
        return self.step_after(moment - timedelta(microseconds=1)) == moment

    def after_quiet(self, moment: datetime) -> datetime:
        """The moment, or the end of the quiet hours that it lies in."""
        return next((until for begins, until in self.quiet if begins <= moment < until), moment)

    def _planned_step_before(self, moment: datetime) -> datetime | None:
        """The last step by the policy alone that is not later than the moment."""
        if moment < self.opens_at:
            return None
        return self.opens_at + (
            (min(moment, self.closes_at) - self.opens_at) // self.every * self.every if self.every else timedelta(0)
        )

    def _planned_step_after(self, moment: datetime) -> datetime | None:
        """The first step by the policy alone that is later than the moment."""
        if moment < self.opens_at:
            return self.opens_at
        if self.every is None:
            return None
        step = self.opens_at + ((moment - self.opens_at) // self.every + 1) * self.every
        return step if step <= self.closes_at else None


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be done for a reminder at one moment."""

    remind: bool
    escalate: bool
    end: bool
    next_at: datetime | None
    """When to evaluate it again; None after the end."""


def window(
    point_at: datetime,
    kind: PunchKind,
    policy: Policy,
    overtime: timedelta = timedelta(0),
    zone: ZoneInfo | None = None,
) -> Window:
    """The window of one punch point. Overtime moves everything about clock-out; quiet hours (in `zone`) never delay clock-in."""
    rule = policy.clock_in if kind is PunchKind.CLOCK_IN else policy.clock_out
    basis = point_at + (overtime if kind is PunchKind.CLOCK_OUT else timedelta(0))
    opens_at, closes_at = basis + timedelta(minutes=rule.start), basis + timedelta(minutes=rule.until)
    escalate_at = basis + timedelta(minutes=rule.escalate) if rule.escalate is not None else None
    quiet: tuple[Span, ...] = ()
    if policy.quiet_hours and zone and kind is PunchKind.CLOCK_OUT:
        moments = [moment for moment in (opens_at, closes_at, escalate_at) if moment is not None]
        quiet = quiet_spans(policy.quiet_hours, min(moments), max(moments), zone)
    return Window(
        point_at=point_at,
        opens_at=opens_at,
        closes_at=closes_at,
        every=timedelta(minutes=rule.every) if rule.every is not None else None,
        escalate_at=escalate_at,
        team_from_at=basis + timedelta(minutes=rule.also_team_from) if rule.also_team_from is not None else None,
        quiet=quiet,
    )


@lru_cache(maxsize=2048)
def quiet_spans(hours: QuietHours, first: datetime, last: datetime, zone: ZoneInfo) -> tuple[Span, ...]:
    """The spans in which the clock on the wall shows quiet hours, in order: all that overlap the time from first to last.

    Where the clocks skip their start or end, they do so with the skip. A quiet time that comes twice is quiet twice.
    """
    start, end = time.fromisoformat(hours.start), time.fromisoformat(hours.end)
    day, last_day = first.astimezone(zone).date() - timedelta(days=1), last.astimezone(zone).date() + timedelta(days=1)
    moments: set[datetime] = set()
    while day <= last_day:
        for hour in (start, end):
            moments |= {datetime.combine(day, hour.replace(fold=fold), zone).astimezone(UTC) for fold in (0, 1)}
        day += timedelta(days=1)
    in_order = sorted(moments)
    moments |= {offset_change(*pair, zone) for pair in pairwise(in_order)}
    spans: list[Span] = []
    for begins, until in pairwise(sorted(moments)):
        shown = begins.astimezone(zone).time()
        is_quiet = start <= shown < end if start < end else shown >= start or shown < end
        if is_quiet and spans and spans[-1][1] == begins:
            spans[-1] = (spans[-1][0], until)
        elif is_quiet:
            spans.append((begins, until))
    return tuple(span for span in spans if span[0] <= last and span[1] > first)


def first_evaluation(window: Window, now: datetime, *, escalated: bool = False) -> datetime | None:
    """When a new reminder is evaluated first: at its opening, or at once if that is past; None if its window has closed.

    An escalation before the first step does not wait for it. Its moment may be past: evaluated at once, it reminds nobody.
    """
    if now >= window.ends_at:
        return None
    escalation_at = None if escalated else window.escalation_at
    if escalation_at is not None and max(escalation_at, now) < window.first_step_at:
        return escalation_at
    return _held(window, max(window.first_step_at, now))


def _held(window: Window, moment: datetime) -> datetime:
    """The moment, or the end of its quiet hours, if something can still be sent then."""
    until = window.after_quiet(moment)
    return until if until <= window.last_step_at else moment


def next_evaluation(
    window: Window, now: datetime, *, escalated: bool, told_until: datetime | None = None
) -> datetime | None:
    """The next moment later than `now` at which there is something to do. Steps until `told_until` need no reminder more."""
    step = window.step_after(told_until or now)
    escalation_at = window.escalation_at
    escalation = escalation_at if not escalated and escalation_at and escalation_at > now else None
    moments = [moment for moment in (step, escalation, window.ends_at) if moment is not None and moment > now]
    return min(moments) if moments else None


def evaluate(
    window: Window,
    due_at: datetime,
    now: datetime,
    *,
    escalated: bool = False,
    snoozed_until: datetime | None = None,
) -> Decision:
    """What is to be done at `now` for an open reminder that was due at `due_at` ≤ `now`.

    Steps that were passed meanwhile are merged into one reminder. After the window nothing is sent. While it is snoozed it is
    only escalated.
    """
    if now >= window.ends_at:
        return Decision(remind=False, escalate=False, end=True, next_at=None)
    escalation_at = window.escalation_at
    is_escalation_due = not escalated and escalation_at is not None and escalation_at <= now
    if snoozed_until is not None and now < snoozed_until:
        next_at = snoozed_evaluation(window, snoozed_until, escalated=escalated or is_escalation_due)
        return Decision(remind=False, escalate=is_escalation_due, end=False, next_at=next_at)
    quiet_until = _held(window, now)
    if quiet_until > now > due_at + SENDING_GRACE:
        return Decision(remind=False, escalate=False, end=False, next_at=quiet_until)
    is_step_due = due_at != escalation_at or due_at == snoozed_until or window.is_step(due_at)
    passed = snoozed_until if snoozed_until is not None and snoozed_until > due_at else window.step_after(due_at)
    is_step_passed = passed is not None and passed <= now
    in_time = now <= window.last_step_at + SENDING_GRACE
    remind = in_time and due_at <= window.last_step_at and (is_step_due or is_step_passed)
    return Decision(
        remind=remind,
        escalate=is_escalation_due,
        end=False,
        next_at=next_evaluation(
            window,
            now,
            escalated=escalated or is_escalation_due,
            told_until=window.is_told_by(now) if remind else None,
        ),
    )


def snoozed(window: Window, now: datetime, pause: timedelta) -> datetime | None:
    """When a snoozed reminder comes back: after the pause, but at the punch point at the latest, or if that is past, at the last
    step; never before the window. None if the window is over.
    """
    if now >= window.last_step_at:
        return None
    latest = window.point_at if now < window.point_at else window.last_step_at
    return min(max(min(now + pause, latest), window.first_step_at), window.last_step_at)


def snoozed_evaluation(window: Window, back_at: datetime, *, escalated: bool) -> datetime:
    """When a snoozed reminder is evaluated next: when it comes back, or before that to escalate it."""
    escalation_at = None if escalated else window.escalation_at
    return min(back_at, escalation_at or back_at)


def settles(punched_at: datetime, point_at: datetime) -> bool:
    """Whether a punch at that moment is the one that the punch point asks for."""
    return punched_at >= point_at - EARLY_PUNCH


def forecast(
    window: Window, *, start: datetime | None, escalated: bool = False, snoozed_until: datetime | None = None
) -> Iterator[tuple[datetime, Decision]]:
    """Every decision about a reminder from `start` on, in order, if the worker is on time and nobody punches.

    `start` None begins with the window.
    """
    first = min(window.opens_at, window.escalation_at or window.opens_at)
    moment = start if start is not None else first_evaluation(window, first)
    for _ in range(MOST_DECISIONS):
        if moment is None:
            return
        found = evaluate(window, moment, moment, escalated=escalated, snoozed_until=snoozed_until)
        yield moment, found
        escalated = escalated or found.escalate
        moment = found.next_at
