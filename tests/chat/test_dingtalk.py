"""DingTalk's Stream mode: words and buttons that send them, and connections that end, fall silent, or are replaced."""

import json
import logging
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import select

from chat.conftest import Chats, ChatsMaker, no_more_work_than, shows, state_of
from conftest import OWN, Clock, Person, Workplace, WorkplaceMaker, eventually
from daka.chat.connection import Incoming, VendorEvent
from daka.chat.dingtalk_frames import BadStreamFrame, StreamFrame, event_of, read_frame, tap_of, words_of
from daka.chat.line import meter_of
from daka.chat.models import ChatMessage
from daka.chat.words import ChatCommand, Word
from daka.delivery.channels.kind import ChatApp
from daka.delivery.models import Channel
from daka.identity.models import User
from daka.outbound.quota import count_calls
from daka.reminders.models import Reminder
from fakes.dingtalk_stream import FakeStream
from scenes import EARLY, give_shift, reminder_of, shanghai


@pytest.fixture
async def stream() -> AsyncIterator[FakeStream]:
    fake = FakeStream()
    async with fake.running():
        yield fake


async def channel_of(by: Person, **values: Any) -> None:
    config = {"app_key": "dingapp", "app_secret": "app-secret", "answers_in_chat": True, **values.pop("config", {})}
    await by.post("/api/v1/channels", {"name": "钉钉", "kind": "dingtalk_one_to_one", "config": config, **values})


async def has_userid(workplace: Workplace, person: Person, userid: str) -> None:
    await workplace.root.patch(f"/api/v1/users/{person.id}", {"dingtalk_userid": userid})


@pytest.fixture
async def office(make_workplace: WorkplaceMaker, frozen: Clock, stream: FakeStream) -> AsyncIterator[Workplace]:
    """Bob has the early shift; his team's people are reached one to one."""
    async with make_workplace(dingtalk_base_url=stream.base_url, public_url="") as workplace:
        await has_userid(workplace, workplace.bob, "bob")
        await channel_of(workplace.alice, team_id=workplace.team_a)
        await give_shift(workplace, EARLY, workplace.bob)
        frozen.set(shanghai("08:45"))
        yield workplace


async def is_open(stream: FakeStream, how_many: int = 1) -> None:
    await stream.until(lambda: len(stream.opened) == how_many)


async def test_a_button_sends_a_word_and_the_robot_answers(office: Workplace, stream: FakeStream, chats: Chats) -> None:
    await is_open(stream)
    assert {each["type"] for each in stream.subscribed} == {"CALLBACK"}
    await office.tick()
    parameters = json.loads(stream.chats[0]["msgParam"])
    assert [parameters[f"actionTitle{n}"] for n in (1, 2, 3)] == ["我已打卡", "10 分钟后提醒", "这次跳过"]
    tap = await stream.tap()
    await chats.answer(1)
    assert stream.said == ["已记录 08:45"]
    assert stream.acknowledged[tap][:2] == (200, {"response": {}})
    found = await reminder_of(office.bob)
    assert (found["status"], found["ended_by"]) == ("acknowledged", "chat")


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        (" 打卡 ", "已记录 08:45"),
        ("2", "好的，08:55 再提醒。"),
        ("跳过", "好的，这次不再提醒。"),
        ("谁", "只有排班员能看谁还没打卡。发送「今天」看自己的班次。"),
        ("在吗", "可以发送：打卡、稍后、跳过、今天"),
    ],
)
async def test_words(office: Workplace, stream: FakeStream, text: str, reply: str, chats: Chats) -> None:
    await is_open(stream)
    await office.tick()
    await stream.write("bob", text)
    await chats.answer(1)
    assert stream.said == [reply]


