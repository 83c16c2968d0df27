"""Nothing expires while another channel of the person could have sent it, whatever the first one waits for."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from conftest import Clock, WorkplaceMaker
from daka.delivery.messages import MessageContent
from daka.delivery.models import Channel, Lane, Occasion
from daka.delivery.outbox import queue
from fakes.server import FakeResponse
from scenes import EARLY, dingtalk_workplace, give_shift, inbox_of, log_of, new_robot, shanghai

ONE_MINUTE = {"clock_in": {"start": 0, "every": None, "until": 0}, "clock_out": {"start": 0, "every": None, "until": 0}}
NINE = shanghai("09:00")
DOWN = FakeResponse({"errcode": -1, "errmsg": "busy"}, 503)

HOLDS: dict[str, Callable[[datetime], dict[str, Any]]] = {
    "over its rate": lambda at: {"recent_sends": [at.timestamp() - 1] * 18},
    "over its rate later": lambda at: {"recent_sends": [at.timestamp() + 3] * 18},
    "leased by a process that hangs": lambda at: {"leased_until": at + timedelta(minutes=3), "leased_by": "gone"},
}
"""What keeps a robot's lane from sending."""


async def hold(workplace: Any, *channel_ids: int, **values: Any) -> None:
    async with workplace.database.write() as session:
        lanes = sa.select(Channel.lane).where(Channel.id.in_(channel_ids))
        await session.exec(sa.update(Lane).where(Lane.key.in_(lanes)).values(**values))


@pytest.mark.parametrize("how", HOLDS)
@pytest.mark.parametrize("others", ["none", "own", "own held as well", "team"])
async def test_a_reminder_that_one_channel_cannot_send_in_time_goes_over_another(
    make_workplace: WorkplaceMaker, frozen: Clock, how: str, others: str
) -> None:
    async with dingtalk_workplace(make_workplace) as (workplace, dingtalk):
        held = [await new_robot(workplace.bob, "held")]
        if others == "team":
            await new_robot(workplace.alice, "other", team_id=workplace.team_a)
        elif others != "none":
            second = await new_robot(workplace.bob, "other")
            held += [second] if others == "own held as well" else []
        await give_shift(workplace, EARLY, workplace.bob, policy=ONE_MINUTE)
        frozen.set(NINE)
        await hold(workplace, *held, **HOLDS[how](NINE))
        for _ in range(12):
            await workplace.tick()
            frozen.forward(seconds=5)
        arrived = [message["title"] for message in await inbox_of(workplace.bob)]
        sent = len(dingtalk.messages("other"))
    assert (sent, len(arrived)) == ((1, 0) if others in ("own", "team") else (0, 1))
    assert not dingtalk.messages("held")


async def test_of_many_people_on_one_robot_those_beyond_its_rate_find_it_in_their_inboxes(
    make_workplace: WorkplaceMaker, frozen: Clock
) -> None:
    async with dingtalk_workplace(make_workplace) as (workplace, dingtalk):
        people = await workplace.add_people(25, team_id=workplace.team_a)
        for person in people:
            await new_robot(person, "shared")
        await give_shift(workplace, EARLY, *people, policy=ONE_MINUTE)
        frozen.set(NINE)
        for _ in range(12):
            await workplace.tick()
            frozen.forward(seconds=5)
        kept = [await inbox_of(person) for person in people]
    assert len(dingtalk.messages("shared")) == 18
    assert [len(found) for found in kept] == [0] * 18 + [1] * 7


async def test_what_waits_is_handed_over_once_and_still_tried_however_often_later_steps_join_it(
    make_workplace: WorkplaceMaker, frozen: Clock
) -> None:
    async with dingtalk_workplace(make_workplace) as (workplace, dingtalk):
        robot = await new_robot(workplace.bob, "held")
        await give_shift(workplace, EARLY, workplace.bob)
        frozen.set(shanghai("08:45"))
        await hold(workplace, robot, leased_until=shanghai("08:59:30"), leased_by="gone")
        kept = []
        for moment in ("08:45", "08:50", "08:55", "08:58:59", "08:59", "08:59:05", "08:59:31"):
            frozen.set(shanghai(moment))
            await workplace.tick()
            kept.append(len(await inbox_of(workplace.bob)))
        assert kept == [0, 0, 0, 0, 1, 1, 1]
        assert len(dingtalk.messages("held")) == 1


@pytest.mark.parametrize("occasion", [Occasion.ROSTER, Occasion.ALERT])
async def test_a_notice_that_waits_in_all_channels_is_kept_in_the_inbox(
    make_workplace: WorkplaceMaker, frozen: Clock, occasion: Occasion
) -> None:
    async with dingtalk_workplace(make_workplace) as (workplace, _):
        held = [await new_robot(workplace.bob, token) for token in ("one", "two")]
        frozen.set(NINE)
        await hold(workplace, *held, leased_until=NINE + timedelta(hours=2), leased_by="gone")
        async with workplace.database.write() as session:
            for channel_id in held:
                channel = await session.get(Channel, channel_id)
                assert channel is not None
                message = MessageContent(occasion=occasion, title="明天的班", text="早班")
                ends = NINE + timedelta(hours=1)
                queue(session, channel, message, due_at=NINE, expires_at=ends, key=f"notice-{channel_id}")
        for minutes in (0, 58, 59, 60):
            frozen.set(NINE + timedelta(minutes=minutes))
            await workplace.tick()
        assert [found["title"] for found in await inbox_of(workplace.bob)] == ["明天的班"]


async def test_a_test_is_handed_to_nobody(make_workplace: WorkplaceMaker, frozen: Clock) -> None:
    async with dingtalk_workplace(make_workplace) as (workplace, dingtalk):
        robot = await new_robot(workplace.bob, "down")
        dingtalk.verdicts["down"] = DOWN
        await workplace.bob.post(f"/api/v1/channels/{robot}/test")
        frozen.forward(minutes=2)
        await workplace.tick()
        assert await inbox_of(workplace.bob) == []
        assert [found["occasion"] for found in await log_of(workplace.bob)] == ["test"]
