"""What happens in the middle of a window: plans, policies, people and clocks change while somebody is being reminded."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from conftest import TODAY, Clock, Workplace, WorkplaceMaker
from scenes import (
    EARLY,
    NIGHT,
    ONCE,
    SHANGHAI,
    SPLIT,
    TOO_FAST,
    assign,
    clock_times,
    dingtalk_workplace,
    give_shift,
    inbox_of,
    log_of,
    new_robot,
    new_shift,
    reminder_of,
    shanghai,
)

BERLIN = ZoneInfo("Europe/Berlin")


async def sent_each_minute(workplace: Workplace, frozen: Clock, first: str, last: str) -> list[str]:
    """The minutes at which something was sent."""
    moment, end = shanghai(first), shanghai(last)
    found = []
    while moment <= end:
        frozen.set(moment)
        found += [f"{moment.astimezone(ZoneInfo('Asia/Shanghai')):%H:%M}"] * await workplace.tick()
        moment += timedelta(minutes=1)
    return found


async def test_a_policy_that_changes_amid_the_window_counts_from_then_on(workplace: Workplace, frozen: Clock) -> None:
    shift_id = await give_shift(workplace, EARLY, workplace.bob)
    assert await sent_each_minute(workplace, frozen, "08:44", "08:51") == ["08:45", "08:50"]
    often = {"clock_in": {"start": -15, "every": 2, "until": 0}}
    await workplace.alice.patch(f"/api/v1/shifts/{shift_id}", {"policy": often})
    # Its steps are 08:45, 08:47 … 08:59; those that have passed are one message at most.
    assert await sent_each_minute(workplace, frozen, "08:52", "09:15") == [
        "08:52",
        *("08:53", "08:55", "08:57", "08:59"),
    ]
    assert (await reminder_of(workplace.bob))["status"] == "expired"


async def test_a_policy_that_ends_earlier_ends_the_reminder_and_sends_no_more(
    workplace: Workplace, frozen: Clock
) -> None:
    shift_id = await give_shift(workplace, EARLY, workplace.bob)
    assert await sent_each_minute(workplace, frozen, "08:45", "08:56") == ["08:45", "08:50", "08:55"]
    await workplace.alice.patch(
        f"/api/v1/shifts/{shift_id}", {"policy": {"clock_in": {"start": -15, "every": 5, "until": -5}}}
    )
    assert await sent_each_minute(workplace, frozen, "08:57", "09:10") == []
    assert (await reminder_of(workplace.bob))["status"] == "expired"


SOONER = {"name": "早早班", "code": "早早", "periods": [{"start": "08:55", "end": "18:00"}]}


@pytest.mark.parametrize("policy", [None, ONCE], ids=["every five minutes", "once"])
@pytest.mark.parametrize("change", ["cell", "replace_with", "edit"])
async def test_work_that_moves_into_an_open_window_is_reminded_of_at_once(
    workplace: Workplace, frozen: Clock, change: str, policy: dict[str, Any] | None
) -> None:
    shift_id = await give_shift(workplace, EARLY, workplace.bob, policy=policy)
    sooner = await new_shift(workplace.alice, SOONER, policy=policy)
    assert await sent_each_minute(workplace, frozen, "08:40", "08:51") == (["08:45"] if policy else ["08:45", "08:50"])
    frozen.forward(seconds=15)
    if change == "cell":
        await assign(workplace, sooner, workplace.bob)
    elif change == "replace_with":
        await workplace.alice.delete(f"/api/v1/shifts/{shift_id}", replace_with=sooner)
    else:
        await workplace.alice.patch(f"/api/v1/shifts/{shift_id}", {"periods": SOONER["periods"]})
    assert await workplace.tick() == 1
    assert await workplace.tick() == 0
    assert (await log_of(workplace.bob))[0]["people"][0]["reminder_id"] == (await reminder_of(workplace.bob))["id"]


ESCALATES = {"clock_in": {"start": -15, "every": 5, "until": 30, "escalate": 5}}


async def test_work_that_moves_far_is_escalated_again_and_asks_again(workplace: Workplace, frozen: Clock) -> None:
    await give_shift(workplace, EARLY, workplace.bob, policy=ESCALATES)
    later = await new_shift(
        workplace.alice, {**SOONER, "periods": [{"start": "12:00", "end": "18:00"}]}, policy=ESCALATES
    )
    await sent_each_minute(workplace, frozen, "08:45", "09:06")
    assert len(await inbox_of(workplace.alice)) == 1
    reminder_id = (await reminder_of(workplace.bob))["id"]
    await workplace.bob.post(f"/api/v1/reminders/{reminder_id}/ack")
    await assign(workplace, later, workplace.bob)
    assert (await reminder_of(workplace.bob))["status"] == "scheduled"
    assert (await sent_each_minute(workplace, frozen, "11:40", "12:06"))[:2] == ["11:45", "11:50"]
    assert len(await inbox_of(workplace.alice)) == 2


async def test_a_snooze_outlives_a_policy_and_delays_no_escalation(workplace: Workplace, frozen: Clock) -> None:
    shift_id = await give_shift(workplace, EARLY, workplace.bob)
    await sent_each_minute(workplace, frozen, "08:45", "09:02")
    reminder_id = (await reminder_of(workplace.bob))["id"]
    await workplace.bob.post(f"/api/v1/reminders/{reminder_id}/snooze", {"minutes": 7})
    await workplace.alice.patch(f"/api/v1/shifts/{shift_id}", {"policy": ESCALATES})
    assert (await reminder_of(workplace.bob))["snoozed_until"] == "2026-11-23T01:09:00Z"
    assert await sent_each_minute(workplace, frozen, "09:03", "09:08") == ["09:05"]
    assert len(await inbox_of(workplace.alice)) == 1
    assert (await reminder_of(workplace.bob))["snoozed_until"] == "2026-11-23T01:09:00Z"
    assert await sent_each_minute(workplace, frozen, "09:09", "09:11") == ["09:09"]  # none a minute later


async def test_an_escalation_before_the_first_reminder_does_not_wait_and_stays_in_the_log(
    workplace: Workplace, frozen: Clock
) -> None:
    late = {"clock_in": {"start": 20, "every": 5, "until": 40, "escalate": 5}}
    await give_shift(workplace, EARLY, workplace.bob, policy=late)
    assert await sent_each_minute(workplace, frozen, "09:00", "09:10") == ["09:05"]
    assert len(await inbox_of(workplace.alice)) == 1
    await assign(workplace, None, workplace.bob)
    assert [each["occasion"] for each in await log_of(workplace.alice)] == ["escalation"]
    assert (await reminder_of(workplace.bob))["status"] == "skipped"


async def test_a_robot_throttled_past_a_window_that_closes_before_its_punch_point_is_replaced_in_time(
    make_workplace: WorkplaceMaker, frozen: Clock
) -> None:
    async with dingtalk_workplace(make_workplace) as (workplace, dingtalk):
        await new_robot(workplace.bob, "robot")
        dingtalk.verdicts["robot"] = TOO_FAST
        far_ahead = {"clock_in": {"start": -60, "every": None, "until": -58}}
        await give_shift(workplace, EARLY, workplace.bob, policy=far_ahead)
        frozen.set(shanghai("08:00"))
        await workplace.tick()
        await workplace.tick()
        assert len(await inbox_of(workplace.bob)) == 1
        frozen.set(shanghai("08:10"))
        await workplace.tick()
        assert (await reminder_of(workplace.bob))["status"] == "expired"


async def test_a_clock_set_back_by_an_hour_repeats_no_step(workplace: Workplace, frozen: Clock) -> None:
    await give_shift(workplace, EARLY, workplace.bob)
    assert await sent_each_minute(workplace, frozen, "08:44", "08:47") == ["08:45"]
    # Now it is 07:47 again, and each of these minutes comes a second time.
    assert await sent_each_minute(workplace, frozen, "07:47", "08:56") == ["08:50", "08:55"]


async def test_a_clock_set_forward_into_the_window_reminds_at_once(workplace: Workplace, frozen: Clock) -> None:
    await give_shift(workplace, EARLY, workplace.bob)
    assert await sent_each_minute(workplace, frozen, "08:00", "08:02") == []
    assert await sent_each_minute(workplace, frozen, "08:58", "09:00") == ["08:58", "09:00"]


async def test_who_changes_the_team_while_being_reminded_is_reminded_by_the_new_teams_robot(
    make_workplace: WorkplaceMaker, frozen: Clock
) -> None:
    async with dingtalk_workplace(make_workplace) as (workplace, dingtalk):
        other = await workplace.root.post("/api/v1/teams", {"name": "Team B", "timezone": "Asia/Shanghai"})
        await new_robot(workplace.alice, "former", team_id=workplace.team_a)
        await new_robot(workplace.root, "present", team_id=other["id"])
        await give_shift(workplace, EARLY, workplace.bob)
        assert await sent_each_minute(workplace, frozen, "08:45", "08:46") == ["08:45"]
        await workplace.root.patch(f"/api/v1/users/{workplace.bob.id}", {"team_id": other["id"]})
        await workplace.tick()  # the notice of the move
        assert await sent_each_minute(workplace, frozen, "08:47", "08:51") == ["08:50"]
        assert (len(dingtalk.messages("former")), len(dingtalk.messages("present"))) == (1, 1)


async def test_leave_of_clocking_in_covers_every_period(workplace: Workplace, frozen: Clock) -> None:
    await give_shift(workplace, SPLIT, workplace.bob)
    await workplace.bob.post("/api/v1/leaves", {"from": "2026-11-23", "punch_kind": "clock_in"})
    assert await sent_each_minute(workplace, frozen, "08:40", "11:59") == []
    assert await sent_each_minute(workplace, frozen, "12:00", "12:01") == ["12:00"]
    statuses = [
        (await reminder_of(workplace.bob, kind, period=n))["status"]
        for kind in ("clock_in", "clock_out")
        for n in (0, 1)
    ]
    assert statuses == ["skipped", "skipped", "nagging", "scheduled"]


@pytest.mark.parametrize(
    ("night", "ends_utc"),
    [
        pytest.param("2027-03-27", "2027-03-28T04:00:00Z", id="the clock goes forward: seven hours"),
        pytest.param("2027-10-30", "2027-10-31T05:00:00Z", id="the clock goes back: nine hours"),
    ],
)
async def test_a_night_shift_across_a_change_of_the_clock_is_snoozed_by_real_minutes(
    workplace: Workplace, frozen: Clock, night: str, ends_utc: str
) -> None:
    day, end = date.fromisoformat(night), datetime.fromisoformat(ends_utc)
    frozen.set(datetime.fromisoformat(f"{night}T12:00").replace(tzinfo=BERLIN))
    await workplace.root.patch(f"/api/v1/teams/{workplace.team_a}", {"timezone": "Europe/Berlin"})
    shift_id = await new_shift(workplace.alice, NIGHT)
    await assign(workplace, shift_id, workplace.bob, on=day)
    clock_in, clock_out = [await reminder_of(workplace.bob, kind, on=day) for kind in ("clock_in", "clock_out")]
    assert clock_out["point_at"] == ends_utc
    await workplace.bob.post(f"/api/v1/reminders/{clock_in['id']}/ack")
    frozen.set(end - timedelta(minutes=1))
    assert await workplace.tick() == 0
    frozen.set(end)
    assert await workplace.tick() == 1
    await workplace.bob.post(f"/api/v1/reminders/{clock_out['id']}/snooze", {"minutes": 10})
    sent = []
    for minute in range(1, 16):
        frozen.set(end + timedelta(minutes=minute))
        sent += [minute] * await workplace.tick()
    assert sent == [10, 15]


@pytest.mark.parametrize(
    ("begins", "ends", "expected"),
    [
        ("08:51", "08:54", ["08:45", "08:50", "08:55", "09:00"]),  # nothing was due meanwhile
        ("08:51", "08:55", ["08:45", "08:50", "08:55", "09:00"]),
        ("08:51", "08:57", ["08:45", "08:50", "08:57", "09:00"]),
        ("08:51", "09:03", ["08:45", "08:50", "09:03", "09:05", "09:10"]),
        ("08:40", "08:47", ["08:47", "08:50", "08:55", "09:00"]),
        ("08:51", "09:11", ["08:45", "08:50"]),  # the window is over
    ],
)
@pytest.mark.parametrize("how", ["leave", "disabled", "skip"])
async def test_what_was_due_while_nobody_was_to_be_reminded_goes_out_when_they_are_again(
    workplace: Workplace, frozen: Clock, how: str, begins: str, ends: str, expected: list[str]
) -> None:
    if how == "skip" and shanghai(ends) - shanghai(begins) > timedelta(minutes=5):
        pytest.skip("a skip can be undone for five minutes")
    await give_shift(workplace, EARLY, workplace.bob)
    before = shanghai(begins) - timedelta(minutes=1)
    await sent_each_minute(workplace, frozen, "08:40", f"{before.astimezone(SHANGHAI):%H:%M}")
    frozen.set(shanghai(begins))
    undo = await suspended(workplace, how)
    last = shanghai(ends) - timedelta(minutes=1)
    await sent_each_minute(workplace, frozen, begins, f"{last.astimezone(SHANGHAI):%H:%M}")
    frozen.set(shanghai(ends))
    await undo()
    await sent_each_minute(workplace, frozen, ends, "09:02" if ends < "09:02" else "09:15")
    sent = clock_times([each["sent_at"] for each in reversed(await log_of(workplace.alice, occasion="reminder"))])
    assert [moment[6:] for moment in sent] == expected


async def suspended(workplace: Workplace, how: str) -> Callable[[], Awaitable[Any]]:
    """Bob is not to be reminded; what is returned takes that back."""
    if how == "leave":
        leave = await workplace.alice.post("/api/v1/leaves", {"user_id": workplace.bob.id, "from": str(TODAY)})
        return lambda: workplace.alice.delete(f"/api/v1/leaves/{leave['id']}")
    if how == "disabled":
        path = f"/api/v1/users/{workplace.bob.id}"
        await workplace.alice.patch(path, {"is_active": False})
        return lambda: workplace.alice.patch(path, {"is_active": True})
    reminder_id = (await reminder_of(workplace.bob))["id"]
    await workplace.bob.post(f"/api/v1/reminders/{reminder_id}/skip")
    return lambda: workplace.bob.post(f"/api/v1/reminders/{reminder_id}/undo")


async def test_a_change_at_the_very_moment_of_a_step_or_of_a_snoozes_end_drops_nothing(
    workplace: Workplace, frozen: Clock
) -> None:
    shift_id = await give_shift(workplace, EARLY, workplace.bob)
    await sent_each_minute(workplace, frozen, "08:45", "08:52")
    often = {"clock_in": {"start": -15, "every": 5, "until": 5}}
    frozen.set(shanghai("08:55"))
    await workplace.alice.patch(f"/api/v1/shifts/{shift_id}", {"policy": often})
    assert await workplace.tick() == 1
    reminder_id = (await reminder_of(workplace.bob))["id"]
    await workplace.bob.post(f"/api/v1/reminders/{reminder_id}/snooze", {"minutes": 3})
    frozen.set(shanghai("08:58"))
    await workplace.alice.patch(f"/api/v1/shifts/{shift_id}", {"policy": ONCE})
    assert await workplace.tick() == 1


async def test_who_confirms_by_mistake_while_it_is_snoozed_is_reminded_at_the_end_of_the_snooze(
    workplace: Workplace, frozen: Clock
) -> None:
    """By a rule that reminds once nothing else would come."""
    await give_shift(workplace, EARLY, workplace.bob, policy=ONCE)
    await sent_each_minute(workplace, frozen, "08:45", "08:50")
    path = f"/api/v1/reminders/{(await reminder_of(workplace.bob))['id']}"
    await workplace.bob.post(f"{path}/snooze", {"minutes": 8})
    frozen.set(shanghai("08:57"))
    told = await workplace.bob.post(f"{path}/ack")
    assert (told["status"], told["snoozed_until"]) == ("acknowledged", None)
    frozen.set(shanghai("08:57:30"))
    assert (await workplace.bob.post(f"{path}/undo"))["snoozed_until"] == "2026-11-23T00:58:00Z"
    assert await sent_each_minute(workplace, frozen, "08:58", "09:15") == ["08:58"]


async def test_who_is_put_back_on_the_shift_after_the_window_can_still_confirm(
    workplace: Workplace, frozen: Clock
) -> None:
    shift_id = await give_shift(workplace, EARLY, workplace.bob)
    await sent_each_minute(workplace, frozen, "08:45", "08:51")
    await assign(workplace, None, workplace.bob)
    frozen.set(shanghai("09:30"))
    await assign(workplace, shift_id, workplace.bob)
    assert await workplace.tick() == 0
    found = await reminder_of(workplace.bob)
    assert (found["status"], found["ended_by"]) == ("expired", "window")
    assert (await workplace.bob.post(f"/api/v1/reminders/{found['id']}/ack"))["status"] == "acknowledged"


@pytest.mark.parametrize("how", ["leave", "disabled"])
async def test_a_punch_during_leave_counts_when_the_leave_is_taken_back(
    workplace: Workplace, frozen: Clock, how: str
) -> None:
    await give_shift(workplace, EARLY, workplace.bob)
    frozen.set(shanghai("08:50"))
    undo = await suspended(workplace, how)
    told = {"user_id": workplace.bob.id, "kind": "clock_in", "work_date": str(TODAY)}
    await workplace.alice.post("/api/v1/punches", told)
    frozen.set(shanghai("08:55"))
    await undo()
    await sent_each_minute(workplace, frozen, "08:55", "09:11")
    assert await log_of(workplace.alice, occasion="reminder") == []
    found = await workplace.alice.get("/api/v1/reminders", user_id=workplace.bob.id)
    assert [each["status"] for each in found["items"]] == ["punched", "scheduled"]


async def test_a_late_reminder_goes_to_the_team_once_the_rule_says_so(
    make_workplace: WorkplaceMaker, frozen: Clock
) -> None:
    """The server was down when the reminder of 08:45 was due, before the team is told as well."""
    async with dingtalk_workplace(make_workplace) as (workplace, dingtalk):
        await new_robot(workplace.bob, "own")
        await new_robot(workplace.alice, "team", team_id=workplace.team_a)
        policy = {"clock_in": {"start": -15, "every": None, "until": 30, "also_team_from": 0}}
        await give_shift(workplace, EARLY, workplace.bob, policy=policy)
        assert await sent_each_minute(workplace, frozen, "09:02", "09:02") == ["09:02", "09:02"]
        assert (len(dingtalk.messages("own")), len(dingtalk.messages("team"))) == (1, 1)


@pytest.mark.parametrize("how", ["ack", "leave", "disabled", "skip"])
async def test_what_is_taken_back_before_the_first_reminder_is_not_escalated_twice(
    workplace: Workplace, frozen: Clock, how: str
) -> None:
    late = {"clock_in": {"start": 20, "every": 5, "until": 40, "escalate": 5}}
    await give_shift(workplace, EARLY, workplace.bob, policy=late)
    await sent_each_minute(workplace, frozen, "09:05", "09:06")
    if how == "ack":
        path = f"/api/v1/reminders/{(await reminder_of(workplace.bob))['id']}"
        await workplace.bob.post(f"{path}/ack")
        await workplace.bob.post(f"{path}/undo")
    else:
        await (await suspended(workplace, how))()
    await sent_each_minute(workplace, frozen, "09:07", "09:22")
    assert len(await log_of(workplace.alice, occasion="escalation")) == 1
    assert len(await log_of(workplace.alice, occasion="reminder")) == 1


async def test_what_was_sent_before_the_shift_moved_does_not_hide_that_the_new_punch_was_missed(
    workplace: Workplace, frozen: Clock
) -> None:
    await give_shift(workplace, EARLY, workplace.bob)
    noon = await new_shift(workplace.alice, {**SOONER, "periods": [{"start": "12:00", "end": "18:00"}]})
    await sent_each_minute(workplace, frozen, "08:45", "09:11")
    assert (await reminder_of(workplace.bob))["status"] == "expired"
    await assign(workplace, noon, workplace.bob)
    frozen.set(shanghai("13:00"))  # the server was down
    await workplace.tick()
    assert (await reminder_of(workplace.bob))["status"] == "missed"