async def test_a_userid_counts_for_members_only_and_planners_bind_by_a_code(
    office: Workplace, stream: FakeStream, open_chats: ChatsMaker
) -> None:
    """Everybody may enter an app of a company of their own, in which they give out the userids."""
    await has_userid(office, office.alice, "alice")
    await has_userid(office, office.charlie, "charlie")
    async with open_chats(office) as chats:
        await is_open(stream)
        await office.tick()
        code = json.loads(stream.chats[0]["msgParam"])["actionURL1"].rpartition("%20")[2]
        for stored, person in enumerate(("alice", "charlie", "nobody"), 1):
            await stream.write(person, f"打卡 {code}")
            await chats.answer(stored)
            assert stream.said[-1].startswith("还不认识你")
        bind = (await office.alice.post("/api/v1/me/chats/code", OWN))["code"]
        await stream.write("alice", f"绑定 {bind}")
        await chats.answer(4)
        await stream.write("alice", "谁")
        await chats.answer(5)
        assert stream.said[-1].splitlines() == ["还没有打卡记录：", "09:00 上班打卡　Bob"]
        await stream.write("alice", f"打卡 {code}")
        await chats.answer(6)
        assert stream.said[-1] == "已替 Bob 记录 08:45"


@pytest.mark.parametrize("tapped_at", ["08:58", "13:40"])
async def test_a_buttons_code_of_a_shift_that_has_changed_since_answers_no_other_punch(
    office: Workplace, stream: FakeStream, frozen: Clock, chats: Chats, tapped_at: str
) -> None:
    await is_open(stream)
    await office.tick()
    code = json.loads(stream.chats[0]["msgParam"])["actionURL1"].rpartition("%20")[2]
    await give_shift(office, {"name": "晚", "code": "晚", "periods": [{"start": "14:00", "end": "22:00"}]}, office.bob)
    frozen.set(shanghai(tapped_at))
    await stream.write("bob", f"打卡 {code}")
    await chats.answer(1)
    assert (stream.said[-1][:4], (await reminder_of(office.bob))["ended_by"]) == ("班次改了", "")
    frozen.set(shanghai("13:45"))
    await office.tick()
    await stream.write("bob", f"打卡 {code}")
    await chats.answer(2)
    assert (await reminder_of(office.bob))["ended_by"] == "chat"


async def test_an_app_of_ones_own_makes_nobody_else_of_one(
    make_workplace: WorkplaceMaker, frozen: Clock, stream: FakeStream, open_chats: ChatsMaker
) -> None:
    """Charlie runs a company in which somebody is called bob. Daka's Bob is not answered for from there."""
    async with make_workplace(dingtalk_base_url=stream.base_url) as office:
        await has_userid(office, office.bob, "bob")
        await channel_of(office.charlie)
        await give_shift(office, EARLY, office.bob)
        frozen.set(shanghai("08:45"))
        async with open_chats(office) as chats:
            await is_open(stream)
            await stream.write("bob", "打卡")
            await chats.answer(1)
            assert stream.said[-1].startswith("还不认识你")


async def test_buttons_are_links_again_where_nothing_is_heard(
    make_workplace: WorkplaceMaker, frozen: Clock, stream: FakeStream, open_chats: ChatsMaker
) -> None:
    async with make_workplace(dingtalk_base_url=stream.base_url, public_url="https://daka.example") as office:
        await has_userid(office, office.bob, "bob")
        await channel_of(office.alice, team_id=office.team_a)
        await give_shift(office, EARLY, office.bob)
        frozen.set(shanghai("08:45"))
        async with open_chats(office) as chats:
            await is_open(stream)
            await office.tick()
            parameters = json.loads(stream.chats[0]["msgParam"])
            assert parameters["actionTitle4"] == "在网页应答"
            assert parameters["actionURL4"].startswith("https://daka.example/a/")
            chats.connections._deaf = frozenset(chats.connections._lines)
            frozen.set(shanghai("08:50"))
            await office.tick()
            parameters = json.loads(stream.chats[1]["msgParam"])
            assert parameters["actionURL1"].startswith("https://daka.example/a/")


# --- cards ------------------------------------------------------------------------------------------------------------


