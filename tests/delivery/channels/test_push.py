"""Personal push: Bark, Server酱, PushPlus, PushDeer, ntfy, Gotify. Every answer of their tables, and what they are sent."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from daka import clock
from daka.delivery.channels.registry import KINDS
from delivery.channels.conftest import LINK, Attempts, line, note_to
from fakes.server import FakeResponse, FakeServer

TURBO = {"sendkey": "SCT1234secret"}
THREE = {"sendkey": "sctp77tsecret"}
PUSHPLUS = {"token": "0123456789abcdef"}
NOON_IN_SHANGHAI = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)

# kind, settings beside the server, body, status, outcome, hint
ANSWERS: list[tuple[str, dict[str, Any], Any, int, str, str]] = [
    ("bark", {}, {"code": 200, "message": "success", "timestamp": 1}, 200, "done", ""),
    ("bark", {}, {"code": 400, "message": "device key is empty"}, 400, "broken_channel", "bark_key"),
    ("bark", {}, {"code": 400, "message": "failed to get device token: x"}, 400, "broken_channel", "bark_key"),
    ("bark", {}, {"code": 500, "message": "push failed: Unregistered"}, 500, "broken_channel", "bark_key"),
    ("bark", {}, {"code": 500, "message": "push failed: timeout"}, 500, "retry", ""),
    ("bark", {}, "I'm a teapot", 418, "broken_channel", "bark_login"),
    ("bark", {}, {"code": 404, "message": "Not Found"}, 404, "broken_channel", "http_refused"),
    ("bark", {}, "<html>", 200, "retry", ""),
    ("serverchan", TURBO, {"code": 0, "message": "", "data": {"error": "SUCCESS", "errno": 0}}, 200, "done", ""),
    (
        "serverchan",
        THREE,
        {"code": 0, "message": "SUCCESS", "errno": 0, "data": {"pushid": "1", "meta": {}}},
        200,
        "done",
        "",
    ),
    ("serverchan", TURBO, {"code": 0, "data": {"error": "x", "errno": 1024}}, 200, "broken_channel", "unknown"),
    ("serverchan", TURBO, {"code": 40001, "message": "[AUTH]错误的Key"}, 400, "broken_channel", "serverchan_key"),
    (
        "serverchan",
        TURBO,
        {"code": 40001, "message": "[AUTH]超过当天的发送次数限制[5]"},
        400,
        "throttled",
        "daily_limit",
    ),
    ("serverchan", TURBO, "", 500, "retry", ""),
    ("pushplus", PUSHPLUS, {"code": 200, "msg": "请求成功", "data": "1"}, 200, "done", ""),
    ("pushplus", PUSHPLUS, {"code": 302, "msg": "未登录"}, 200, "broken_channel", "pushplus_account"),
    ("pushplus", PUSHPLUS, {"code": 401, "msg": "请求未授权"}, 200, "broken_channel", "pushplus_account"),
    ("pushplus", PUSHPLUS, {"code": 403, "msg": "请求IP未授权"}, 200, "broken_channel", "pushplus_ip"),
    ("pushplus", PUSHPLUS, {"code": 500, "msg": "系统异常"}, 200, "retry", ""),
    ("pushplus", PUSHPLUS, {"code": 600, "msg": "数据异常"}, 200, "retry", ""),
    ("pushplus", PUSHPLUS, {"code": 805, "msg": "无权查看"}, 200, "broken_channel", "pushplus_points"),
    ("pushplus", PUSHPLUS, {"code": 888, "msg": "积分不足"}, 200, "broken_channel", "pushplus_points"),
    ("pushplus", PUSHPLUS, {"code": 900, "msg": "用户账号使用受限"}, 200, "throttled", "daily_limit"),
    ("pushplus", PUSHPLUS, {"code": 903, "msg": "无效的用户令牌"}, 200, "broken_channel", "pushplus_token"),
    ("pushplus", PUSHPLUS, {"code": 905, "msg": "账户未进行实名认证"}, 200, "broken_channel", "pushplus_real_name"),
    ("pushplus", PUSHPLUS, {"code": 999, "msg": "服务端验证错误"}, 200, "bad_message", "message_refused"),
    ("pushplus", PUSHPLUS, {"code": 12345, "msg": "new"}, 200, "broken_channel", "unknown"),
    ("pushplus", PUSHPLUS, "<html>", 200, "retry", ""),
    ("pushdeer", {}, {"code": 0, "content": {"result": ['{"counts":1,"success":"ok"}']}}, 200, "done", ""),
    ("pushdeer", {}, {"code": 0, "content": {"result": []}}, 200, "broken_channel", "pushdeer_key"),
    ("pushdeer", {}, {"code": 80501, "error": "key invalid"}, 200, "broken_channel", "pushdeer_key"),
    ("pushdeer", {}, "", 502, "retry", ""),
    ("ntfy", {}, {"id": "x", "event": "message", "topic": "t"}, 200, "done", ""),
    ("ntfy", {}, {"code": 40007, "http": 400, "error": "priority invalid"}, 400, "bad_message", "message_refused"),
    ("ntfy", {}, {"code": 40009, "http": 400, "error": "topic invalid"}, 400, "broken_channel", "ntfy_topic"),
    ("ntfy", {}, {"code": 40017, "http": 400, "error": "JSON invalid"}, 400, "bad_message", "message_refused"),
    ("ntfy", {}, {"code": 40024, "http": 400, "error": "JSON invalid"}, 400, "bad_message", "message_refused"),
    ("ntfy", {}, {"code": 40018, "http": 400, "error": "actions invalid"}, 400, "bad_message", "message_refused"),
    ("ntfy", {}, {"code": 40057, "http": 400, "error": "title too large"}, 400, "bad_message", "message_too_long"),
    ("ntfy", {}, {"code": 40058, "http": 400, "error": "tags too large"}, 400, "bad_message", "message_too_long"),
    ("ntfy", {}, {"code": 40101, "http": 401, "error": "unauthorized"}, 401, "broken_channel", "ntfy_login"),
    ("ntfy", {}, {"code": 40301, "http": 403, "error": "forbidden"}, 403, "broken_channel", "ntfy_login"),
    ("ntfy", {}, {"code": 41303, "http": 413, "error": "JSON too large"}, 413, "bad_message", "message_too_long"),
    ("ntfy", {}, {"code": 42901, "http": 429, "error": "too many requests"}, 429, "throttled", "throttled"),
    ("ntfy", {}, {"code": 42908, "http": 429, "error": "daily message limit"}, 429, "throttled", "daily_limit"),
    ("ntfy", {}, {"code": 50001, "http": 500, "error": "internal"}, 500, "retry", ""),
    ("ntfy", {}, "<html>", 200, "retry", ""),
    ("gotify", {}, {"id": 25, "appid": 3, "message": "x"}, 200, "done", ""),
    ("gotify", {}, {"error": "Unauthorized", "errorCode": 401}, 401, "broken_channel", "gotify_token"),
    ("gotify", {}, {"error": "Forbidden", "errorCode": 403}, 403, "broken_channel", "gotify_token"),
    ("gotify", {}, {"error": "Bad Request", "errorCode": 400}, 400, "bad_message", "message_refused"),
    ("gotify", {}, "<html>", 200, "retry", ""),
    ("gotify", {}, "", 503, "retry", ""),
]
OWN_SERVER: dict[str, dict[str, Any]] = {
    "bark": {"device_key": "AbCdEf123"},
    "pushdeer": {"pushkey": "PDU123"},
    "ntfy": {"topic": "clockin-7f3a"},
    "gotify": {"app_token": "Atoken"},
}


async def tried(attempt: Attempts, server: FakeServer, kind: str, more: dict[str, Any], note: Any = None) -> Any:
    settings: dict[str, Any] = {}
    config = dict(more)
    if kind in OWN_SERVER:
        config = {**OWN_SERVER[kind], "server": server.base_url, **more}
    else:
        settings = {f"{kind}_base_url": server.base_url}
    return await attempt(kind, config, note, **settings)


@pytest.mark.parametrize(("kind", "more", "body", "status", "outcome", "hint"), ANSWERS)
async def test_every_answer_has_its_outcome(
    attempt: Attempts,
    server: FakeServer,
    kind: str,
    more: dict[str, Any],
    body: Any,
    status: int,
    outcome: str,
    hint: str,
) -> None:
    server.next.append(FakeResponse(body, status))
    verdict = await tried(attempt, server, kind, more)
    assert (verdict.outcome, verdict.hint) == (outcome, hint)


async def test_a_daily_limit_holds_until_midnight_there(attempt: Attempts, server: FakeServer) -> None:
    with clock.set_to(NOON_IN_SHANGHAI):
        server.next.append(FakeResponse({"code": 900, "msg": "x"}))
        pushplus = await tried(attempt, server, "pushplus", PUSHPLUS)
        server.next.append(FakeResponse({"code": 42908, "error": "x"}, 429))
        ntfy = await tried(attempt, server, "ntfy", {})
    assert pushplus.retry_after == timedelta(hours=12)
    assert ntfy.retry_after == timedelta(hours=20)


async def test_bark_can_ring_and_break_the_silence(attempt: Attempts, server: FakeServer) -> None:
    await tried(attempt, server, "bark", {"level": "critical", "call": True, "volume": 7, "sound": "minuet"})
    asked = server.last
    assert asked.path == "/push"
    wanted = {"level": "critical", "call": "1", "volume": 7, "sound": "minuet", "url": LINK, "id": "daka-key-0001"}
    assert asked.json.items() >= wanted.items()


def test_each_key_of_serverchan_goes_to_its_own_address() -> None:
    kind, note = KINDS["serverchan"], note_to(line())
    urls = [kind.request(kind.parsed(config), note).url for config in (TURBO, THREE)]  # type: ignore[attr-defined]
    assert urls == [
        "https://sctapi.ftqq.com/SCT1234secret.send",
        "https://77.push.ft07.com/send/sctp77tsecret.send",
    ]


async def test_serverchan_titles_are_cut_to_32_characters(attempt: Attempts, server: FakeServer) -> None:
    await tried(attempt, server, "serverchan", TURBO, note_to(line(), title="打卡" * 40))
    assert len(server.last.json["title"]) == 32


async def test_pushplus_drops_what_would_arrive_after_the_window(attempt: Attempts, server: FakeServer) -> None:
    note = note_to(line())
    await tried(attempt, server, "pushplus", PUSHPLUS, note)
    assert server.last.json["timestamp"] == int(note.lines[0].ends_at.timestamp() * 1000)


async def test_ntfy_gets_json_at_the_root_with_its_token_in_the_header(attempt: Attempts, server: FakeServer) -> None:
    await tried(attempt, server, "ntfy", {"token": "tk_secret"}, note_to(*(line("长名字" * 30) for _ in range(50))))
    asked = server.last
    assert (asked.path, asked.headers["authorization"]) == ("/", "Bearer tk_secret")
    assert len(asked.json["message"].encode()) <= 4096
    assert [action["label"] for action in asked.json["actions"]] == ["我已打卡", "10 分钟后提醒", "这次跳过"]


async def test_gotify_gets_its_token_in_the_header_only(attempt: Attempts, server: FakeServer) -> None:
    await tried(attempt, server, "gotify", {"priority": 3})
    asked = server.last
    assert (asked.path, asked.headers["x-gotify-key"], asked.json["priority"]) == ("/message", "Atoken", 3)
    assert "Atoken" not in asked.body.decode()


@pytest.mark.parametrize("kind", sorted(OWN_SERVER))
async def test_a_server_of_ones_own_is_judged_by_the_guard(attempt: Attempts, kind: str) -> None:
    verdict = await attempt(kind, {**OWN_SERVER[kind], "server": "http://10.1.2.3"})
    assert (verdict.outcome, verdict.hint) == ("broken_channel", "address_refused")


@pytest.mark.parametrize(
    ("kind", "config"),
    [
        ("ntfy", {"topic": "two words"}),
        ("ntfy", {"topic": "t", "server": "ftp://x"}),
        ("ntfy", {"topic": "t", "priority": 6}),
        ("bark", {"device_key": "x", "server": "https://u:p@bark.example"}),
        ("bark", {"device_key": " "}),
        ("serverchan", {"sendkey": "../../etc"}),
        ("telegram", {"bot_token": "1:x/../y", "chat_id": "1"}),
        ("gotify", {"app_token": "A"}),
    ],
)
def test_settings_that_cannot_work_are_refused_when_they_are_saved(kind: str, config: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        KINDS[kind].parsed(config)
