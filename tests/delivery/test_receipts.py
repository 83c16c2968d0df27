"""What became of work notices that DingTalk accepted: seen in the log and in "why", and sent another way if they were dropped."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import col, func, select

from conftest import TODAY, Clock, Person, Workplace, WorkplaceMaker, eventually
from daka import clock
from daka.change_events import ChangeNotifier
from daka.database import execute
from daka.delivery.models import Delivery, DeliveryReceipt
from daka.delivery.receipts import POLL_LEASE, ReceiptPoller, next_receipt_at
from daka.outbound.guard import Guard
from daka.outbound.http import Outbound
from daka.outbound.quota import ApiQuota
from daka.reminders.models import Reminder
from daka.worker import ReminderWorker
from fakes.dingtalk_app import FakeDingTalkApp
from fakes.server import FakeResponse
from scenes import EARLY, beside, give_shift, inbox_of, log_of, reminder_of, shanghai

PERSONAL = {"app_key": "dingapp", "app_secret": "app-secret", "agent_id": 7}


@asynccontextmanager
async def bob_is_notified(
    make_workplace: WorkplaceMaker, frozen: Clock, **config: Any
) -> AsyncIterator[tuple[Workplace, FakeDingTalkApp]]:
    """Monday 08:45: Bob, who works early, has just been sent a work notice, which DingTalk accepted."""
    frozen.set(shanghai("08:40"))
    async with beside(FakeDingTalkApp(), "dingtalk", make_workplace) as (workplace, dingtalk):
        dingtalk.out_of_range = {"bob"}
        await workplace.root.patch(f"/api/v1/users/{workplace.bob.id}", {"dingtalk_userid": "bob"})
        await notice_channel(workplace.bob, **config)
        await give_shift(workplace, EARLY, workplace.bob)
        frozen.set(shanghai("08:45"))
        assert await workplace.tick() == 1
        yield workplace, dingtalk


Notified = tuple[Workplace, FakeDingTalkApp]


@pytest.fixture
async def notified(make_workplace: WorkplaceMaker, frozen: Clock) -> AsyncIterator[Notified]:
    async with bob_is_notified(make_workplace, frozen) as made:
        yield made


async def notice_channel(by: Person, **config: Any) -> int:
    body = {"name": "工作通知", "kind": "dingtalk_work_notice", "config": {**PERSONAL, **config}}
    found: dict[str, Any] = await by.post("/api/v1/channels", body)
    channel_id: int = found["id"]
    return channel_id


async def look(workplace: Workplace) -> int:
    return await ReceiptPoller(workplace.database, workplace.app.state.sender).poll()


def questions(dingtalk: FakeDingTalkApp) -> int:
    return sum("getsendresult" in asked.path for asked in dingtalk.asked)


async def waiting(workplace: Workplace) -> int:
    async with workplace.database.read() as session:
        return (await session.exec(select(func.count()).select_from(DeliveryReceipt))).one()


async def calls_counted(workplace: Workplace) -> int:
    async with workplace.database.read() as session:
        return (await session.exec(select(func.coalesce(func.sum(col(ApiQuota.calls)), 0)))).one()


async def test_a_notice_that_was_dropped_is_in_the_inbox_instead_and_the_log_says_so(
    frozen: Clock, notified: Notified
) -> None:
    workplace, dingtalk = notified
    (accepted,) = await log_of(workplace.bob)
    assert (accepted["status"], await inbox_of(workplace.bob)) == ("sent", [])
    assert await look(workplace) == 0
    assert questions(dingtalk) == 0, "it is too early to ask"
    frozen.forward(seconds=25)
    assert await look(workplace) == 1
    other, dropped = await log_of(workplace.bob)
    assert (dropped["status"], dropped["sent_at"]) == ("failed", None)
    first, receipt = dropped["attempts"]
    assert (first["outcome"], first["is_receipt"]) == ("done", False)
    assert (receipt["outcome"], receipt["hint"], receipt["is_receipt"]) == ("bad_message", "dingtalk_dropped", True)
    assert "可见范围" in receipt["hint_text"]["zh"]
    assert (other["channel_kind"], other["status"]) == ("inbox", "queued")
    await workplace.tick()
    (message,) = await inbox_of(workplace.bob)
    assert message["reminder_ids"] == [(await reminder_of(workplace.bob))["id"]]
    assert await waiting(workplace) == 0
    frozen.forward(minutes=2)
    assert (await look(workplace), questions(dingtalk)) == (0, 1)


async def test_a_notice_that_arrived_is_said_to_have_arrived_and_goes_nowhere_else(
    frozen: Clock, notified: Notified
) -> None:
    workplace, dingtalk = notified
    dingtalk.dropped.clear()
    frozen.forward(seconds=25)
    dingtalk.out_of_range = set()
    assert await look(workplace) == 0
    (sent,) = await log_of(workplace.bob)
    assert sent["status"] == "sent"
    assert sent["sent_at"] is not None
    assert [(each["outcome"], each["is_receipt"]) for each in sent["attempts"]] == [("done", False), ("done", True)]
    assert await waiting(workplace) == 0


async def test_why_says_that_nothing_arrived_when_the_last_receipt_comes_after_the_end(
    frozen: Clock, notified: Notified
) -> None:
    workplace, _ = notified
    async with workplace.database.write() as session:  # as if DingTalk had not known until then
        await execute(session, sa.update(DeliveryReceipt).values(poll_at=shanghai("09:12")))
    frozen.set(shanghai("09:11"))
    await workplace.tick()
    assert (await reminder_of(workplace.bob))["status"] == "expired"
    frozen.set(shanghai("09:12"))
    assert await look(workplace) == 1
    assert (await reminder_of(workplace.bob))["status"] == "failed"
    why = await workplace.bob.get("/api/v1/reminders/explain", user_id=workplace.bob.id, date=str(TODAY))
    (point, *_) = why["points"]
    assert point["reason"]["code"] == "failed"
    assert "forbidden_user_id_list" in point["reason"]["zh"]
    assert await inbox_of(workplace.bob) == [], "its window is closed"


async def test_who_has_punched_meanwhile_is_nobodys_question(frozen: Clock, notified: Notified) -> None:
    workplace, dingtalk = notified
    await workplace.bob.post("/api/v1/punches", {"kind": "clock_in"})
    frozen.forward(seconds=25)
    assert (await look(workplace), questions(dingtalk), await waiting(workplace)) == (0, 0, 0)


async def test_a_result_that_is_not_there_yet_is_asked_for_again_and_in_the_end_no_more(
    frozen: Clock, notified: Notified
) -> None:
    workplace, dingtalk = notified
    dingtalk.slow_results = 9
    asked = []
    for _ in range(40):
        frozen.forward(seconds=30)
        await look(workplace)
        asked.append(questions(dingtalk))
    assert asked[0] == 1
    assert asked[-1] == 4
    assert await waiting(workplace) == 0
    assert (await log_of(workplace.bob))[0]["status"] == "sent"


# --- the month's calls ------------------------------------------------------------------------------------------------


async def test_messages_and_looks_are_counted_together_and_looks_leave_half(
    make_workplace: WorkplaceMaker, frozen: Clock
) -> None:
    async with bob_is_notified(make_workplace, frozen, monthly_calls=4) as (workplace, dingtalk):
        assert (dingtalk.calls, await calls_counted(workplace)) == (1, 1)
        frozen.forward(seconds=25)
        assert await look(workplace) == 1
        assert (dingtalk.calls, await calls_counted(workplace)) == (2, 2)
        frozen.set(shanghai("08:50"))
        await workplace.tick()
        assert (dingtalk.calls, await calls_counted(workplace)) == (3, 3), "a message goes out whatever was used"
        frozen.forward(seconds=25)
        assert await look(workplace) == 0
        assert (dingtalk.calls, questions(dingtalk), await waiting(workplace)) == (3, 1, 0)


async def test_a_punch_source_of_the_same_app_counts_with_them(frozen: Clock, notified: Notified) -> None:
    workplace, _ = notified
    config = {"app_key": "dingapp", "app_secret": "app-secret"}
    body = {"name": "考勤", "kind": "dingtalk_attendance", "config": config}
    source = await workplace.root.post("/api/v1/punch-sources", body)
    assert source["calls_this_month"] == 1


async def test_nobody_is_asked_where_receipts_are_not_wanted(make_workplace: WorkplaceMaker, frozen: Clock) -> None:
    async with bob_is_notified(make_workplace, frozen, has_receipts=False) as (workplace, _):
        assert await waiting(workplace) == 0


@pytest.mark.parametrize(
    "answer",
    [
        {"errcode": 90020, "errmsg": "monthly quota"},
        {"errcode": 88, "sub_code": "60011", "sub_msg": "没有权限"},
        {"errcode": 33012, "errmsg": "unknown task"},
    ],
)
async def test_a_question_that_is_refused_says_nothing_of_the_notice(
    frozen: Clock, answer: dict[str, Any], notified: Notified
) -> None:
    workplace, dingtalk = notified
    frozen.forward(seconds=25)
    dingtalk.next.append(FakeResponse(answer))
    assert (await look(workplace), await waiting(workplace)) == (0, 0)
    (sent,) = await log_of(workplace.bob)
    assert (sent["status"], len(sent["attempts"])) == ("sent", 1)
    channel = (await workplace.bob.get("/api/v1/channels"))["items"][0]
    assert channel["status"] == "ok"


# --- many workers, crashes --------------------------------------------------------------------------------------------


async def test_two_workers_ask_once_and_send_another_way_once(frozen: Clock, notified: Notified) -> None:
    workplace, dingtalk = notified
    frozen.forward(seconds=25)
    assert sorted(await asyncio.gather(look(workplace), look(workplace))) == [0, 1]
    assert questions(dingtalk) == 1
    assert len(await log_of(workplace.bob)) == 2


async def test_an_answer_that_two_workers_have_is_recorded_once(frozen: Clock, notified: Notified) -> None:
    workplace, _ = notified
    frozen.forward(seconds=25)
    one, other = (ReceiptPoller(workplace.database, workplace.app.state.sender) for _ in range(2))
    async with workplace.database.write() as session:
        first, _ = await one._claim(session)
    frozen.forward(minutes=2)  # the first is very slow
    async with workplace.database.write() as session:
        second, _ = await other._claim(session)
    assert await other._poll_one_by_one(second) == 1
    assert await one._poll_one_by_one(first) == 0
    assert len(await log_of(workplace.bob)) == 2


async def test_reminders_are_locked_before_what_was_sent_of_them(frozen: Clock, notified: Notified) -> None:
    """As where a punch ends them: two that locked in opposite orders would wait for each other."""
    workplace, _ = notified
    if workplace.database.is_sqlite:
        pytest.skip("SQLite has one writer")
    frozen.forward(seconds=25)
    async with workplace.database.write() as session:
        await session.exec(select(Reminder).with_for_update())
        looking = asyncio.create_task(look(workplace))
        await eventually(lambda: is_waiting_for_a_lock(workplace))
        await session.exec(select(Delivery).with_for_update(nowait=True, key_share=True))
    assert await looking == 1


async def is_waiting_for_a_lock(workplace: Workplace) -> bool:
    async with workplace.database.read() as session:
        here = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        return bool((await execute(session, sa.text(here))).scalar_one())


async def test_a_look_that_was_cut_off_is_made_again(frozen: Clock, notified: Notified) -> None:
    workplace, dingtalk = notified
    frozen.forward(seconds=25)
    async with workplace.database.write() as session:
        await ReceiptPoller(workplace.database, workplace.app.state.sender)._claim(session)
    assert (await look(workplace), questions(dingtalk)) == (0, 0)
    frozen.forward(seconds=POLL_LEASE.total_seconds())
    assert (await look(workplace), questions(dingtalk)) == (1, 1)


async def test_a_provider_that_wants_no_questions_is_asked_later(frozen: Clock, notified: Notified) -> None:
    workplace, dingtalk = notified
    eve = await workplace.add_person("Eve", team_id=workplace.team_a, dingtalk_userid="eve")
    dingtalk.people = ("bob", "eve")
    await notice_channel(eve)
    await give_shift(workplace, {**EARLY, "name": "早二", "code": "二"}, eve)
    await workplace.tick()
    frozen.forward(seconds=25)
    dingtalk.next.append(FakeResponse({"errcode": 90018, "errmsg": "qps"}))
    assert (await look(workplace), questions(dingtalk)) == (0, 1)
    async with workplace.database.read() as session:
        assert await next_receipt_at(session) == clock.now() + timedelta(minutes=1)
    frozen.forward(minutes=1)
    assert await look(workplace) == 1
    assert questions(dingtalk) == 3


async def test_the_worker_looks_by_itself_unless_reminding_is_paused(
    make_workplace: WorkplaceMaker, frozen: Clock
) -> None:
    async with bob_is_notified(make_workplace, frozen) as (workplace, dingtalk), Outbound(Guard()) as outbound:
        frozen.forward(seconds=25)
        worker = ReminderWorker(
            workplace.database, workplace.settings, workplace.app.state.sender, outbound, ChangeNotifier()
        )
        await workplace.root.post("/api/v1/scheduler/pause")
        await worker._poll_receipts()
        assert questions(dingtalk) == 0
        await workplace.root.post("/api/v1/scheduler/resume")
        await worker.start()
        try:

            async def is_failed() -> bool:
                return any(each["status"] == "failed" for each in await log_of(workplace.bob))

            await eventually(is_failed)
        finally:
            await worker.stop()
