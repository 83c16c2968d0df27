"""Every setting of every kind can be corrected: the forms' schemas say what there is to change."""

import pytest
from sqlmodel import select

from conftest import ONE_DATABASE, Clock, Workplace, WorkplaceMaker
from daka.delivery import outbox, service
from daka.delivery.channels.registry import CHOOSABLE, KINDS
from daka.delivery.models import Channel, Delivery, Lane
from daka.outbound.config import opened
from delivery.channels.samples import another_value, full_settings, properties
from scenes import EARLY, give_shift


@pytest.mark.parametrize("kind", CHOOSABLE)
@ONE_DATABASE
async def test_every_setting_is_changed_and_saved(workplace: Workplace, kind: str) -> None:
    values = full_settings(kind)
    made = await workplace.bob.post("/api/v1/channels", {"name": kind, "kind": kind, "config": values})
    path = f"/api/v1/channels/{made['id']}"
    for name in properties(kind):
        values = {**values, name: another_value(kind, name)}
        # As the form sends it: a secret that nobody types again is left out.
        change = {key: value for key, value in values.items() if key == name or key not in made["saved_secrets"]}
        assert (await workplace.bob.patch(path, {"config": change}))["status"] == "untried"
        wanted = KINDS[kind].parsed(values)
        async with workplace.database.read() as session:
            channel = await session.get_one(Channel, made["id"])
            saved = KINDS[kind].parsed({**channel.config, **opened(session, channel.sealed_secrets)})
            assert await session.get(Lane, channel.lane) is not None
        assert (dict(saved), saved.secrets()) == (dict(wanted), wanted.secrets()), name
        assert KINDS[kind].lane(wanted) in (channel.lane, None), name
    renamed = await workplace.bob.patch(path, {"name": "另一个名字", "is_enabled": False})
    assert (renamed["name"], renamed["is_enabled"]) == ("另一个名字", False)


async def test_what_waits_goes_to_the_corrected_address(workplace: Workplace, frozen: Clock) -> None:
    values = full_settings("dingtalk_robot")
    made = await workplace.bob.post("/api/v1/channels", {"name": "x", "kind": "dingtalk_robot", "config": values})
    await give_shift(workplace, EARLY, workplace.bob)
    frozen.forward(minutes=46)
    async with workplace.database.write() as session:
        await outbox.queue_due(session)
    other = another_value("dingtalk_robot", "webhook_url")
    await workplace.bob.patch(f"/api/v1/channels/{made['id']}", {"config": {"webhook_url": other}})
    async with workplace.database.read() as session:
        channel = await session.get_one(Channel, made["id"])
        waiting = (await session.exec(select(Delivery).where(Delivery.channel_id == made["id"]))).one()
    assert (
        waiting.lane
        == channel.lane
        == KINDS["dingtalk_robot"].lane(KINDS["dingtalk_robot"].parsed({**values, "webhook_url": other}))
    )


async def test_an_address_of_the_environment_changes_at_the_next_start(
    make_workplace: WorkplaceMaker, frozen: Clock
) -> None:
    one, other = "https://example.org/one", "https://example.org/two"
    async with make_workplace(working_url=one) as workplace:
        for url in (one, other, one):
            async with workplace.database.write() as session:
                await service.sync_environment_channels(
                    session, workplace.settings.model_copy(update={"working_url": url})
                )
            async with workplace.database.read() as session:
                channel = (await session.exec(select(Channel).where(Channel.environment_name == "WORKING_URL"))).one()
                assert opened(session, channel.sealed_secrets) == {"url": url}
                assert await session.get(Lane, channel.lane) is not None
