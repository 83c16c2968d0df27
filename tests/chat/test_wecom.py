"""WeCom's bot: cards with buttons that change within five seconds of a tap, one connection, and who takes it over."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlmodel import select

from chat.conftest import Chats, ChatsMaker, no_more_work_than, shows, state_of
from conftest import OWN, Clock, Person, Workplace, WorkplaceMaker, eventually
from daka.chat.connection import Incoming
from daka.chat.dialects import wecom as dialect
from daka.chat.models import ChatIdentity, ChatMessage
from daka.chat.supervisor import LEASE
from daka.chat.wecom_events import incoming
from daka.chat.words import ChatCommand, Word
from fakes.wecom_bot import FakeWecomBot
from scenes import EARLY, give_shift, reminder_of, shanghai

CONFIG = {"bot_id": "aib-good", "bot_secret": "good"}


@pytest.fixture
async def bot() -> AsyncIterator[FakeWecomBot]:
    fake = FakeWecomBot(people=("bob", "charlie", "alice"))
    async with fake.running():
        yield fake


@pytest.fixture
async def office(make_workplace: WorkplaceMaker, frozen: Clock, bot: FakeWecomBot) -> AsyncIterator[Workplace]:
    """Bob has the early shift; his team's people get their reminders one by one."""
    async with make_workplace(wecom_base_url=bot.base_url, public_url="") as workplace:
        new = {"name": "企业微信", "kind": "wecom_bot", "team_id": workplace.team_a}
        await workplace.alice.post("/api/v1/channels", {**new, "config": {**CONFIG, "people": "Bob bob"}})
        await give_shift(workplace, EARLY, workplace.bob)
        frozen.set(shanghai("08:45"))
        yield workplace


async def is_open(workplace: Workplace, bot: FakeWecomBot, how_many: int = 1) -> None:
    await bot.until(lambda: len(bot.opened) == how_many and bot.pings >= how_many)
    await eventually(shows(workplace, "open"))


async def bind(chats: Chats, bot: FakeWecomBot, person: Person, userid: str = "bob", *, stored: int = 1) -> None:
    code = (await person.post("/api/v1/me/chats/code", OWN))["code"]
    await bot.write(f"绑定 {code}", person=userid)
    await chats.answer(stored)
    assert bot.texts[-1][1].startswith("已绑定")


async def act(chats: Chats, stored: int) -> None:
    """Answer so many, as a worker does, until the reply is with the vendor."""
    await chats.answer(stored)


async def test_from_the_message_to_the_tap_to_the_changed_card(
    office: Workplace, bot: FakeWecomBot, frozen: Clock, chats: Chats
) -> None:
    await is_open(office, bot)
    await bind(chats, bot, office.bob)
    assert await office.tick() == 1
    ((name, card),) = bot.cards.items()
    assert bot.sent_to[name] == "bob"
    assert bot.buttons(name) == ["我已打卡", "10 分钟后提醒", "这次跳过"]
    assert card["main_title"]["title"] == "上班打卡提醒 09:00"
    frozen.set(shanghai("08:58"))
    texts = len(bot.texts)
    tap = await bot.tap(name)
    await act(chats, 2)
    assert bot.changed[tap] < 5
    assert bot.text(name).endswith("● 已打卡 08:58")
    assert bot.buttons(name) == []
    assert len(bot.texts) == texts  # the card says it
    found = await reminder_of(office.bob)
    assert (found["status"], found["ended_by"]) == ("acknowledged", "chat")
    assert "acknowledged" in str(await office.alice.get("/api/v1/dashboard"))
    frozen.set(shanghai("09:00"))
    assert await office.tick() == 0


async def test_snooze_keeps_the_buttons_and_skip_takes_them(office: Workplace, bot: FakeWecomBot, chats: Chats) -> None:
    await is_open(office, bot)
    await bind(chats, bot, office.bob)
    await office.tick()
    (name,) = bot.cards
    await bot.tap(name, "snooze")
    await act(chats, 2)
    assert bot.text(name).endswith("08:55 再提醒")
    assert len(bot.buttons(name)) == 3
    await bot.tap(name, "skip")
    await act(chats, 3)
    assert bot.text(name).endswith("— 已跳过")
    assert bot.buttons(name) == []


