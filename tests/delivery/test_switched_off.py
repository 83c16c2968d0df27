"""What waits in a channel that is switched off or removed: it goes to the other channels, and the log says why."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from conftest import TODAY, Clock, Person
from daka.delivery.models import Delivery, InboxMessage
from daka.notices.roster_notices import queue_notices
from delivery.conftest import WithDingTalk
from fakes.server import FakeResponse
from scenes import EARLY, KEYWORDS_DO_NOT_MATCH, TOO_FAST, give_shift, inbox_of, log_of, new_robot, shanghai

ONCE_LONG = {"clock_in": {"start": -15, "every": None, "until": 60, "escalate": 5}}


async def end(person: Person, channel_id: int, how: str) -> None:
    path = f"/api/v1/channels/{channel_id}"
    await (person.delete(path) if how == "removed" else person.patch(path, {"is_enabled": False}))


@pytest.mark.parametrize("how", ["switched off", "removed"])
@pytest.mark.parametrize("waits", ["throttled", "between two attempts"])
async def test_a_reminder_that_waits_goes_to_the_teams_channel(
    with_dingtalk: WithDingTalk, frozen: Clock, waits: str, how: str
) -> None:
    workplace, dingtalk = with_dingtalk
    frozen.set(shanghai("08:40"))
    own = await new_robot(workplace.bob, "own")
    await new_robot(workplace.alice, "team", team_id=workplace.team_a)
    dingtalk.verdicts["own"] = TOO_FAST if waits == "throttled" else FakeResponse("down", status=502)
    await give_shift(workplace, EARLY, workplace.bob, policy=ONCE_LONG)
    frozen.set(shanghai("08:45"))
    await workplace.tick()
    assert len(dingtalk.messages("own")) == 1
    dingtalk.verdicts.clear()
    await end(workplace.bob, own, how)
    await workplace.tick()
    assert [message["markdown"]["title"] for message in dingtalk.messages("team")] == ["上班打卡提醒 09:00"]
    by_channel = {found["channel_id"]: found for found in await log_of(workplace.bob)}
    assert by_channel[own]["status"] == "failed"
    last = by_channel[own]["attempts"][-1]
    assert (last["outcome"], last["provider_code"]) == ("bad_message", "channel_off")
    frozen.set(shanghai("09:00"))
    await workplace.tick()
    assert (len(dingtalk.messages("own")), len(dingtalk.messages("team"))) == (1, 1)


async def test_what_an_attempt_puts_back_after_the_switch_is_not_sent(
    with_dingtalk: WithDingTalk, frozen: Clock
) -> None:
    """It was on its way when somebody switched the channel off, and its provider asked for patience."""
    workplace, dingtalk = with_dingtalk
    frozen.set(shanghai("08:40"))
    own = await new_robot(workplace.bob, "own")
    await give_shift(workplace, EARLY, workplace.bob, policy=ONCE_LONG)
    dingtalk.verdicts["own"] = FakeResponse("down", status=502)
    frozen.set(shanghai("08:45"))
    await workplace.tick()
    async with workplace.database.write() as session:
        (waiting,) = await session.exec(select(Delivery).where(col(Delivery.channel_id) == own))
        again, waiting.next_attempt_at = waiting.next_attempt_at, None
    await end(workplace.bob, own, "switched off")
    async with workplace.database.write() as session:
        (waiting,) = await session.exec(select(Delivery).where(col(Delivery.channel_id) == own))
        waiting.next_attempt_at = again
    dingtalk.verdicts.clear()
    frozen.forward(minutes=1)
    await workplace.tick()
    assert len(dingtalk.messages("own")) == 1
    assert [message["title"] for message in await inbox_of(workplace.bob)] == ["上班打卡提醒 09:00"]
    attempts = next(found for found in await log_of(workplace.bob) if found["channel_id"] == own)["attempts"]
    assert attempts[-1]["provider_code"] == "channel_off"
    assert (await workplace.bob.get(f"/api/v1/channels/{own}"))["status"] != "broken"


@pytest.mark.parametrize("how", ["switched off", "removed"])
async def test_an_escalation_that_waits_goes_to_the_planners_inbox(
    with_dingtalk: WithDingTalk, frozen: Clock, how: str
) -> None:
    workplace, dingtalk = with_dingtalk
    frozen.set(shanghai("08:40"))
    own = await new_robot(workplace.alice, "alice")
    dingtalk.verdicts["alice"] = FakeResponse("down", status=502)
    await give_shift(workplace, EARLY, workplace.bob, policy=ONCE_LONG)
    for moment in ("08:45", "09:05"):
        frozen.set(shanghai(moment))
        await workplace.tick()
    assert [message for message in await inbox_of(workplace.alice) if "Bob" in message["text"]] == []
    await end(workplace.alice, own, how)
    await workplace.tick()
    assert len([message for message in await inbox_of(workplace.alice) if "Bob" in message["text"]]) == 1


async def test_an_inbox_that_is_switched_off_still_takes_what_nothing_else_can(
    with_dingtalk: WithDingTalk, frozen: Clock
) -> None:
    workplace, dingtalk = with_dingtalk
    frozen.set(shanghai("08:40"))
    await new_robot(workplace.bob, "own")
    dingtalk.verdicts["own"] = KEYWORDS_DO_NOT_MATCH
    inbox = await workplace.bob.post("/api/v1/channels", {"name": "收件箱", "kind": "inbox", "config": {}})
    await end(workplace.bob, inbox["id"], "switched off")
    await give_shift(workplace, EARLY, workplace.bob, policy=ONCE_LONG)
    frozen.set(shanghai("08:45"))
    await workplace.tick()
    assert "上班打卡提醒 09:00" in {message["title"] for message in await inbox_of(workplace.bob)}


@pytest.mark.parametrize("how", ["disabled", "deleted", "erased"])
async def test_a_notice_for_somebody_who_left_goes_nowhere(
    with_dingtalk: WithDingTalk, frozen: Clock, how: str
) -> None:
    workplace, dingtalk = with_dingtalk
    await new_robot(workplace.bob, "own")
    dingtalk.verdicts["own"] = TOO_FAST
    await give_shift(workplace, EARLY, workplace.bob, on=TODAY + timedelta(days=3))
    frozen.forward(minutes=20)
    async with workplace.database.write() as session:
        assert await queue_notices(session) == 1
    await workplace.tick()
    assert len(dingtalk.messages("own")) == 1
    path = f"/api/v1/users/{workplace.bob.id}"
    if how == "erased":
        await workplace.root.post(f"{path}/erase", {"username": "bob"})
    else:
        await (workplace.root.delete(path) if how == "deleted" else workplace.root.patch(path, {"is_active": False}))
    dingtalk.verdicts.clear()
    frozen.forward(minutes=15)
    await workplace.tick()
    assert len(dingtalk.messages("own")) == 1
    async with workplace.database.read() as session:
        statuses = [found.status for found in await session.exec(select(Delivery))]
        assert (statuses, list(await session.exec(select(InboxMessage)))) == (["failed"], [])
