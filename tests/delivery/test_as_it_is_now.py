"""What waits to be sent is said as it is now: the person's name and number, and only what is still due."""

from datetime import timedelta
from typing import Any

import pytest

from conftest import TODAY, Clock, WorkplaceMaker
from daka.notices.roster_notices import queue_notices
from delivery.conftest import WithDingTalk
from fakes.dingtalk_app import FakeDingTalkApp
from fakes.server import FakeResponse
from scenes import EARLY, TOO_FAST, assign, beside, give_shift, log_of, new_robot, new_shift, reminder_of, shanghai

DOWN = FakeResponse("upstream is down", status=502)
WAYS = {"down": DOWN, "throttled": TOO_FAST}


def early(start: str) -> dict[str, Any]:
    return {"name": "改", "code": "改", "periods": [{"start": start, "end": "22:00"}]}


@pytest.mark.parametrize("way", WAYS)
async def test_a_shift_that_begins_hours_later_is_not_announced_by_what_waited(
    with_dingtalk: WithDingTalk, frozen: Clock, way: str
) -> None:
    workplace, dingtalk = with_dingtalk
    frozen.set(shanghai("08:40"))
    await new_robot(workplace.bob)
    dingtalk.verdicts["robot"] = WAYS[way]
    await give_shift(workplace, EARLY, workplace.bob)
    frozen.set(shanghai("08:45"))
    await workplace.tick()
    await assign(workplace, await new_shift(workplace.alice, early("14:00")), workplace.bob)
    dingtalk.verdicts.clear()
    for moment in ("08:50", "08:56", "09:30"):
        frozen.set(shanghai(moment))
        await workplace.tick()
    assert len(dingtalk.messages()) == 1
    assert [found["status"] for found in await log_of(workplace.bob)] == ["expired"]
    frozen.set(shanghai("13:45"))
    await workplace.tick()
    assert "14:00" in dingtalk.messages()[-1]["markdown"]["title"]


async def test_a_number_and_a_name_that_were_corrected_are_the_new_ones(
    with_dingtalk: WithDingTalk, frozen: Clock
) -> None:
    """The old number may be a colleague's."""
    workplace, dingtalk = with_dingtalk
    frozen.set(shanghai("08:40"))
    await new_robot(workplace.alice, team_id=workplace.team_a)
    dingtalk.verdicts["robot"] = DOWN
    await give_shift(workplace, EARLY, workplace.bob)
    frozen.set(shanghai("08:45"))
    await workplace.tick()
    change = {"mobile": "13900000009", "display_name": "王波"}
    await workplace.root.patch(f"/api/v1/users/{workplace.bob.id}", change)
    dingtalk.verdicts.clear()
    frozen.set(shanghai("08:46"))
    await workplace.tick()
    (_, last) = dingtalk.messages()
    assert last["at"]["atMobiles"] == ["13900000009"]
    assert ("王波" in last["markdown"]["text"], "Bob" in last["markdown"]["text"]) == (True, False)


async def test_who_asked_for_ten_minutes_is_left_alone_by_what_waited(
    with_dingtalk: WithDingTalk, frozen: Clock
) -> None:
    workplace, dingtalk = with_dingtalk
    frozen.set(shanghai("08:40"))
    await new_robot(workplace.bob)
    dingtalk.verdicts["robot"] = DOWN
    await give_shift(workplace, EARLY, workplace.bob)
    frozen.set(shanghai("08:45"))
    await workplace.tick()
    reminder_id = (await reminder_of(workplace.bob))["id"]
    await workplace.bob.post(f"/api/v1/reminders/{reminder_id}/snooze", {"minutes": 10})
    dingtalk.verdicts.clear()
    frozen.set(shanghai("08:50"))
    await workplace.tick()
    assert len(dingtalk.messages()) == 1
    frozen.set(shanghai("08:55"))
    await workplace.tick()
    assert len(dingtalk.messages()) == 2
    # Who is reminded by hand before the window opens is reminded, however often it takes.
    dingtalk.verdicts["robot"] = DOWN
    clock_out = (await reminder_of(workplace.bob, "clock_out"))["id"]
    await workplace.alice.post(f"/api/v1/reminders/{clock_out}/resend")
    await workplace.tick()
    dingtalk.verdicts.clear()
    frozen.set(shanghai("08:56"))
    await workplace.tick()
    assert "下班" in dingtalk.messages()[-1]["markdown"]["title"]


async def test_a_notice_that_waited_goes_to_the_corrected_userid(make_workplace: WorkplaceMaker, frozen: Clock) -> None:
    """Somebody had entered a colleague's."""
    async with beside(FakeDingTalkApp(people=("carl", "bob")), "dingtalk", make_workplace) as (workplace, dingtalk):
        path = f"/api/v1/users/{workplace.bob.id}"
        await workplace.root.patch(path, {"dingtalk_userid": "carl"})
        config = {"app_key": "dingapp", "app_secret": "app-secret", "agent_id": 7}
        body = {"name": "通知", "kind": "dingtalk_work_notice", "config": config}
        await workplace.bob.post("/api/v1/channels", body)
        await give_shift(workplace, EARLY, workplace.bob, on=TODAY + timedelta(days=3))
        frozen.forward(minutes=20)
        async with workplace.database.write() as session:
            assert await queue_notices(session) == 1
        await workplace.root.patch(path, {"dingtalk_userid": "bob"})
        await workplace.tick()
        assert [notice["userid_list"] for notice in dingtalk.notices] == ["bob"]