async def test_who_is_not_the_person_is_told_whose_it_is_in_words(
    office: Workplace, bot: FakeWecomBot, chats: Chats
) -> None:
    """The card stays as it is: it may show only what this person may see."""
    await is_open(office, bot)
    await office.tick()
    (name,) = bot.cards
    before = bot.cards[name]
    await bot.tap(name, person="charlie")
    await act(chats, 1)
    assert bot.texts[-1][1].startswith("还不认识你")
    await bind(chats, bot, office.charlie, "charlie", stored=2)
    await bot.tap(name, person="charlie")
    await act(chats, 3)
    assert bot.texts[-1] == ("charlie", "这是 Bob 的提醒。")
    assert bot.cards[name] == before
    assert bot.changed == {}
    await bind(chats, bot, office.alice, "alice", stored=4)
    tap = await bot.tap(name, person="alice")
    await act(chats, 5)
    assert tap in bot.changed
    assert bot.text(name).endswith("● 已打卡 08:45\n已替 Bob 记录 08:45")
    assert (await reminder_of(office.bob))["status"] == "acknowledged"


async def test_a_reminder_that_has_ended_is_shown_as_it_is(
    office: Workplace, bot: FakeWecomBot, frozen: Clock, chats: Chats
) -> None:
    await is_open(office, bot)
    await bind(chats, bot, office.bob)
    await office.tick()
    (name,) = bot.cards
    frozen.set(shanghai("08:50"))
    await office.bob.post("/api/v1/punches", {"kind": "clock_in"})
    await bot.tap(name, "snooze")
    await act(chats, 2)
    assert bot.text(name).endswith("● 已打卡 08:50")
    assert bot.buttons(name) == []


async def test_a_tap_that_comes_twice_acts_once(office: Workplace, bot: FakeWecomBot, chats: Chats) -> None:
    await is_open(office, bot)
    await bind(chats, bot, office.bob)
    await office.tick()
    (name,) = bot.cards
    await bot.tap(name, "snooze", number="same")
    await act(chats, 2)
    await bot.tap(name, "snooze", number="same")
    await bot.write("今天")
    await act(chats, 3)
    async with office.database.read() as session:
        assert len(list(await session.exec(select(ChatMessage)))) == 3
    assert [each.partition("\n")[0] for _, each in bot.texts[-1:]] == ["09:00 上班打卡　提醒中"]


async def test_too_late_for_the_card_it_is_said_in_words(office: Workplace, bot: FakeWecomBot, chats: Chats) -> None:
    await is_open(office, bot)
    await bind(chats, bot, office.bob)
    await office.tick()
    (name,) = bot.cards
    tap = await bot.tap(name, late=6)
    await act(chats, 2)
    assert tap not in bot.changed
    assert bot.texts[-1] == ("bob", "已记录 08:45")


async def test_what_a_dead_process_had_stored_is_acted_on_by_the_next(
    office: Workplace, bot: FakeWecomBot, open_chats: ChatsMaker
) -> None:
    """Killed between the tap and the answer."""
    async with open_chats(office) as chats:
        await is_open(office, bot)
        await bind(chats, bot, office.bob)
        await office.tick()
        (name,) = bot.cards
        await bot.tap(name)
        await chats.until_stored(2)
    async with open_chats(office, "worker-2") as second:
        await is_open(office, bot, 2)
        await act(second, 2)
        assert bot.texts[-1] == ("bob", "已记录 08:45")
        assert (await reminder_of(office.bob))["status"] == "acknowledged"


# --- the connection ---------------------------------------------------------------------------------------------------


async def test_whoever_takes_the_connection_over_keeps_it(office: Workplace, bot: FakeWecomBot, chats: Chats) -> None:
    await is_open(office, bot)
    await bot.take_over()
    await eventually(shows(office, "taken_over"))
    assert len(bot.opened) == 1  # no fight: it would lose messages of both
    assert await office.tick() == 1
    (found,) = (await office.alice.get("/api/v1/deliveries"))["items"]
    assert found["status"] == "queued"  # tried again, and after some tries over another channel
    await chats.connections.look()
    assert bot.cards == {}


async def test_two_processes_have_one_connection_and_the_other_leaves_the_sending_to_it(
    office: Workplace, bot: FakeWecomBot, open_chats: ChatsMaker, frozen: Clock
) -> None:
    sender = office.app.state.sender
    async with open_chats(office, "worker-1") as first:
        await is_open(office, bot)
        async with open_chats(office, "worker-2") as second:
            assert second.connections._lines == {}
            (lane,) = sender.lanes_of_others
            assert await office.tick() == 0  # as worker-2, which looked last
            assert (lane != "", bot.cards) == (True, {})
            frozen.forward(seconds=2 * LEASE.total_seconds())
            assert await second.connections.look()
            assert sender.lanes_of_others == frozenset()
            await bot.until(lambda: len(bot.opened) == 2)
            await first.connections.stop()


