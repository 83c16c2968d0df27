"""What became of work notices that DingTalk accepted: seen in the log and in "why", and sent another way if they were dropped."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import col, func, select

from conftest import TODAY, Clock, Person, World, WorldMaker, eventually
from daka import clock
from daka.change_events import ChangeNotifier
from daka.database import execute
from daka.delivery.models import DeliveryReceipt
from daka.delivery.receipts import POLL_LEASE, ReceiptPoller, next_receipt_at
from daka.outbound.guard import Guard
from daka.outbound.http import Outbound
from daka.outbound.quota import ApiQuota
from daka.worker import ReminderWorker
from fakes.dingtalk_app import FakeDingTalkApp
from fakes.server import Said
from scenes import EARLY, give_shift, inbox_of, log_of, reminder_of, shanghai

PERSONAL = {"app_key": "dingapp", "app_secret": "app-secret", "agent_id": 7}


@asynccontextmanager
async def bob_is_notified(
    make_world: WorldMaker, frozen: Clock, **config: Any
) -> AsyncIterator[tuple[World, FakeDingTalkApp]]:
    """Monday 08:45: Bob, who works early, has just been sent a work notice, which DingTalk accepted."""
    frozen.set(shanghai("08:40"))
    async with FakeDingTalkApp().running() as dingtalk, make_world(dingtalk_base_url=dingtalk.base_url) as world:
        assert isinstance(dingtalk, FakeDingTalkApp)
        dingtalk.out_of_range = {"bob"}
        await world.root.patch(f"/api/v1/users/{world.bob.id}", {"dingtalk_userid": "bob"})
        await notice_channel(world.bob, **config)
        await give_shift(world, EARLY, world.bob)
        frozen.set(shanghai("08:45"))
        assert await world.tick() == 1
        yield world, dingtalk


async def notice_channel(by: Person, **config: Any) -> int:
    body = {"name": "工作通知", "kind": "dingtalk_work_notice", "config": {**PERSONAL, **config}}
    found: dict[str, Any] = await by.post("/api/v1/channels", body)
    channel_id: int = found["id"]
    return channel_id


async def look(world: World) -> int:
    return await ReceiptPoller(world.database, world.app.state.sender).poll()


def questions(dingtalk: FakeDingTalkApp) -> int:
    return sum("getsendresult" in asked.path for asked in dingtalk.asked)


async def waiting(world: World) -> int:
    async with world.database.read() as session:
        return (await session.exec(select(func.count()).select_from(DeliveryReceipt))).one()


async def calls_counted(world: World) -> int:
    async with world.database.read() as session:
        return (await session.exec(select(func.coalesce(func.sum(col(ApiQuota.calls)), 0)))).one()


async def test_a_notice_that_was_dropped_is_in_the_inbox_instead_and_the_log_says_so(
    make_world: WorldMaker, frozen: Clock
) -> None:
    async with bob_is_notified(make_world, frozen) as (world, dingtalk):
        (accepted,) = await log_of(world.bob)
        assert (accepted["status"], await inbox_of(world.bob)) == ("sent", [])
        assert await look(world) == 0
        assert questions(dingtalk) == 0, "it is too early to ask"
        frozen.forward(seconds=25)
        assert await look(world) == 1
        other, dropped = await log_of(world.bob)
        assert (dropped["status"], dropped["sent_at"]) == ("failed", None)
        first, receipt = dropped["attempts"]
        assert (first["outcome"], first["is_receipt"]) == ("done", False)
        assert (receipt["outcome"], receipt["hint"], receipt["is_receipt"]) == ("bad_message", "dingtalk_dropped", True)
        assert "可见范围" in receipt["hint_text"]["zh"]
        assert (other["channel_kind"], other["status"]) == ("inbox", "queued")
        await world.tick()
        (message,) = await inbox_of(world.bob)
        assert message["reminder_ids"] == [(await reminder_of(world.bob))["id"]]
        assert await waiting(world) == 0
        frozen.forward(minutes=2)
        assert (await look(world), questions(dingtalk)) == (0, 1)


async def test_a_notice_that_arrived_is_said_to_have_arrived_and_goes_nowhere_else(
    make_world: WorldMaker, frozen: Clock
) -> None:
    async with bob_is_notified(make_world, frozen) as (world, dingtalk):
        dingtalk.dropped.clear()
        frozen.forward(seconds=25)
        dingtalk.out_of_range = set()
        assert await look(world) == 0
        (sent,) = await log_of(world.bob)
        assert sent["status"] == "sent"
        assert sent["sent_at"] is not None
        assert [(each["outcome"], each["is_receipt"]) for each in sent["attempts"]] == [("done", False), ("done", True)]
        assert await waiting(world) == 0


async def test_why_says_that_nothing_arrived_when_the_last_receipt_comes_after_the_end(
    make_world: WorldMaker, frozen: Clock
) -> None:
    async with bob_is_notified(make_world, frozen) as (world, _):
        async with world.database.write() as session:  # as if DingTalk had not known until then
            await execute(session, sa.update(DeliveryReceipt).values(poll_at=shanghai("09:12")))
        frozen.set(shanghai("09:11"))
        await world.tick()
        assert (await reminder_of(world.bob))["status"] == "expired"
        frozen.set(shanghai("09:12"))
        assert await look(world) == 1
        assert (await reminder_of(world.bob))["status"] == "failed"
        why = await world.bob.get("/api/v1/reminders/explain", user_id=world.bob.id, date=str(TODAY))
        (point, *_) = why["points"]
        assert point["reason"]["code"] == "failed"
        assert "forbidden_user_id_list" in point["reason"]["zh"]
        assert await inbox_of(world.bob) == [], "its window is closed"


async def test_who_has_punched_meanwhile_is_nobodys_question(make_world: WorldMaker, frozen: Clock) -> None:
    async with bob_is_notified(make_world, frozen) as (world, dingtalk):
        await world.bob.post("/api/v1/punches", {"kind": "clock_in"})
        frozen.forward(seconds=25)
        assert (await look(world), questions(dingtalk), await waiting(world)) == (0, 0, 0)


async def test_a_result_that_is_not_there_yet_is_asked_for_again_and_in_the_end_no_more(
    make_world: WorldMaker, frozen: Clock
) -> None:
    async with bob_is_notified(make_world, frozen) as (world, dingtalk):
        dingtalk.slow_results = 9
        asked = []
        for _ in range(40):
            frozen.forward(seconds=30)
            await look(world)
            asked.append(questions(dingtalk))
        assert asked[0] == 1
        assert asked[-1] == 4
        assert await waiting(world) == 0
        assert (await log_of(world.bob))[0]["status"] == "sent"


# --- the month's calls ------------------------------------------------------------------------------------------------


async def test_messages_and_looks_are_counted_together_and_looks_leave_half(
    make_world: WorldMaker, frozen: Clock
) -> None:
    async with bob_is_notified(make_world, frozen, monthly_calls=4) as (world, dingtalk):
        assert (dingtalk.calls, await calls_counted(world)) == (1, 1)
        frozen.forward(seconds=25)
        assert await look(world) == 1
        assert (dingtalk.calls, await calls_counted(world)) == (2, 2)
        frozen.set(shanghai("08:50"))
        await world.tick()
        assert (dingtalk.calls, await calls_counted(world)) == (3, 3), "a message goes out whatever was used"
        frozen.forward(seconds=25)
        assert await look(world) == 0
        assert (dingtalk.calls, questions(dingtalk), await waiting(world)) == (3, 1, 0)


async def test_a_punch_source_of_the_same_app_counts_with_them(make_world: WorldMaker, frozen: Clock) -> None:
    async with bob_is_notified(make_world, frozen) as (world, _):
        config = {"app_key": "dingapp", "app_secret": "app-secret"}
        body = {"name": "考勤", "kind": "dingtalk_attendance", "config": config}
        source = await world.root.post("/api/v1/punch-sources", body)
        assert source["calls_this_month"] == 1


async def test_nobody_is_asked_where_receipts_are_not_wanted(make_world: WorldMaker, frozen: Clock) -> None:
    async with bob_is_notified(make_world, frozen, has_receipts=False) as (world, _):
        assert await waiting(world) == 0


@pytest.mark.parametrize(
    "answer",
    [
        {"errcode": 90020, "errmsg": "monthly quota"},
        {"errcode": 88, "sub_code": "60011", "sub_msg": "没有权限"},
        {"errcode": 33012, "errmsg": "unknown task"},
    ],
)
async def test_a_question_that_is_refused_says_nothing_of_the_notice(
    make_world: WorldMaker, frozen: Clock, answer: dict[str, Any]
) -> None:
    async with bob_is_notified(make_world, frozen) as (world, dingtalk):
        frozen.forward(seconds=25)
        dingtalk.next.append(Said(answer))
        assert (await look(world), await waiting(world)) == (0, 0)
        (sent,) = await log_of(world.bob)
        assert (sent["status"], len(sent["attempts"])) == ("sent", 1)
        channel = (await world.bob.get("/api/v1/channels"))["items"][0]
        assert channel["status"] == "ok"


# --- many workers, crashes --------------------------------------------------------------------------------------------


async def test_two_workers_ask_once_and_send_another_way_once(make_world: WorldMaker, frozen: Clock) -> None:
    async with bob_is_notified(make_world, frozen) as (world, dingtalk):
        frozen.forward(seconds=25)
        assert sorted(await asyncio.gather(look(world), look(world))) == [0, 1]
        assert questions(dingtalk) == 1
        assert len(await log_of(world.bob)) == 2


async def test_an_answer_that_two_workers_have_is_recorded_once(make_world: WorldMaker, frozen: Clock) -> None:
    async with bob_is_notified(make_world, frozen) as (world, _):
        frozen.forward(seconds=25)
        one, other = (ReceiptPoller(world.database, world.app.state.sender) for _ in range(2))
        async with world.database.write() as session:
            first, _ = await one._claim(session)
        frozen.forward(minutes=2)  # the first is very slow
        async with world.database.write() as session:
            second, _ = await other._claim(session)
        assert await other._poll_one_by_one(second) == 1
        assert await one._poll_one_by_one(first) == 0
        assert len(await log_of(world.bob)) == 2


async def test_a_look_that_was_cut_off_is_made_again(make_world: WorldMaker, frozen: Clock) -> None:
    async with bob_is_notified(make_world, frozen) as (world, dingtalk):
        frozen.forward(seconds=25)
        async with world.database.write() as session:
            await ReceiptPoller(world.database, world.app.state.sender)._claim(session)
        assert (await look(world), questions(dingtalk)) == (0, 0)
        frozen.forward(seconds=POLL_LEASE.total_seconds())
        assert (await look(world), questions(dingtalk)) == (1, 1)


async def test_a_provider_that_wants_no_questions_is_asked_later(make_world: WorldMaker, frozen: Clock) -> None:
    async with bob_is_notified(make_world, frozen) as (world, dingtalk):
        eve = await world.add_person("Eve", team_id=world.team_a, dingtalk_userid="eve")
        dingtalk.people = ("bob", "eve")
        await notice_channel(eve)
        await give_shift(world, {**EARLY, "name": "早二", "code": "二"}, eve)
        await world.tick()
        frozen.forward(seconds=25)
        dingtalk.next.append(Said({"errcode": 90018, "errmsg": "qps"}))
        assert (await look(world), questions(dingtalk)) == (0, 1)
        async with world.database.read() as session:
            assert await next_receipt_at(session) == clock.now() + timedelta(minutes=1)
        frozen.forward(minutes=1)
        assert await look(world) == 1
        assert questions(dingtalk) == 3


async def test_the_worker_looks_by_itself_unless_reminding_is_paused(make_world: WorldMaker, frozen: Clock) -> None:
    async with bob_is_notified(make_world, frozen) as (world, dingtalk), Outbound(Guard()) as outbound:
        frozen.forward(seconds=25)
        worker = ReminderWorker(world.database, world.settings, world.app.state.sender, outbound, ChangeNotifier())
        await world.root.post("/api/v1/scheduler/pause")
        await worker._poll_receipts()
        assert questions(dingtalk) == 0
        await world.root.post("/api/v1/scheduler/resume")
        await worker.start()
        try:

            async def is_failed() -> bool:
                return any(each["status"] == "failed" for each in await log_of(world.bob))

            await eventually(is_failed)
        finally:
            await worker.stop()
