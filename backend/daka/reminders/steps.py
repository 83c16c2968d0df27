"""When a reminder is due. Pure: a window with its steps, and what a look at it at a given moment means.

A *step* is a moment at which the person is told: `opens_at`, then every `every`, never after `closes_at`. Two more moments
belong to a reminder: `escalate_at`, when the team is told, and `ends_at`, when the book is closed.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from daka.policy import Policy
from daka.shifts.times import PunchKind

SENDING_GRACE = timedelta(seconds=60)
"""A step due at the last moment of its window still has this long to reach its provider."""

EARLY_PUNCH = timedelta(hours=4)
"""A punch this long before its point still settles it; an earlier one belongs to something else."""


@dataclass(frozen=True, slots=True)
class Window:
    """The steps of one reminder."""

    point_at: datetime
    opens_at: datetime
    closes_at: datetime
    every: timedelta | None = None
    escalate_at: datetime | None = None

    @property
    def ends_at(self) -> datetime:
        """When nothing can follow any more."""
        return max(self.closes_at, self.escalate_at or self.closes_at) + SENDING_GRACE

    def step_after(self, moment: datetime) -> datetime | None:
        """The first step strictly later than the moment."""
        if moment < self.opens_at:
            return self.opens_at
        if self.every is None:
            return None
        step = self.opens_at + ((moment - self.opens_at) // self.every + 1) * self.every
        return step if step <= self.closes_at else None

    def is_step(self, moment: datetime) -> bool:
        """Whether the moment is exactly one of the steps."""
        return self.step_after(moment - timedelta(microseconds=1)) == moment


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at a reminder at one moment asks for."""

    remind: bool
    escalate: bool
    end: bool
    next_at: datetime | None
    """When to look again; None after the end."""


def window(point_at: datetime, kind: PunchKind, policy: Policy, overtime: timedelta = timedelta(0)) -> Window:
    """The window of one punch point. Overtime moves everything about clock-out."""
    rule = policy.clock_in if kind is PunchKind.CLOCK_IN else policy.clock_out
    basis = point_at + (overtime if kind is PunchKind.CLOCK_OUT else timedelta(0))
    return Window(
        point_at=point_at,
        opens_at=basis + timedelta(minutes=rule.start),
        closes_at=basis + timedelta(minutes=rule.until),
        every=timedelta(minutes=rule.every) if rule.every is not None else None,
        escalate_at=basis + timedelta(minutes=rule.escalate) if rule.escalate is not None else None,
    )


def first_look(window: Window, now: datetime) -> datetime | None:
    """When a newly planned reminder is looked at first: at its opening, or at once if that is past; None if all is past."""
    return max(window.opens_at, now) if now < window.ends_at else None


def next_look(window: Window, now: datetime, *, escalated: bool) -> datetime | None:
    """The next moment later than `now` at which there is something to do."""
    step = window.step_after(now)
    escalation = window.escalate_at if not escalated and window.escalate_at and window.escalate_at > now else None
    moments = [moment for moment in (step, escalation, window.ends_at) if moment is not None and moment > now]
    return min(moments) if moments else None


def look(window: Window, due_at: datetime, now: datetime, *, escalated: bool = False) -> Look:
    """What is to be done for an open reminder that was due for a look at `due_at`, at the moment `now` ≥ `due_at`.

    Being late merges: several steps that passed meanwhile are one reminder. After the window nothing is sent.
    """
    if now >= window.ends_at:
        return Look(remind=False, escalate=False, end=True, next_at=None)
    is_asked_for = due_at != window.escalate_at or window.is_step(due_at)
    passed = window.step_after(due_at)
    is_step_passed = passed is not None and passed <= now
    in_time = now <= window.closes_at + SENDING_GRACE
    return Look(
        remind=in_time and due_at <= window.closes_at and (is_asked_for or is_step_passed),
        escalate=not escalated and window.escalate_at is not None and window.escalate_at <= now,
        end=False,
        next_at=next_look(
            window, now, escalated=True if window.escalate_at and window.escalate_at <= now else escalated
        ),
    )


def snoozed(window: Window, now: datetime, pause: timedelta) -> datetime | None:
    """When a snoozed reminder comes back: after the pause, at the latest with the window's last moment; None if it is over."""
    return min(now + pause, window.closes_at) if now < window.closes_at else None


def settles(punched_at: datetime, point_at: datetime) -> bool:
    """Whether a punch at that moment is the one that the punch point asks for."""
    return punched_at >= point_at - EARLY_PUNCH