async def test_a_dead_connection_is_noticed(
    office: Workplace, bot: FakeWecomBot, open_chats: ChatsMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It answers pings of the WebSocket, and nothing else comes."""
    monkeypatch.setattr(dialect, "PING_SECONDS", 0.1)
    monkeypatch.setattr(dialect.WecomBotConnection, "silent_seconds", 0.3)
    async with open_chats(office):
        await bot.until(lambda: bot.pings > 2)
        bot.is_zombie = True
        await bot.until(lambda: len(bot.opened) == 2)
        await eventually(shows(office, "open"))


async def test_a_connection_that_wecom_has_forgotten_is_opened_again_at_once(
    office: Workplace, bot: FakeWecomBot, frozen: Clock, chats: Chats
) -> None:
    await is_open(office, bot)
    bot.forgets = True
    assert await office.tick() == 1
    assert bot.cards == {}
    await bot.until(lambda: len(bot.opened) == 2)
    await eventually(shows(office, "open"))
    frozen.forward(seconds=30)
    await office.tick()
    assert len(bot.cards) == 1


async def test_a_connection_that_breaks_during_a_tap_is_opened_again(
    office: Workplace, bot: FakeWecomBot, chats: Chats
) -> None:
    await is_open(office, bot)
    await bind(chats, bot, office.bob)
    await office.tick()
    (name,) = bot.cards
    await bot.tap(name)
    await bot.opened[0].close()
    await bot.until(lambda: len(bot.opened) == 2 and bot.pings >= 2)
    await act(chats, 2)
    assert bot.texts[-1] == ("bob", "已记录 08:45")


async def test_a_wrong_secret_is_shown(
    make_workplace: WorkplaceMaker, bot: FakeWecomBot, open_chats: ChatsMaker
) -> None:
    async with make_workplace(wecom_base_url=bot.base_url) as office:
        config = {"bot_id": "aib-good", "bot_secret": "wrong", "userids": "bob"}
        await office.bob.post("/api/v1/channels", {"name": "我的", "kind": "wecom_bot", "config": config})
        async with open_chats(office):
            await eventually(shows(office, "refused"))
            assert (await state_of(office))[1] == "40001 invalid credential"


# --- the channel ------------------------------------------------------------------------------------------------------


async def test_settings_are_tried_before_they_are_saved(office: Workplace, bot: FakeWecomBot) -> None:
    tried: dict[str, Any] = {"name": "x", "kind": "wecom_bot", "config": {**CONFIG, "userids": "bob"}}
    assert (await office.bob.post("/api/v1/channels/test", tried))["outcome"] == "done"
    assert len(bot.texts) == 1
    tried["config"] = {**CONFIG, "bot_secret": "wrong", "userids": "bob"}
    refused = await office.bob.post("/api/v1/channels/test", tried)
    assert (refused["outcome"], refused["hint"]) == ("broken_channel", "wecom_bot")
    tried["config"] = {**CONFIG, "userids": "nobody"}
    assert (await office.bob.post("/api/v1/channels/test", tried))["hint"] == "wecom_userid"


async def test_a_test_does_not_push_out_the_connection_of_another_process(
    office: Workplace, bot: FakeWecomBot, chats: Chats
) -> None:
    await is_open(office, bot)
    lines = office.app.state.outbound.lines
    held, lines.open = lines.open, {}  # as in a process that holds nothing
    tried = {"name": "x", "kind": "wecom_bot", "config": {**CONFIG, "userids": "bob"}}
    assert (await office.bob.post("/api/v1/channels/test", tried))["hint"] == "wecom_bot_elsewhere"
    (channel,) = (await office.alice.get("/api/v1/channels"))["items"]
    testing = asyncio.create_task(office.alice.post(f"/api/v1/channels/{channel['id']}/test"))

    async def is_queued() -> bool:
        return (await office.alice.get("/api/v1/deliveries"))["items"] != []

    await eventually(is_queued)
    lines.open = held  # the other one sends
    await office.tick()
    assert (await testing)["hint"] == "no_test_recipient"
    assert (len(bot.opened), chats is not None) == (1, True)


async def test_a_card_that_is_refused_does_not_cost_the_reminder(
    office: Workplace, bot: FakeWecomBot, chats: Chats
) -> None:
    await is_open(office, bot)
    bot.refuses_cards = True
    assert await office.tick() == 1
    assert [(to, text.partition("\n")[0]) for to, text in bot.texts] == [("bob", "上班打卡提醒 09:00")]


async def test_no_secret_is_logged(
    office: Workplace, bot: FakeWecomBot, open_chats: ChatsMaker, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with open_chats(office) as chats:
        await is_open(office, bot)
        await bind(chats, bot, office.bob)
        await bot.take_over()
        await eventually(shows(office, "taken_over"))
    assert '"secret": "good"' not in caplog.text


# --- the morning ------------------------------------------------------------------------------------------------------


async def test_two_hundred_taps_at_nine_change_their_cards_in_time(
    make_workplace: WorkplaceMaker, frozen: Clock, bot: FakeWecomBot, open_chats: ChatsMaker
) -> None:
    async with make_workplace(wecom_base_url=bot.base_url, public_url="") as office:
        people = await office.add_people(200, team_id=office.team_a)
        bot.people = tuple(f"w{number}" for number in range(200))
        for number, person in enumerate(people):
            config = {**CONFIG, "userids": f"w{number}"}
            await person.post("/api/v1/channels", {"name": "企业微信", "kind": "wecom_bot", "config": config})
        await give_shift(office, EARLY, *people)
        frozen.set(shanghai("08:45"))
        async with open_chats(office) as chats:
            await is_open(office, bot)
            async with office.database.write() as session:
                for number, person in enumerate(people):
                    session.add(ChatIdentity(user_id=person.id, realm="wecom:aib-good", person=f"w{number}"))
            while len(bot.cards) < 200:
                assert await office.tick()
            async with chats.answering():
                with no_more_work_than(3):
                    for name in list(bot.cards):
                        await bot.tap(name)
                    # On a machine that is too busy for a card, words say it.
                    await bot.until(lambda: len(bot.changed) + len(bot.texts) >= 200, 30)
                text = "200 taps: slowest card %.2f s, %d in words"
                logging.getLogger(__name__).warning(text, max(bot.changed.values()), len(bot.texts))
            shown = [name for name in bot.cards if bot.text(name).endswith("● 已打卡 08:45")]
            assert (len(shown), len(bot.texts)) == (len(bot.changed), 200 - len(bot.changed))


# --- what comes from outside ------------------------------------------------------------------------------------------

WHO = {"msgid": "m1", "chattype": "single", "from": {"userid": "bob"}}
TAPPED = {"card_type": "button_interaction", "event_key": "ack", "task_id": "daka-81234-key-0"}
EVENT: dict[str, Any] = {"eventtype": "template_card_event", "template_card_event": TAPPED}
SAID = {**WHO, "msgtype": "text", "text": {"content": "@打卡 打卡"}}
TAP = Incoming("tap m1", "bob", ChatCommand(Word.ACKNOWLEDGE), 81234, {"chat": "bob", "tap": "tap m1"})
WORDS = Incoming("message m1", "bob", ChatCommand(Word.ACKNOWLEDGE), None, {"chat": "bob"})
TO_GROUP = Incoming("message m1", "bob", ChatCommand(Word.ACKNOWLEDGE), None, {"chat": "g1"})


@pytest.mark.parametrize(
    ("command", "body", "expected"),
    [
        ("aibot_event_callback", {**WHO, "event": EVENT}, TAP),
        ("aibot_msg_callback", SAID, WORDS),
        ("aibot_msg_callback", {**SAID, "chattype": "group", "chatid": "g1"}, TO_GROUP),
        ("aibot_msg_callback", {**SAID, "chattype": "group", "text": {"content": "中午吃什么"}}, None),
        ("aibot_msg_callback", {**SAID, "text": None}, None),
        ("aibot_msg_callback", {**SAID, "msgtype": "image"}, None),
        ("aibot_msg_callback", {**SAID, "from": "bob"}, None),
        ("aibot_msg_callback", {**SAID, "msgid": 7}, None),
        ("aibot_event_callback", SAID, None),
        ("aibot_msg_callback", {**WHO, "event": EVENT}, None),
        ("aibot_event_callback", {**WHO, "event": {"eventtype": "enter_chat"}}, None),
        *[
            ("aibot_event_callback", {**WHO, "event": {**EVENT, "template_card_event": {**TAPPED, **values}}}, None)
            for values in ({"event_key": "rm"}, {"task_id": "other"}, {"task_id": None}, {"task_id": "daka-x-y"})
        ],
        ("ping", {}, None),
    ],
    ids=lambda value: "x",
)
def test_frames_are_read_with_care(command: str, body: dict[str, Any], expected: Incoming | None) -> None:
    assert incoming(command, json.loads(json.dumps({"body": body}))) == expected