async def test_the_button_of_a_test_sends_a_word_that_answers_nothing(
    office: Workplace, stream: FakeStream, open_chats: ChatsMaker
) -> None:
    """Bob has an open reminder meanwhile. What the vendor delivers is counted."""
    config = {"app_key": "dingapp", "app_secret": "app-secret", "userids": "bob", "answers_in_chat": True}
    new = {"name": "我的", "kind": "dingtalk_one_to_one", "config": config}
    path = f"/api/v1/channels/{(await office.bob.post('/api/v1/channels', new))['id']}"
    async with open_chats(office) as chats:
        await is_open(stream)
        await office.tick()
        sent = await office.bob.post(f"{path}/test")
        assert sent["awaits_tap"]
        await stream.tap()
        await chats.answer(1)
        assert stream.said[-1].startswith("09:00 上班打卡")
        assert await office.bob.get(f"{path}/taps/{sent['delivery_id']}") == {"is_tapped": True, "is_known": True}
        assert (await reminder_of(office.bob))["status"] == "nagging"
    (connection,) = (await office.root.get("/api/v1/chat-connections"))["items"]
    assert (connection["frames"], connection["monthly_frames"]) == (1, 3000)


@pytest.mark.parametrize(("public_url", "hears"), [("https://daka.example", False), ("", True)])
async def test_when_the_months_frames_run_out_links_take_over_where_there_are_any(
    make_workplace: WorkplaceMaker,
    frozen: Clock,
    stream: FakeStream,
    open_chats: ChatsMaker,
    public_url: str,
    hears: bool,
) -> None:
    async with make_workplace(dingtalk_base_url=stream.base_url, public_url=public_url) as office:
        await channel_of(office.alice, team_id=office.team_a)
        async with open_chats(office) as chats:
            await is_open(stream)
            app = office.app.state.sender.chat_app_of
            async with office.database.write() as session:
                (channel,) = await session.exec(select(Channel).where(Channel.kind == "dingtalk_one_to_one"))
                await count_calls(session, meter_of("dingtalk", "dingapp"), 2400)
            await chats.connections.look()
            assert office.app.state.sender.hears(app(channel)) is hears


@pytest.fixture
async def with_cards(make_workplace: WorkplaceMaker, frozen: Clock, stream: FakeStream) -> AsyncIterator[Workplace]:
    """The same office with a card template."""
    async with make_workplace(dingtalk_base_url=stream.base_url, public_url="") as workplace:
        await has_userid(workplace, workplace.bob, "bob")
        await channel_of(workplace.alice, team_id=workplace.team_a, config={"card_template": "good.schema"})
        await give_shift(workplace, EARLY, workplace.bob)
        frozen.set(shanghai("08:45"))
        yield workplace


async def shown_at_once(stream: FakeStream, chats: Chats, track: str, person: str, do: str, number: str = "1") -> str:
    """Tap a card: what its acknowledgement says."""
    async with chats.answering():
        tap = await stream.tap_card(track, person, do, number=number)
        await stream.until(lambda: tap in stream.acknowledged)
    code, said, seconds = stream.acknowledged[tap]
    assert (code, seconds < 2) == (200, True)
    text: str = said["response"]["cardData"]["cardParamMap"]["state_text"]
    return text


async def test_a_card_changes_in_place(with_cards: Workplace, stream: FakeStream, open_chats: ChatsMaker) -> None:
    async with open_chats(with_cards) as chats:
        await is_open(stream)
        await with_cards.tick()
        assert stream.chats == []
        ((track, card),) = stream.cards.items()
        assert (card["title"], card["state"], card["state_text"]) == ("上班打卡提醒 09:00", "open", "")
        assert await shown_at_once(stream, chats, track, "bob", "ack") == "已记录 08:45"
        await chats.show()
        assert (stream.cards[track]["state"], stream.cards[track]["state_text"]) == ("done", "● 已打卡 08:45")
        assert stream.cards[track]["title"] == "上班打卡提醒 09:00"
        assert (await reminder_of(with_cards.bob))["status"] == "acknowledged"


