"""A button, a card or a mention that a vendor refuses does not cost the reminder: it goes once more without decorations."""

import json
from typing import Any

import pytest

from conftest import WorkplaceMaker
from daka.delivery.channels.registry import KINDS
from daka.delivery.messages import Action
from delivery.channels.conftest import LINK, Attempts, line, note_to
from fakes.chats import FakeTelegram
from fakes.server import Asked, FakeResponse, FakeServer
from scenes import dingtalk_workplace

ROBOT = {"webhook_url": "https://oapi.dingtalk.com/robot/send?access_token=0000"}
FEISHU = {**KINDS["feishu_robot"].example, "people": "Bob ou_1"}
REFUSED_BY_TELEGRAM = FakeResponse(
    {"ok": False, "error_code": 400, "description": "Bad Request: BUTTON_URL_INVALID"}, 400
)
OK = {"errcode": 0, "errmsg": "ok"}
PLAIN: list[tuple[str, dict[str, Any], FakeResponse, Any]] = [
    ("dingtalk_robot", {**ROBOT, "form": "action_card"}, FakeResponse({"errcode": 400105, "errmsg": "no"}), OK),
    ("dingtalk_robot", {**ROBOT, "form": "markdown"}, FakeResponse({"errcode": 430104, "errmsg": "no"}), OK),
    ("dingtalk_robot", {**ROBOT, "form": "text"}, FakeResponse({"errcode": 430102, "errmsg": "no"}), OK),
    ("feishu_robot", {**FEISHU, "form": "card"}, FakeResponse({"code": 11246, "msg": "no"}), {"code": 0}),
    ("feishu_robot", {**FEISHU, "form": "post"}, FakeResponse({"code": 19002, "msg": "no"}), {"code": 0}),
    (
        "wecom_robot",
        {**KINDS["wecom_robot"].example, "form": "markdown", "people": "Bob bob"},
        FakeResponse({"errcode": 40008, "errmsg": "no"}),
        OK,
    ),
    ("telegram", KINDS["telegram"].example, REFUSED_BY_TELEGRAM, {"ok": True}),
    # Codes that no table knows.
    ("dingtalk_robot", {**ROBOT, "form": "markdown"}, FakeResponse({"errcode": 499999, "errmsg": "markdown?"}), OK),
    ("feishu_robot", {**FEISHU, "form": "card"}, FakeResponse({"code": 9499, "msg": "?"}), {"code": 0}),
    (
        "wecom_robot",
        {**KINDS["wecom_robot"].example, "form": "markdown", "people": "Bob bob"},
        FakeResponse({"errcode": 1}),
        OK,
    ),
    ("telegram", KINDS["telegram"].example, FakeResponse("Bad Request", 400), {"ok": True}),
    (
        "ntfy",
        KINDS["ntfy"].example,
        FakeResponse({"code": 40018, "error": "actions invalid"}, 400),
        {"event": "message"},
    ),
]
DECORATIONS = (
    "btns",
    "singleURL",
    'atUserIds":["',
    "ou_1",
    "<@",
    "parse_mode",
    "reply_markup",
    "click",
    "href",
    "13800000001",
)


@pytest.mark.parametrize(("kind", "config", "refusal", "success"), PLAIN)
async def test_a_refused_message_goes_again_without_its_decorations(
    attempt: Attempts, server: FakeServer, kind: str, config: dict[str, Any], refusal: FakeResponse, success: Any
) -> None:
    server.next += [refusal, FakeResponse(success)]
    vendor = KINDS[kind].vendor
    where = {vendor.setting: server.base_url} if vendor else {}
    if not vendor:
        config = {**config, "server": server.base_url}
    verdict = await attempt(kind, config, note_to(line(dingtalk_userid="bob-1")), **where)
    assert (verdict.outcome, len(server.asked)) == ("done", 2)
    decorated, plain = (asked.body.decode() for asked in server.asked)
    assert any(sign in decorated for sign in DECORATIONS)
    assert not any(sign in plain for sign in DECORATIONS)
    assert LINK in plain
    assert "09:00" in plain


