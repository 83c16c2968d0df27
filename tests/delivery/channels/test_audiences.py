"""What shares a rate and who sees a message, for every kind: an escalation is sent once per destination, and to each."""

import json
from typing import Any

import pytest
from pydantic import ValidationError
from sqlmodel import select

from conftest import Clock, Person, Workplace
from daka.delivery import outbox, service
from daka.delivery.channels.registry import CHOOSABLE, KINDS
from daka.delivery.models import Channel, Delivery, Occasion
from daka.identity.models import Role
from delivery.channels.samples import another_value, full_settings, properties
from scenes import EARLY, NAG_AND_ESCALATE, give_shift, shanghai


@pytest.fixture(autouse=True)
def _everybody_may_have_a_channel_of_every_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_CHANNELS_PER_OWNER", len(CHOOSABLE))


SETTINGS = [(kind, name) for kind in CHOOSABLE for name in properties(kind)]


@pytest.mark.parametrize(("kind", "name"), SETTINGS)
def test_each_setting_changes_who_sees_a_message_or_is_said_not_to(kind: str, name: str) -> None:
    found, values = KINDS[kind], full_settings(kind)
    one, other = found.parsed(values), found.parsed({**values, name: another_value(kind, name)})
    is_option = found.audience(one) == found.audience(other)
    assert is_option == (name in found.options), (
        f"{kind}.{name} is either in `options` or part of the audience; see audience_key"
    )


def least_settings(kind: str) -> dict[str, Any]:
    """Only the settings without which it sends nothing."""
    values = full_settings(kind)
    for name, field in KINDS[kind].config.model_fields.items():
        fewer = {other: value for other, value in values.items() if other != name}
        if not field.is_required() and is_valid(kind, fewer):
            values = fewer
    return values


def is_valid(kind: str, values: dict[str, Any]) -> bool:
    try:
        KINDS[kind].parsed(values)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("kind", [kind for kind in CHOOSABLE if properties(kind)])
def test_what_names_the_recipient_is_no_option_even_if_it_is_secret(kind: str) -> None:
    """Of what somebody has to enter, one setting names who sees it; a server is the same for many."""
    names = least_settings(kind).keys() - KINDS[kind].options - {"server"}
    assert names, f"{kind}.options lists all that has to be entered, and so whoever names the recipient"


def somebody_else(kind: str) -> dict[str, Any]:
    """The settings of another recipient: through the same robot, app or account where the kind lets one tell them apart."""
    found, values = KINDS[kind], full_settings(kind)
    others = [{**values, name: another_value(kind, name)} for name in properties(kind) if name not in found.options]
    lane = found.lane(found.parsed(values))
    return min(others, key=lambda other: found.lane(found.parsed(other)) != lane, default=values)


async def escalated(workplace: Workplace, clock: Clock, config_of_dan: Any) -> dict[str, list[str]]:
    """Whose channels get the report on Bob, by kind. Alice and Dan plan his team and have a channel of every kind."""
    dan = await workplace.add_person("Dan", team_id=workplace.team_a, role=Role.PLANNER)
    clock.set(shanghai("08:40"))
    await give_shift(workplace, {**EARLY, "policy": NAG_AND_ESCALATE}, workplace.bob)
    for planner, config_of in ((workplace.alice, full_settings), (dan, config_of_dan)):
        for kind in CHOOSABLE:
            await add_channel(planner, kind, config_of(kind))
    clock.set(shanghai("09:06"))
    async with workplace.database.write() as session:
        await outbox.queue_due(session)
    found: dict[str, list[str]] = {kind: [] for kind in CHOOSABLE}
    async with workplace.database.read() as session:
        asked = select(Channel).join(Delivery, Delivery.channel_id == Channel.id)
        for channel in await session.exec(asked.where(Delivery.occasion == Occasion.ESCALATION)):
            found[channel.kind].append("Alice" if channel.user_id == workplace.alice.id else "Dan")
    return {kind: sorted(owners) for kind, owners in found.items()}


async def add_channel(owner: Person, kind: str, config: dict[str, Any]) -> None:
    await owner.post("/api/v1/channels", {"name": kind, "kind": kind, "config": config})


async def test_two_planners_with_the_same_app_and_other_recipients_both_get_the_escalation(
    workplace: Workplace, frozen: Clock
) -> None:
    assert await escalated(workplace, frozen, somebody_else) == {kind: ["Alice", "Dan"] for kind in CHOOSABLE}


async def test_two_channels_at_the_same_destination_get_an_escalation_once(workplace: Workplace, frozen: Clock) -> None:
    once = {kind: ["Alice"] if KINDS[kind].config.model_fields else ["Alice", "Dan"] for kind in CHOOSABLE}
    assert await escalated(workplace, frozen, full_settings) == once


async def test_one_destination_behind_two_robots_gets_an_escalation_once(workplace: Workplace, frozen: Clock) -> None:
    """Dan reaches the same chat through a bot of his own, the same mailbox through another server."""

    def through_another(kind: str) -> dict[str, Any]:
        found, values = KINDS[kind], full_settings(kind)
        return {**values, **{name: another_value(kind, name) for name in properties(kind) if name in found.options}}

    once = {kind: ["Alice"] if KINDS[kind].config.model_fields else ["Alice", "Dan"] for kind in CHOOSABLE}
    assert await escalated(workplace, frozen, through_another) == once


def test_the_same_robot_is_known_whatever_its_address_was_pasted_with() -> None:
    kind = KINDS["dingtalk_robot"]
    plain = full_settings("dingtalk_robot")
    pasted = {**plain, "webhook_url": plain["webhook_url"] + "&timestamp=1&sign=x"}
    one, other = kind.parsed(plain), kind.parsed(pasted)
    assert (kind.lane(one), kind.audience(one)) == (kind.lane(other), kind.audience(other))
    assert json.dumps(plain) not in str(kind.audience(one))
