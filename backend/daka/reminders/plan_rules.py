"""What the roster asks for, and what becomes of a reminder's row when that changes. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from daka.identity.models import Team, TeamMove, User
from daka.policy import NAG, Policy, readable
from daka.reminders.models import Reminder
from daka.reminders.states import ANSWERED, OPEN, UNANSWERED, ReminderStatus
from daka.reminders.steps import Window, first_evaluation, next_evaluation, settles, window
from daka.reminders.transitions import end, next_evaluation_of, reopen, window_of, window_values
from daka.roster.models import Assignment
from daka.roster.requests.models import Absence
from daka.shifts.models import Shift
from daka.shifts.service import overtime_of, periods_of
from daka.shifts.times import PunchKind, punch_points, spans

ABSENT = ("leave", "skip")
REOPENABLE = (*ABSENT, "roster")
ASSIGNED_TOO_LATE = "assigned_too_late"
"""`ended_by` of a reminder that was to be sent only after its window: its shift was assigned or moved then, or leave was taken
back."""
SAME_POINT = timedelta(hours=1)
"""A punch point that moves further than this is asked for again, whatever was done about it before."""

CLOCKS_DIFFER = timedelta(minutes=1)
"""The clocks of two servers differ by less."""
LONGEST_SILENCE = timedelta(minutes=15)
"""A step that a clock set ahead has told too early is not repeated, unless nothing would be said for longer than this."""

Key = tuple[int, date, int, PunchKind]


@dataclass(frozen=True, slots=True)
class PlannedPoint:
    """A punch point as planned, with its window and the absence that suspends it."""

    user_id: int
    work_date: date
    period: int
    kind: PunchKind
    shift_id: int
    window: Window
    absence: str | None
    assigned_at: datetime
    team_id: int | None = None
    """The team whose channels and planners are told: the person's."""
    work_ends_at: datetime | None = None
    """The last punch point of the work date. Until then a punch that was missed is shown and can be recorded."""
    overtime: timedelta = timedelta(0)
    """By which it is asked for later."""

    @property
    def asked_at(self) -> datetime:
        """The punch point with its overtime."""
        return self.window.point_at + self.overtime

    @property
    def key(self) -> Key:
        return (self.user_id, self.work_date, self.period, self.kind)


@dataclass(frozen=True, slots=True)
class AppliedPolicy:
    """The policy that applies to a person on a shift, and where it comes from."""

    policy: Policy
    owner: str
    """`user`, `shift`, `team` or `default`."""
    unreadable: tuple[str, ...] = ()
    """Owners whose stored policy is corrupt; the next owner's applies instead."""


def policy_for(user: User, shift: Shift, team: Team | None) -> AppliedPolicy:
    """The person's own policy, or the shift's, or the team's, or the default."""
    unreadable: list[str] = []
    for owner, stored in (("user", user.policy), ("shift", shift.policy), ("team", team.policy if team else None)):
        if stored is None:
            continue
        if (policy := readable(stored)) is not None:
            return AppliedPolicy(policy, owner, tuple(unreadable))
        unreadable.append(owner)
    return AppliedPolicy(NAG, "default", tuple(unreadable))


def is_left_behind(shift: Shift, move: TeamMove | None) -> bool:
    """Whether a planned move will clear the assignment: the shift belongs to the former team."""
    return move is not None and shift.team_id is not None and shift.team_id != move.team_id


def team_of(assignment: Assignment, user: User, move: TeamMove | None) -> int | None:
    """The team that an assignment is worked in, after the planned move that precedes it."""
    if move is not None:
        return move.team_id
    return assignment.team_id if assignment.team_id is not None else user.team_id


def covers(absence: Absence, work_date: date, kind: PunchKind, period: int) -> bool:
    is_on_date = absence.first_date <= work_date <= absence.last_date
    return is_on_date and absence.punch_kind in (None, kind) and absence.period in (None, period)


def absence_for(absences: Iterable[Absence], work_date: date, kind: PunchKind, period: int) -> str | None:
    """The absence that covers a punch: `leave`, `skip` or None."""
    return next((found.kind.value for found in absences if covers(found, work_date, kind, period)), None)


@dataclass(frozen=True, slots=True)
class ShiftPoint:
    """A punch point of a shift on a date, the same for everybody who works it by one policy."""

    period: int
    kind: PunchKind
    window: Window
    work_ends_at: datetime
    overtime: timedelta


