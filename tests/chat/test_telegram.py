"""Telegram from end to end: a message with buttons, a tap, the record, the reply, and the message that has changed."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import select

from chat.conftest import Chats, ChatsMaker, no_more_work_than, shows, state_of
from conftest import OWN, Clock, Person, Workplace, WorkplaceMaker, eventually
from daka.chat.connection import Incoming
from daka.chat.dialects.telegram import incoming
from daka.chat.models import ChatConnection, ChatMessage
from daka.chat.supervisor import LEASE
from daka.chat.words import ChatCommand, Word
from daka.delivery import cards
from daka.delivery.cards import claim
from daka.reminders.models import Reminder
from fakes.server import FakeResponse
from fakes.telegram_bot import FakeBot
from scenes import EARLY, SPLIT, assign, give_shift, new_shift, reminder_of, shanghai

BOBS, CHARLIES, ALICES, GROUP = 7, 8, 9, -100


@pytest.fixture
async def bot() -> AsyncIterator[FakeBot]:
    fake = FakeBot()
    async with fake.running():
        yield fake


@pytest.fixture
async def office(make_workplace: WorkplaceMaker, frozen: Clock, bot: FakeBot) -> AsyncIterator[Workplace]:
    """Bob has the early shift, and a private chat with the bot."""
    async with make_workplace(telegram_base_url=bot.base_url) as workplace:
        await channel_of(workplace.bob, BOBS)
        await give_shift(workplace, EARLY, workplace.bob)
        frozen.set(shanghai("08:45"))
        yield workplace


async def channel_of(by: Person, chat: int, **values: Any) -> None:
    config = {"bot_token": "42:good", "chat_id": str(chat), "answers_in_chat": True}
    await by.post("/api/v1/channels", {"name": "Telegram", "kind": "telegram", "config": config, **values})


async def bind(workplace: Workplace, chats: Chats, bot: FakeBot, person: Person, number: int, *, stored: int) -> None:
    code = (await person.post("/api/v1/me/chats/code", OWN))["code"]
    bot.write(number, f"/start {code}")
    await chats.answer(stored)
    assert "已绑定" in bot.messages[len(bot.messages)]["text"]


def buttons(message: dict[str, Any]) -> list[str]:
    return [b["text"] for row in message.get("reply_markup", {}).get("inline_keyboard", []) for b in row]


async def test_from_the_message_to_the_tap_to_today(
    office: Workplace, bot: FakeBot, frozen: Clock, chats: Chats
) -> None:
    assert await office.tick() == 1
    assert buttons(bot.messages[1]) == ["我已打卡", "10 分钟后提醒", "这次跳过"]
    await eventually(shows(office, "open"))
    frozen.set(shanghai("08:58"))
    tap = bot.tap(BOBS, 1, "ack")
    await chats.answer(1)
    assert bot.answers[tap][0] == "已记录 08:58"
    assert bot.messages[1]["text"].endswith("● 已打卡 08:58")
    assert buttons(bot.messages[1]) == []
    found = await reminder_of(office.bob)
    assert (found["status"], found["ended_by"]) == ("acknowledged", "chat")
    today = await office.alice.get("/api/v1/dashboard")
    assert "acknowledged" in str(today)
    frozen.set(shanghai("09:00"))
    assert await office.tick() == 0


async def test_the_card_changes_also_when_the_punch_was_found_another_way(
    office: Workplace, bot: FakeBot, frozen: Clock, chats: Chats
) -> None:
    await office.tick()
    frozen.set(shanghai("08:50"))
    await office.tick()
    assert len(bot.messages) == 2
    frozen.set(shanghai("08:57"))
    await office.bob.post("/api/v1/punches", {"kind": "clock_in"})
    await chats.show()
    for message in bot.messages.values():  # the older one cannot be tapped any more, either
        assert message["text"].endswith("● 已打卡 08:57")
        assert buttons(message) == []


async def test_snooze_and_skip(office: Workplace, bot: FakeBot, frozen: Clock, chats: Chats) -> None:
    await office.tick()
    tap = bot.tap(BOBS, 1, "snooze")
    await chats.answer(1)
    assert bot.answers[tap][0] == "好的，08:55 再提醒。"
    assert bot.messages[1]["text"].endswith("08:55 再提醒")
    assert len(buttons(bot.messages[1])) == 3
    tap = bot.tap(BOBS, 1, "skip")
    await chats.answer(2)
    assert bot.answers[tap][0] == "好的，这次不再提醒。"
    assert bot.messages[1]["text"].endswith("— 已跳过")
    assert (await reminder_of(office.bob))["status"] == "skipped"


async def test_others_are_told_whose_it_is_and_a_planner_answers_for_their_people(
    office: Workplace, bot: FakeBot, chats: Chats
) -> None:
    await office.tick()
    stranger = bot.tap(CHARLIES, 1, "ack")
    await chats.answer(1)
    assert bot.answers[stranger][0].startswith("还不认识你")
    await bind(office, chats, bot, office.charlie, CHARLIES, stored=2)
    await bind(office, chats, bot, office.alice, ALICES, stored=3)
    foreign = bot.tap(CHARLIES, 1, "ack")
    await chats.answer(4)
    assert bot.answers[foreign][0] == "这是 Bob 的提醒。"
    assert (await reminder_of(office.bob))["status"] == "nagging"
    planners = bot.tap(ALICES, 1, "ack")
    await chats.answer(5)
    assert bot.answers[planners][0] == "已替 Bob 记录 08:45"
    assert (await reminder_of(office.bob))["status"] == "acknowledged"


@pytest.mark.parametrize(
    ("at", "do", "reply"),
    [
        ("09:30", "snooze", "这条提醒已经结束。"),
        ("09:30", "skip", "这条提醒已经结束。"),
        ("09:30", "ack", "已记录 09:30"),
        ("21:30", "ack", "这条提醒已经结束。"),
    ],
)
async def test_what_is_tapped_after_the_window_is_over(
    office: Workplace, bot: FakeBot, open_chats: ChatsMaker, frozen: Clock, at: str, do: str, reply: str
) -> None:
    """A late 我已打卡 counts for half a day."""
    await office.tick()
    data = f"{do}:{bot.messages[1]['reply_markup']['inline_keyboard'][0][0]['callback_data'].partition(':')[2]}"
    frozen.set(shanghai(at))
    await office.tick()
    async with open_chats(office) as chats:
        tap = bot.tap(BOBS, 1, do, delivery=data)
        await chats.answer(1)
        assert bot.answers[tap][0] == reply


@pytest.mark.parametrize("do", ["ack", "snooze", "skip"])
@pytest.mark.parametrize(
    ("start", "tapped_at", "is_taken"),
    [("14:00", "08:58", False), ("14:00", "13:50", False), ("09:20", "08:58", True)],
)
async def test_a_message_of_a_shift_that_has_changed_since_answers_no_other_punch(
    office: Workplace, bot: FakeBot, frozen: Clock, chats: Chats, start: str, tapped_at: str, is_taken: bool, do: str
) -> None:
    """Somebody who says at nine that they have punched would not be reminded at two."""
    await office.tick()
    await give_shift(office, {"name": "晚", "code": "晚", "periods": [{"start": start, "end": "22:00"}]}, office.bob)
    frozen.set(shanghai(tapped_at))
    tap = bot.tap(BOBS, 1, do)
    await chats.answer(1)
    found = await reminder_of(office.bob)
    is_answered = found["status"] in ("acknowledged", "skipped") or found["snoozed_until"] is not None
    assert (bot.answers[tap][0].startswith("班次改了"), is_answered) == (not is_taken, is_taken)


async def test_a_test_message_has_a_button_whose_tap_is_told(
    office: Workplace, bot: FakeBot, open_chats: ChatsMaker
) -> None:
    (channel,) = [each for each in (await office.bob.get("/api/v1/channels"))["items"] if each["kind"] == "telegram"]
    path = f"/api/v1/channels/{channel['id']}"
    async with open_chats(office) as chats:
        sent = await office.bob.post(f"{path}/test")
        assert (sent["outcome"], sent["awaits_tap"], buttons(bot.messages[1])) == ("done", True, ["我已打卡"])
        waiting = f"{path}/taps/{sent['delivery_id']}"
        assert await office.bob.get(waiting) == {"is_tapped": False, "is_known": False}
        tap = bot.tap(CHARLIES, 1, "ack")
        await chats.answer(1)
        assert bot.answers[tap][0].startswith("按钮可以用，但还不认识你。")
        assert await office.bob.get(waiting) == {"is_tapped": True, "is_known": False}
        tap = bot.tap(BOBS, 1, "ack")
        await chats.answer(2)
        assert bot.answers[tap][0] == "按钮可以用。"
        assert await office.bob.get(waiting) == {"is_tapped": True, "is_known": True}
        assert (await reminder_of(office.bob))["status"] == "scheduled"
        assert (await office.charlie.http.get(waiting)).status_code == 404


async def test_a_group_in_which_each_answers_for_themselves(
    make_workplace: WorkplaceMaker, frozen: Clock, bot: FakeBot, open_chats: ChatsMaker
) -> None:
    async with make_workplace(telegram_base_url=bot.base_url) as office:
        dan = await office.add_person("Dan", team_id=office.team_a)
        await channel_of(office.alice, GROUP, team_id=office.team_a)
        await give_shift(office, EARLY, office.bob, dan)
        frozen.set(shanghai("08:45"))
        async with open_chats(office) as chats:
            await office.tick()
            assert buttons(bot.messages[1]) == ["我已打卡"]
            await bind(office, chats, bot, office.bob, BOBS, stored=1)
            await bind(office, chats, bot, office.alice, ALICES, stored=2)
            mine, planners = bot.tap(BOBS, 1, "ack"), bot.tap(ALICES, 1, "ack")
            await chats.answer(4)
            assert bot.answers[mine][0] == "已记录 08:45"
            assert bot.answers[planners][0].startswith("是哪一条？")
            assert bot.messages[1]["text"].endswith("● 已打卡 1/2：Bob 08:45")
            assert buttons(bot.messages[1]) == ["我已打卡"]
            assert (await reminder_of(dan))["status"] == "nagging"


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("打卡", "已记录 08:45"),
        ("1", "已记录 08:45"),
        ("稍后", "好的，08:55 再提醒。"),
        ("跳过", "好的，这次不再提醒。"),
        ("今天", "09:00 上班打卡　提醒中\n18:00 下班打卡　待提醒"),
        ("谁", "只有排班员能看谁还没打卡。发送「今天」看自己的班次。"),
        ("打卡了吗？", "可以发送：打卡、稍后、跳过、今天"),
        ("打卡 ZZZZ", "没有这个代码的提醒。应答自己的，只发「打卡」就行。"),
    ],
)
async def test_words(office: Workplace, bot: FakeBot, text: str, reply: str, chats: Chats) -> None:
    await office.tick()
    bot.write(BOBS, text)
    await chats.answer(1)
    assert bot.messages[2]["text"] == reply


async def test_who_reads_english_is_answered_in_english(
    office: Workplace, bot: FakeBot, open_chats: ChatsMaker, frozen: Clock
) -> None:
    await office.bob.patch("/api/v1/me", {"language": "en"})
    async with open_chats(office) as chats:
        await office.tick()
        assert buttons(bot.messages[1])[0] == "I have punched"
        bot.write(BOBS, "done")
        await chats.answer(1)
        assert bot.messages[2]["text"] == "Noted: 08:45"
        assert bot.messages[1]["text"].endswith("● Punched 08:45")


async def test_a_group_that_talks_is_not_answered(office: Workplace, bot: FakeBot, chats: Chats) -> None:
    bot.write(BOBS, "中午吃什么", chat=GROUP)
    bot.write(BOBS, "/today@our_bot", chat=GROUP)
    await chats.answer(1)
    assert [message["text"] for message in bot.messages.values()] == ["09:00 上班打卡　待提醒\n18:00 下班打卡　待提醒"]


async def test_two_open_reminders_are_listed(
    office: Workplace, bot: FakeBot, open_chats: ChatsMaker, frozen: Clock
) -> None:
    policy = {
        "clock_in": {"start": -15, "every": 5, "until": 180},
        "clock_out": {"start": -15, "every": 5, "until": 180},
    }
    split = await new_shift(office.alice, SPLIT, policy=policy)
    await assign(office, split, office.bob)
    async with open_chats(office) as chats:
        for moment in ("08:45", "11:45"):
            frozen.set(shanghai(moment))
            await office.tick()
        bot.write(BOBS, "打卡")
        await chats.answer(1)
        question = bot.messages[len(bot.messages)]["text"].splitlines()
        assert [line.partition("　")[2] for line in question[1:]] == ["Bob 09:00", "Bob 12:00"]
        bot.write(BOBS, question[2].partition("　")[0])
        await chats.answer(2)
        assert bot.messages[len(bot.messages)]["text"] == "已记录 11:45"
        assert (await reminder_of(office.bob))["status"] == "nagging"
        assert (await reminder_of(office.bob, "clock_out"))["status"] == "acknowledged"


# --- nothing is lost, nothing acts twice ------------------------------------------------------------------------------


async def test_what_is_delivered_twice_acts_once(office: Workplace, bot: FakeBot, chats: Chats) -> None:
    await office.tick()
    bot.tap(BOBS, 1, "snooze")
    await chats.answer(1)
    bot.repeats = 1
    bot.write(BOBS, "今天")  # the poll after it repeats what was confirmed
    await chats.answer(2)
    await bot.until(lambda: bot.repeats == 0)
    bot.write(BOBS, "谁")
    await chats.answer(3)
    async with office.database.read() as session:
        assert len(list(await session.exec(select(ChatMessage)))) == 3
    assert bot.messages[1]["text"].endswith("08:55 再提醒")


async def test_nothing_is_acknowledged_before_it_is_stored(
    office: Workplace, bot: FakeBot, open_chats: ChatsMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process dies between the tap and the record: another one gets the tap again, and acts once."""
    await office.tick()
    dying = asyncio.Event()

    async def hangs(*_: object) -> None:
        dying.set()
        await asyncio.Event().wait()

    async with open_chats(office, "worker-1"):
        with monkeypatch.context() as patch:
            patch.setattr("daka.chat.line.Line._insert", hangs)
            tap = bot.tap(BOBS, 1, "ack")
            await dying.wait()
            assert len(bot.waiting) == 1
    async with open_chats(office, "worker-2") as chats:
        await chats.answer(1)
        assert bot.answers[tap][0] == "已记录 08:45"
        await bot.until(lambda: not bot.waiting)