async def test_somebody_elses_tap_on_a_card_is_told_whose_it_is(
    with_cards: Workplace, stream: FakeStream, open_chats: ChatsMaker
) -> None:
    dan = await with_cards.add_person("Dan", team_id=with_cards.team_a)
    await has_userid(with_cards, dan, "dan")
    async with open_chats(with_cards) as chats:
        await is_open(stream)
        await with_cards.tick()
        (track,) = stream.cards
        assert await shown_at_once(stream, chats, track, "dan", "ack", "999") == "这是 Bob 的提醒。"
        assert (await reminder_of(with_cards.bob))["status"] == "nagging"


async def test_a_card_whose_reminder_has_ended_says_so(
    with_cards: Workplace, stream: FakeStream, open_chats: ChatsMaker
) -> None:
    async with open_chats(with_cards) as chats:
        await stream.until(lambda: stream.opened)
        await with_cards.tick()
        (track,) = stream.cards
        await with_cards.bob.post("/api/v1/punches", {"kind": "clock_in"})
        assert await shown_at_once(stream, chats, track, "bob", "snooze") == "这条提醒已经结束。"


async def test_only_the_newest_card_is_changed_when_the_punch_was_found_another_way(
    with_cards: Workplace, stream: FakeStream, open_chats: ChatsMaker, frozen: Clock
) -> None:
    """Each change is one of the month's calls."""
    async with open_chats(with_cards) as chats:
        await with_cards.tick()
        frozen.set(shanghai("08:50"))
        await with_cards.tick()
        older, newer = stream.cards
        await with_cards.bob.post("/api/v1/punches", {"kind": "clock_in"})
        await chats.show()
        assert stream.updates == [newer]
        assert stream.cards[newer]["state_text"] == "● 已打卡 08:50"
        assert stream.cards[older]["state"] == "open"


async def test_a_template_that_is_not_published_is_said_by_the_test_and_costs_no_reminder(
    with_cards: Workplace, stream: FakeStream, open_chats: ChatsMaker
) -> None:
    stream.published.clear()
    async with open_chats(with_cards):
        await with_cards.tick()
        assert [each["userIds"] for each in stream.chats] == [["bob"]]
        (channel,) = (await with_cards.alice.get("/api/v1/channels"))["items"]
        await has_userid(with_cards, with_cards.bob, "bobby")
        await has_userid(with_cards, with_cards.alice, "bob")
        found = await with_cards.alice.post(f"/api/v1/channels/{channel['id']}/test")
        assert found["outcome"] == "broken_channel"
        assert "模板没有发布" in str(found)


async def test_a_test_card_says_that_its_buttons_work(
    with_cards: Workplace, stream: FakeStream, open_chats: ChatsMaker
) -> None:
    (channel,) = (await with_cards.alice.get("/api/v1/channels"))["items"]
    await has_userid(with_cards, with_cards.bob, "bobby")
    await has_userid(with_cards, with_cards.alice, "bob")
    async with open_chats(with_cards) as chats:
        await is_open(stream)
        assert (await with_cards.alice.post(f"/api/v1/channels/{channel['id']}/test"))["outcome"] == "done"
        await has_userid(with_cards, with_cards.alice, "alice")
        await has_userid(with_cards, with_cards.bob, "bob")
        (track,) = stream.cards
        assert await shown_at_once(stream, chats, track, "bob", "snooze") == "按钮可以用。"


# --- connections ------------------------------------------------------------------------------------------------------


async def test_system_frames_are_echoed_and_unknown_ones_refused(
    office: Workplace, stream: FakeStream, chats: Chats
) -> None:
    await is_open(stream)
    ping = await stream.push("SYSTEM", "ping", {"opaque": "0xabc"})
    other = await stream.push("CALLBACK", "/v1.0/unknown", {})
    await stream.until(lambda: {ping, other} <= stream.acknowledged.keys())
    assert stream.acknowledged[ping][:2] == (200, {"opaque": "0xabc"})
    assert stream.acknowledged[other][0] == 404


