"""ntfy: buttons that answer by themselves, here where phones reach this address, else over a topic of their own."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlmodel import select

from chat.conftest import Chats, ChatsMaker, shows
from conftest import Clock, Person, Workplace, WorkplaceMaker, eventually
from daka.chat.connection import Incoming
from daka.chat.dialects.ntfy import incoming
from daka.chat.models import ChatMessage
from daka.chat.words import ChatCommand, Word
from daka.delivery.channels.ntfy import reply_topic
from fakes.ntfy import FakeNtfy
from scenes import EARLY, give_shift, reminder_of, shanghai

TOPIC = "clockin-7f3a91"
LAN = ("127.0.0.1",)


@pytest.fixture
async def ntfy() -> AsyncIterator[FakeNtfy]:
    fake = FakeNtfy()
    async with fake.running():
        yield fake


@pytest.fixture
async def office(make_workplace: WorkplaceMaker, frozen: Clock, ntfy: FakeNtfy) -> AsyncIterator[Workplace]:
    """Bob has the early shift, and a topic. No phone reaches this server."""
    async with make_workplace(allow_private_targets=LAN, public_url="") as workplace:
        await topic_of(workplace.bob, ntfy)
        await give_shift(workplace, EARLY, workplace.bob)
        frozen.set(shanghai("08:45"))
        yield workplace


async def topic_of(by: Person, ntfy: FakeNtfy, topic: str = TOPIC, team_id: int | None = None, **config: Any) -> None:
    new = {"name": "ntfy", "kind": "ntfy", "config": {"topic": topic, "server": ntfy.base_url, **config}}
    await by.post("/api/v1/channels", new if team_id is None else {**new, "team_id": team_id})


def labels(message: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each["action"], each["label"]) for each in message.get("actions", [])]


async def test_a_tap_comes_over_a_topic_of_its_own(
    office: Workplace, ntfy: FakeNtfy, frozen: Clock, chats: Chats
) -> None:
    await eventually(shows(office, "open"))
    assert ntfy.subscribed == [f"{reply_topic(TOPIC)} 12h"]
    await office.tick()
    (message,) = ntfy.messages
    assert labels(message) == [("http", "我已打卡"), ("http", "10 分钟后提醒"), ("http", "这次跳过")]
    assert all(each["clear"] and TOPIC not in each["url"] for each in message["actions"])
    frozen.set(shanghai("08:58"))
    await ntfy.tap(0)
    await chats.answer(1)
    said = ntfy.messages[1]
    assert (said["topic"], said["message"], said["priority"]) == (TOPIC, "已记录 08:58", 2)
    found = await reminder_of(office.bob)
    assert (found["status"], found["ended_by"]) == ("acknowledged", "chat")


async def test_what_was_tapped_while_nobody_listened_is_read_from_the_cache_once(
    office: Workplace, ntfy: FakeNtfy, open_chats: ChatsMaker
) -> None:
    async with open_chats(office) as chats:
        await eventually(shows(office, "open"))
        await office.tick()
        await ntfy.tap(0, 1, message_id="first")
        await chats.answer(1)
    await ntfy.tap(0, 2, message_id="second")
    async with open_chats(office, "worker-2") as chats:
        await chats.answer(2)
        assert [each["message"] for each in ntfy.messages[1:]] == ["好的，08:55 再提醒。", "好的，这次不再提醒。"]
        await ntfy.opened[-1].close()
        await ntfy.until(lambda: len(ntfy.subscribed) == 3)
        assert ntfy.subscribed[-1].endswith(" 12h")  # all again: a tap that was read and not stored is not lost
    async with office.database.read() as session:
        assert len(list(await session.exec(select(ChatMessage)))) == 2


async def test_a_reminder_that_has_ended_says_so(office: Workplace, ntfy: FakeNtfy, chats: Chats) -> None:
    await eventually(shows(office, "open"))
    await office.tick()
    await office.bob.post("/api/v1/punches", {"kind": "clock_in"})
    await ntfy.tap(0, 1)
    await chats.answer(1)
    assert ntfy.messages[-1]["message"] == "这条提醒已经结束。"


async def test_a_topic_answers_only_what_it_was_sent(office: Workplace, ntfy: FakeNtfy, open_chats: ChatsMaker) -> None:
    """Charlie writes the number of Bob's message to his own reply topic."""
    await topic_of(office.charlie, ntfy, "charlies")
    async with open_chats(office) as chats:
        await ntfy.until(lambda: len(ntfy.subscribed) == 2)
        await office.tick()
        (message,) = ntfy.messages
        await ntfy.publish(reply_topic("charlies"), message["actions"][0]["body"])
        await chats.answer(1)
        assert ntfy.messages[-1]["topic"] == "charlies"
        assert ntfy.messages[-1]["message"].startswith("还不认识你")
        assert (await reminder_of(office.bob))["status"] == "nagging"