async def test_what_a_dead_process_had_stored_is_acted_on_by_the_next(
    office: Workplace, bot: FakeBot, open_chats: ChatsMaker
) -> None:
    await office.tick()
    async with open_chats(office, "worker-1") as first:
        tap = bot.tap(BOBS, 1, "ack")
        await first.until_stored(1)
        await bot.until(lambda: not bot.waiting)  # acknowledged
    async with open_chats(office, "worker-2") as second:
        await second.answer(1)
    assert bot.answers[tap][0] == "已记录 08:45"
    assert (await reminder_of(office.bob))["status"] == "acknowledged"


async def test_two_processes_that_act_at_once_act_once(office: Workplace, bot: FakeBot, open_chats: ChatsMaker) -> None:
    await office.tick()
    async with open_chats(office) as chats:
        bot.write(BOBS, "稍后")
        bot.tap(BOBS, 1, "skip")
        await chats.until_stored(2)
        await asyncio.gather(*(chats.connections.act() for _ in range(4)))
        async with office.database.read() as session:
            replies = [each.reply for each in await session.exec(select(ChatMessage).order_by(ChatMessage.id))]
    assert replies == ["好的，08:55 再提醒。", "好的，这次不再提醒。"]


async def test_a_reply_that_fails_is_sent_again(office: Workplace, bot: FakeBot, chats: Chats) -> None:
    await office.tick()
    await bot.until(lambda: bot.polls > 1)
    tap = bot.tap(BOBS, 1, "ack")
    await chats.until_stored(1)
    await chats.connections.act()
    bot.next.append(FakeResponse({"ok": False, "error_code": 502}, 502))
    await chats.connections.reply()
    assert bot.answers == {}
    await chats.connections.reply()
    assert bot.answers[tap][0] == "已记录 08:45"
    asked = len(bot.asked)
    await chats.connections.reply()
    assert len(bot.asked) == asked