def shift_points(
    work_date: date,
    shift: Shift,
    team: Team | None,
    policy: Policy,
    *,
    default_zone: ZoneInfo,
    default_overtime_minutes: int,
) -> list[ShiftPoint]:
    """The punch points of a shift on a work date, in order, by the zone of the team that it is worked in."""
    zone = ZoneInfo(team.timezone) if team else default_zone
    overtime = overtime_of(shift, default_overtime_minutes)
    periods = periods_of(shift)
    ends = [end for _, end in spans(work_date, periods, zone)]
    found = []
    for point in punch_points(work_date, periods, zone):
        is_last = point.period == len(periods) - 1  # overtime follows the day's work, not its breaks
        its_overtime = overtime if is_last and point.kind is PunchKind.CLOCK_OUT else timedelta(0)
        its_window = window(point.at, point.kind, policy, its_overtime, zone)
        found.append(ShiftPoint(point.period, point.kind, its_window, ends[-1], its_overtime))
    return found


def planned_points(
    assignment: Assignment, points: Iterable[ShiftPoint], absences: Sequence[Absence], team_id: int | None = None
) -> Iterator[PlannedPoint]:
    """The punch points of one assignment; `team_id` is the person's team."""
    for point in points:
        yield PlannedPoint(
            user_id=assignment.user_id,
            work_date=assignment.work_date,
            period=point.period,
            kind=point.kind,
            shift_id=assignment.shift_id,
            window=point.window,
            absence=absence_for(absences, assignment.work_date, point.kind, point.period),
            assigned_at=assignment.updated_at,
            team_id=team_id,
            work_ends_at=point.work_ends_at,
            overtime=point.overtime,
        )


def new_reminder(
    point: PlannedPoint, punched_at: datetime | None, now: datetime, missed_since: datetime | None
) -> dict[str, Any] | None:
    """The row of a point that has none yet; None if its window closed before it was planned and its work is over.

    `missed_since` is when reminding last worked: a window that closed after it, while no worker ran, was missed. So was one that
    closed before its shift was assigned, as long as the work goes on.
    """
    # What is found after a rest was due meanwhile, and is late; what was assigned since then is due from then on.
    as_of = now if missed_since is None else min(now, max(missed_since, point.assigned_at))
    evaluate_at = first_evaluation(point.window, as_of) if now < point.window.ends_at else None
    status, ended_by = ReminderStatus.SCHEDULED, ""
    if evaluate_at is None:
        was_missed = (
            missed_since is not None
            and missed_since < point.window.ends_at
            and point.assigned_at < point.window.closes_at
        )
        is_at_work = point.work_ends_at is not None and now < point.work_ends_at
        if not was_missed and not is_at_work:
            return None
        status, ended_by = ReminderStatus.MISSED, "window" if was_missed else ASSIGNED_TOO_LATE
    if point.absence:
        status, ended_by, evaluate_at = ReminderStatus.SKIPPED, point.absence, None
    elif punched_at is not None and settles(punched_at, point.window.point_at):
        status, ended_by, evaluate_at = ReminderStatus.PUNCHED, "punch", None
    return {
        "user_id": point.user_id,
        "work_date": point.work_date,
        "period": point.period,
        "kind": point.kind,
        "shift_id": point.shift_id,
        **window_values(point.window),
        "asked_at": point.asked_at,
        "status": status,
        "next_due_at": evaluate_at,
        "steps_sent": 0,
        "ended_at": now if ended_by else None,
        "ended_by": ended_by,
        "created_at": now,
        "updated_at": now,
    }