@pytest.mark.parametrize(
    ("second", "outcome"),
    [
        (REFUSED_BY_TELEGRAM, "bad_message"),
        (FakeResponse({"ok": False, "error_code": 429, "parameters": {"retry_after": 9}}, 429), "throttled"),
        (FakeResponse("", 502), "retry"),
        (FakeResponse(is_reset=True), "retry"),
    ],
)
async def test_it_goes_again_once(attempt: Attempts, server: FakeServer, second: FakeResponse, outcome: str) -> None:
    server.next += [REFUSED_BY_TELEGRAM, second]
    verdict = await attempt("telegram", KINDS["telegram"].example, telegram_base_url=server.base_url)
    assert (verdict.outcome, len(server.asked)) == (outcome, 2)


@pytest.mark.parametrize(("key", "parts"), [("dingtalk_work_notice", "msg"), ("dingtalk_one_to_one", "msgKey")])
async def test_a_message_to_a_person_does_too(attempt: Attempts, key: str, parts: str) -> None:
    sent: list[Any] = []

    def answer(asked: Asked) -> FakeResponse:
        if "accessToken" in asked.path or "gettoken" in asked.path:
            return FakeResponse({"accessToken": "t", "expireIn": 7200})
        sent.append(asked.json[parts])
        if len(sent) == 1:
            is_old = key == "dingtalk_work_notice"
            return FakeResponse(
                {"errcode": 400002, "errmsg": "no"} if is_old else {"code": "400002", "message": "no"}, 200
            )
        return FakeResponse({"errcode": 0, "task_id": 1, "processQueryKey": "k"})

    async with FakeServer(answer).running() as server:
        note = note_to(line(dingtalk_userid="bob-1"))
        verdict = await attempt(key, KINDS[key].example, note, dingtalk_base_url=server.base_url)
    assert verdict.outcome == "done"
    assert len(sent) == 2
    assert "text" in json.dumps(sent[1]).lower()
    assert "card" not in json.dumps(sent[1]).lower()


async def test_a_channel_that_refuses_everything_for_an_unknown_reason_is_broken(
    attempt: Attempts, server: FakeServer
) -> None:
    server.next += [FakeResponse({"errcode": 499999, "errmsg": "?"})] * 2
    verdict = await attempt("dingtalk_robot", ROBOT, dingtalk_base_url=server.base_url)
    assert (verdict.outcome, verdict.hint, len(server.asked)) == ("broken_channel", "dingtalk_unknown", 2)


async def test_what_is_refused_for_its_person_or_its_length_is_not_sent_again(
    attempt: Attempts, server: FakeServer
) -> None:
    server.next += [FakeResponse({"errcode": 460101, "errmsg": "message too long"})]
    verdict = await attempt("dingtalk_robot", ROBOT, dingtalk_base_url=server.base_url)
    assert (verdict.outcome, len(server.asked)) == ("bad_message", 1)


@pytest.mark.parametrize("host", ["http://nas:8080", "http://localhost:8000", "https://daka", "http://[::1]:80"])
async def test_telegram_gets_an_address_as_text_where_it_takes_no_button(attempt: Attempts, host: str) -> None:
    note = note_to(line(), actions=(Action("我已打卡", f"{host}/a/x"),))
    async with FakeTelegram("123456789").running() as telegram:
        config = {"bot_token": "1:good", "chat_id": "123456789"}
        assert (await attempt("telegram", config, note, telegram_base_url=telegram.base_url)).outcome == "done"
        (message,) = telegram.messages  # type: ignore[attr-defined]
        assert len(telegram.asked) == 1
    assert f"{host}/a/x" in message["text"]
    assert "reply_markup" not in message


async def test_the_test_message_has_a_button_as_reminders_have(make_workplace: WorkplaceMaker) -> None:
    async with dingtalk_workplace(make_workplace) as (workplace, dingtalk):
        config = {"webhook_url": "https://oapi.dingtalk.com/robot/send?access_token=t1", "form": "action_card"}
        created = await workplace.bob.post(
            "/api/v1/channels", {"name": "群", "kind": "dingtalk_robot", "config": config}
        )
        await workplace.bob.post(f"/api/v1/channels/{created['id']}/test")
        card = dingtalk.last.json["actionCard"]
    assert (card["singleTitle"], card["singleURL"]) == ("打开打卡", f"{workplace.settings.base_url}/")
