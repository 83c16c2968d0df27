"""Sources inside the chain: who punched is left alone, who did not is reminded, and a failed check silences nobody."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select

from conftest import TODAY, Clock, Person, Workplace, WorkplaceMaker, eventually
from daka import clock
from daka.change_events import ChangeNotifier
from daka.outbound.guard import Guard
from daka.outbound.http import Outbound
from daka.reminders.models import Punch
from daka.reminders.punches.check_batches import AHEAD, FRESH, RECHECK
from daka.reminders.punches.checker import LEASE, WAIT_SECONDS, PunchChecker
from daka.reminders.punches.models import PunchCheck, PunchSource, SourceStatus
from daka.reminders.punches.recording import state_after
from daka.reminders.punches.results import SourceError, SourceErrorKind
from daka.reminders.punches.serving import VERIFIED_FOR
from daka.worker import ReminderWorker
from fakes.airscript import FakeAirScript
from fakes.dingtalk_attendance import FakeAttendance
from fakes.server import Asked, FakeResponse, FakeServer
from scenes import (
    EARLY,
    SHANGHAI,
    SPLIT,
    assign,
    beside,
    give_shift,
    inbox_of,
    new_shift,
    reminder_of,
    shanghai,
    stored,
)

IN_DOUBT = "未能核实"
LOOPBACK = ("127.0.0.0/8",)


async def give_all(workplace: Workplace, *people: Person) -> int:
    """A shift that every team may use, with people of several teams on it."""
    shift_id = await new_shift(workplace.root, EARLY)
    await assign(workplace, shift_id, *people)
    return shift_id


async def check_ahead(workplace: Workplace) -> datetime | None:
    """One round of asking, as the worker does."""
    checker: PunchChecker = workplace.app.state.punch_checker
    return await checker.check_ahead()


async def at(workplace: Workplace, frozen: Clock, moment: str) -> None:
    """Ask a little ahead of the moment, then look at the book and send."""
    frozen.set(shanghai(moment) - timedelta(seconds=6))
    await check_ahead(workplace)
    frozen.set(shanghai(moment))
    await workplace.tick()


async def add_attendance(workplace: Workplace, by: Person, fake: FakeAttendance, **values: Any) -> dict[str, Any]:
    config = {"app_key": fake.app_key, "app_secret": fake.app_secret, **values.pop("config", {})}
    source: dict[str, Any] = await by.post(
        "/api/v1/punch-sources", {"name": "钉钉考勤", "kind": "dingtalk_attendance", "config": config, **values}
    )
    return source


async def add_address(workplace: Workplace, server: FakeServer, **values: Any) -> dict[str, Any]:
    """A JSON address that is asked about each person."""
    config = {"url": f"{server.base_url}/{{username}}/{{kind}}", "value_path": "punched", **values.pop("config", {})}
    body = {"name": "门禁", "kind": "json_url", "team_id": workplace.team_a, "config": config, **values}
    source: dict[str, Any] = await workplace.alice.post("/api/v1/punch-sources", body)
    return source


async def source_of(workplace: Workplace, source_id: int) -> dict[str, Any]:
    found: dict[str, Any] = await workplace.root.get(f"/api/v1/punch-sources/{source_id}")
    return found


@asynccontextmanager
async def attendance_workplace(
    make_workplace: WorkplaceMaker, **settings: Any
) -> AsyncIterator[tuple[Workplace, FakeAttendance]]:
    async with beside(FakeAttendance(), "dingtalk", make_workplace, **settings) as (workplace, fake):
        fake.mobiles["13800000001"] = "u-bob"
        yield workplace, fake


Attended = tuple[Workplace, FakeAttendance]


@pytest.fixture
async def attended(make_workplace: WorkplaceMaker) -> AsyncIterator[Attended]:
    async with attendance_workplace(make_workplace) as made:
        yield made


# --- the chain -------------------------------------------------------------------------------------------------------


async def test_who_punched_early_is_not_reminded(frozen: Clock, attended: Attended) -> None:
    workplace, fake = attended
    await add_attendance(workplace, workplace.root, fake)
    await give_shift(workplace, EARLY, workplace.bob)
    fake.punch("u-bob", shanghai("08:31"))
    await at(workplace, frozen, "08:45")

    assert await inbox_of(workplace.bob) == []
    reminder = await reminder_of(workplace.bob)
    assert (reminder["status"], reminder["ended_by"]) == ("punched", "dingtalk_attendance")
    punch = (await workplace.bob.get("/api/v1/punches"))["items"][0]
    assert datetime.fromisoformat(punch["at"]) == shanghai("08:31")
    assert (punch["kind"], punch["work_date"], punch["source"]) == ("clock_in", str(TODAY), "dingtalk_attendance")
    me = await workplace.bob.get("/api/v1/me")
    assert me["dingtalk_userid"] == "u-bob"  # found by mobile number once, and kept


async def test_who_did_not_punch_is_reminded_without_a_doubt_until_they_do(frozen: Clock, attended: Attended) -> None:
    workplace, fake = attended
    await add_attendance(workplace, workplace.root, fake)
    await give_shift(workplace, EARLY, workplace.bob)
    await at(workplace, frozen, "08:45")
    await at(workplace, frozen, "08:50")
    messages = await inbox_of(workplace.bob)
    assert len(messages) == 2
    assert not any(IN_DOUBT in message["text"] for message in messages)

    fake.punch("u-bob", shanghai("08:53"))
    await at(workplace, frozen, "08:55")
    assert len(await inbox_of(workplace.bob)) == 2
    assert (await reminder_of(workplace.bob))["status"] == "punched"
    assert (await reminder_of(workplace.bob, "clock_out"))["status"] == "scheduled"


@pytest.mark.parametrize(
    "said",
    [
        FakeResponse("<html>gateway</html>", 502),
        FakeResponse(is_reset=True),
        FakeResponse({"errcode": -1, "errmsg": "系统繁忙"}),
        FakeResponse({"errcode": 88, "sub_code": "60011", "sub_msg": "没有权限"}),
        FakeResponse({"errcode": 90020, "errmsg": "本月限制"}),
        FakeResponse("not JSON"),
    ],
    ids=["502", "reset", "busy", "permission", "quota", "garbage"],
)
async def test_a_failed_check_silences_nobody_and_is_no_punch(
    frozen: Clock, said: FakeResponse, attended: Attended
) -> None:
    workplace, fake = attended
    await add_attendance(workplace, workplace.root, fake)
    await give_shift(workplace, EARLY, workplace.bob)
    fake.punch("u-bob", shanghai("08:31"))
    fake.answer = lambda asked: said  # type: ignore[method-assign]
    await at(workplace, frozen, "08:45")

    (message,) = await inbox_of(workplace.bob)
    assert IN_DOUBT in message["text"]
    assert (await reminder_of(workplace.bob))["status"] == "nagging"
    assert (await workplace.bob.get("/api/v1/punches"))["items"] == []


async def test_nobody_doubts_where_nobody_is_asked(workplace: Workplace, frozen: Clock) -> None:
    await give_shift(workplace, EARLY, workplace.bob)
    await at(workplace, frozen, "08:45")
    (message,) = await inbox_of(workplace.bob)
    assert IN_DOUBT not in message["text"]


async def test_an_answer_from_long_before_is_no_answer(frozen: Clock, attended: Attended) -> None:
    workplace, fake = attended
    await add_attendance(workplace, workplace.root, fake)
    await give_shift(workplace, EARLY, workplace.bob)
    frozen.set(shanghai("08:45") - timedelta(seconds=5))
    await check_ahead(workplace)
    frozen.set(shanghai("08:47"))  # the worker was held up meanwhile
    await workplace.tick()
    assert IN_DOUBT in (await inbox_of(workplace.bob))[0]["text"]


async def test_an_unknown_person_is_in_doubt_and_the_others_are_not(frozen: Clock, attended: Attended) -> None:
    workplace, fake = attended
    await add_attendance(workplace, workplace.root, fake)
    await give_shift(workplace, EARLY, workplace.bob, workplace.alice)  # Alice has no mobile number
    await at(workplace, frozen, "08:45")
    assert IN_DOUBT not in (await inbox_of(workplace.bob))[0]["text"]
    assert IN_DOUBT in (await inbox_of(workplace.alice))[0]["text"]


async def test_a_split_shift_is_settled_one_period_at_a_time(frozen: Clock, attended: Attended) -> None:
    workplace, fake = attended
    await add_attendance(workplace, workplace.root, fake)
    await give_shift(workplace, SPLIT, workplace.bob)
    fake.punch("u-bob", shanghai("11:20"))  # late by hours: still the first period's
    await at(workplace, frozen, "13:45")
    assert (await reminder_of(workplace.bob, period=1))["status"] == "nagging"
    fake.punch("u-bob", shanghai("13:46"))
    await at(workplace, frozen, "13:50")
    assert (await reminder_of(workplace.bob, period=1))["status"] == "punched"
    punches = (await workplace.bob.get("/api/v1/punches"))["items"]
    assert [(punch["period"], punch["kind"]) for punch in punches] == [(1, "clock_in")]


async def test_an_earlier_period_without_a_reminder_keeps_its_punches(frozen: Clock, attended: Attended) -> None:
    workplace, fake = attended
    await add_attendance(workplace, workplace.root, fake)
    frozen.set(shanghai("11:30"))  # the first period's clock-in is long over when the shift is assigned
    await give_shift(workplace, SPLIT, workplace.bob)
    fake.punch("u-bob", shanghai("10:50"))
    await at(workplace, frozen, "13:45")
    assert (await reminder_of(workplace.bob, period=1))["status"] == "nagging"


# --- when -------------------------------------------------------------------------------------------------------------


async def test_only_open_windows_are_asked_about(frozen: Clock, attended: Attended) -> None:
    workplace, fake = attended
    await add_attendance(workplace, workplace.root, fake)
    await give_shift(workplace, EARLY, workplace.bob)
    assert await check_ahead(workplace) == shanghai("08:45") - AHEAD
    assert fake.calls == 0

    await at(workplace, frozen, "08:45")
    assert fake.calls == 1
    frozen.set(shanghai("09:11"))  # the window's last look
    await check_ahead(workplace)
    asked = fake.calls
    await workplace.tick()
    assert (await reminder_of(workplace.bob))["status"] == "expired"
    for moment in ("09:12", "10:00", "12:00"):
        frozen.set(shanghai(moment))
        assert await check_ahead(workplace) == shanghai("18:00") - AHEAD
    assert fake.calls == asked


async def test_between_two_reminders_it_is_asked_now_and_then(frozen: Clock, attended: Attended) -> None:
    workplace, fake = attended
    await add_attendance(workplace, workplace.root, fake)
    await give_shift(workplace, EARLY, workplace.bob)
    await at(workplace, frozen, "08:45")
    assert fake.calls == 1
    for seconds in range(0, 300 - 10, 15):  # the safety tick
        frozen.set(shanghai("08:45") + timedelta(seconds=seconds))
        await check_ahead(workplace)
    assert fake.calls == 1 + 300 // int(RECHECK.total_seconds()) - 1

    fake.punch("u-bob", shanghai("08:49"))
    frozen.set(shanghai("08:49") + timedelta(seconds=55))
    await check_ahead(workplace)
    assert (await reminder_of(workplace.bob))["status"] == "punched"


async def test_a_clock_in_that_nobody_answers_costs_a_known_number_of_calls(frozen: Clock, attended: Attended) -> None:
    """The figure of docs/punch-sources.md, with the default policy: 15 minutes before until 10 minutes after, every 5."""
    workplace, fake = attended
    await add_attendance(workplace, workplace.root, fake)
    await give_shift(workplace, EARLY, workplace.bob)
    frozen.set(shanghai("08:44"))
    while frozen.now < shanghai("09:13"):
        again = await check_ahead(workplace)
        await workplace.tick()
        tick = frozen.now + timedelta(seconds=15)
        frozen.set(min(tick, again) if again is not None and again > frozen.now else tick)
    assert (await reminder_of(workplace.bob))["status"] == "expired"
    assert len(fake.asked_at("/attendance/listRecord")) == 12
    assert len(fake.asked_at("/attendance/list")) == 5


async def test_two_processes_ask_once(make_workplace: WorkplaceMaker, frozen: Clock) -> None:
    async with (
        FakeServer(lambda asked: FakeResponse({"punched": True}, after_seconds=0.3)).running() as server,
        make_workplace(allow_private_targets=LOOPBACK) as workplace,
    ):
        await add_address(workplace, server)
        await give_shift(workplace, EARLY, workplace.bob)
        frozen.set(shanghai("08:44") + timedelta(seconds=55))
        one = workplace.app.state.punch_checker
        other = PunchChecker(workplace.database, workplace.settings, one._outbound)
        await asyncio.gather(one.check_ahead(), other.check_ahead(), one.check_ahead())
        await other.check_ahead()
        assert len(server.asked) == 1
        assert (await reminder_of(workplace.bob))["status"] == "punched"


async def test_a_lease_of_a_process_that_died_runs_out(frozen: Clock, attended: Attended) -> None:
    workplace, fake = attended
    source = await add_attendance(workplace, workplace.root, fake)
    await give_shift(workplace, EARLY, workplace.bob)
    frozen.set(shanghai("08:44") + timedelta(seconds=55))
    async with workplace.database.write() as session:
        row = await session.get(PunchSource, source["id"])
        assert row is not None
        row.leased_until, row.leased_by = clock.now() + LEASE, "gone"
        session.add(row)
    await check_ahead(workplace)
    assert fake.calls == 0
    frozen.forward(seconds=21)
    await check_ahead(workplace)
    assert fake.calls == 1


# --- a bounded wait ---------------------------------------------------------------------------------------------------


async def test_what_is_due_at_once_waits_for_its_answer(frozen: Clock, attended: Attended) -> None:
    workplace, fake = attended
    await add_attendance(workplace, workplace.root, fake)
    frozen.set(shanghai("08:51"))
    fake.punch("u-bob", shanghai("08:50"))
    await give_shift(workplace, EARLY, workplace.bob)  # assigned inside its own window
    checker: PunchChecker = workplace.app.state.punch_checker
    awaited = await checker.awaited()
    assert len(awaited) == 1
    await workplace.tick(without=awaited)
    assert await inbox_of(workplace.bob) == [], "it waits"

    async def is_answered() -> bool:
        return not await checker.awaited()

    await eventually(is_answered)
    await workplace.tick()
    assert await inbox_of(workplace.bob) == []
    assert (await reminder_of(workplace.bob))["status"] == "punched"


async def test_what_is_due_does_not_wait_long_for_a_source_that_hangs(
    make_workplace: WorkplaceMaker, frozen: Clock
) -> None:
    async with (
        FakeServer(lambda asked: FakeResponse({"punched": True}, after_seconds=30)).running() as server,
        make_workplace(allow_private_targets=LOOPBACK) as workplace,
    ):
        await add_address(workplace, server)
        frozen.set(shanghai("08:51"))
        await give_shift(workplace, EARLY, workplace.bob)
        checker: PunchChecker = workplace.app.state.punch_checker
        started = time.monotonic()

        async def is_given_up() -> bool:
            return not await checker.awaited()

        assert await checker.awaited()
        await eventually(is_given_up)
        assert time.monotonic() - started < WAIT_SECONDS + 5, "the source hangs for thirty seconds"
        await workplace.tick()
        assert IN_DOUBT in (await inbox_of(workplace.bob))[0]["text"]
        await checker.stop()


async def test_nobody_waits_for_an_answer_about_somebody_else(make_workplace: WorkplaceMaker) -> None:
    """With a real worker: Charlie's team has no source, and Bob's source hangs."""
    async with (
        FakeServer(lambda asked: FakeResponse({"punched": True}, after_seconds=30)).running() as server,
        make_workplace(allow_private_targets=LOOPBACK) as workplace,
        Outbound(Guard(LOOPBACK)) as outbound,
    ):
        await add_address(workplace, server)
        notifier = ChangeNotifier()
        notifier.attach_to(workplace.database)
        worker = ReminderWorker(workplace.database, workplace.settings, workplace.app.state.sender, outbound, notifier)
        await worker.start()
        try:
            start = clock.now().astimezone(SHANGHAI) + timedelta(minutes=5)  # its window is open: due at once
            periods = [{"start": f"{start:%H:%M}", "end": f"{start + timedelta(hours=1):%H:%M}"}]
            shift_id = await new_shift(workplace.root, {"name": "班", "code": "班", "periods": periods})
            await assign(workplace, shift_id, workplace.bob, workplace.charlie, on=start.date())

            async def late_for(person: Person) -> float | None:
                found = (await workplace.root.get("/api/v1/deliveries", user_id=person.id))["items"]
                if not found or found[0]["sent_at"] is None:
                    return None
                due_at, sent_at = (datetime.fromisoformat(found[0][name]) for name in ("due_at", "sent_at"))
                return (sent_at - due_at).total_seconds()

            charlies = await eventually(lambda: late_for(workplace.charlie))
            bobs = await eventually(lambda: late_for(workplace.bob))
        finally:
            await worker.stop()
        assert charlies < bobs - 1
        assert WAIT_SECONDS - 0.5 < bobs < WAIT_SECONDS + 5
        assert IN_DOUBT in (await inbox_of(workplace.bob))[0]["text"]
        assert IN_DOUBT not in (await inbox_of(workplace.charlie))[0]["text"]


async def test_nothing_waits_where_nothing_is_asked(workplace: Workplace, frozen: Clock) -> None:
    frozen.set(shanghai("08:51"))
    await give_shift(workplace, EARLY, workplace.bob)
    assert await workplace.app.state.punch_checker.awaited() == frozenset()


# --- whom a source serves ---------------------------------------------------------------------------------------------


async def test_a_teams_source_comes_before_the_servers(make_workplace: WorkplaceMaker, frozen: Clock) -> None:
    def answer(asked: Asked) -> FakeResponse:
        return FakeResponse({"punched": asked.path.startswith("/alice")})

    async with (
        FakeServer(answer).running() as server,
        attendance_workplace(make_workplace, allow_private_targets=LOOPBACK) as (workplace, fake),
    ):
        await add_attendance(workplace, workplace.root, fake)
        await add_address(workplace, server)
        fake.punch("u-bob", shanghai("08:31"))
        await give_all(workplace, workplace.alice, workplace.bob, workplace.charlie)
        await at(workplace, frozen, "08:45")

        assert (await reminder_of(workplace.alice))["status"] == "punched"
        assert (await reminder_of(workplace.bob))["status"] == "nagging"  # his team's source is asked, not the server's
        assert {asked.path.split("/")[1] for asked in server.asked} == {"alice", "bob"}


@asynccontextmanager
async def airscript_workplace(make_workplace: WorkplaceMaker) -> AsyncIterator[tuple[Workplace, FakeAirScript]]:
    async with (
        FakeAirScript().running() as script,
        make_workplace(check_url=script.url, api_token=script.token, allow_private_targets=LOOPBACK) as workplace,
    ):
        yield workplace, script


async def test_the_older_systems_environment_works_unchanged(make_workplace: WorkplaceMaker, frozen: Clock) -> None:
    async with airscript_workplace(make_workplace) as (workplace, script):
        await give_shift(workplace, EARLY, workplace.bob)
        await at(workplace, frozen, "08:45")
        assert IN_DOUBT not in (await inbox_of(workplace.bob))[0]["text"]
        assert [asked.json for asked in script.asked] == [{"Context": {"argv": {"message": "A1"}}}]

        script.cells["A1"], script.is_text = "上班已打卡", True
        await at(workplace, frozen, "08:50")
        assert len(await inbox_of(workplace.bob)) == 1
        assert (await reminder_of(workplace.bob))["ended_by"] == "airscript"

        await at(workplace, frozen, "18:00")
        assert script.last.json == {"Context": {"argv": {"message": "A2"}}}
        assert (await reminder_of(workplace.bob, "clock_out"))["status"] == "nagging"


async def test_a_source_that_names_nobody_speaks_for_nobody_once_several_work(
    make_workplace: WorkplaceMaker, frozen: Clock
) -> None:
    async with airscript_workplace(make_workplace) as (workplace, script):
        script.cells["A1"] = "上班已打卡"  # but whose clock-in is that?
        await give_all(workplace, workplace.bob, workplace.charlie)
        await at(workplace, frozen, "08:45")
        assert script.asked == []
        for person in (workplace.bob, workplace.charlie):
            assert IN_DOUBT in (await inbox_of(person))[0]["text"]
        (error,) = (await workplace.alice.get("/api/v1/dashboard"))["team"]["broken_sources"]
        assert (error["status"], error["status_hint"]) == ("broken", "names_nobody")
        assert "哪一个人" in error["remedy"]["zh"]

        changed = await workplace.root.patch(
            f"/api/v1/punch-sources/{error['id']}", {"config": {"user_id": workplace.bob.id}}
        )
        assert (changed["status"], changed["config"]["user_id"]) == ("untried", workplace.bob.id)
        await at(workplace, frozen, "08:50")
        assert (await reminder_of(workplace.bob))["status"] == "punched"
        assert IN_DOUBT not in (await inbox_of(workplace.charlie))[0]["text"]  # nobody is asked about Charlie any more


async def test_check_url_serves_those_without_a_source_of_their_own(
    make_workplace: WorkplaceMaker, frozen: Clock
) -> None:
    async with (
        airscript_workplace(make_workplace) as (workplace, script),
        FakeServer(lambda asked: FakeResponse({"punched": False})).running() as server,
    ):
        script.cells["A1"] = "上班已打卡"
        await add_address(workplace, server)
        await give_all(workplace, workplace.bob, workplace.charlie)
        await at(workplace, frozen, "08:45")
        assert (await reminder_of(workplace.charlie))["status"] == "punched"
        assert (await reminder_of(workplace.bob))["status"] == "nagging"


# --- how sources stand ------------------------------------------------------------------------------------------------


async def test_the_budget_is_a_hard_stop_that_is_seen_and_ends_with_the_month(
    frozen: Clock, attended: Attended
) -> None:
    workplace, fake = attended
    source = await add_attendance(workplace, workplace.root, fake, config={"monthly_calls": 2})
    await give_shift(workplace, EARLY, workplace.bob)
    await at(workplace, frozen, "08:45")
    await at(workplace, frozen, "08:50")
    assert (await source_of(workplace, source["id"]))["calls_this_month"] == 2
    await at(workplace, frozen, "08:55")
    assert fake.calls == 2
    assert IN_DOUBT in (await inbox_of(workplace.bob))[0]["text"]
    found = await source_of(workplace, source["id"])
    assert (found["status"], found["status_hint"], found["monthly_calls"]) == ("over_budget", "budget", 2)
    assert datetime.fromisoformat(found["throttled_until"]) == shanghai("12-01 00:00")
    assert len((await workplace.alice.get("/api/v1/dashboard"))["team"]["broken_sources"]) == 1

    frozen.set(shanghai("12-01 08:00"))
    await assign(workplace, (await reminder_of(workplace.bob))["shift_id"], workplace.bob, on=frozen.now.date())
    await at(workplace, frozen, "12-01 08:45")
    assert fake.calls == 3
    assert (await source_of(workplace, source["id"]))["status"] == "ok"


async def test_two_sources_of_one_app_share_its_budget(frozen: Clock, attended: Attended) -> None:
    workplace, fake = attended
    ours = await add_attendance(workplace, workplace.alice, fake, team_id=workplace.team_a)
    everybodys = await add_attendance(workplace, workplace.root, fake)
    await give_all(workplace, workplace.bob, workplace.charlie)
    fake.mobiles["13900000001"] = "u-charlie"
    await workplace.root.patch(f"/api/v1/users/{workplace.charlie.id}", {"mobile": "13900000001"})
    await at(workplace, frozen, "08:45")
    assert fake.calls == 2
    assert {(await source_of(workplace, found["id"]))["calls_this_month"] for found in (ours, everybodys)} == {2}


async def test_a_nearly_used_budget_is_kept_for_what_is_about_to_be_due(frozen: Clock, attended: Attended) -> None:
    workplace, fake = attended
    await add_attendance(workplace, workplace.root, fake, config={"monthly_calls": 1})
    await give_shift(workplace, EARLY, workplace.bob)
    await at(workplace, frozen, "08:45")
    frozen.set(shanghai("08:48"))
    await check_ahead(workplace)
    assert fake.calls == 1
    assert (await workplace.alice.get("/api/v1/dashboard"))["team"]["broken_sources"] == []  # nothing was refused


async def test_a_source_that_fails_a_few_times_is_shown_once_and_recovers(
    frozen: Clock, caplog: pytest.LogCaptureFixture, attended: Attended
) -> None:
    workplace, fake = attended
    source = await add_attendance(workplace, workplace.root, fake)
    await give_shift(workplace, EARLY, workplace.bob)
    works, fake.answer = fake.answer, lambda asked: FakeResponse("", 503)  # type: ignore[method-assign]
    for moment, status in (("08:45", "untried"), ("08:50", "untried"), ("08:55", "failing"), ("09:00", "failing")):
        await at(workplace, frozen, moment)
        assert (await source_of(workplace, source["id"]))["status"] == status
    assert len([line for line in caplog.records if "does not work" in line.message]) == 1
    fake.answer = works  # type: ignore[method-assign]
    await at(workplace, frozen, "09:05")
    found = await source_of(workplace, source["id"])
    assert (found["status"], found["status_reason"], found["throttled_until"]) == ("ok", "", None)
    assert len(await inbox_of(workplace.alice)) == 0  # planners see it, they are not messaged


async def test_a_passing_failure_is_tried_again_before_the_reminder_goes_out(frozen: Clock, attended: Attended) -> None:
    workplace, fake = attended
    await add_attendance(workplace, workplace.root, fake)
    await give_shift(workplace, EARLY, workplace.bob)
    fake.punch("u-bob", shanghai("08:31"))
    fake.next = [FakeResponse("", 502)]
    frozen.set(shanghai("08:45") - AHEAD)
    again = await check_ahead(workplace)
    assert again is not None
    assert again < shanghai("08:45")
    frozen.set(again)
    await check_ahead(workplace)
    frozen.set(shanghai("08:45"))
    await workplace.tick()
    assert await inbox_of(workplace.bob) == []


NOW = shanghai("09:00")


@pytest.mark.parametrize(
    ("error", "failures", "status", "held"),
    [
        (SourceError(SourceErrorKind.BROKEN, "x"), 1, SourceStatus.BROKEN, timedelta(minutes=10)),
        (SourceError(SourceErrorKind.PASSING, "x"), 1, None, None),
        (SourceError(SourceErrorKind.PASSING, "x"), 2, None, None),
        (SourceError(SourceErrorKind.PASSING, "x"), 3, SourceStatus.FAILING, timedelta(seconds=15)),
        (SourceError(SourceErrorKind.PASSING, "x"), 5, SourceStatus.FAILING, timedelta(seconds=60)),
        (SourceError(SourceErrorKind.PASSING, "x"), 50, SourceStatus.FAILING, timedelta(minutes=10)),
        (SourceError(SourceErrorKind.THROTTLED, "x", hold=timedelta(seconds=2)), 1, None, timedelta(seconds=2)),
        (
            SourceError(SourceErrorKind.THROTTLED, "x", hold=timedelta(minutes=5)),
            3,
            SourceStatus.FAILING,
            timedelta(minutes=5),
        ),
        (SourceError(SourceErrorKind.OVER_BUDGET, "x"), 1, SourceStatus.OVER_BUDGET, shanghai("12-01 00:00") - NOW),
    ],
)
def test_what_a_trouble_makes_of_a_source(
    error: SourceError, failures: int, status: SourceStatus | None, held: timedelta | None
) -> None:
    assert state_after(error, failures, NOW) == (status, NOW + held if held is not None else None)


# --- at the same time -------------------------------------------------------------------------------------------------


async def test_a_shift_taken_off_while_it_is_asked_about_does_no_harm(
    make_workplace: WorkplaceMaker, frozen: Clock
) -> None:
    asked = asyncio.Event()

    def answer(_: Asked) -> FakeResponse:
        asked.set()
        return FakeResponse({"punched": False}, after_seconds=0.5)

    async with (
        FakeServer(answer).running() as server,
        make_workplace(allow_private_targets=LOOPBACK) as workplace,
    ):
        await add_address(workplace, server)
        await give_shift(workplace, EARLY, workplace.bob)
        frozen.set(shanghai("08:44") + timedelta(seconds=55))
        looking = asyncio.create_task(check_ahead(workplace))
        await asked.wait()
        await assign(workplace, None, workplace.bob)
        await looking
        async with workplace.database.read() as session:
            assert list(await session.exec(select(PunchCheck))) == []


async def test_an_acknowledgement_while_it_is_asked_about_stands(make_workplace: WorkplaceMaker, frozen: Clock) -> None:
    asked = asyncio.Event()

    def answer(_: Asked) -> FakeResponse:
        asked.set()
        return FakeResponse({"punched": True}, after_seconds=0.5)

    async with (
        FakeServer(answer).running() as server,
        make_workplace(allow_private_targets=LOOPBACK) as workplace,
    ):
        await add_address(workplace, server)
        await give_shift(workplace, EARLY, workplace.bob)
        frozen.set(shanghai("08:44") + timedelta(seconds=55))
        looking = asyncio.create_task(check_ahead(workplace))
        await asked.wait()
        reminder = await reminder_of(workplace.bob)
        await workplace.bob.post(f"/api/v1/reminders/{reminder['id']}/ack")
        await looking
        assert (await stored(workplace, reminder["id"])).status == "acknowledged"
        async with workplace.database.read() as session:
            assert len(list(await session.exec(select(Punch)))) == 1


async def test_the_worker_asks_by_itself(make_workplace: WorkplaceMaker) -> None:
    """Real time: a shift that began a minute ago is assigned; the worker asks before it reminds."""
    async with (
        FakeServer(lambda asked: FakeResponse({"punched": "clock_in" in asked.path})).running() as server,
        make_workplace(allow_private_targets=LOOPBACK) as workplace,
    ):
        await add_address(workplace, server)
        outbound = workplace.app.state.sender._outbound
        worker = ReminderWorker(
            workplace.database, workplace.settings, workplace.app.state.sender, outbound, ChangeNotifier()
        )
        now = datetime.now(SHANGHAI)
        start, end = now - timedelta(minutes=1), now + timedelta(minutes=30)
        shift = await new_shift(workplace.alice, EARLY, periods=[{"start": f"{start:%H:%M}", "end": f"{end:%H:%M}"}])
        await assign(workplace, shift, workplace.bob, on=start.date())
        await worker.start()
        try:
            found = await eventually(lambda: _punched(workplace, start))
            assert found["ended_by"] == "json_url"
            assert await inbox_of(workplace.bob) == []
        finally:
            await worker.stop()


async def _punched(workplace: Workplace, day: datetime) -> dict[str, Any] | None:
    reminder = await reminder_of(workplace.bob, on=day.date())
    return reminder if reminder["status"] == "punched" else None


def test_a_fresh_answer_is_younger_than_what_a_reminder_believes() -> None:
    assert AHEAD < FRESH < VERIFIED_FOR < RECHECK