# --- one connection per app -------------------------------------------------------------------------------------------


async def test_one_of_two_processes_holds_the_connection_until_its_lease_ends(
    office: Workplace, bot: FakeBot, open_chats: ChatsMaker, frozen: Clock
) -> None:
    async with open_chats(office, "worker-1") as first:
        await bot.until(lambda: bot.polls > 1)
        async with open_chats(office, "worker-2") as second:
            assert second.connections._lines == {}
            frozen.forward(seconds=20)
            await first.connections.look()
            frozen.forward(seconds=20)
            await second.connections.look()
            assert second.connections._lines == {}  # it was renewed
            frozen.forward(seconds=LEASE.total_seconds())
            await second.connections.look()
            assert len(second.connections._lines) == 1
            await first.connections.look()
            assert first.connections._lines == {}
            tap_before = len(bot.asked)
            await office.tick()
            tap = bot.tap(BOBS, 1, "ack")
            await second.answer(1)
            assert bot.answers[tap][0].startswith("已记录")
            assert len(bot.asked) > tap_before


async def test_a_lease_from_the_future_binds_nobody(
    office: Workplace, bot: FakeBot, open_chats: ChatsMaker, frozen: Clock
) -> None:
    """Written before the clock was set back by a day."""
    async with open_chats(office, "worker-1") as first:
        async with office.database.write() as session:
            far = sa.update(ChatConnection).values(leased_until=frozen.now + 86400 * LEASE / LEASE.total_seconds())
            await session.exec(far)
        async with open_chats(office, "worker-2") as second:
            assert len(second.connections._lines) == 1
        assert first.connections._lines


