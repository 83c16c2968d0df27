"""When a reminder is due: tables of decisions, and what holds for every window and every unpunctual scheduler."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daka.policy import NAG, NAG_AND_ESCALATE, ONCE, Policy, PunchPolicy, QuietHours
from daka.reminders.steps import (
    SENDING_GRACE,
    Decision,
    Window,
    evaluate,
    first_evaluation,
    next_evaluation,
    settles,
    snoozed,
    window,
)
from daka.shifts.times import PunchKind

IN, OUT = PunchKind.CLOCK_IN, PunchKind.CLOCK_OUT
SHANGHAI = ZoneInfo("Asia/Shanghai")
NINE = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
"""Monday 2026-11-23 09:00 in Shanghai."""


def at(text: str) -> datetime:
    """HH:MM or HH:MM:SS of that Monday in Shanghai."""
    return datetime.fromisoformat(f"2026-11-23 {text}+08:00").astimezone(UTC)


@pytest.mark.parametrize(
    ("kind", "policy", "overtime", "opens", "closes", "every", "escalates"),
    [
        (IN, NAG, 0, "08:45", "09:10", 5, None),
        (OUT, NAG, 0, "09:00", "09:30", 5, None),
        (OUT, NAG, 60, "10:00", "10:30", 5, None),
        (IN, NAG, 60, "08:45", "09:10", 5, None),
        (IN, ONCE, 0, "08:50", "09:10", None, None),
        (OUT, ONCE, 0, "09:00", "09:30", None, None),
        (IN, NAG_AND_ESCALATE, 0, "08:45", "09:10", 5, "09:05"),
        (OUT, NAG_AND_ESCALATE, 30, "09:30", "10:00", 5, "09:50"),
    ],
)
def test_a_policy_becomes_a_window(
    kind: PunchKind, policy: Policy, overtime: int, opens: str, closes: str, every: int | None, escalates: str | None
) -> None:
    found = window(NINE, kind, policy, timedelta(minutes=overtime))
    assert found == Window(
        point_at=NINE,
        opens_at=at(opens),
        closes_at=at(closes),
        every=timedelta(minutes=every) if every else None,
        escalate_at=at(escalates) if escalates else None,
    )


def test_a_lead_reaches_into_the_day_before() -> None:
    midnight = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)  # 2027-01-01 00:00 in Shanghai
    assert window(midnight, IN, NAG).opens_at == datetime(2026, 12, 31, 15, 45, tzinfo=UTC)


NAGGING = window(NINE, IN, NAG)
ESCALATING = window(NINE, IN, NAG_AND_ESCALATE)
ALSO_TEAM = window(NINE, IN, Policy(clock_in=PunchPolicy(start=-15, every=5, until=10, also_team_from=0)))
EACH_MINUTE = window(NINE, IN, Policy(clock_in=PunchPolicy(start=-15, every=1, until=10)))
LATE_ESCALATION = window(NINE, IN, Policy(clock_in=PunchPolicy(start=0, every=5, until=10, escalate=45)))


@pytest.mark.parametrize(
    ("found", "due", "now", "expected"),
    [
        # On time: remind, and evaluate again at the next step; after the last one, at the end of the window.
        (NAGGING, "08:45", "08:45", (True, False, "08:50")),
        (NAGGING, "08:50", "08:50:01", (True, False, "08:55")),
        (NAGGING, "09:10", "09:10", (True, False, "09:11")),
        # Late: the steps that passed are one reminder.
        (NAGGING, "08:45", "08:57", (True, False, "09:00")),
        (NAGGING, "08:45", "09:10:30", (True, False, "09:11")),
        # Between two steps (late, planned late, after a snooze): a step within two minutes, or half the interval, is left out.
        (NAGGING, "08:45", "08:58", (True, False, "09:00")),
        (NAGGING, "08:45", "08:58:01", (True, False, "09:05")),
        (NAGGING, "08:49", "08:49", (True, False, "08:55")),
        (NAGGING, "09:09", "09:09", (True, False, "09:11")),
        (NAGGING, "08:45", "08:55:00", (True, False, "09:00")),
        (EACH_MINUTE, "08:45", "08:50:20", (True, False, "08:51")),
        (EACH_MINUTE, "08:45", "08:50:40", (True, False, "08:52")),
        # Not the step from which the team is reminded too, and never an escalation.
        (ALSO_TEAM, "08:59", "08:59", (True, False, "09:00")),
        (ALSO_TEAM, "08:54", "08:54", (True, False, "09:00")),
        (ESCALATING, "09:04", "09:04", (True, False, "09:05")),
        # Past the window: nothing, however long ago it was due.
        (NAGGING, "08:45", "09:11", None),
        (NAGGING, "09:10", "23:00", None),
        # Escalation at a step, between two steps, and both passed at once.
        (ESCALATING, "09:00", "09:00", (True, False, "09:05")),
        (ESCALATING, "09:05", "09:05", (True, True, "09:10")),
        (ESCALATING, "08:45", "09:07", (True, True, "09:10")),
        # Escalation after the last step tells the team and does not remind the person again.
        (LATE_ESCALATION, "09:10", "09:10", (True, False, "09:45")),
        (LATE_ESCALATION, "09:45", "09:45", (False, True, "09:46")),
        (LATE_ESCALATION, "09:10", "09:45:10", (False, True, "09:46")),
    ],
)
def test_a_look_at_a_reminder(found: Window, due: str, now: str, expected: tuple[bool, bool, str] | None) -> None:
    seen = evaluate(found, at(due), at(now))
    if expected is None:
        assert seen == Decision(remind=False, escalate=False, end=True, next_at=None)
    else:
        remind, escalate, following = expected
        assert seen == Decision(remind=remind, escalate=escalate, end=False, next_at=at(following))


def test_an_escalation_between_two_steps_does_not_remind() -> None:
    odd = window(NINE, IN, Policy(clock_in=PunchPolicy(start=-15, every=10, until=15, escalate=3)))
    assert evaluate(odd, at("09:03"), at("09:03")) == Decision(False, True, False, at("09:05"))


@pytest.mark.parametrize(
    ("due", "now", "snoozed_until", "escalated", "expected"),
    [
        ("09:05", "09:05", "09:08", False, (False, True, "09:08")),
        ("09:05", "09:05:20", "09:08", False, (False, True, "09:08")),
        ("09:03", "09:03", "09:08", False, (False, False, "09:05")),
        ("09:08", "09:08", "09:08", True, (True, False, "09:10")),
        ("09:05", "09:09", "09:08", False, (True, True, "09:11")),
    ],
)
def test_a_snooze_does_not_delay_an_escalation(
    due: str, now: str, snoozed_until: str, escalated: bool, expected: tuple[bool, bool, str]
) -> None:
    found = evaluate(ESCALATING, at(due), at(now), escalated=escalated, snoozed_until=at(snoozed_until))
    assert (found.remind, found.escalate, found.next_at) == (*expected[:2], at(expected[2]))


def test_a_reminder_comes_back_from_its_snooze_when_it_is_escalated_at_the_same_moment() -> None:
    odd = window(NINE, IN, Policy(clock_in=PunchPolicy(start=-15, every=10, until=15, escalate=3)))
    found = evaluate(odd, at("09:03"), at("09:03"), snoozed_until=at("09:03"))
    assert (found.remind, found.escalate) == (True, True)


def test_a_second_escalation_never_comes() -> None:
    assert evaluate(ESCALATING, at("09:10"), at("09:10"), escalated=True).escalate is False


@pytest.mark.parametrize(
    ("now", "expected"),
    [("08:00", "08:45"), ("08:45", "08:45"), ("08:58", "08:58"), ("09:10:59", "09:10:59"), ("09:11", None)],
)
def test_a_reminder_planned_inside_its_window_is_looked_at_at_once(now: str, expected: str | None) -> None:
    assert first_evaluation(NAGGING, at(now)) == (at(expected) if expected else None)


@pytest.mark.parametrize(
    ("now", "minutes", "expected"),
    [
        ("08:47", 10, "08:57"),
        # It does not pass the punch point silently.
        ("08:51", 10, "09:00"),
        ("08:59:30", 120, "09:00"),
        ("09:00", 5, "09:05"),
        ("09:05", 10, "09:10"),
        ("09:09:59", 120, "09:10"),
        ("09:10", 10, None),
        ("12:00", 10, None),
        # Snoozed before it has begun: it begins no earlier for that.
        ("08:00", 10, "08:45"),
        ("08:40", 10, "08:50"),
    ],
)
def test_a_snoozed_reminder_comes_back_inside_its_window(now: str, minutes: int, expected: str | None) -> None:
    assert snoozed(NAGGING, at(now), timedelta(minutes=minutes)) == (at(expected) if expected else None)


@pytest.mark.parametrize(("punched", "expected"), [("04:59", False), ("05:00", True), ("08:59", True), ("11:00", True)])
def test_a_punch_up_to_four_hours_early_settles_a_reminder(punched: str, expected: bool) -> None:
    assert settles(at(punched), NINE) is expected


# --- for every window, and however late the scheduler comes -----------------------------------------------------------


@st.composite
def windows(draw: st.DrawFn) -> Window:
    start = draw(st.integers(-120, 60))
    until = draw(st.integers(start, start + 180))
    every = draw(st.none() | st.integers(1, 60))
    escalate = draw(st.none() | st.integers(0, 240))
    quiet = draw(st.none() | st.tuples(st.integers(0, 23), st.integers(1, 23)))
    hours = QuietHours(start=f"{quiet[0]:02}:30", end=f"{sum(quiet) % 24:02}:30") if quiet else None
    rule = PunchPolicy(start=start, every=every, until=until, escalate=escalate)
    return window(NINE, OUT, Policy(clock_out=rule, quiet_hours=hours), zone=SHANGHAI)


def is_quiet(found: Window, moment: datetime) -> bool:
    return any(begins <= moment < until for begins, until in found.quiet)


DELAYS = st.lists(
    st.one_of(st.just(0), st.integers(0, 90), st.integers(0, 4 * 3600)).map(lambda seconds: timedelta(seconds=seconds)),
    max_size=600,
)


def lived(found: Window, planned_at: datetime, delays: list[timedelta]) -> list[tuple[datetime, datetime, Decision]]:
    """The life of a reminder that nobody answers: (due, looked at, look) until its end."""
    looks: list[tuple[datetime, datetime, Decision]] = []
    waiting = iter(delays)
    due, escalated = first_evaluation(found, planned_at), False
    while due is not None:
        now = due + next(waiting, timedelta(0))
        seen = evaluate(found, due, now, escalated=escalated)
        looks.append((due, now, seen))
        escalated = escalated or seen.escalate
        due = seen.next_at
        assert len(looks) < 1000, "a reminder must come to an end"
    return looks


@given(windows(), DELAYS, st.integers(-600, 600))
def test_an_unanswered_reminder_keeps_inside_its_window_and_ends(
    found: Window, delays: list[timedelta], planned_minutes: int
) -> None:
    planned_at = NINE + timedelta(minutes=planned_minutes)
    looks = lived(found, planned_at, delays)
    if planned_at >= found.ends_at:
        assert looks == []
        return
    assert [seen.end for _, _, seen in looks] == [False] * (len(looks) - 1) + [True]
    reminded = [now for _, now, seen in looks if seen.remind]
    assert all(found.opens_at <= now <= found.last_step_at + SENDING_GRACE for now in reminded)
    assert sum(seen.escalate for _, _, seen in looks) <= 1
    for due, now, seen in looks:
        assert due <= now
        assert seen.next_at is None or seen.next_at > now
        assert not seen.escalate or (found.escalate_at is not None and now >= found.escalate_at)


@given(windows())
def test_a_punctual_scheduler_takes_each_step_once(found: Window) -> None:
    looks = lived(found, found.opens_at - timedelta(hours=1), [])
    steps, step = [found.first_step_at], found.step_after(found.first_step_at)
    while step is not None:
        steps.append(step)
        step = found.step_after(step)
    assert [now for _, now, seen in looks if seen.remind] == steps
    escalations = [found.escalation_at] if found.escalation_at else []
    assert [now for _, now, seen in looks if seen.escalate] == escalations
    assert not any(is_quiet(found, now) for _, now, seen in looks if seen.remind or seen.escalate)
    assert looks[-1][1] == found.ends_at


@given(windows(), DELAYS)
def test_late_looks_merge_steps_and_never_add_any(found: Window, delays: list[timedelta]) -> None:
    late = [now for _, now, seen in lived(found, found.first_step_at, delays) if seen.remind]
    on_time = [now for _, now, seen in lived(found, found.first_step_at, []) if seen.remind]
    assert len(late) <= len(on_time)
    for first, second in pairwise(late):
        assert any(first < step <= second for step in on_time), "between two reminders there is a step"


@given(windows(), st.integers(-300, 600), st.integers(1, 120))
def test_a_snooze_never_leaves_the_window(found: Window, minutes: int, pause: int) -> None:
    now = NINE + timedelta(minutes=minutes)
    back_at = snoozed(found, now, timedelta(minutes=pause))
    if back_at is None:
        assert now >= found.last_step_at
    else:
        assert max(now, found.first_step_at) <= back_at <= found.last_step_at


@given(windows(), st.integers(-300, 600), st.booleans())
def test_the_next_look_lies_in_the_future(found: Window, minutes: int, escalated: bool) -> None:
    now = NINE + timedelta(minutes=minutes)
    following = next_evaluation(found, now, escalated=escalated)
    assert following is None if now >= found.ends_at else now < following <= found.ends_at
