"""Feishu's long connection: cards with buttons, a toast for each tap, frames in parts, and refusals."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from chat.conftest import Chats, ChatsMaker, state_of
from conftest import OWN, Clock, Person, Workplace, WorkplaceMaker, eventually
from daka.chat.connection import Incoming
from daka.chat.feishu_events import incoming
from daka.chat.words import ChatCommand, Word
from fakes.feishu_connection import OPEN_ID, FakeFeishuApp
from scenes import EARLY, give_shift, reminder_of, shanghai


@pytest.fixture
async def feishu() -> AsyncIterator[FakeFeishuApp]:
    fake = FakeFeishuApp()
    async with fake.running():
        yield fake


@pytest.fixture
async def office(make_workplace: WorkplaceMaker, frozen: Clock, feishu: FakeFeishuApp) -> AsyncIterator[Workplace]:
    """Bob has the early shift; his team's people get their reminders one by one."""
    async with make_workplace(feishu_base_url=feishu.base_url, public_url="") as workplace:
        config = {"app_id": "cli_good1", "app_secret": "good", "people": f"Bob {OPEN_ID}"}
        new = {"name": "飞书", "kind": "feishu_app", "team_id": workplace.team_a, "config": config}
        await workplace.alice.post("/api/v1/channels", new)
        await give_shift(workplace, EARLY, workplace.bob)
        frozen.set(shanghai("08:45"))
        yield workplace


async def is_open(feishu: FakeFeishuApp, how_many: int = 1) -> None:
    await feishu.until(lambda: len(feishu.opened) == how_many and feishu.pings >= how_many)


async def bind(chats: Chats, feishu: FakeFeishuApp, person: Person, open_id: str = OPEN_ID, *, stored: int = 1) -> None:
    code = (await person.post("/api/v1/me/chats/code", OWN))["code"]
    await feishu.write(f"绑定 {code}", person=open_id)
    await chats.answer(stored)
    assert feishu.replies[-1].startswith("已绑定")


async def toast_of(chats: Chats, feishu: FakeFeishuApp, tap: str) -> str:
    async with chats.answering():
        await feishu.until(lambda: tap in feishu.answers)
    code, result, seconds = feishu.answers[tap]
    assert (code, seconds < 3) == (200, True)
    text: str = result["toast"]["content"]
    return text


@pytest.mark.parametrize("parts", [1, 2, 5])
async def test_a_card_is_answered_and_changes_in_place(
    office: Workplace, feishu: FakeFeishuApp, parts: int, chats: Chats
) -> None:
    await is_open(feishu)
    await bind(chats, feishu, office.bob)
    await office.tick()
    ((number, message),) = feishu.messages.items()
    assert message["receive_id"] == OPEN_ID
    assert [each["text"]["content"] for each in feishu.buttons(number)] == ["我已打卡", "10 分钟后提醒", "这次跳过"]
    assert await toast_of(chats, feishu, await feishu.tap(number, parts=parts)) == "已记录 08:45"
    await chats.show()
    assert feishu.text(number).endswith("● 已打卡 08:45")
    assert feishu.buttons(number) == []
    found = await reminder_of(office.bob)
    assert (found["status"], found["ended_by"]) == ("acknowledged", "chat")


async def test_who_is_not_known_binds_in_the_chat(office: Workplace, feishu: FakeFeishuApp, chats: Chats) -> None:
    await is_open(feishu)
    await office.tick()
    (number,) = feishu.messages
    assert (await toast_of(chats, feishu, await feishu.tap(number))).startswith("还不认识你")
    await bind(chats, feishu, office.charlie, "ou_charlie1", stored=2)
    assert await toast_of(chats, feishu, await feishu.tap(number, person="ou_charlie1")) == "这是 Bob 的提醒。"
    await bind(chats, feishu, office.bob, stored=4)
    await feishu.write("@_user_1 稍后", chat="group")
    await chats.answer(5)
    assert feishu.replies[-1] == "好的，08:55 再提醒。"
    await chats.show()
    assert feishu.text(number).endswith("08:55 再提醒")
    assert len(feishu.buttons(number)) == 3


async def test_a_tap_that_comes_twice_acts_once_and_is_answered_twice(
    office: Workplace, feishu: FakeFeishuApp, chats: Chats
) -> None:
    await is_open(feishu)
    await bind(chats, feishu, office.bob)
    await office.tick()
    (number,) = feishu.messages
    assert await toast_of(chats, feishu, await feishu.tap(number, 1, event_id="same")) == "好的，08:55 再提醒。"
    again = await feishu.tap(number, 1, event_id="same")
    await feishu.until(lambda: again in feishu.answers)
    assert feishu.answers[again][:2] == (200, None)
    assert (await reminder_of(office.bob))["status"] == "nagging"


async def test_a_reminder_that_has_ended_says_so(office: Workplace, feishu: FakeFeishuApp, chats: Chats) -> None:
    await is_open(feishu)
    await bind(chats, feishu, office.bob)
    await office.tick()
    (number,) = feishu.messages
    await office.bob.post("/api/v1/punches", {"kind": "clock_in"})
    assert await toast_of(chats, feishu, await feishu.tap(number, 1)) == "这条提醒已经结束。"