async def test_before_a_connection_ends_the_next_one_is_open(
    office: Workplace, stream: FakeStream, open_chats: ChatsMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After `disconnect` the vendor delivers nothing, and leaves the socket open: to wait for its end would lose words."""
    monkeypatch.setattr("daka.chat.sockets.SHORTEST_LIFE", 0.0)
    async with open_chats(office) as chats:
        await is_open(stream)
        await stream.disconnect()
        await is_open(stream, 2)
        assert not stream.opened[0].closed
        await office.tick()
        await stream.write("bob", "打卡")
        await chats.answer(1)
        assert stream.said == ["已记录 08:45"]
        assert await state_of(office) == ("open", "")


async def test_a_vendor_that_ends_every_connection_at_once_is_not_hammered(
    office: Workplace, stream: FakeStream, open_chats: ChatsMaker
) -> None:
    async def says_why() -> bool:
        return (await state_of(office))[1] == "the vendor has closed the connection"

    stream.ends_at_once = True
    async with open_chats(office):
        await stream.until(lambda: len(stream.opened_at) > 1)
        first, second, *_ = stream.opened_at
        assert second - first >= 1
        await eventually(says_why)  # in between it is open again, for a moment


async def test_a_silent_connection_is_replaced(
    office: Workplace, stream: FakeStream, open_chats: ChatsMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A zombie: pings are answered, nothing is delivered."""
    monkeypatch.setattr("daka.chat.sockets.SocketDialect.silent_seconds", 0.3)
    async with open_chats(office) as chats:
        await is_open(stream, 2)
        monkeypatch.setattr("daka.chat.sockets.SocketDialect.silent_seconds", 90.0)
        await office.tick()
        await stream.write("bob", "打卡")
        await chats.answer(1)
        assert stream.said == ["已记录 08:45"]


async def test_a_frame_that_comes_twice_acts_once(office: Workplace, stream: FakeStream, chats: Chats) -> None:
    await is_open(stream)
    await office.tick()
    for _ in range(2):
        await stream.write("bob", "稍后", msgId="same")
    last = await stream.write("bob", "今天")
    await stream.until(lambda: last in stream.acknowledged)
    await chats.answer(2)
    assert stream.said[0] == "好的，08:55 再提醒。"
    assert len(stream.said) == 2


async def test_what_was_read_is_stored_also_when_the_connection_breaks(
    office: Workplace, stream: FakeStream, chats: Chats
) -> None:
    await is_open(stream)
    await office.tick()
    await stream.write("bob", "打卡")
    await stream.opened[0].close()
    await chats.answer(1)
    assert stream.said == ["已记录 08:45"]


async def test_nothing_is_acknowledged_that_could_not_be_stored(
    office: Workplace, stream: FakeStream, open_chats: ChatsMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object) -> None:
        raise RuntimeError("the disk is full")

    async with open_chats(office) as chats:
        await is_open(stream)
        await office.tick()
        with monkeypatch.context() as patch:
            patch.setattr("daka.chat.line.Line._insert", fails)
            lost = await stream.write("bob", "打卡", msgId="one")
            await is_open(stream, 2)
        assert lost not in stream.acknowledged
        await stream.write("bob", "打卡", msgId="one")  # as the vendor does with what was not acknowledged
        await chats.answer(1)
        assert stream.said == ["已记录 08:45"]


async def test_events_go_to_the_listener_and_come_again_if_it_fails(
    office: Workplace, stream: FakeStream, open_chats: ChatsMaker
) -> None:
    heard: list[VendorEvent] = []

    async def listener(app: ChatApp, event: VendorEvent) -> None:
        heard.append(event)
        if len(heard) == 1:
            raise RuntimeError("not now")

    async with open_chats(office, listener=listener):
        await is_open(stream)
        assert {"type": "EVENT", "topic": "*"} in stream.subscribed
        headers = {"eventType": "attendance_check_record", "eventId": "e1", "eventCorpId": "ding1"}
        for code, data in (
            (500, {"status": "LATER", "message": "later"}),
            (200, {"status": "SUCCESS", "message": "success"}),
        ):
            frame = await stream.push("EVENT", "*", {"userId": "bob"}, **headers)
            await stream.until(lambda frame=frame: frame in stream.acknowledged)  # type: ignore[misc]
            assert stream.acknowledged[frame][:2] == (code, data)
    assert heard[1] == VendorEvent("attendance_check_record", "e1", "ding1", {"userId": "bob"})


async def test_a_wrong_secret_is_said_and_not_tried_again_soon(
    office: Workplace, stream: FakeStream, open_chats: ChatsMaker
) -> None:
    stream.app_secret = "another"
    async with open_chats(office):
        await eventually(shows(office, "refused"))
        assert (await state_of(office))[1] == "authFailed 鉴权失败"


@pytest.mark.parametrize(
    "endpoint", ["wss://evil.example/connect", "ws://127.0.0.1:1/connect", "https://x.dingtalk.com/c", "?"]
)
async def test_only_the_vendors_own_endpoints_are_opened(
    office: Workplace, stream: FakeStream, open_chats: ChatsMaker, endpoint: str
) -> None:
    stream.endpoint = endpoint

    async def says_so() -> bool:
        return "the vendor named an address" in (await state_of(office))[1]

    async with open_chats(office):
        await eventually(says_so)
        assert stream.opened == []


async def test_secrets_are_never_in_the_log(
    office: Workplace, stream: FakeStream, open_chats: ChatsMaker, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with open_chats(office) as chats:
        await is_open(stream)
        await stream.write("bob", "今天")
        await chats.answer(1)
        await stream.opened[0].close()
        await is_open(stream, 2)
    ours = "".join(f"{record.__dict__}" for record in caplog.records if record.name != "aiohttp.access")
    assert "A chat connection has ended" in ours
    for secret in ("app-secret", "canary"):
        assert secret not in ours
    async with office.database.read() as session:
        stored = list(await session.exec(select(ChatMessage)))
    assert "canary" not in str([each.model_dump() for each in stored])


async def test_two_hundred_taps_at_nine_are_answered_within_two_seconds(
    make_workplace: WorkplaceMaker, frozen: Clock, open_chats: ChatsMaker
) -> None:
    userids = tuple(f"u{number}" for number in range(200))
    stream = FakeStream(people=userids)
    async with stream.running(), make_workplace(dingtalk_base_url=stream.base_url) as office:
        people = await office.add_people(200, team_id=office.team_a)
        async with office.database.write() as session:
            for person, userid in zip(people, userids, strict=True):
                await session.exec(sa.update(User).where(User.id == person.id).values(dingtalk_userid=userid))
        await channel_of(office.alice, team_id=office.team_a)
        await give_shift(office, EARLY, *people)
        frozen.set(shanghai("08:45"))
        await office.tick()
        for _ in range(3):  # the app sends 90 in ten seconds
            frozen.forward(seconds=11)
            await office.tick()
        assert len(stream.chats) == 200
        async with open_chats(office) as chats:
            await is_open(stream)
            async with chats.answering():
                began = time.monotonic()
                with no_more_work_than(2):
                    taps = [await stream.tap(number) for number in range(200)]
                    await stream.until(lambda: len(stream.said) == 200)
                slowest = max(stream.acknowledged[tap][2] for tap in taps)
                text = "200 words: acknowledged within %.2f s, all answered within %.2f s"
                logging.getLogger(__name__).warning(text, slowest, time.monotonic() - began)
        async with office.database.read() as session:
            statuses = set(await session.exec(select(Reminder.status).where(Reminder.kind == "clock_in")))
        assert {str(status) for status in statuses} == {"acknowledged"}


# --- what comes from outside ------------------------------------------------------------------------------------------


def robot_frame(**values: Any) -> StreamFrame:
    message = {
        "conversationType": "1",
        "senderStaffId": "bob",
        "senderCorpId": "ding1",
        "chatbotCorpId": "ding1",
        "msgtype": "text",
        "text": {"content": "打卡"},
        "msgId": "msg1",
        "sessionWebhook": "https://oapi.dingtalk.com/robot/sendBySession?session=x",
        "sessionWebhookExpiredTime": 1767580000000,
        **values,
    }
    given = {key: value for key, value in message.items() if value is not None}
    return StreamFrame("CALLBACK", "/v1.0/im/bot/messages/get", "m1", json.dumps(given), {})


WHERE = {"webhook": "https://oapi.dingtalk.com/robot/sendBySession?session=x", "until": "1767580000000"}
GROUP = {"conversationType": "2"}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, Incoming("message msg1", "bob", ChatCommand(Word.ACKNOWLEDGE), None, WHERE)),
        ({"msgId": None}, Incoming("message m1", "bob", ChatCommand(Word.ACKNOWLEDGE), None, WHERE)),
        ({"sessionWebhook": None}, Incoming("message msg1", "bob", ChatCommand(Word.ACKNOWLEDGE), None, {})),
        ({"text": {"content": "?"}}, Incoming("message msg1", "bob", ChatCommand(Word.UNKNOWN), None, WHERE)),
        ({**GROUP, "isInAtList": True}, Incoming("message msg1", "bob", ChatCommand(Word.ACKNOWLEDGE), None, WHERE)),
        ({**GROUP, "text": {"content": "中午吃什么"}}, None),
        ({"senderStaffId": None}, None),
        ({"senderStaffId": ""}, None),
        ({"senderStaffId": 7}, None),
        ({"senderCorpId": "ding2"}, None),
        ({"msgtype": "picture"}, None),
        ({"text": "打卡"}, None),
        ({"text": {"content": 5}}, None),
    ],
    ids=lambda value: "x",
)
def test_messages_are_read_with_care(values: dict[str, Any], expected: Incoming | None) -> None:
    assert words_of(robot_frame(**values)) == expected


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"headers":{}}', '{"headers":{"messageId":5}}', "null", "{" * 5000, b"\x00"]
)
def test_what_is_no_frame_is_refused(text: str | bytes) -> None:
    with pytest.raises(BadStreamFrame):
        read_frame(text)