async def test_a_channel_that_is_gone_closes_the_connection(office: Workplace, bot: FakeBot, chats: Chats) -> None:
    await eventually(shows(office, "open"))
    (channel,) = (await office.bob.get("/api/v1/channels"))["items"]
    await office.bob.delete(f"/api/v1/channels/{channel['id']}")
    await chats.connections.look()
    assert chats.connections._lines == {}
    assert (await office.root.get("/api/v1/chat-connections"))["items"] == []


@pytest.mark.parametrize(
    ("answer", "state", "words"),
    [
        (FakeResponse({"ok": False, "error_code": 401, "description": "Unauthorized"}, 401), "refused", "Unauthorized"),
        (FakeResponse("<html>", 502), "connecting", "HTTP 502"),
        (FakeResponse({"ok": True, "result": "?"}), "connecting", "HTTP 200"),
        (FakeResponse(is_reset=True), "connecting", "the connection failed"),
        (
            FakeResponse(
                {"ok": False, "error_code": 429, "description": "Too Many", "parameters": {"retry_after": 9}}, 429
            ),
            "connecting",
            "Too Many",
        ),
    ],
    ids=["401", "502", "odd", "reset", "429"],
)
async def test_a_connection_that_is_not_open_says_why(
    office: Workplace, bot: FakeBot, open_chats: ChatsMaker, answer: FakeResponse, state: str, words: str
) -> None:
    bot.next.append(answer)

    async def says_so() -> bool:
        found = await state_of(office)
        return found[0] == state and words in found[1]

    async with open_chats(office):
        await eventually(says_so)


