"""A person outside the app's scope: they get nothing that way, and their team's channel goes on for everybody else."""

import pytest

from conftest import Clock, WorkplaceMaker
from fakes.dingtalk_app import FakeDingTalkApp
from scenes import EARLY, beside, give_shift, inbox_of, log_of, shanghai

NOTICE = {"app_key": "dingapp", "app_secret": "app-secret", "agent_id": 7, "has_receipts": False}


@pytest.mark.parametrize("first", ["bob", "eve"])
async def test_a_person_outside_the_scope_does_not_break_the_teams_channel(
    make_workplace: WorkplaceMaker, frozen: Clock, first: str
) -> None:
    frozen.set(shanghai("08:40"))
    async with beside(FakeDingTalkApp(people=("bob", "eve")), "dingtalk", make_workplace) as (workplace, dingtalk):
        dingtalk.out_of_scope = {first}
        eve = await workplace.add_person("Eve", team_id=workplace.team_a)
        for person, userid in ((workplace.bob, "bob"), (eve, "eve")):
            await workplace.root.patch(f"/api/v1/users/{person.id}", {"dingtalk_userid": userid})
        channel = {"name": "工作通知", "kind": "dingtalk_work_notice", "team_id": workplace.team_a, "config": NOTICE}
        channel_id = (await workplace.alice.post("/api/v1/channels", channel))["id"]
        await give_shift(workplace, EARLY, workplace.bob, eve)
        frozen.set(shanghai("08:45"))
        await workplace.tick()

        out, reached = (workplace.bob, eve) if first == "bob" else (eve, workplace.bob)
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
        assert (await workplace.alice.get(f"/api/v1/channels/{channel_id}"))["status"] == "ok"
