"""Notices of the roster on people's channels: once each, never lost, and nothing of the reminders is touched by them."""

import asyncio
from datetime import datetime

import pytest

from conftest import Clock, Workplace, WorkplaceMaker
from daka.change_events import ChangeNotifier
from daka.notices.roster_notices import queue_notices
from daka.outbound.guard import Guard
from daka.outbound.http import Outbound
from daka.worker import ReminderWorker
from roster.people import EARLY, NIGHT, cell, new_shift, plan
from scenes import KEYWORDS_DO_NOT_MATCH, SHANGHAI, dingtalk_workplace, inbox_of, log_of, new_robot


async def queued(workplace: Workplace) -> int:
    async with workplace.database.write() as session:
        return await queue_notices(session)


async def change_bobs_days(workplace: Workplace, frozen: Clock) -> None:
    """Alice plans two of Bob's next days, cell by cell, and then lets go."""
    early, night = await new_shift(workplace, EARLY), await new_shift(workplace, NIGHT)
    for day, shift_id in (("2026-11-26", early), ("2026-11-27", early), ("2026-11-26", night), ("2026-11-27", night)):
        await plan(workplace.alice, cell(workplace.bob, day, shift_id))
        frozen.forward(seconds=30)
    frozen.forward(minutes=10)


async def test_a_burst_of_edits_is_one_message_in_the_inbox_of_whoever_has_no_channel(
    workplace: Workplace, frozen: Clock
) -> None:
    await change_bobs_days(workplace, frozen)
    assert await queued(workplace) == 1
    await workplace.tick()
    (message,) = await inbox_of(workplace.bob)
    assert message["title"] == "排班有变化：2 天"
    assert message["text"] == "11月26日 周四：没有排班 → 夜班\n11月27日 周五：没有排班 → 夜班"
    (delivery,) = await log_of(workplace.bob, occasion="roster")
    assert (delivery["status"], delivery["occasion"]) == ("sent", "roster")
    assert delivery["recipient"] == "Bob"
    assert [each["recipient"] for each in await log_of(workplace.root, occasion="roster")] == ["Bob"]
    assert await inbox_of(workplace.alice) == await inbox_of(workplace.charlie) == []
    frozen.forward(hours=3)
    assert await queued(workplace) == 0


async def test_two_workers_at_the_same_moment_queue_it_once(workplace: Workplace, frozen: Clock) -> None:
    await change_bobs_days(workplace, frozen)
    assert sorted(await asyncio.gather(*(queued(workplace) for _ in range(4)))) == [0, 0, 0, 1]
    await workplace.tick()
    assert len(await inbox_of(workplace.bob)) == 1


async def test_a_crash_before_the_commit_loses_nothing(workplace: Workplace, frozen: Clock) -> None:
    await change_bobs_days(workplace, frozen)

    async def queue_and_crash() -> None:
        async with workplace.database.write() as session:
            assert await queue_notices(session) == 1
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        await queue_and_crash()
    assert await log_of(workplace.bob, occasion="roster") == []
    assert await queued(workplace) == 1
    await workplace.tick()
    assert len(await inbox_of(workplace.bob)) == 1


async def test_while_reminding_is_paused_nothing_is_taken_and_it_comes_afterwards(
    workplace: Workplace, frozen: Clock
) -> None:
    await change_bobs_days(workplace, frozen)
    await workplace.root.post("/api/v1/scheduler/pause")
    assert await queued(workplace) == 0
    frozen.forward(hours=5)
    await workplace.root.post("/api/v1/scheduler/resume")
    assert await queued(workplace) == 1


async def test_ones_own_channels_get_it_and_the_teams_group_does_not(
    make_workplace: WorkplaceMaker, frozen: Clock
) -> None:
    async with dingtalk_workplace(make_workplace) as (workplace, dingtalk):
        await new_robot(workplace.bob, "bob")
        await new_robot(workplace.bob, "bob2")
        await new_robot(workplace.alice, "group", team_id=workplace.team_a)
        await change_bobs_days(workplace, frozen)
        assert await queued(workplace) == 2
        await workplace.tick()
        assert [len(dingtalk.messages(token)) for token in ("bob", "bob2", "group")] == [1, 1, 0]
        keys = {message["msgUuid"] for message in dingtalk.messages()}
        assert len(keys) == 2
        assert {key.rpartition("-")[0] for key in keys} == {f"roster-{workplace.bob.id}-4"}
        assert await inbox_of(workplace.bob) == []


async def test_what_a_channel_does_not_take_is_found_in_the_inbox_once(
    make_workplace: WorkplaceMaker, frozen: Clock
) -> None:
    async with dingtalk_workplace(make_workplace) as (workplace, dingtalk):
        dingtalk.verdicts = {"bob": KEYWORDS_DO_NOT_MATCH, "bob2": KEYWORDS_DO_NOT_MATCH}
        await new_robot(workplace.bob, "bob")
        await new_robot(workplace.bob, "bob2")
        await change_bobs_days(workplace, frozen)
        await queued(workplace)
        for _ in range(3):
            await workplace.tick()
        assert [message["title"] for message in await inbox_of(workplace.bob)].count("排班有变化：2 天") == 1


async def test_tomorrow_is_told_at_the_chosen_hour(workplace: Workplace, frozen: Clock) -> None:
    early = await new_shift(workplace, EARLY)
    await plan(workplace.alice, cell(workplace.bob, "2026-11-24", early))
    await workplace.bob.put("/api/v1/me/notices", {"tells_changes": False, "tomorrow_at": "20:00"})
    frozen.set(datetime(2026, 11, 23, 20, 0, tzinfo=SHANGHAI))
    assert [await queued(workplace), await queued(workplace)] == [1, 0]
    await workplace.tick()
    (message,) = await inbox_of(workplace.bob)
    assert (message["title"], message["text"]) == ("明天早班", "11月24日 周二：早班 09:00–18:00。")


async def test_notices_touch_no_reminder(workplace: Workplace, frozen: Clock) -> None:
    await change_bobs_days(workplace, frozen)
    before = await workplace.alice.get("/api/v1/dashboard")
    why = {"user_id": workplace.bob.id, "date": "2026-11-26"}
    told_before = await workplace.alice.get("/api/v1/reminders/explain", **why)
    await queued(workplace)
    await workplace.tick()
    after = await workplace.alice.get("/api/v1/dashboard")
    assert after["team"] == before["team"]
    assert await workplace.alice.get("/api/v1/reminders/explain", **why) == told_before


async def test_the_worker_tells_by_itself(workplace: Workplace, frozen: Clock) -> None:
    await change_bobs_days(workplace, frozen)
    async with Outbound(Guard()) as outbound:
        worker = ReminderWorker(
            workplace.database, workplace.settings, workplace.app.state.sender, outbound, ChangeNotifier()
        )
        await worker._queue_notices()
    assert len(await log_of(workplace.bob, occasion="roster")) == 1
