"""Planners are told on Today whom no channel reaches: nobody's phone rings for what is in an inbox."""

from typing import Any

import pytest

from conftest import Clock, Person, Workplace, WorkplaceMaker
from daka.identity.models import Role
from scenes import (
    EARLY,
    KEYWORDS_DO_NOT_MATCH,
    TOO_FAST,
    dingtalk_workplace,
    give_shift,
    new_robot,
    reminder_of,
    shanghai,
)

WORK_NOTICE = {
    "name": "应用",
    "kind": "dingtalk_work_notice",
    "config": {"app_key": "dingapp", "app_secret": "app-secret", "agent_id": 7},
}


async def unreached(by: Person) -> list[str]:
    return [found["display_name"] for found in (await by.get("/api/v1/dashboard"))["team"]["unreached"]]


async def test_who_has_no_channel_that_works_is_named_to_their_planner(
    make_workplace: WorkplaceMaker, frozen: Clock
) -> None:
    frozen.set(shanghai("08:40"))
    async with dingtalk_workplace(make_workplace) as (workplace, dingtalk):
        alice, bob = workplace.alice, workplace.bob
        eve = await workplace.add_person("Eve", team_id=workplace.team_a)
        other = await workplace.add_person("Olga", team_id=workplace.team_c, role=Role.PLANNER)
        assert await unreached(alice) == []  # nobody works today
        await give_shift(workplace, EARLY, bob, eve)
        assert (await unreached(alice), await unreached(workplace.root), await unreached(other)) == (
            ["Bob", "Eve"],
            ["Bob", "Eve"],
            [],
        )
        await new_robot(bob, "bobs")
        assert await unreached(alice) == ["Eve"]
        team_robot = await new_robot(alice, "team", team_id=workplace.team_a)
        assert await unreached(alice) == []
        dingtalk.verdicts["team"] = KEYWORDS_DO_NOT_MATCH
        await alice.post(f"/api/v1/channels/{team_robot}/test")
        assert await unreached(alice) == ["Eve"]
        await eve.post(f"/api/v1/reminders/{(await reminder_of(eve))['id']}/skip")
        await eve.post(f"/api/v1/reminders/{(await reminder_of(eve, 'clock_out'))['id']}/skip")
        assert await unreached(alice) == []


@pytest.mark.parametrize(
    ("channel", "reached"),
    [
        (WORK_NOTICE, False),  # without a userid in the profile
        ({"name": "收件箱", "kind": "inbox", "config": {}}, True),  # their own choice
        ({"name": "关", "kind": "bark", "config": {"device_key": "AbCdEf"}, "is_enabled": False}, False),
    ],
    ids=lambda found: str(found["kind"]) if isinstance(found, dict) else "",
)
async def test_a_channel_counts_only_if_it_reaches_the_person(
    workplace: Workplace, channel: dict[str, Any], reached: bool
) -> None:
    await workplace.bob.post("/api/v1/channels", channel)
    await give_shift(workplace, EARLY, workplace.bob)
    assert await unreached(workplace.alice) == ([] if reached else ["Bob"])


async def test_a_channel_that_its_provider_holds_past_the_punch_point_reaches_nobody(
    make_workplace: WorkplaceMaker, frozen: Clock
) -> None:
    frozen.set(shanghai("08:40"))
    async with dingtalk_workplace(make_workplace) as (workplace, dingtalk):
        await new_robot(workplace.bob, "bobs")
        await give_shift(workplace, EARLY, workplace.bob)
        dingtalk.verdicts["bobs"] = TOO_FAST
        frozen.set(shanghai("08:55"))
        await workplace.tick()
        assert await unreached(workplace.alice) == ["Bob"]
        del dingtalk.verdicts["bobs"]
        frozen.set(shanghai("09:06"))
        await workplace.tick()
        assert await unreached(workplace.alice) == []
