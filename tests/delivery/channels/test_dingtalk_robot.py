"""The DingTalk group robot: signature, keyword, mentions, limits, and every answer of its error table."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from pydantic import ValidationError

from daka.delivery.channels.dingtalk_robot import (
    LONGEST_BODY_BYTES,
    action_card_body,
    markdown_body,
    signature,
    signed_address,
    text_body,
)
from daka.delivery.channels.registry import KINDS
from daka.delivery.messages import RenderedMessage
from daka.mobile_numbers import bare_mobile
from daka.outbound.bodies import json_bytes
from delivery.channels.conftest import AT, LINK, Attempts, line, note_to
from fakes.dingtalk import FakeDingTalk, Robot
from fakes.server import FakeResponse, FakeServer

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text())
HOOK = "https://oapi.dingtalk.com/robot/send?access_token=good"
CONFIG = {"webhook_url": HOOK}


@pytest.mark.parametrize("vector", VECTORS["dingtalk_robot"])
def test_the_signature_is_dingtalks(vector: dict[str, Any]) -> None:
    assert signature(vector["secret"], vector["timestamp_ms"]) == vector["sign_raw"]
    at = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=vector["timestamp_ms"])
    address = signed_address(HOOK, vector["secret"], at)
    assert address == f"{HOOK}&timestamp={vector['timestamp_ms']}&sign={vector['sign_urlencoded']}"


def test_the_signature_is_not_feishus() -> None:
    vector = VECTORS["dingtalk_robot"][0]
    assert signature(vector["secret"], vector["timestamp_ms"]) != VECTORS["dingtalk_robot_wrong_order_must_not_match"]


def test_a_stale_signature_that_was_pasted_with_the_address_is_dropped() -> None:
    address = signed_address(f"{HOOK}&timestamp=1&sign=old", "SECnew", AT)
    query = dict(parse_qsl(urlsplit(address).query))
    assert query["access_token"] == "good"
    assert query["timestamp"] == str(int(AT.timestamp() * 1000))
    assert query["sign"] != "old"
    assert address.count("sign=") == 1


async def test_a_signed_message_with_keyword_and_mention_is_taken_and_kept_once(attempt: Attempts) -> None:
    robot = Robot(secret="SECtest", keywords=("打卡机",))
    async with FakeDingTalk(now=AT.timestamp, good=robot).running() as dingtalk:
        config = {**CONFIG, "secret": "SECtest", "keyword": "打卡机"}
        for _ in range(2):
            verdict = await attempt("dingtalk_robot", config, dingtalk_base_url=dingtalk.base_url)
            assert (verdict.outcome, verdict.provider_code) == ("done", "0")
    assert len(robot.messages) == 1
    message = robot.messages[0]
    assert message["msgUuid"] == "daka-key-0001"
    assert "打卡机" in message["markdown"]["title"]
    assert "打卡机" in message["markdown"]["text"]


@pytest.mark.parametrize(
    ("robot", "config", "hint"),
    [
        (Robot(secret="SECtest"), CONFIG, "dingtalk_clock"),
        (Robot(secret="SECtest"), {**CONFIG, "secret": "SECother"}, "dingtalk_sign"),
        (Robot(keywords=("别的词",)), CONFIG, "dingtalk_keyword"),
        (Robot(is_ip_allowed=False), CONFIG, "dingtalk_ip"),
        (Robot(), {"webhook_url": HOOK.replace("good", "gone")}, "dingtalk_token"),
    ],
)
async def test_a_robot_that_refuses_says_what_to_mend(
    attempt: Attempts, robot: Robot, config: dict[str, Any], hint: str
) -> None:
    async with FakeDingTalk(now=AT.timestamp, good=robot).running() as dingtalk:
        verdict = await attempt("dingtalk_robot", config, dingtalk_base_url=dingtalk.base_url)
    assert (verdict.outcome, verdict.hint, robot.messages) == ("broken_channel", hint, [])


async def test_the_twenty_first_message_in_a_minute_holds_the_robot_for_ten_minutes(attempt: Attempts) -> None:
    async with FakeDingTalk(now=AT.timestamp, good=Robot()).running() as dingtalk:
        for _ in range(20):
            verdict = await attempt("dingtalk_robot", CONFIG, dingtalk_base_url=dingtalk.base_url)
            assert verdict.outcome == "done"
        verdict = await attempt("dingtalk_robot", CONFIG, dingtalk_base_url=dingtalk.base_url)
    assert (verdict.outcome, verdict.retry_after) == ("throttled", timedelta(minutes=10))


# --- what it says ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [text_body, markdown_body, action_card_body])
def test_whoever_is_mentioned_stands_literally_in_the_text(make: Any) -> None:
    people = [line("Bob"), line("Dora", mobile=None, dingtalk_userid="dora01"), line("Eve", mobile=None)]
    body = make(note_to(*people))
    assert body["at"] == {"atMobiles": ["13800000001"], "atUserIds": ["dora01"], "isAtAll": False}
    text = body[body["msgtype"]].get("content") or body[body["msgtype"]].get("text")
    assert "@13800000001" in text
    assert "@dora01" in text


@pytest.mark.parametrize(
    ("mobile", "digits"),
    [("138 0000 0001", "13800000001"), ("+86-13800000001", "13800000001"), ("+852 9123 4567", "+85291234567")],
)
def test_mobile_numbers_are_written_as_dingtalk_knows_them(mobile: str, digits: str) -> None:
    assert bare_mobile(mobile) == digits


def test_a_keyword_is_added_once_and_only_where_it_is_missing() -> None:
    missing, there = markdown_body(note_to(line()), "考勤"), markdown_body(note_to(line()), "打卡")
    assert missing["markdown"]["title"].startswith("【考勤】")
    assert "【考勤】" in missing["markdown"]["text"]
    assert "【打卡】" not in json.dumps(there, ensure_ascii=False)


def test_a_keyword_with_markdown_characters_is_found_as_it_is() -> None:
    assert "a_b*c" in markdown_body(note_to(line(), title="提醒 a_b*c"), "a_b*c")["markdown"]["text"]


def test_names_do_not_break_the_markdown() -> None:
    text = markdown_body(note_to(line("[Bob](https://evil.example)")))["markdown"]["text"]
    assert "\\[Bob\\]" in text


def test_a_card_has_a_button_for_each_action() -> None:
    card = action_card_body(note_to(line()))["actionCard"]
    assert [button["title"] for button in card["btns"]] == ["我已打卡", "10 分钟后提醒", "这次跳过"]
    assert card["btns"][0]["actionURL"] == LINK
    one = action_card_body(note_to(line(), actions=note_to(line()).actions[:1]))["actionCard"]
    assert (one["singleTitle"], one["singleURL"], "btns" in one) == ("我已打卡", LINK, False)


def test_a_card_without_actions_is_sent_as_markdown() -> None:
    kind = KINDS["dingtalk_robot"]
    config = kind.parsed({**CONFIG, "form": "action_card"})

    assert json.loads(kind.request(config, note_to(line(), actions=())).body)["msgtype"] == "markdown"


@pytest.mark.parametrize("make", [text_body, markdown_body, action_card_body])
@pytest.mark.parametrize("name", ["很长的名字" * 200, "\U0001f4c6" * 700, 'q"\\' * 900])
def test_a_long_message_is_cut_to_dingtalks_bytes_and_keeps_mentions_and_links(make: Any, name: str) -> None:
    note = note_to(*(line(name, mobile=f"138000000{number:02}", dingtalk_userid=f"u{number}") for number in range(50)))
    body = make(note)
    encoded = json_bytes(body)
    assert len(encoded) <= LONGEST_BODY_BYTES
    encoded.decode()  # no character was cut in two
    words = json.dumps(body, ensure_ascii=False)
    assert LINK in words
    assert all(f"@{who}" in words for who in (body.get("at") or {}).get("atMobiles", ()))


# --- what it answers -------------------------------------------------------------------------------------------------

ANSWERS: list[tuple[Any, str, str]] = [
    ({"errcode": 0, "errmsg": "ok"}, "done", ""),
    ({"errcode": "0", "errmsg": "ok"}, "done", ""),
    ({"errcode": -1, "errmsg": "系统繁忙"}, "retry", ""),
    ({"errcode": 310000, "errmsg": "keywords not in content, more: [https://x]"}, "broken_channel", "dingtalk_keyword"),
    ({"errcode": 310000, "errmsg": "description:关键词不匹配;solution:请联系"}, "broken_channel", "dingtalk_keyword"),
    ({"errcode": 310000, "errmsg": "invalid timestamp"}, "broken_channel", "dingtalk_clock"),
    ({"errcode": 310000, "errmsg": "description:机器人发送签名过期;solution:x"}, "broken_channel", "dingtalk_clock"),
    ({"errcode": 310000, "errmsg": "sign not match"}, "broken_channel", "dingtalk_sign"),
    ({"errcode": 310000, "errmsg": "错误描述:机器人发送签名不匹配;解决方案:x"}, "broken_channel", "dingtalk_sign"),
    ({"errcode": 310000, "errmsg": "ip 192.0.2.1 not in whitelist"}, "broken_channel", "dingtalk_ip"),
    ({"errcode": 310000, "errmsg": "something new"}, "broken_channel", "dingtalk_security"),
    ({"errcode": 300005, "errmsg": "token is not exist"}, "broken_channel", "dingtalk_token"),
    ({"errcode": 300001, "errmsg": "token is not exist"}, "broken_channel", "dingtalk_token"),
    ({"errcode": 400101, "errmsg": "access_token不存在"}, "broken_channel", "dingtalk_token"),
    ({"errcode": 400102, "errmsg": "description:机器人已经停用或者未启用;x"}, "broken_channel", "dingtalk_robot_off"),
    ({"errcode": 400106, "errmsg": "机器人不存在"}, "broken_channel", "dingtalk_robot_gone"),
    ({"errcode": 400013, "errmsg": "群已被解散"}, "broken_channel", "dingtalk_group_gone"),
    ({"errcode": 400105, "errmsg": "不支持的消息类型"}, "bad_message", "message_refused"),
    ({"errcode": 40035, "errmsg": "缺少参数 json"}, "broken_channel", "dingtalk_token"),
    ({"errcode": 43004, "errmsg": "无效的HTTP HEADER Content-Type"}, "bad_message", "message_refused"),
    ({"errcode": 43002, "errmsg": "需要POST请求"}, "bad_message", "message_refused"),
    *(({"errcode": code, "errmsg": "unsafe"}, "bad_message", "message_refused") for code in range(430101, 430105)),
    ({"errcode": 460101, "errmsg": "message too long, exceed 20000 bytes"}, "bad_message", "message_too_long"),
    ({"errcode": 410100, "errmsg": "发送速度太快而限流"}, "throttled", "throttled"),
    ({"errcode": 130101, "errmsg": "send too fast, exceed 20 times per minute"}, "throttled", "throttled"),
    ({"errcode": 660026, "errmsg": "sending too many messages per minute"}, "throttled", "throttled"),
    ({"errcode": 302033, "errmsg": "send too fast"}, "throttled", "throttled"),
    ({"errcode": 999999, "errmsg": "发送速度太快而限流"}, "throttled", "throttled"),
    ({"errcode": 999999, "errmsg": "nobody knows"}, "broken_channel", "dingtalk_unknown"),
    ({"status": 1111, "wait": 5, "source": "x5", "punish": "deny", "uuid": "u"}, "throttled", "throttled"),
    ("<!doctype html><html>blocked</html>", "throttled", "throttled"),
    ("", "retry", ""),
    ("ok", "retry", ""),
    ("[]", "retry", ""),
    ({"hello": "workplace"}, "retry", ""),
]


@pytest.mark.parametrize(("body", "outcome", "hint"), ANSWERS)
async def test_every_answer_has_its_outcome(
    attempt: Attempts, server: FakeServer, body: Any, outcome: str, hint: str
) -> None:
    server.next.append(FakeResponse(body))
    verdict = await attempt("dingtalk_robot", CONFIG, dingtalk_base_url=server.base_url)
    assert (verdict.outcome, verdict.hint) == (outcome, hint)


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        (FakeResponse("", 502), "retry"),
        (FakeResponse("<html>", 500), "retry"),
        (FakeResponse("", 429), "throttled"),
        (FakeResponse(is_reset=True), "retry"),
    ],
)
async def test_an_outage_is_tried_again(
    attempt: Attempts, server: FakeServer, said: FakeResponse, outcome: str
) -> None:
    server.next.append(said)
    assert (await attempt("dingtalk_robot", CONFIG, dingtalk_base_url=server.base_url)).outcome == outcome


@pytest.mark.parametrize(
    "address",
    [
        "http://oapi.dingtalk.com/robot/send?access_token=x",
        "https://oapi.dingtalk.com.evil.example/robot/send?access_token=x",
        "https://evil.example/robot/send?access_token=x",
        "https://oapi.dingtalk.com:8443/robot/send?access_token=x",
        "https://user@oapi.dingtalk.com/robot/send?access_token=x",
        "https://oapi.dingtalk.com/robot/send",
        "https://oapi.dingtalk.com/topapi/user/listid?access_token=x",
        "https://oapi.dingtalk.com\\@127.0.0.1/robot/send?access_token=x",
        "not an address",
    ],
)
def test_only_dingtalks_own_addresses_are_taken(address: str) -> None:
    with pytest.raises(ValidationError):
        KINDS["dingtalk_robot"].parsed({"webhook_url": address})


def test_the_note_keeps_its_key_over_all_attempts() -> None:
    def key(note: RenderedMessage) -> str:
        return str(markdown_body(note)["msgUuid"])

    assert key(note_to(line())) == key(note_to(line())) == "daka-key-0001"