def revise(reminder: Reminder, point: PlannedPoint, now: datetime, punched_at: datetime | None = None) -> bool:
    """Update a row to what is planned now. Returns whether anything changed.

    What is due by the new plan is due at once. What the person did stays as long as the punch point stays; so does a punch that
    was recorded while nobody was to be reminded.
    """
    was_ahead, former = _take_back(reminder, now), window_of(reminder)
    asked_at = reminder.asked_at or reminder.point_at + point.overtime
    is_other_point = (
        abs(point.asked_at - asked_at) > SAME_POINT
    )  # also by overtime, and in several steps since the answer
    shifted = is_other_point or point.window.point_at != reminder.point_at
    is_moved = reminder.shift_id != point.shift_id or former != point.window
    is_answered = reminder.status in ANSWERED
    if is_moved:
        reminder.asked_at = asked_at if is_answered else point.asked_at
        reminder.shift_id = point.shift_id
        for name, value in window_values(point.window).items():
            setattr(reminder, name, value)
        if shifted:
            reminder.snoozed_until = None
        if is_other_point:
            reminder.escalated_at = None
    if point.absence:
        if reminder.status in OPEN:
            end(reminder, ReminderStatus.SKIPPED, point.absence, now)
            return True
        return _touch(reminder, now) if is_moved else False
    settled_at = reminder.ended_at or now
    is_asked_again = is_answered and (is_other_point or (is_moved and not settles(settled_at, reminder.point_at)))
    if is_asked_again and now < point.window.ends_at:
        answer = [asked_at.isoformat(), reminder.status.value, reminder.ended_by, settled_at.isoformat()]
        reminder.former_answers = [*(reminder.former_answers or ()), answer]
        reminder.asked_at = point.asked_at
        is_answered = False
    if not is_answered and _answer_again(reminder, point, now):
        return True
    was_away = reminder.status is ReminderStatus.SKIPPED and reminder.ended_by in REOPENABLE
    is_of_former = any(answer[1] == ReminderStatus.PUNCHED for answer in reminder.former_answers or ())
    is_punched = punched_at is not None and settles(punched_at, reminder.point_at) and not is_of_former
    if was_away and not is_other_point and is_punched:
        end(reminder, ReminderStatus.PUNCHED, "punch", now)
        return True
    is_wanted_again = (
        (was_ahead and reminder.status in UNANSWERED)
        or was_away
        or (is_moved and reminder.status in UNANSWERED)
        or is_asked_again
    )
    if is_wanted_again and now < point.window.ends_at:
        reopen(reminder, now, at_once=shifted, former=former)
        return True
    if was_away and point.work_ends_at is not None and now < point.work_ends_at:  # too late to remind, not to be told
        if reminder.steps_sent and not is_other_point:
            end(reminder, ReminderStatus.EXPIRED, "window", now)
        else:
            end(reminder, ReminderStatus.MISSED, ASSIGNED_TOO_LATE, now)
        return True
    is_open = is_moved and reminder.status in OPEN
    was_told = reminder.steps_sent or reminder.escalated_at is not None
    if is_open and not was_told and former.ends_at > now >= point.window.ends_at:  # the change passed it by, no outage
        if punched_at is not None and settles(punched_at, reminder.point_at):
            end(reminder, ReminderStatus.PUNCHED, "punch", now)
        else:
            end(reminder, ReminderStatus.MISSED, ASSIGNED_TOO_LATE, now)
        return True
    if is_open:
        reminder.next_due_at = next_evaluation_of(reminder, now, at_once=shifted, former=former)
    elif _was_put_off(reminder, now):
        reopen(reminder, now)
        return True
    return _touch(reminder, now) if is_moved else False


def _answer_again(reminder: Reminder, point: PlannedPoint, now: datetime) -> bool:
    """Take up what was answered about this very moment before the punch point moved away and came back. Whether there is such."""
    for answer in reminder.former_answers or ():
        asked_at, status, by, at = answer
        ended_at = datetime.fromisoformat(at)
        distance = abs(point.asked_at - datetime.fromisoformat(asked_at))
        if not distance or (distance <= SAME_POINT and settles(ended_at, reminder.point_at)):
            end(reminder, ReminderStatus(status), by, now)
            reminder.asked_at, reminder.ended_at = datetime.fromisoformat(asked_at), ended_at
            reminder.former_answers = [other for other in reminder.former_answers or () if other is not answer]
            return True
    return False


def _take_back(reminder: Reminder, now: datetime) -> bool:
    """Whether a clock that was ahead, and has been set back since, ended it.

    What was sent by it counts, and no step is repeated; but an escalation is still to come.
    """
    latest = now + CLOCKS_DIFFER
    if reminder.escalated_at is not None and reminder.escalated_at > latest:
        reminder.escalated_at = None
    return reminder.ended_at is not None and reminder.ended_at > latest


def _was_put_off(reminder: Reminder, now: datetime) -> bool:
    """Whether a clock that was ahead has taken it past steps that are still to come, into a long silence."""
    due_at = reminder.next_due_at
    if due_at is None or not reminder.steps_sent or reminder.snoozed_until or due_at - now <= LONGEST_SILENCE:
        return False
    expected = next_evaluation_of(reminder, now)
    # The one after it: what is prepared a moment ahead has moved on by one step already, also by a long one.
    following = next_evaluation(window_of(reminder), expected, escalated=reminder.escalated_at is not None)
    return following is not None and due_at > max(following, expected + LONGEST_SILENCE)


def _touch(reminder: Reminder, now: datetime) -> bool:
    reminder.updated_at = now
    return True
