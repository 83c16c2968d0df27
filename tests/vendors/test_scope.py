"""A person outside the app's scope: they get nothing that way, and their team's channel goes on for everybody else."""

import pytest

from conftest import Clock, WorldMaker
from fakes.dingtalk_app import FakeDingTalkApp
from scenes import EARLY, give_shift, inbox_of, log_of, shanghai

NOTICE = {"app_key": "dingapp", "app_secret": "app-secret", "agent_id": 7, "has_receipts": False}


@pytest.mark.parametrize("first", ["bob", "eve"])
async def test_a_person_outside_the_scope_does_not_break_the_teams_channel(
    make_world: WorldMaker, frozen: Clock, first: str
) -> None:
    frozen.set(shanghai("08:40"))
    async with (
        FakeDingTalkApp(people=("bob", "eve")).running() as dingtalk,
        make_world(dingtalk_base_url=dingtalk.base_url) as world,
    ):
        assert isinstance(dingtalk, FakeDingTalkApp)
        dingtalk.out_of_scope = {first}
        eve = await world.add_person("Eve", team_id=world.team_a)
        for person, userid in ((world.bob, "bob"), (eve, "eve")):
            await world.root.patch(f"/api/v1/users/{person.id}", {"dingtalk_userid": userid})
        channel = {"name": "工作通知", "kind": "dingtalk_work_notice", "team_id": world.team_a, "config": NOTICE}
        channel_id = (await world.alice.post("/api/v1/channels", channel))["id"]
        await give_shift(world, EARLY, world.bob, eve)
        frozen.set(shanghai("08:45"))
        await world.tick()

        out, reached = (world.bob, eve) if first == "bob" else (eve, world.bob)
        (refused,) = [found for found in await log_of(out) if found["channel_id"] == channel_id]
        assert refused["status"] == "failed"
        (attempt,) = refused["attempts"]
        assert (attempt["outcome"], attempt["provider_code"], attempt["hint"]) == (
            "bad_message",
            "50002",
            "dingtalk_scope",
        )
        assert "授权范围" in attempt["hint_text"]["zh"]
        (sent,) = [found for found in await log_of(reached) if found["channel_id"] == channel_id]
        assert sent["status"] == "sent"
        assert len(await inbox_of(out)) == 1, "it went another way"
        assert (await world.alice.get(f"/api/v1/channels/{channel_id}"))["status"] == "ok"
