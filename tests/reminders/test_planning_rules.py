"""What the roster asks for and what becomes of a row when that changes: the planner's pure half."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daka.identity.models import Role, Team, User
from daka.policy import NAG, NAG_AND_ESCALATE, ONCE, Policy, PunchPolicy, QuietHours
from daka.reminders.models import Reminder
from daka.reminders.plan_rules import (
    AppliedPolicy,
    PlannedPoint,
    absence_for,
    new_reminder,
    policy_for,
    revise,
    shift_points,
)
from daka.reminders.states import OPEN, ReminderStatus
from daka.reminders.steps import window
from daka.reminders.transitions import end, reopen, window_of, window_values
from daka.roster.requests.models import Absence, AbsenceKind
from daka.shifts.models import Shift
from daka.shifts.times import PunchKind

IN, OUT = PunchKind.CLOCK_IN, PunchKind.CLOCK_OUT
DAY = date(2026, 11, 23)
NINE = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


def at(text: str) -> datetime:
    """HH:MM of that Monday in Shanghai, or `MM-DD HH:MM`."""
    day, _, clock_time = text.rpartition(" ")
    return datetime.fromisoformat(f"2026-{day or '11-23'} {clock_time}+08:00").astimezone(UTC)


def point(punch_at: datetime = NINE, **values: Any) -> PlannedPoint:
    given: dict[str, Any] = {
        "user_id": 1,
        "work_date": DAY,
        "period": 0,
        "kind": IN,
        "shift_id": 7,
        "window": window(punch_at, IN, NAG),
        "absence": None,
        "assigned_at": at("11-20 12:00"),
    }
    return PlannedPoint(**{**given, **values})


def row(planned: PlannedPoint, status: ReminderStatus = ReminderStatus.SCHEDULED, **values: Any) -> Reminder:
    """A reminder as it is kept for a point."""
    given: dict[str, Any] = {
        "user_id": planned.user_id,
        "work_date": planned.work_date,
        "period": planned.period,
        "kind": planned.kind,
        "shift_id": planned.shift_id,
        **window_values(planned.window),
        "status": status,
        "next_due_at": planned.window.opens_at if status in ("scheduled", "nagging") else None,
        "created_at": at("11-20 12:00"),
        "updated_at": at("11-20 12:00"),
    }
    return Reminder(**{**given, **values})


# --- new rows ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "first_look"), [("08:00", "08:45"), ("08:45", "08:45"), ("08:58", "08:58"), ("09:10", "09:10")]
)
def test_a_new_reminder_is_due_when_its_window_opens_or_at_once(now: str, first_look: str) -> None:
    made = new_reminder(point(), None, at(now), None)
    assert made is not None
    assert (made["status"], made["next_due_at"], made["ended_at"]) == ("scheduled", at(first_look), None)


@pytest.mark.parametrize(
    ("assigned", "missed_since", "due"),
    [
        (
            "07:00",
            "06:00",
            "08:45",
        ),  # the server was down, or is restored from a backup: the message says that it is late
        ("08:52", "06:00", "08:52"),  # put into the database meanwhile
        ("07:00", "08:50", "08:50"),
        ("07:00", None, "08:57"),  # nothing was down: something else has changed
    ],
)
def test_what_is_planned_after_a_rest_was_due_meanwhile(assigned: str, missed_since: str | None, due: str) -> None:
    made = new_reminder(point(assigned_at=at(assigned)), None, at("08:57"), at(missed_since) if missed_since else None)
    assert made is not None
    assert made["next_due_at"] == at(due)


def test_nothing_is_planned_for_a_window_that_is_over() -> None:
    assert new_reminder(point(), None, at("09:12"), None) is None
    # The last look was after the window, so nobody was away when it passed.
    assert new_reminder(point(), None, at("10:00"), at("09:30")) is None


def test_a_window_that_passed_while_no_worker_was_there_was_missed() -> None:
    made = new_reminder(point(), None, at("10:00"), at("08:00"))
    assert made is not None
    assert (made["status"], made["next_due_at"], made["ended_by"]) == ("missed", None, "window")


def test_a_shift_that_was_assigned_after_its_window_was_not_missed() -> None:
    assert new_reminder(point(assigned_at=at("09:30")), None, at("10:00"), at("08:00")) is None


@pytest.mark.parametrize("absence", ["leave", "skip"])
def test_an_absence_is_planned_as_skipped(absence: str) -> None:
    made = new_reminder(point(absence=absence), None, at("08:00"), None)
    assert made is not None
    assert (made["status"], made["next_due_at"], made["ended_by"]) == ("skipped", None, absence)


@pytest.mark.parametrize(("punched", "status"), [("04:30", "scheduled"), ("05:00", "punched"), ("08:50", "punched")])
def test_who_punched_early_is_not_reminded(punched: str, status: str) -> None:
    made = new_reminder(point(), at(punched), at("08:55"), None)
    assert made is not None
    assert made["status"] == status


# --- rows that are there ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", list(ReminderStatus))
def test_an_unchanged_plan_changes_nothing(status: ReminderStatus) -> None:
    ended_by = "window" if status is ReminderStatus.SKIPPED else ""
    kept = row(point(), status, ended_by=ended_by)
    before = kept.model_dump()
    assert revise(kept, point(), at("08:00")) is False
    assert kept.model_dump() == before


def test_a_later_shift_moves_the_reminder() -> None:
    kept = row(point())
    assert revise(kept, point(at("10:00"), shift_id=8), at("08:00"))
    assert (kept.shift_id, kept.point_at, kept.next_due_at) == (8, at("10:00"), at("09:45"))


def test_a_shift_moved_into_its_window_reminds_at_once() -> None:
    kept = row(point())
    revise(kept, point(at("08:10")), at("08:05"))
    assert (kept.status, kept.next_due_at) == ("scheduled", at("08:05"))


def test_a_nagging_reminder_goes_on_with_the_next_step_of_its_new_policy() -> None:
    kept = row(point(), ReminderStatus.NAGGING, steps_sent=2, next_due_at=at("08:55"))
    often = Policy(clock_in=PunchPolicy(start=-13, every=5, until=10))
    revise(kept, point(window=window(NINE, IN, often)), at("08:51"))
    assert (kept.status, kept.next_due_at, kept.steps_sent) == ("nagging", at("08:52"), 2)


ESCALATE = Policy(clock_in=PunchPolicy(start=-15, every=5, until=30, escalate=5))
EARLY_ESCALATION = Policy(clock_in=PunchPolicy(start=20, every=5, until=40, escalate=5))
NAGGED = {"status": ReminderStatus.NAGGING, "steps_sent": 2, "next_due_at": at("08:55")}
ACKNOWLEDGED = {"status": ReminderStatus.ACKNOWLEDGED, "ended_by": "link", "next_due_at": None}
EXPIRED = {"status": ReminderStatus.EXPIRED, "ended_by": "window", "next_due_at": None, "steps_sent": 6}


@pytest.mark.parametrize(
    ("kept", "moves_to", "policy", "now", "due"),
    [
        # A person was reminded of 09:00; the work moves to a point whose window is open already: at once.
        (NAGGED, "09:00", NAG, "08:52", "08:55"),
        (NAGGED, "09:02", NAG, "08:52", "08:52"),
        (NAGGED, "08:50", NAG, "08:51:15", "08:51:15"),
        (NAGGED, "09:05", ONCE, "08:56", "08:56"),
        (NAGGED, "08:58", ONCE, "08:56", "08:56"),
        (NAGGED, "09:30", NAG, "08:52", "09:15"),
        ({}, "08:58", ONCE, "08:57", "08:57"),
        # An escalation that has happened happens again for a point that is more than an hour away, not for a nearer one.
        ({**NAGGED, "escalated_at": at("08:30")}, "08:50", EARLY_ESCALATION, "08:52", "09:10"),
        ({**NAGGED, "escalated_at": at("07:30")}, "10:01", EARLY_ESCALATION, "08:52", "10:06"),
        ({**NAGGED, "escalated_at": at("07:30")}, "10:00", EARLY_ESCALATION, "08:52", "10:20"),
        # Before the first reminder it does not wait for it; one that is due by a new policy is due at once.
        ({}, "09:00", EARLY_ESCALATION, "08:52", "09:05"),
        ({**NAGGED, "steps_sent": 5, "next_due_at": at("09:10")}, "09:00", ESCALATE, "09:07", "09:05"),
        # A snooze goes on under another policy, and ends with its punch point.
        ({**NAGGED, "snoozed_until": at("08:59")}, "09:00", ESCALATE, "08:52", "08:59"),
        ({**NAGGED, "snoozed_until": at("08:59")}, "09:10", ESCALATE, "08:56", "08:56"),
        ({**NAGGED, "snoozed_until": at("09:09")}, "09:00", ESCALATE, "09:02", "09:05"),
        # What was acknowledged is asked for again when the point moves by more than an hour, either way.
        ({**ACKNOWLEDGED, "ended_at": at("08:50")}, "10:00", NAG, "08:52", None),
        ({**ACKNOWLEDGED, "ended_at": at("08:50")}, "10:01", NAG, "08:52", "09:46"),
        ({**ACKNOWLEDGED, "ended_at": at("07:36")}, "12:00", NAG, "08:52", "11:45"),
        ({**ACKNOWLEDGED, "ended_at": at("07:36")}, "07:59", NAG, "07:50", "07:50"),
        ({**ACKNOWLEDGED, "ended_at": at("07:36")}, "08:00", NAG, "07:50", None),
        ({**ACKNOWLEDGED, "status": ReminderStatus.PUNCHED, "ended_at": at("08:50")}, "12:00", NAG, "08:52", "11:45"),
        # So is what was answered or not in time, at once where the new point's window is open already.
        ({**EXPIRED, "ended_at": at("09:11")}, "09:30", NAG, "09:21", "09:21"),
        ({**EXPIRED, "ended_at": at("09:11")}, "09:30", ONCE, "09:21", "09:21"),
        ({**EXPIRED, "ended_at": at("09:11")}, "10:00", NAG, "09:21", "09:45"),
        ({**EXPIRED, "ended_at": at("09:11")}, "09:00", ESCALATE, "09:21", "09:21"),  # and it escalates
        ({**ACKNOWLEDGED, "ended_at": at("08:50"), "steps_sent": 2}, "10:10", NAG, "10:01", "10:01"),
        ({**ACKNOWLEDGED, "ended_at": at("08:50"), "steps_sent": 2}, "10:10", ONCE, "10:01", "10:01"),
    ],
    ids=str,
)
def test_what_is_due_after_a_change_amid_the_window(
    kept: dict[str, Any], moves_to: str, policy: Policy, now: str, due: str | None
) -> None:
    before = row(point(), **kept)
    revise(before, point(window=window(at(moves_to), IN, policy)), at(now))
    assert before.next_due_at == (at(due) if due else None)
    assert (before.status in OPEN) == (due is not None)


@pytest.mark.parametrize("status", [ReminderStatus.ACKNOWLEDGED, ReminderStatus.PUNCHED])
@pytest.mark.parametrize(
    ("moves", "due"),
    [
        # Each: the end of the shift, minutes of overtime. What was answered was an end at 18:00 without overtime.
        ([("18:00", 60)], None),
        ([("18:00", 61)], "19:01"),
        ([("18:00", 95)], "19:35"),
        ([("18:50", 0), ("19:40", 0)], "19:40"),
        ([("18:50", 0), ("18:00", 0), ("18:50", 0)], None),
        ([("18:00", 50), ("18:00", 100)], "19:40"),
        ([("18:40", 0), ("18:40", 30)], "19:10"),
        ([("19:00", 0), ("18:00", 60), ("17:00", 60)], None),  # still the same hour
    ],
    ids=str,
)
def test_moves_by_overtime_and_in_several_steps_since_the_answer_add_up(
    status: ReminderStatus, moves: list[tuple[str, int]], due: str | None
) -> None:
    def end_of_day(end_at: str, minutes: int) -> PlannedPoint:
        overtime = timedelta(minutes=minutes)
        return point(kind=OUT, window=window(at(end_at), OUT, NAG, overtime), overtime=overtime)

    planned = end_of_day("18:00", 0)
    answered = {"ended_at": at("17:55"), "ended_by": "link", "next_due_at": None}
    kept = row(planned, status, asked_at=planned.asked_at, **answered)
    for number, move in enumerate(moves):
        revise(kept, end_of_day(*move), at("18:05") + timedelta(seconds=number * 30))
        assert (kept.status in OPEN) is (due is not None and number == len(moves) - 1)
    assert kept.next_due_at == (at(due) if due else None)


def test_each_moment_keeps_its_own_answer_however_often_the_punch_point_moves() -> None:
    def end_of_day(end_at: str) -> PlannedPoint:
        return point(kind=OUT, window=window(at(end_at), OUT, NAG))

    kept = row(end_of_day("18:00"), asked_at=at("18:00"))
    for number, (end_at, source) in enumerate([("18:00", "link"), ("20:00", "web"), ("22:00", "")]):
        revise(kept, end_of_day(end_at), at("17:30") + timedelta(minutes=number))
        assert kept.status in OPEN
        if source:
            end(kept, ReminderStatus.ACKNOWLEDGED, source, at("17:55"))
    for end_at, source in [("20:00", "web"), ("18:00", "link"), ("20:30", "web"), ("18:00", "link")]:
        revise(kept, end_of_day(end_at), at("17:58"))
        assert (kept.status, kept.ended_by, kept.ended_at) == (ReminderStatus.ACKNOWLEDGED, source, at("17:55"))
    revise(kept, end_of_day("22:00"), at("17:59"))
    assert (kept.status in OPEN, kept.next_due_at) == (True, at("22:00"))


def test_an_answer_hours_ahead_holds_for_its_very_moment() -> None:
    evening, night = (point(kind=OUT, window=window(at(end_at), OUT, NAG)) for end_at in ("18:00", "20:00"))
    kept = row(evening, ReminderStatus.ACKNOWLEDGED, asked_at=at("18:00"), ended_at=at("12:00"), ended_by="link")
    revise(kept, replace(evening, window=window(at("18:00"), OUT, ONCE)), at("12:01"))
    assert kept.status is ReminderStatus.ACKNOWLEDGED
    revise(kept, night, at("12:02"))
    assert kept.status in OPEN
    revise(kept, evening, at("12:03"))
    assert (kept.status, kept.ended_at) == (ReminderStatus.ACKNOWLEDGED, at("12:00"))


@pytest.mark.parametrize("absence", ["leave", "skip"])
def test_a_punch_of_the_former_moment_is_none_of_the_new_one_after_leave_either(absence: str) -> None:
    kept = row(point(), ReminderStatus.PUNCHED, asked_at=at("09:00"), ended_at=at("08:48"), ended_by="api")
    later = point(window=window(at("11:00"), IN, NAG))
    for planned in (later, replace(later, absence=absence), later):
        revise(kept, planned, at("08:50"), punched_at=at("08:48"))
    assert (kept.status, kept.next_due_at) == (ReminderStatus.SCHEDULED, at("10:45"))
    revise(kept, point(), at("08:51"), punched_at=at("08:48"))
    assert kept.status is ReminderStatus.PUNCHED


def test_an_answer_that_is_taken_back_does_not_come_back() -> None:
    evening, night = (point(kind=OUT, window=window(at(end_at), OUT, NAG)) for end_at in ("18:00", "20:00"))
    kept = row(evening, ReminderStatus.ACKNOWLEDGED, asked_at=at("18:00"), ended_at=at("17:55"), ended_by="link")
    revise(kept, night, at("17:56"))
    revise(kept, evening, at("17:57"))
    assert kept.status is ReminderStatus.ACKNOWLEDGED
    reopen(kept, at("17:58"))
    for planned in (night, evening):
        revise(kept, planned, at("17:59"))
        assert kept.status in OPEN


def test_what_moves_during_leave_is_asked_about_when_the_leave_is_taken_back() -> None:
    kept = row(point(), ReminderStatus.ACKNOWLEDGED, asked_at=at("09:00"), ended_at=at("08:50"), ended_by="link")
    later = point(window=window(at("14:00"), IN, NAG))
    revise(kept, replace(later, absence="leave"), at("08:55"))
    assert kept.status is ReminderStatus.ACKNOWLEDGED
    revise(kept, later, at("08:56"))
    assert (kept.status, kept.next_due_at) == (ReminderStatus.SCHEDULED, at("13:45"))


def test_an_answer_from_before_that_was_kept_is_taken_to_be_about_the_overtime_of_today() -> None:
    planned = point(
        kind=OUT, window=window(at("18:00"), OUT, NAG, timedelta(minutes=95)), overtime=timedelta(minutes=95)
    )
    kept = row(planned, ReminderStatus.ACKNOWLEDGED, ended_at=at("19:35"), ended_by="link")
    assert revise(kept, replace(planned, shift_id=8), at("19:36"))
    assert (kept.status, kept.asked_at) == (ReminderStatus.ACKNOWLEDGED, at("19:35"))


def rule(start: int, every: int | None, until: int, escalate: int | None = None) -> Policy:
    return Policy(clock_in=PunchPolicy(start=start, every=every, until=until, escalate=escalate))


NAG_AT_900 = {"status": ReminderStatus.NAGGING, "steps_sent": 4, "next_due_at": at("09:05")}
TOLD_ONCE = {"status": ReminderStatus.NAGGING, "steps_sent": 1}


@pytest.mark.parametrize(
    ("former", "kept", "policy", "now", "due"),
    [
        # By the new rule a step has passed since the last message: it is due at once.
        (NAG, NAG_AT_900, rule(-13, 5, 10), "09:03", "09:03"),
        (NAG, NAG_AT_900, rule(2, None, 30), "09:03", "09:03"),
        (NAG, NAG_AT_900, rule(-30, 30, 30), "09:03", "09:30"),  # the one at 09:00 was sent
        (rule(-30, None, 20), {**TOLD_ONCE, "next_due_at": at("09:21")}, rule(0, None, 30), "09:10", "09:10"),
        (rule(-30, None, 20), {**TOLD_ONCE, "next_due_at": at("09:21")}, NAG, "09:08", "09:08"),
        (rule(-30, None, 20), {**TOLD_ONCE, "next_due_at": at("09:21")}, rule(-30, 30, 30), "09:08", "09:08"),
        (rule(-30, None, 20), {**TOLD_ONCE, "next_due_at": at("09:21")}, rule(-40, None, 30), "09:08", "09:31"),
        # So it is where the former window has closed, or nobody has looked at its last step yet.
        (rule(-30, None, -20), {**EXPIRED, "ended_at": at("08:41")}, rule(0, 15, 45), "09:24", "09:24"),
        (rule(-30, None, -20), {**EXPIRED, "ended_at": at("08:41")}, rule(-30, None, 45), "09:24", "09:46"),
        (NAG, {**NAG_AT_900, "next_due_at": at("09:00")}, rule(-8, 5, 30), "09:00", "09:00"),
    ],
    ids=str,
)
def test_a_step_of_the_new_rule_that_has_passed_since_the_last_message_is_due_at_once(
    former: Policy, kept: dict[str, Any], policy: Policy, now: str, due: str
) -> None:
    before = row(point(window=window(NINE, IN, former)), **kept)
    revise(before, point(window=window(NINE, IN, policy)), at(now))
    assert before.next_due_at == at(due)


@pytest.mark.parametrize(
    ("kept", "now", "due"),
    [
        # A clock that was ahead closed the window, or reminded before it; now it is set right.
        ({**EXPIRED, "ended_at": at("12-23 09:11")}, "08:40", "08:45"),
        ({**EXPIRED, "ended_at": at("09:11")}, "08:40", "08:45"),
        ({**EXPIRED, "ended_at": at("09:11")}, "08:52", "08:55"),
        ({"status": ReminderStatus.MISSED, "ended_by": "window", "ended_at": at("09:11")}, "08:40", "08:45"),
        ({"status": ReminderStatus.FAILED, "ended_by": "window", "ended_at": at("09:11")}, "09:05", "09:05"),
        # What a person did stays, and so does what was told.
        ({**ACKNOWLEDGED, "ended_at": at("09:11")}, "08:40", None),
        ({**NAGGED, "updated_at": at("08:50")}, "07:50", "08:55"),
        # But nobody is left in silence until the clock gets there again.
        ({**NAGGED, "next_due_at": at("09:10")}, "08:40", "08:45"),
        ({**NAGGED, "next_due_at": at("09:10")}, "08:46", "08:50"),
        ({**NAGGED, "next_due_at": at("09:05")}, "08:52", "09:05"),
    ],
    ids=str,
)
def test_what_a_clock_that_was_ahead_has_done_is_taken_back(kept: dict[str, Any], now: str, due: str | None) -> None:
    before = row(point(), **kept, escalated_at=at("12-23 09:05"))
    revise(before, point(), at(now))
    assert before.next_due_at == (at(due) if due else None)
    assert before.escalated_at is None


def test_a_step_that_is_prepared_a_moment_ahead_is_not_planned_again() -> None:
    """The row has moved on by one step, which may be long."""
    hourly = window(NINE, IN, Policy(clock_in=PunchPolicy(start=0, every=60, until=180)))
    kept = row(point(window=hourly), ReminderStatus.NAGGING, steps_sent=2, next_due_at=at("11:00"))
    revise(kept, point(window=hourly), at("09:59"))
    assert kept.next_due_at == at("11:00")


def test_a_nagging_reminder_whose_shift_moved_to_the_evening_waits_for_it() -> None:
    kept = row(point(), ReminderStatus.NAGGING, steps_sent=2, next_due_at=at("08:55"))
    revise(kept, point(at("20:00")), at("08:51"))
    assert kept.next_due_at == at("19:45")


@pytest.mark.parametrize("status", [ReminderStatus.SCHEDULED, ReminderStatus.NAGGING])
def test_leave_ends_an_open_reminder(status: ReminderStatus) -> None:
    kept = row(point(), status)
    assert revise(kept, point(absence="leave"), at("08:50"))
    assert (kept.status, kept.ended_by, kept.next_due_at, kept.ended_at) == ("skipped", "leave", None, at("08:50"))


@pytest.mark.parametrize(
    "status", [ReminderStatus.ACKNOWLEDGED, ReminderStatus.PUNCHED, ReminderStatus.EXPIRED, ReminderStatus.MISSED]
)
def test_leave_does_not_rewrite_how_a_reminder_ended(status: ReminderStatus) -> None:
    kept = row(point(), status, ended_at=at("08:50"))
    assert revise(kept, point(absence="leave"), at("09:00")) is False
    assert kept.status is status


@pytest.mark.parametrize("by", ["leave", "skip", "roster"])
def test_a_skipped_reminder_opens_again_when_the_reason_is_gone(by: str) -> None:
    kept = row(point(), ReminderStatus.SKIPPED, ended_at=at("08:00"), ended_by=by)
    assert revise(kept, point(), at("08:30"))
    assert (kept.status, kept.next_due_at, kept.ended_at, kept.ended_by) == ("scheduled", at("08:45"), None, "")


def test_a_skipped_reminder_stays_skipped_once_its_window_is_over() -> None:
    kept = row(point(), ReminderStatus.SKIPPED, ended_at=at("08:00"), ended_by="skip")
    assert revise(kept, point(), at("09:12")) is False
    assert kept.status is ReminderStatus.SKIPPED


SNOOZED = {**NAG_AT_900, "snoozed_until": at("09:08"), "next_due_at": at("09:08")}


@pytest.mark.parametrize(("back", "due"), [("09:04", "09:08"), ("09:09", "09:09")])
@pytest.mark.parametrize(
    ("status", "by"),
    [(ReminderStatus.ACKNOWLEDGED, "link"), *((ReminderStatus.SKIPPED, by) for by in ("leave", "skip", "roster"))],
)
def test_a_snooze_outlives_an_end_that_is_taken_back(status: ReminderStatus, by: str, back: str, due: str) -> None:
    once = point(window=window(NINE, IN, ONCE))
    kept = row(once, **SNOOZED)
    end(kept, status, by, at("09:02"))
    if status is ReminderStatus.ACKNOWLEDGED:
        reopen(kept, at(back))
    else:
        revise(kept, once, at(back))
    assert (kept.status, kept.next_due_at) == ("nagging", at(due))


@pytest.mark.parametrize(
    ("policy", "steps_sent", "back", "due"),
    [
        (rule(0, None, 0), 0, "09:00:20", "09:00"),  # the only reminder there is
        (NAG, 5, "09:10:20", "09:10"),
        (NAG, 5, "09:09:20", "09:09:20"),
        (rule(0, None, 0, escalate=30), 0, "09:00:20", "09:00"),
    ],
)
def test_a_confirmation_taken_back_within_a_minute_of_the_last_step_still_reminds(
    policy: Policy, steps_sent: int, back: str, due: str
) -> None:
    kept = row(point(window=window(NINE, IN, policy)), ReminderStatus.NAGGING, steps_sent=steps_sent)
    end(kept, ReminderStatus.ACKNOWLEDGED, "link", at("08:58"))
    reopen(kept, at(back))
    assert kept.next_due_at == at(due)


@pytest.mark.parametrize("status", [ReminderStatus.PUNCHED, ReminderStatus.EXPIRED])
def test_a_snooze_ends_with_a_punch_and_with_the_window(status: ReminderStatus) -> None:
    kept = row(point(), **SNOOZED)
    end(kept, status, "window", at("09:02"))
    assert kept.snoozed_until is None


@pytest.mark.parametrize("by", ["leave", "skip", "roster"])
@pytest.mark.parametrize(
    ("punched", "moves_to", "now", "status", "due"),
    [
        ("08:50", "09:00", "08:55", "punched", None),  # at work in spite of the leave
        ("08:50", "09:30", "09:20", "punched", None),
        ("08:50", "09:00", "12:00", "punched", None),
        ("08:50", "10:01", "09:50", "scheduled", "09:50"),  # another punch point
        ("04:30", "09:00", "08:55", "scheduled", "08:55"),  # too early for this one
        (None, "09:00", "08:55", "scheduled", "08:55"),
    ],
)
def test_a_punch_of_somebody_who_was_not_to_be_reminded_counts_when_they_are_again(
    by: str, punched: str | None, moves_to: str, now: str, status: str, due: str | None
) -> None:
    kept = row(point(), ReminderStatus.SKIPPED, ended_at=at("08:00"), ended_by=by)
    assert revise(kept, point(at(moves_to)), at(now), at(punched) if punched else None)
    assert (kept.status, kept.next_due_at) == (status, at(due) if due else None)


@pytest.mark.parametrize("by", ["leave", "skip", "roster"])
@pytest.mark.parametrize(
    ("steps_sent", "now", "status", "ended_by"),
    [
        (0, "09:30", "missed", "assigned_too_late"),
        (2, "09:30", "expired", "window"),
        (2, "18:00", "skipped", None),  # the work is over as well
    ],
)
def test_who_is_to_be_reminded_again_after_the_window_may_still_tell_of_the_punch(
    by: str, steps_sent: int, now: str, status: str, ended_by: str | None
) -> None:
    kept = row(point(), ReminderStatus.SKIPPED, ended_at=at("08:51"), ended_by=by, steps_sent=steps_sent)
    revise(kept, point(work_ends_at=at("18:00")), at(now))
    assert (kept.status, kept.ended_by, kept.next_due_at) == (status, ended_by or by, None)


@pytest.mark.parametrize("status", [ReminderStatus.EXPIRED, ReminderStatus.MISSED, ReminderStatus.FAILED])
def test_an_ended_reminder_opens_again_when_its_shift_moves_later(status: ReminderStatus) -> None:
    kept = row(point(), status, steps_sent=6, ended_at=at("09:11"), ended_by="window", escalated_at=at("09:05"))
    assert revise(kept, point(at("14:00")), at("10:00"))
    assert (kept.status, kept.next_due_at, kept.steps_sent, kept.escalated_at) == ("scheduled", at("13:45"), 0, None)


def test_an_acknowledgement_holds_for_a_shift_within_four_hours_and_not_for_the_evening() -> None:
    near = row(point(), ReminderStatus.ACKNOWLEDGED, ended_at=at("08:50"), ended_by="link")
    revise(near, point(at("10:00")), at("09:00"))
    assert near.status is ReminderStatus.ACKNOWLEDGED
    far = row(point(), ReminderStatus.ACKNOWLEDGED, ended_at=at("08:50"), ended_by="link")
    revise(far, point(at("20:00")), at("09:00"))
    assert (far.status, far.next_due_at) == ("scheduled", at("19:45"))


def test_a_window_survives_its_columns() -> None:
    found = window(NINE, OUT, NAG_AND_ESCALATE, timedelta(minutes=30))
    assert window_of(row(point(window=found))) == found
    once = window(NINE, IN, ONCE)
    assert window_of(row(point(window=once))) == once
    quiet = Policy(
        clock_out=PunchPolicy(start=-720, every=60, until=720), quiet_hours=QuietHours(start="22:00", end="06:30")
    )
    nights = window(at("17:00"), OUT, quiet, zone=ZoneInfo("Asia/Shanghai"))
    assert len(nights.quiet) == 2
    assert window_of(row(point(window=nights))) == nights


# --- what the roster asks for -----------------------------------------------------------------------------------------


def bob(**values: Any) -> User:
    given = {"id": 1, "username": "bob", "display_name": "Bob", "password_hash": "", "role": Role.MEMBER, "team_id": 3}
    return User(**{**given, "created_at": NINE, **values})


def shift(*periods: tuple[str, str], **values: Any) -> Shift:
    given = {"id": 7, "name": "班", "code": "班", "color": "hue-1", "created_at": NINE}
    return Shift(**{**given, "periods": [{"start": start, "end": end} for start, end in periods], **values})


def team(zone: str = "Asia/Shanghai", **values: Any) -> Team:
    return Team(id=3, name="A", timezone=zone, created_at=NINE, **values)


def absence(first: date, last: date, kind: PunchKind | None = None, why: AbsenceKind = AbsenceKind.LEAVE) -> Absence:
    return Absence(user_id=1, kind=why, first_date=first, last_date=last, punch_kind=kind, created_at=NINE)


DEFAULTS: Any = {"default_zone": ZoneInfo("Asia/Urumqi"), "default_overtime_minutes": 20}


def test_a_night_shift_asks_on_two_calendar_days_under_one_work_date() -> None:
    night = shift(("22:00", "06:00"), overtime_minutes=0)
    start, end = shift_points(DAY, night, team(), NAG, **DEFAULTS)
    assert (start.kind, start.window.point_at) == (IN, at("22:00"))
    assert (end.kind, end.window.point_at) == (OUT, at("11-24 06:00"))


def test_shift_times_are_meant_in_the_zone_of_the_team_or_else_of_the_server() -> None:
    day = shift(("09:00", "18:00"))
    in_berlin, _ = shift_points(DAY, day, team("Europe/Berlin"), NAG, **DEFAULTS)
    assert in_berlin.window.point_at == datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    alone, _ = shift_points(DAY, day, None, NAG, **DEFAULTS)
    assert alone.window.point_at == datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(("own", "opens"), [(None, "18:20"), (0, "18:00"), (90, "19:30")])
def test_overtime_of_the_shift_comes_before_that_of_the_server(own: int | None, opens: str) -> None:
    _, end = shift_points(DAY, shift(("09:00", "18:00"), overtime_minutes=own), team(), NAG, **DEFAULTS)
    assert end.window.opens_at == at(opens)


def test_overtime_moves_the_last_clock_out_of_the_day_only() -> None:
    halves = shift(("09:00", "12:00"), ("14:00", "18:00"), overtime_minutes=60)
    found = shift_points(DAY, halves, team(), NAG, **DEFAULTS)
    opens = [at("08:45"), at("12:00"), at("13:45"), at("19:00")]
    assert [each.window.opens_at for each in found] == opens


def test_work_ends_with_the_last_period_also_where_nobody_clocks_out() -> None:
    halves = shift(("09:00", "12:00"), ("14:00", "18:00"), asks_clock_out=False)
    found = shift_points(DAY, halves, team(), NAG, **DEFAULTS)
    assert [(each.kind, each.window.point_at) for each in found] == [(IN, at("09:00")), (IN, at("14:00"))]
    assert {each.work_ends_at for each in found} == {at("18:00")}


def test_policies_are_asked_for_from_the_person_outwards() -> None:
    once, escalating, nag = ONCE.model_dump(), NAG_AND_ESCALATE.model_dump(), NAG.model_dump()
    assert policy_for(bob(policy=once), shift(policy=escalating), team(policy=nag)).policy == ONCE
    assert policy_for(bob(), shift(policy=escalating), team(policy=once)).policy == NAG_AND_ESCALATE
    assert policy_for(bob(), shift(), team(policy=once)).policy == ONCE
    assert policy_for(bob(), shift(), team()).policy == NAG
    assert policy_for(bob(), shift(), None).policy == NAG


@pytest.mark.parametrize("broken", [{"clock_in": {"start": "soon"}}, {"from": "another version"}, {"clock_out": None}])
def test_a_stored_policy_that_cannot_be_read_is_passed_over_and_said(broken: dict[str, Any]) -> None:
    once = ONCE.model_dump()
    assert policy_for(bob(policy=broken), shift(policy=once), None) == AppliedPolicy(ONCE, "shift", ("user",))
    assert policy_for(bob(), shift(policy=broken), team(policy=once)) == AppliedPolicy(ONCE, "team", ("shift",))
    assert policy_for(bob(), shift(policy=broken), team(policy=broken)).policy == NAG


@pytest.mark.parametrize(
    ("found", "work_date", "kind", "expected"),
    [
        ([], DAY, IN, None),
        ([absence(date(2026, 11, 20), date(2026, 11, 23))], DAY, IN, "leave"),
        ([absence(date(2026, 11, 23), date(2026, 11, 30))], DAY, OUT, "leave"),
        ([absence(date(2026, 11, 20), date(2026, 11, 22))], DAY, IN, None),
        ([absence(date(2026, 11, 24), date(2026, 11, 30))], DAY, IN, None),
        ([absence(DAY, DAY, IN)], DAY, IN, "leave"),
        ([absence(DAY, DAY, IN)], DAY, OUT, None),
        ([absence(DAY, DAY, OUT), absence(DAY, DAY, why=AbsenceKind.SKIP)], DAY, IN, "skip"),
    ],
)
def test_absences_cover_days_or_one_punch_of_them(
    found: list[Absence], work_date: date, kind: PunchKind, expected: str | None
) -> None:
    assert absence_for(found, work_date, kind, 0) == expected


@given(
    st.integers(-240, 60),
    st.lists(st.integers(0, 300), max_size=8),
    st.lists(st.sampled_from([None, "leave", "skip"]), min_size=1, max_size=6),
)
def test_after_a_punch_nothing_is_due_however_often_and_late_it_is_planned_again(
    punch_minutes: int, later_minutes: list[int], absences: list[str | None]
) -> None:
    planned = point()
    found = row(planned)
    now = NINE + timedelta(minutes=punch_minutes)
    end(found, ReminderStatus.PUNCHED, "api", now)
    for minutes in later_minutes:
        now += timedelta(minutes=minutes)
        for absence in absences:
            revise(found, replace(planned, absence=absence), now)
        assert (found.status, found.next_due_at) == (ReminderStatus.PUNCHED, None)


@given(st.integers(-240, 600))
def test_who_punched_before_the_reminder_was_planned_is_never_reminded(punch_minutes: int) -> None:
    punched_at = NINE + timedelta(minutes=punch_minutes)
    made = new_reminder(point(), punched_at, min(punched_at, NINE + timedelta(minutes=10)), None)
    assert made is not None
    assert (made["status"], made["next_due_at"]) == ("punched", None)