async def test_another_reader_is_not_fought_over(office: Workplace, bot: FakeBot, open_chats: ChatsMaker) -> None:
    bot.has_webhook = True
    async with open_chats(office):
        await eventually(shows(office, "taken_over"))
        assert bot.polls == 1
        doctor = await office.root.get("/api/v1/doctor", origin="http://localhost:8000", now=str(shanghai("08:45")))
        (found,) = [each for each in doctor["findings"] if each["check"] == "chat"]
        assert found["level"] == "warning"
        assert "webhook is active" in found["message"]["zh"]


async def test_the_token_is_never_in_the_log(
    office: Workplace, bot: FakeBot, open_chats: ChatsMaker, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    bot.next.append(FakeResponse({"ok": False, "error_code": 401, "description": "Unauthorized"}, 401))
    async with open_chats(office):
        await eventually(shows(office, "refused"))
    assert "A chat connection has ended" in caplog.text
    ours = [record for record in caplog.records if record.name != "aiohttp.access"]  # that is the fake's own
    assert "42:good" not in "".join(f"{record.__dict__}" for record in ours)


# --- who is who -------------------------------------------------------------------------------------------------------


async def test_a_code_binds_once_and_not_for_long(office: Workplace, bot: FakeBot, frozen: Clock, chats: Chats) -> None:
    code = (await office.charlie.post("/api/v1/me/chats/code", OWN))["code"]
    bot.write(CHARLIES, f"绑定 {code}")
    bot.write(ALICES, f"绑定 {code}")
    await chats.answer(2)
    assert [bot.messages[n]["text"][:5] for n in (1, 2)] in (
        ["已绑定：C", "这个绑定码"],
        ["这个绑定码", "已绑定：C"],
    )
    (mine,) = (await office.charlie.get("/api/v1/me/chats"))["items"]
    assert mine["vendor"] == "telegram"
    assert (await office.bob.http.delete(f"/api/v1/me/chats/{mine['id']}")).status_code == 404
    await office.charlie.delete(f"/api/v1/me/chats/{mine['id']}")
    code = (await office.charlie.post("/api/v1/me/chats/code", OWN))["code"]
    frozen.forward(minutes=11)
    bot.write(CHARLIES, f"绑定 {code}")
    await chats.answer(3)
    assert bot.messages[3]["text"].startswith("这个绑定码不对或已过期")


async def test_codes_cannot_be_guessed(office: Workplace, bot: FakeBot, frozen: Clock, chats: Chats) -> None:
    for number in range(6):
        bot.write(ALICES, f"绑定 00000{number}")
    await chats.answer(6)
    said = [bot.messages[number]["text"][:5] for number in range(1, 7)]
    assert sorted(said) == ["试得太多了"] + ["这个绑定码"] * 5
    code = (await office.alice.post("/api/v1/me/chats/code", OWN))["code"]
    bot.write(ALICES, f"绑定 {code}")
    await chats.answer(7)
    assert bot.messages[7]["text"].startswith("试得太多了")
    frozen.forward(hours=1, seconds=1)
    code = (await office.alice.post("/api/v1/me/chats/code", OWN))["code"]
    bot.write(ALICES, f"绑定 {code}")
    await chats.answer(8)
    assert bot.messages[8]["text"].startswith("已绑定")


async def test_who_may_not_sign_in_may_not_answer(office: Workplace, bot: FakeBot, chats: Chats) -> None:
    await bind(office, chats, bot, office.alice, ALICES, stored=1)
    await office.tick()
    number = len(bot.messages)
    await office.root.patch(f"/api/v1/users/{office.alice.id}", {"is_active": False})
    tap = bot.tap(ALICES, number, "ack")
    await chats.answer(2)
    assert bot.answers[tap][0].startswith("还不认识你")


# --- the morning ------------------------------------------------------------------------------------------------------


async def test_two_hundred_taps_at_nine_are_answered_within_two_seconds(
    make_workplace: WorkplaceMaker, frozen: Clock, bot: FakeBot, open_chats: ChatsMaker
) -> None:
    async with make_workplace(telegram_base_url=bot.base_url) as office:
        people = await office.add_people(200, team_id=office.team_a)
        for number, person in enumerate(people, 1):
            await channel_of(person, 1000 + number)
        await give_shift(office, EARLY, *people)
        frozen.set(shanghai("08:45"))
        await office.tick()
        assert len(bot.messages) == 200
        async with open_chats(office) as chats:
            await bot.until(lambda: bot.polls > 1)
            async with chats.answering():
                began = time.monotonic()
                with no_more_work_than(2):
                    for number, message in bot.messages.items():
                        bot.tap(int(message["chat_id"]), number, "ack")
                    await bot.until(lambda: len(bot.answers) == 200)
            slowest = max(seconds for _, seconds in bot.answers.values())
            logging.getLogger(__name__).warning(
                "200 taps: slowest %.2f s, all %.2f s", slowest, time.monotonic() - began
            )
            assert {text for text, _ in bot.answers.values()} == {"已记录 08:45"}
            await chats.show()
        assert all(message["text"].endswith("● 已打卡 08:45") for message in bot.messages.values())
        async with office.database.read() as session:
            statuses = set(await session.exec(select(Reminder.status).where(Reminder.kind == "clock_in")))
        assert {str(status) for status in statuses} == {"acknowledged"}


# --- what comes from outside ------------------------------------------------------------------------------------------

SENDER = {"id": 7, "is_bot": False}
QUERY = {"id": "q1", "from": SENDER, "data": "ack:81234"}
MESSAGE = {"message_id": 5, "from": SENDER, "chat": {"id": 7, "type": "private"}, "text": "打卡"}
TAPPED = Incoming("tap q1", "7", ChatCommand(Word.ACKNOWLEDGE), 81234, {"query": "q1"})
WRITTEN = Incoming("message 7/5", "7", ChatCommand(Word.ACKNOWLEDGE), None, {"chat": "7", "message": "5"})


@pytest.mark.parametrize(
    ("update", "expected"),
    [
        ({"callback_query": QUERY}, TAPPED),
        ({"message": MESSAGE}, WRITTEN),
        ({}, None),
        ({"callback_query": "x"}, None),
        *[
            ({"callback_query": {**QUERY, "data": data}}, None)
            for data in ("", "ack", "ack:", "ack:x", "rm:1", 7, "ack:٣")
        ],
        ({"callback_query": {**QUERY, "data": "ack:" + "9" * 16}}, None),
        *[
            ({"callback_query": {**QUERY, "from": who}}, None)
            for who in (None, {}, {"id": "7"}, {"id": 7, "is_bot": True})
        ],
        ({"callback_query": {**QUERY, "id": 5}}, None),
        ({"message": {**MESSAGE, "text": None}}, None),
        ({"message": {**MESSAGE, "chat": None}}, None),
        ({"message": {**MESSAGE, "message_id": "5"}}, None),
    ],
    ids=lambda value: "x",
)
def test_updates_are_read_with_care(update: dict[str, Any], expected: Incoming | None) -> None:
    assert incoming(update) == expected


async def test_a_card_whose_turn_comes_too_late_is_changed_in_a_claim_of_its_own(
    office: Workplace, bot: FakeBot, frozen: Clock, monkeypatch: pytest.MonkeyPatch, chats: Chats
) -> None:
    """Otherwise another process would change the same card while this one's request is still under way."""
    await office.tick()
    frozen.set(shanghai("08:50"))
    await office.tick()
    frozen.set(shanghai("08:57"))
    await office.bob.post("/api/v1/punches", {"kind": "clock_in"})
    claims: list[int] = []

    async def claimed(session: Any, now: Any) -> Any:
        found = await claim(session, now)
        claims.append(len(found[0]))
        return found

    # Of the claim, its first and its second card; then of the next claim and its card.
    moments = iter([0.0, 0.0, 60.0, 60.0, 60.0])
    monkeypatch.setattr(cards, "claim", claimed)
    monkeypatch.setattr(cards, "time", SimpleNamespace(monotonic=lambda: next(moments)))
    await chats.show()
    assert claims == [2, 1]
    assert all(message["text"].endswith("● 已打卡 08:57") for message in bot.messages.values())


@pytest.mark.parametrize(
    ("words", "reply"),
    [
        (("打卡", "打卡"), "现在没有要应答的提醒。09:00 上班打卡：已打卡（08:45）。"),
        (("打卡", "稍后"), "现在没有要应答的提醒。09:00 上班打卡：已打卡（08:45）。"),
        (("跳过", "打卡"), "现在没有要应答的提醒。09:00 上班打卡：已跳过（08:45）。"),
        (("打卡", "打卡 ZZZZ"), "没有这个代码的提醒。应答自己的，只发「打卡」就行。"),
    ],
)
async def test_what_is_answered_already_is_said(
    office: Workplace, bot: FakeBot, words: tuple[str, str], reply: str, chats: Chats
) -> None:
    """Nobody who answers twice is left in doubt whether the first answer counted."""
    await office.tick()
    for number, word in enumerate(words, 1):
        bot.write(BOBS, word)
        await chats.answer(number)
    assert bot.messages[3]["text"] == reply