TRACK = "daka-81234-key"
CONTENT = {"cardPrivateData": {"actionIds": ["1"], "params": {"do": "ack", "id": "5"}}}
TAP = {"outTrackId": TRACK, "userId": "bob", "content": json.dumps(CONTENT)}


@pytest.mark.parametrize(
    ("data", "delivery_id"),
    [
        (TAP, 81234),
        ({**TAP, "content": CONTENT}, 81234),
        *[
            ({**TAP, "outTrackId": track}, None)
            for track in ("", "x", "daka-x-y", "daka-1-", "daka-1", None, "daka-1-a b")
        ],
        *[({**TAP, "userId": person}, None) for person in ("", None, 7)],
        *[
            ({**TAP, "content": content}, None)
            for content in ("", "{", "[]", None, {}, {"cardPrivateData": {"params": []}})
        ],
        ({**TAP, "content": {"cardPrivateData": {"params": {"do": "delete"}}}}, None),
    ],
    ids=lambda value: "x",
)
def test_taps_are_read_with_care(data: dict[str, Any], delivery_id: int | None) -> None:
    found = tap_of(StreamFrame("CALLBACK", "/v1.0/card/instances/callback", "m1", json.dumps(data), {}))
    expected = Incoming("tap m1", "bob", ChatCommand(Word.ACKNOWLEDGE), delivery_id) if delivery_id else None
    assert found == expected


def test_an_event_is_read_in_both_forms() -> None:
    inner = {"userId": "bob", "checkTime": 1767574500000}
    headers = {
        "messageId": "m",
        "topic": "*",
        "eventType": "attendance_check_record",
        "eventId": "e",
        "eventCorpId": "c",
    }
    plain = read_frame(json.dumps({"type": "EVENT", "headers": headers, "data": json.dumps(inner)}))
    outer = {"eventType": "attendance_check_record", "eventId": "e", "eventCorpId": "c", "data": inner}
    wrapped = read_frame(json.dumps({"type": "EVENT", "headers": {"messageId": "m"}, "data": json.dumps(outer)}))
    assert event_of(plain) == event_of(wrapped)
    assert event_of(plain).data == inner
