"""Feishu, WeCom, Slack, Discord and Telegram: signatures, mentions, limits, and every answer of their error tables."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from daka.delivery.channels import feishu_robot
from daka.delivery.channels.registry import KINDS
from delivery.channels.conftest import AT, LINK, Attempts, line, note_to
from fakes.chats import FakeFeishu, FakeTelegram, FakeWecom
from fakes.server import FakeResponse, FakeServer

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text())
FEISHU = {"webhook_url": "https://open.feishu.cn/open-apis/bot/v2/hook/good-0001"}
LARK = {"webhook_url": "https://open.larksuite.com/open-apis/bot/v2/hook/good-0001"}
WECOM = {"webhook_url": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=good"}
SLACK = {"webhook_url": "https://hooks.slack.com/services/T000/B000/XXXX"}
DISCORD = {"webhook_url": "https://discord.com/api/webhooks/1/secret-token"}
TELEGRAM = {"bot_token": "1:good", "chat_id": "42"}


def body_of(kind: str, config: dict[str, Any], note: Any = None) -> Any:
    found = KINDS[kind].request(KINDS[kind].parsed(config), note or note_to(line()))  # type: ignore[attr-defined]
    return json.loads(found.body)


# --- Feishu ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("vector", VECTORS["feishu_bot"])
def test_the_signature_is_feishus(vector: dict[str, Any]) -> None:
    assert feishu_robot.signature(vector["secret"], vector["timestamp_s"]) == vector["sign"]


def test_the_signature_is_not_dingtalks() -> None:
    vector = VECTORS["feishu_bot"][0]
    wrong = VECTORS["feishu_wrong_order_must_not_match"]
    assert feishu_robot.signature(vector["secret"], vector["timestamp_s"]) != wrong


@pytest.mark.parametrize("config", [FEISHU, LARK])
@pytest.mark.parametrize("form", ["post", "card"])
async def test_feishu_takes_a_signed_message_with_keyword_and_mention(
    attempt: Attempts, config: dict[str, str], form: str
) -> None:
    async with FakeFeishu("s3cret", "考勤", now=AT.timestamp).running() as feishu:
        whole = {
            **config,
            "form": form,
            "secret": "s3cret",
            "keyword": "考勤",
            "people": "Bob ou_bob\n13900000000=ou_x",
        }
        verdict = await attempt("feishu_robot", whole, feishu_base_url=feishu.base_url)
        assert verdict.outcome == "done"
        sent = json.dumps(feishu.messages[0], ensure_ascii=False)  # type: ignore[attr-defined]
    assert "ou_bob" in sent
    assert "ou_x" not in sent
    assert LINK in sent


async def test_feishu_says_what_is_wrong_with_a_signature_and_a_keyword(attempt: Attempts) -> None:
    async with FakeFeishu("s3cret", "考勤", now=AT.timestamp).running() as feishu:
        unsigned = await attempt("feishu_robot", {**FEISHU, "secret": "other"}, feishu_base_url=feishu.base_url)
        wordless = await attempt("feishu_robot", {**FEISHU, "secret": "s3cret"}, feishu_base_url=feishu.base_url)
        gone = {"webhook_url": FEISHU["webhook_url"].replace("good", "gone")}
        unknown = await attempt("feishu_robot", gone, feishu_base_url=feishu.base_url)
    assert [found.hint for found in (unsigned, wordless, unknown)] == ["feishu_sign", "feishu_keyword", "feishu_token"]


FEISHU_ANSWERS = [
    ({"StatusCode": 0, "StatusMessage": "success"}, 200, "done", ""),
    ({"code": 0, "msg": "success"}, 200, "done", ""),
    ({"code": 9499, "msg": "Bad Request"}, 200, "bad_message", "message_refused"),
    ({"code": 9499, "msg": "Bad Request"}, 400, "bad_message", "message_refused"),
    ({"code": 9499, "msg": "too many request"}, 200, "throttled", "throttled"),
    ({"code": 19001, "msg": "incoming webhook access token invalid"}, 200, "broken_channel", "feishu_token"),
    ({"code": 19021, "msg": "sign match fail"}, 200, "broken_channel", "feishu_sign"),
    ({"code": 19022, "msg": "Ip Not Allowed"}, 200, "broken_channel", "feishu_ip"),
    ({"code": 19024, "msg": "Key Words Not Found"}, 200, "broken_channel", "feishu_keyword"),
    ({"code": 11232, "msg": "frequency limited psm[]appID[]"}, 200, "throttled", "throttled"),
    ({"code": 11246, "msg": "parse card json err"}, 200, "bad_message", "message_refused"),
    ({"code": 19002, "msg": "params error, msg_type need"}, 200, "bad_message", "message_refused"),
    ({"code": 19036, "msg": "request body too large"}, 200, "bad_message", "message_refused"),
    ({"code": 230001, "msg": "invalid request param"}, 200, "bad_message", "message_refused"),
    ({"code": 77777, "msg": "new"}, 200, "broken_channel", "unknown"),
    ("<html>", 200, "retry", ""),
    ("", 503, "retry", ""),
]

# --- WeCom -----------------------------------------------------------------------------------------------------------

WECOM_ANSWERS = [
    ({"errcode": 0, "errmsg": "ok"}, 200, "done", ""),
    ({"errcode": 93000, "errmsg": "invalid webhook url, hint: […]"}, 200, "broken_channel", "wecom_key"),
    ({"errcode": 45009, "errmsg": "api freq out of limit"}, 200, "throttled", "throttled"),
    ({"errcode": 40058, "errmsg": "exceed max length 4096."}, 200, "bad_message", "message_too_long"),
    ({"errcode": 40008, "errmsg": "invalid message type"}, 200, "bad_message", "message_refused"),
    ({"errcode": 45002, "errmsg": "content too long"}, 200, "bad_message", "message_too_long"),
    ({"errcode": 44004, "errmsg": "empty content"}, 200, "bad_message", "message_refused"),
    ({"errcode": -1, "errmsg": "system busy"}, 200, "retry", ""),
    ({"errcode": 1, "errmsg": "new"}, 200, "broken_channel", "unknown"),
    ("ok", 200, "retry", ""),
    ("", 502, "retry", ""),
]


async def test_wecom_mentions_by_mobile_or_by_userid(attempt: Attempts) -> None:
    people = [line("Bob"), line("Dora", mobile="13900000000")]
    async with FakeWecom().running() as wecom:
        config = {**WECOM, "people": "Dora dora"}
        assert (await attempt("wecom_robot", config, note_to(*people), wecom_base_url=wecom.base_url)).outcome == "done"
        config |= {"form": "markdown"}
        assert (await attempt("wecom_robot", config, note_to(*people), wecom_base_url=wecom.base_url)).outcome == "done"
        text, markdown = wecom.messages  # type: ignore[attr-defined]
    assert text["text"]["mentioned_mobile_list"] == ["13800000001"]
    assert text["text"]["mentioned_list"] == ["dora"]
    assert "<@dora>" in markdown["markdown"]["content"]


@pytest.mark.parametrize("form", ["text", "markdown"])
async def test_a_full_wecom_message_fits_into_its_bytes_and_keeps_the_link(attempt: Attempts, form: str) -> None:
    most = KINDS["wecom_robot"].people_per_message
    note = note_to(*(line("很长的名字" * 10) for _ in range(most)))
    async with FakeWecom().running() as wecom:
        verdict = await attempt("wecom_robot", {**WECOM, "form": form}, note, wecom_base_url=wecom.base_url)
        assert verdict.outcome == "done"
        assert LINK in wecom.messages[0][form]["content"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("form", ["post", "card"])
@pytest.mark.parametrize("name", ["很长的名字" * 10, '"' * 50, "\\" * 50, "<&>*_[]" * 7, "\u0001" * 50])
def test_feishus_limit_counts_what_is_sent(form: str, name: str) -> None:
    note = note_to(*(line(name) for _ in range(300)))
    kind: Any = KINDS["feishu_robot"]
    asked = kind.request(kind.parsed({**FEISHU, "form": form, "secret": "s3cret"}), note)
    assert len(asked.body) <= 20_000
    assert LINK in asked.body.decode()
    assert "另有" in asked.body.decode()


@pytest.mark.parametrize("name", ["😀" * 50, "名字" * 25, "a" * 50])
def test_telegrams_limit_counts_utf16_units(name: str) -> None:
    text = body_of("telegram", TELEGRAM, note_to(*(line(name) for _ in range(100))))["text"]
    shown = text.replace("<b>", "").replace("</b>", "")
    assert 3000 < len(shown.encode("utf-16-le")) // 2 <= 4096


# --- Slack and Discord -----------------------------------------------------------------------------------------------

SLACK_ANSWERS = [
    ("ok", 200, "done", ""),
    ("invalid_payload", 400, "bad_message", "message_refused"),
    ("no_text", 400, "bad_message", "message_refused"),
    ("user_not_found", 400, "broken_channel", "slack_channel"),
    ("invalid_token", 400, "broken_channel", "slack_webhook"),
    ("invalid_token", 403, "broken_channel", "slack_webhook"),
    ("action_prohibited", 403, "broken_channel", "slack_channel"),
    ("posting_to_general_channel_denied", 403, "broken_channel", "slack_channel"),
    ("channel_not_found", 404, "broken_channel", "slack_channel"),
    ("no_service", 404, "broken_channel", "slack_webhook"),
    ("channel_is_archived", 410, "broken_channel", "slack_channel"),
    ("rate_limited", 429, "throttled", "throttled"),
    ("<html>", 200, "retry", ""),
    ("", 500, "retry", ""),
]

DISCORD_ANSWERS = [
    ("", 204, "done", ""),
    ({"message": "Unknown Webhook", "code": 10015}, 404, "broken_channel", "discord_webhook"),
    ({"message": "401: Unauthorized", "code": 0}, 401, "broken_channel", "discord_webhook"),
    ({"message": "Invalid Form Body", "code": 50035}, 400, "bad_message", "message_refused"),
    ({"message": "You are being rate limited.", "retry_after": 0.64, "global": False}, 429, "throttled", "throttled"),
    ("", 502, "retry", ""),
    ("", 200, "retry", ""),
]


def test_slack_text_is_escaped_and_links_have_labels() -> None:
    text = body_of("slack", SLACK, note_to(line("<!channel> & Bob")))["text"]
    assert "&lt;!channel&gt; &amp; Bob" in text
    assert f"<{LINK}|我已打卡>" in text


def test_discord_mentions_nobody_by_accident_and_stays_within_its_characters() -> None:
    body = body_of("discord", DISCORD, note_to(*(line("@everyone" * 20) for _ in range(25))))
    assert body["allowed_mentions"] == {"parse": []}
    assert len(body["content"]) <= 2000
    assert LINK in body["content"]


# --- Telegram --------------------------------------------------------------------------------------------------------

TELEGRAM_ANSWERS = [
    ({"ok": True, "result": {"message_id": 1}}, 200, "done", ""),
    *(
        ({"ok": False, "error_code": code, "description": words}, code, outcome, hint)
        for code, words, outcome, hint in (
            (401, "Unauthorized", "broken_channel", "telegram_token"),
            (404, "Not Found", "broken_channel", "telegram_token"),
            (400, "Bad Request: chat not found", "broken_channel", "telegram_chat"),
            (403, "Forbidden: bot was blocked by the user", "broken_channel", "telegram_blocked"),
            (403, "Forbidden: user is deactivated", "broken_channel", "telegram_blocked"),
            (403, "Forbidden: bot was kicked from the supergroup chat", "broken_channel", "telegram_blocked"),
            (403, "Forbidden: bot can't initiate conversation with a user", "broken_channel", "telegram_blocked"),
            (400, "Bad Request: BUTTON_URL_INVALID", "bad_message", "message_refused"),
            (500, "Internal Server Error", "retry", ""),
        )
    ),
    ("<html>", 200, "retry", ""),
]


async def test_telegram_says_how_long_to_wait(attempt: Attempts, server: FakeServer) -> None:
    words = "Too Many Requests: retry after 34"
    server.next.append(
        FakeResponse({"ok": False, "error_code": 429, "description": words, "parameters": {"retry_after": 34}}, 429)
    )
    verdict = await attempt("telegram", TELEGRAM, telegram_base_url=server.base_url)
    assert (verdict.outcome, verdict.retry_after) == ("throttled", timedelta(seconds=34))


async def test_telegram_tries_again_as_plain_text_when_it_cannot_read_the_formatting(
    attempt: Attempts, server: FakeServer
) -> None:
    server.next += [
        FakeResponse({"ok": False, "error_code": 400, "description": "Bad Request: can't parse entities: x"}, 400),
        FakeResponse({"ok": True, "result": {"message_id": 1}}),
    ]
    assert (await attempt("telegram", TELEGRAM, telegram_base_url=server.base_url)).outcome == "done"
    assert ["parse_mode" in asked.json for asked in server.asked] == [True, False]


async def test_telegram_buttons_are_left_out_where_it_would_refuse_them(attempt: Attempts) -> None:
    note = note_to(line("<b>Bob"))
    async with FakeTelegram("42").running() as telegram:
        assert (await attempt("telegram", TELEGRAM, note, telegram_base_url=telegram.base_url)).outcome == "done"
        local = tuple(type(action)(action.label, "http://localhost:8000/a/x") for action in note.actions)
        here = note_to(line(), actions=local)
        assert (await attempt("telegram", TELEGRAM, here, telegram_base_url=telegram.base_url)).outcome == "done"
        first, second = telegram.messages  # type: ignore[attr-defined]
    assert "&lt;b&gt;Bob" in first["text"]
    assert len(first["reply_markup"]["inline_keyboard"]) == 3
    assert "reply_markup" not in second


@pytest.mark.parametrize(
    ("kind", "config", "setting", "body", "status", "outcome", "hint"),
    [
        *(("feishu_robot", FEISHU, "feishu_base_url", *row) for row in FEISHU_ANSWERS),
        *(("wecom_robot", WECOM, "wecom_base_url", *row) for row in WECOM_ANSWERS),
        *(("slack", SLACK, "slack_base_url", *row) for row in SLACK_ANSWERS),
        *(("discord", DISCORD, "discord_base_url", *row) for row in DISCORD_ANSWERS),
        *(("telegram", TELEGRAM, "telegram_base_url", *row) for row in TELEGRAM_ANSWERS),
    ],
)
async def test_every_answer_has_its_outcome(
    attempt: Attempts,
    server: FakeServer,
    kind: str,
    config: dict[str, Any],
    setting: str,
    body: Any,
    status: int,
    outcome: str,
    hint: str,
) -> None:
    server.next.append(
        FakeResponse(b"" if status == 204 else body, status, {"Retry-After": "7"} if status == 429 else {})
    )
    verdict = await attempt(kind, config, **{setting: server.base_url})
    assert (verdict.outcome, verdict.hint) == (outcome, hint)


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        ("feishu_robot", "https://open.feishu.cn.evil.example/open-apis/bot/v2/hook/x"),
        ("feishu_robot", "https://open.feishu.cn/open-apis/other/x"),
        ("feishu_robot", "http://open.feishu.cn/open-apis/bot/v2/hook/x"),
        ("wecom_robot", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send"),
        ("wecom_robot", "https://qyapi.weixin.qq.com/cgi-bin/user/list?key=x"),
        ("slack", "https://hooks.slack.com.evil.example/services/T/B/x"),
        ("discord", "https://discord.com/api/webhooks/../users/1"),
    ],
)
def test_only_the_vendors_own_addresses_are_taken(kind: str, address: str) -> None:
    with pytest.raises(ValidationError):
        KINDS[kind].parsed({"webhook_url": address})