async def test_a_connection_that_breaks_is_opened_again(office: Workplace, feishu: FakeFeishuApp, chats: Chats) -> None:
    await is_open(feishu)
    await feishu.opened[0].close()
    await is_open(feishu, 2)
    await feishu.write("今天")
    await chats.answer(1)
    assert feishu.replies[0].startswith("还不认识你")


@pytest.mark.parametrize(
    ("refusal", "state"),
    [
        ({"code": 1000040344, "msg": "app_secret is invalid"}, "refused"),
        ({"code": 514, "msg": "auth failed"}, "refused"),
        ({"code": 1000040350, "msg": "too many connections"}, "taken_over"),
        ({"code": 1000040343, "msg": "internal error"}, "connecting"),
        ({"code": 0, "msg": "", "data": {}}, "connecting"),
        ({"code": 0, "msg": "", "data": {"URL": "wss://evil.example/ws"}}, "connecting"),
    ],
    ids=["secret", "auth", "many", "internal", "empty", "foreign"],
)
async def test_a_refusal_is_shown(
    office: Workplace, feishu: FakeFeishuApp, open_chats: ChatsMaker, refusal: dict[str, Any], state: str
) -> None:
    feishu.refusal = refusal

    async def says_so() -> bool:
        found = await state_of(office)
        return found[0] == state and found[1] != ""

    async with open_chats(office):
        await eventually(says_so)
        assert feishu.opened == []


async def test_the_test_button_reaches_the_person_and_says_what_is_wrong(
    office: Workplace, feishu: FakeFeishuApp
) -> None:
    config = {"app_id": "cli_good1", "app_secret": "good", "open_ids": OPEN_ID}
    channel = await office.bob.post("/api/v1/channels", {"name": "我的", "kind": "feishu_app", "config": config})
    path = f"/api/v1/channels/{channel['id']}"
    assert (await office.bob.post(f"{path}/test"))["outcome"] == "done"
    assert [each["receive_id"] for each in feishu.messages.values()] == [OPEN_ID]
    feishu.people = (*feishu.people, "g7bob")  # a user_id, as people's pages have it
    await office.bob.patch(path, {"config": {**config, "open_ids": "g7bob"}})
    assert (await office.bob.post(f"{path}/test"))["outcome"] == "done"
    await office.bob.patch(path, {"config": config})
    feishu.token = "tenant-token-2"
    assert (await office.bob.post(f"{path}/test"))["outcome"] == "done"
    feishu.people = ()
    assert (await office.bob.post(f"{path}/test"))["outcome"] == "bad_message"
    await office.bob.patch(path, {"config": {**config, "app_secret": "wrong"}})
    assert (await office.bob.post(f"{path}/test"))["outcome"] == "broken_channel"


EVENT = {"operator": {"open_id": "ou_1"}, "action": {"value": {"do": "ack", "id": "81234"}}}
WRITTEN = {
    "sender": {"sender_id": {"open_id": "ou_1"}, "sender_type": "user"},
    "message": {"message_id": "om_1", "chat_type": "p2p", "message_type": "text", "content": '{"text":"打卡"}'},
}
TAPPED = Incoming("tap e1", "ou_1", ChatCommand(Word.ACKNOWLEDGE), 81234)
SAID = Incoming("message om_1", "ou_1", ChatCommand(Word.ACKNOWLEDGE), None, {"message": "om_1"})
TAP, MESSAGE = "card.action.trigger", "im.message.receive_v1"


@pytest.mark.parametrize(
    ("kind", "event", "expected"),
    [
        (TAP, EVENT, TAPPED),
        (MESSAGE, WRITTEN, SAID),
        ("approval", EVENT, None),
        (TAP, {**EVENT, "operator": {}}, None),
        *[
            (TAP, {**EVENT, "action": {"value": value}}, None)
            for value in (None, "ack", {"do": "ack"}, {"do": "x", "id": "1"})
        ],
        (TAP, {**EVENT, "action": {"value": {"do": "ack", "id": "9" * 16}}}, None),
        (MESSAGE, {**WRITTEN, "sender": {"sender_id": {"open_id": "ou_1"}, "sender_type": "app"}}, None),
        (MESSAGE, {**WRITTEN, "message": {**WRITTEN["message"], "message_type": "image"}}, None),
        (MESSAGE, {**WRITTEN, "message": {**WRITTEN["message"], "content": "{"}}, None),
        (
            MESSAGE,
            {**WRITTEN, "message": {**WRITTEN["message"], "chat_type": "group", "content": '{"text":"中午吃什么"}'}},
            None,
        ),
    ],
    ids=lambda value: "x",
)
def test_events_are_read_with_care(kind: str, event: dict[str, Any], expected: Incoming | None) -> None:
    payload = {"schema": "2.0", "header": {"event_id": "e1", "event_type": kind}, "event": event}
    assert incoming(json.dumps(payload).encode()) == (kind, expected)


@pytest.mark.parametrize("payload", [b"", b"[]", b"\xff", b'{"header":{}}', b'{"header":{"event_id":""}}'])
def test_what_is_no_event_is_nothing(payload: bytes) -> None:
    assert incoming(payload)[1] is None