async def test_a_topic_of_several_people_opens_the_page(
    make_workplace: WorkplaceMaker, frozen: Clock, ntfy: FakeNtfy
) -> None:
    """A tap there would not say who it was."""
    async with make_workplace(allow_private_targets=LAN) as office:
        dan = await office.add_person("Dan", team_id=office.team_a)
        await topic_of(office.alice, ntfy, team_id=office.team_a, buttons="ntfy")
        await give_shift(office, EARLY, office.bob, dan)
        frozen.set(shanghai("08:45"))
        await office.tick()
        assert {action for action, _ in labels(ntfy.messages[0])} == {"view"}


@pytest.mark.parametrize(
    ("buttons", "kinds", "is_here"),
    [("auto", {"http"}, True), ("page", {"view"}, True), ("ntfy", {"http"}, False)],
)
async def test_with_an_address_that_phones_reach(
    make_workplace: WorkplaceMaker,
    frozen: Clock,
    ntfy: FakeNtfy,
    open_chats: ChatsMaker,
    buttons: str,
    kinds: set[str],
    is_here: bool,
) -> None:
    async with make_workplace(allow_private_targets=LAN, public_url="https://daka.example") as office:
        await topic_of(office.bob, ntfy, buttons=buttons)
        await give_shift(office, EARLY, office.bob)
        frozen.set(shanghai("08:45"))
        async with open_chats(office):
            if not is_here:
                await eventually(shows(office, "open"))
            await office.tick()
            assert (ntfy.subscribed == []) == is_here
        (message,) = ntfy.messages
        assert {action for action, _ in labels(message)} == kinds
        urls = {urlsplit(each["url"]).hostname for each in message["actions"]}
        assert urls == ({"daka.example"} if is_here else {"127.0.0.1"})


async def test_the_phones_own_request_answers(make_workplace: WorkplaceMaker, frozen: Clock, ntfy: FakeNtfy) -> None:
    async with make_workplace(allow_private_targets=LAN, public_url="http://test") as office:
        await topic_of(office.bob, ntfy)
        await give_shift(office, EARLY, office.bob)
        frozen.set(shanghai("08:45"))
        await office.tick()
        action = ntfy.messages[0]["actions"][0]
        path = urlsplit(action["url"]).path
        for _ in range(2):  # the second one changes nothing
            said = await office.bob.http.request(
                action["method"], path, content=action["body"], headers=action["headers"]
            )
            assert (said.status_code, list(said.json()["statuses"].values())) == (200, ["acknowledged"])


async def test_the_button_of_a_test_is_tried(office: Workplace, ntfy: FakeNtfy, open_chats: ChatsMaker) -> None:
    (channel,) = [each for each in (await office.bob.get("/api/v1/channels"))["items"] if each["kind"] == "ntfy"]
    path = f"/api/v1/channels/{channel['id']}"
    async with open_chats(office) as chats:
        await eventually(shows(office, "open"))
        sent = await office.bob.post(f"{path}/test")
        await ntfy.tap(0)
        await chats.answer(1)
        assert ntfy.messages[1]["message"] == "按钮可以用。"
        assert await office.bob.get(f"{path}/taps/{sent['delivery_id']}") == {"is_tapped": True, "is_known": True}


async def test_a_protected_server_is_read_with_the_token(
    make_workplace: WorkplaceMaker, frozen: Clock, open_chats: ChatsMaker
) -> None:
    fake = FakeNtfy(token="tk_good")
    async with fake.running(), make_workplace(allow_private_targets=LAN, public_url="") as office:
        await topic_of(office.bob, fake, token="tk_good")
        await topic_of(office.charlie, fake, "charlies", token="tk_wrong")

        async def states() -> set[str]:
            return {each["state"] for each in (await office.root.get("/api/v1/chat-connections"))["items"]}

        async def one_is_refused() -> bool:
            return await states() == {"open", "refused"}

        async with open_chats(office):
            await eventually(one_is_refused)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ack:81234", Incoming("tap m1", "81234", ChatCommand(Word.ACKNOWLEDGE), 81234)),
        ("skip:1", Incoming("tap m1", "1", ChatCommand(Word.SKIP), 1)),
        *[(text, None) for text in ("", "ack", "ack:", "ack:x", "rm:1", "ack:٣", "ack:" + "9" * 16, "打卡")],
    ],
)
def test_what_is_written_to_the_topic_is_read_with_care(text: str, expected: Incoming | None) -> None:
    assert incoming("m1", text) == expected
