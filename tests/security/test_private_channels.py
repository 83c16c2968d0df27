"""A personal channel is its owner's business: who sees that a message went over it sees neither its name nor its answers.

Alice's mailbox refuses the escalation about Bob. Bob, and Dan, who plans with her, see the delivery; Alice and Root see why.
"""

import json
from datetime import timedelta
from typing import Any

import pytest

from conftest import Clock, Person, Workplace
from daka.delivery.channels.verdicts import Verdict
from daka.delivery.models import Outcome
from daka.delivery.sender import Sender, SendResult
from daka.identity.models import Role
from scenes import EARLY, NAG_AND_ESCALATE, give_shift, shanghai

NAME, WORDS, CODE = "爱丽丝的手机", "mailbox alice@home.example is full", "552-alice"


@pytest.fixture(autouse=True)
def _webhooks_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    send = Sender.send

    async def refused(sender: Sender, channel: Any, rendered: Any) -> SendResult:
        if channel.kind != "webhook":
            return await send(sender, channel, rendered)
        return SendResult(Verdict(Outcome.BAD_MESSAGE, CODE, WORDS), timedelta(0))

    monkeypatch.setattr(Sender, "send", refused)


@pytest.fixture
async def escalated(workplace: Workplace, frozen: Clock) -> Person:
    """Dan, who plans with Alice."""
    dan = await workplace.add_person("Dan", team_id=workplace.team_a, role=Role.PLANNER)
    hook = {"url": "https://hooks.example.com/alice"}
    await workplace.alice.post("/api/v1/channels", {"name": NAME, "kind": "webhook", "config": hook})
    frozen.set(shanghai("08:40"))
    await give_shift(workplace, {**EARLY, "policy": NAG_AND_ESCALATE}, workplace.bob)
    frozen.set(shanghai("09:06"))
    await workplace.tick()
    return dan


async def _told(workplace: Workplace, person: Person) -> str:
    """Everything that the log, one delivery, the search, "why?" and the preview tell a person."""
    log = await person.get("/api/v1/deliveries", limit=100)
    found = [log, *[await person.get(f"/api/v1/deliveries/{item['id']}") for item in log["items"]]]
    found.append(await person.get("/api/v1/reminders/explain", user_id=workplace.bob.id, date="2026-11-23"))
    found.append(await person.get("/api/v1/reminders/preview", days=1, at="2026-11-23T00:00:00Z"))
    return json.dumps(found, ensure_ascii=False)


async def test_only_its_owner_and_administrators_see_what_a_personal_channel_is_called_and_answers(
    workplace: Workplace, escalated: Person
) -> None:
    for person, sees in (
        (workplace.alice, True),
        (workplace.root, True),
        (workplace.bob, False),
        (escalated, False),
    ):
        told = await _told(workplace, person)
        assert [words in told for words in (NAME, WORDS, CODE)] == [sees] * 3, person.username
        for words in (NAME, WORDS, CODE):
            hits = (await person.get("/api/v1/deliveries", q=words))["items"]
            assert bool(hits) == sees, f"{person.username} searches {words}"
    everything = (await workplace.bob.get("/api/v1/deliveries", limit=100))["items"]
    assert "" in {item["channel_name"] for item in everything}, "that it went out is Bob's business"


async def test_a_planner_sees_what_a_members_channel_answers(workplace: Workplace, frozen: Clock) -> None:
    hook = {"url": "https://hooks.example.com/bob"}
    await workplace.bob.post("/api/v1/channels", {"name": "鲍勃的手机", "kind": "webhook", "config": hook})
    frozen.set(shanghai("08:50"))
    await give_shift(workplace, EARLY, workplace.bob)
    await workplace.tick()
    names = {item["channel_name"] for item in (await workplace.alice.get("/api/v1/deliveries"))["items"]}
    assert "鲍勃的手机" in names
