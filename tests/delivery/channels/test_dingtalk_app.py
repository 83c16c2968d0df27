"""DingTalk work notices and one-to-one messages: tokens, recipients, limits, and the codes of both API generations."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from daka.delivery.channels.dingtalk_work_notice import DingTalkWorkNotice, notice_of
from daka.delivery.messages import RenderedMessage
from daka.delivery.models import Occasion
from daka.outbound.bodies import json_bytes
from daka.outbound.requests import HttpAnswer
from daka.vendors.dingtalk import read
from delivery.channels.conftest import LINK, Attempts, line, note_to
from fakes.dingtalk_app import FakeDingTalkApp
from fakes.server import FakeResponse, FakeServer

NOTICE = {"app_key": "dingapp", "app_secret": "app-secret", "agent_id": 7}
CHAT = {"app_key": "dingapp", "app_secret": "app-secret"}
BOB = line(dingtalk_userid="bob")
TOKEN = FakeResponse({"accessToken": "token-of-the-app", "expireIn": 7200})


async def test_a_work_notice_goes_to_the_person_with_one_button(attempt: Attempts) -> None:
    async with FakeDingTalkApp().running() as dingtalk:
        verdict = await attempt("dingtalk_work_notice", NOTICE, note_to(BOB), dingtalk_base_url=dingtalk.base_url)
        assert verdict.outcome == "done"
        sent = dingtalk.notices[0]  # type: ignore[attr-defined]
    assert (sent["agent_id"], sent["userid_list"], sent["to_all_user"]) == (7, "bob", False)
    assert sent["msg"]["action_card"]["single_url"] == LINK


async def test_a_one_to_one_message_has_all_buttons(attempt: Attempts) -> None:
    async with FakeDingTalkApp().running() as dingtalk:
        verdict = await attempt("dingtalk_one_to_one", CHAT, note_to(BOB), dingtalk_base_url=dingtalk.base_url)
        assert verdict.outcome == "done"
        sent = dingtalk.chats[0]  # type: ignore[attr-defined]
    assert (sent["robotCode"], sent["userIds"], sent["msgKey"]) == ("dingapp", ["bob"], "sampleActionCard3")
    assert json.loads(sent["msgParam"])["actionTitle3"] == "这次跳过"


@pytest.mark.parametrize(("kind", "config"), [("dingtalk_work_notice", NOTICE), ("dingtalk_one_to_one", CHAT)])
async def test_a_token_is_fetched_once_and_anew_once_when_it_ran_out(
    attempt: Attempts, kind: str, config: dict[str, Any]
) -> None:
    async with FakeDingTalkApp().running() as dingtalk:
        tries = [
            attempt(kind, config, note_to(BOB, title=f"提醒 {number}"), dingtalk_base_url=dingtalk.base_url)
            for number in range(5)
        ]
        assert {verdict.outcome for verdict in await asyncio.gather(*tries)} == {"done"}
        assert dingtalk.tokens_given == 1
        dingtalk.expire_token()
        verdict = await attempt(kind, config, note_to(BOB), dingtalk_base_url=dingtalk.base_url)
        assert (verdict.outcome, dingtalk.tokens_given) == ("done", 2)


async def test_a_token_that_is_refused_twice_is_not_fetched_forever(attempt: Attempts, server: FakeServer) -> None:
    refused = FakeResponse({"errcode": 88, "sub_code": "40014", "sub_msg": "不合法的access_token"})
    server.next += [TOKEN, refused, TOKEN, refused]
    verdict = await attempt("dingtalk_work_notice", NOTICE, note_to(BOB), dingtalk_base_url=server.base_url)
    assert (verdict.outcome, verdict.hint, len(server.asked)) == ("broken_channel", "dingtalk_app", 4)


async def test_the_same_reminder_five_minutes_later_is_another_text(attempt: Attempts) -> None:
    first, second = note_to(BOB), note_to(BOB)
    object.__setattr__(second, "key", "daka-key-0002")
    assert notice_of(first) != notice_of(second)


async def test_people_without_a_userid_are_said_to_have_none(attempt: Attempts, server: FakeServer) -> None:
    verdict = await attempt("dingtalk_work_notice", NOTICE, note_to(line()), dingtalk_base_url=server.base_url)
    assert (verdict.outcome, verdict.hint, server.asked) == ("bad_message", "no_recipient", [])


async def test_messages_about_nobody_go_to_the_default_recipients(attempt: Attempts) -> None:
    async with FakeDingTalkApp(people=("boss", "vice")).running() as dingtalk:
        config = {**NOTICE, "userids": "boss, vice"}
        verdict = await attempt(
            "dingtalk_work_notice", config, note_to(actions=()), dingtalk_base_url=dingtalk.base_url
        )
        assert verdict.outcome == "done"
        assert dingtalk.notices[0]["userid_list"] == "boss,vice"  # type: ignore[attr-defined]


def notice_of_a_test(title: str = "打卡 · 测试消息") -> RenderedMessage:
    return replace(note_to(BOB, title=title), occasion=Occasion.TEST)


@pytest.mark.parametrize("slow_results", [0, 2])
async def test_whoever_tries_a_work_notice_is_told_that_it_was_dropped(attempt: Attempts, slow_results: int) -> None:
    async with FakeDingTalkApp().running() as dingtalk:
        dingtalk.out_of_range, dingtalk.slow_results = {"bob"}, slow_results
        verdict = await attempt("dingtalk_work_notice", NOTICE, notice_of_a_test(), dingtalk_base_url=dingtalk.base_url)
        assert (verdict.outcome, verdict.hint) == ("bad_message", "dingtalk_dropped")
        assert dingtalk.notices == []
        assert len(attempt.context.exchanges) == 2 + slow_results  # type: ignore[union-attr]


async def test_the_same_content_on_the_same_day_is_dropped_and_said_to_be(attempt: Attempts) -> None:
    async with FakeDingTalkApp().running() as dingtalk:
        first = await attempt("dingtalk_work_notice", NOTICE, notice_of_a_test(), dingtalk_base_url=dingtalk.base_url)
        again = await attempt("dingtalk_work_notice", NOTICE, notice_of_a_test(), dingtalk_base_url=dingtalk.base_url)
    assert (first.outcome, first.provider_message) == ("done", "delivered")
    assert (again.outcome, again.provider_code) == ("bad_message", "143106")


async def test_what_becomes_of_a_reminder_is_asked_for_later_under_its_number(attempt: Attempts) -> None:
    async with FakeDingTalkApp().running() as dingtalk:
        verdict = await attempt("dingtalk_work_notice", NOTICE, note_to(BOB), dingtalk_base_url=dingtalk.base_url)
        assert verdict.ticket == "1"
        config = {**NOTICE, "has_receipts": False}
        verdict = await attempt("dingtalk_work_notice", config, note_to(BOB), dingtalk_base_url=dingtalk.base_url)
        assert verdict.ticket == ""
        assert [asked.path for asked in dingtalk.asked if "getsendresult" in asked.path] == []


RESULTS: list[tuple[Any, str, str, str]] = [
    ({"unread_user_id_list": ["bob"]}, "done", "0", ""),
    ({"read_user_id_list": ["bob"], "failed_user_id_list": []}, "done", "0", ""),
    ({}, "retry", "", ""),
    (None, "retry", "", ""),
    ({"invalid_user_id_list": ["bob"]}, "bad_message", "invalid_user_id_list", "dingtalk_userid"),
    ({"forbidden_list": [{"code": "143105", "userid": "bob"}]}, "bad_message", "143105", "dingtalk_dropped"),
    ({"forbidden_list": [{"code": 143106, "userid": "bob"}]}, "bad_message", "143106", "dingtalk_dropped"),
    ({"forbidden_list": [{}]}, "bad_message", "forbidden_user_id_list", "dingtalk_dropped"),
    ({"forbidden_user_id_list": ["bob"]}, "bad_message", "forbidden_user_id_list", "dingtalk_dropped"),
    ({"forbidden_user_id_list": "bob"}, "bad_message", "forbidden_user_id_list", "dingtalk_dropped"),
    ({"failed_user_id_list": ["bob"]}, "bad_message", "failed_user_id_list", "dingtalk_dropped"),
]


@pytest.mark.parametrize(("result", "outcome", "code", "hint"), RESULTS)
def test_every_result_has_its_meaning(result: Any, outcome: str, code: str, hint: str) -> None:
    answer = HttpAnswer(200, {}, json.dumps({"errcode": 0, "errmsg": "ok", "send_result": result}), 0.1)
    verdict = DingTalkWorkNotice().became_of(read(answer))
    assert (verdict.outcome, verdict.provider_code, verdict.hint) == (outcome, code, hint)


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        ({"errcode": 33012, "errmsg": "unknown task"}, "broken_channel"),
        ({"errcode": 90020, "errmsg": "monthly quota"}, "broken_channel"),
        ({"errcode": 90018, "errmsg": "qps"}, "throttled"),
        ({"errcode": -1, "errmsg": "系统繁忙"}, "retry"),
    ],
)
def test_a_question_that_is_refused_is_no_word_about_the_notice(body: dict[str, Any], outcome: str) -> None:
    reply = read(HttpAnswer(200, {}, json.dumps(body), 0.1))
    assert DingTalkWorkNotice().became_of(reply).outcome == outcome


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        ({"failing": {"bob"}}, "failed_user_id_list"),
        ({"leaving": {"bob"}}, "invalid_user_id_list"),
        ({"most_a_day": 0}, "143105"),
    ],
)
async def test_whoever_tries_is_told_why_it_did_not_arrive(
    attempt: Attempts, trouble: dict[str, Any], code: str
) -> None:
    async with FakeDingTalkApp().running() as dingtalk:
        for name, value in trouble.items():
            setattr(dingtalk, name, value)
        verdict = await attempt("dingtalk_work_notice", NOTICE, notice_of_a_test(), dingtalk_base_url=dingtalk.base_url)
    assert (verdict.outcome, verdict.provider_code) == ("bad_message", code)


@pytest.mark.parametrize("name", ["很长的名字" * 300, "\U0001f4c6" * 600, 'q"\\' * 500])
def test_a_long_work_notice_is_cut_to_its_bytes(name: str) -> None:
    assert len(json_bytes(notice_of(note_to(line(name))))) <= 2048


async def test_wrong_credentials_are_said_to_be_wrong(attempt: Attempts) -> None:
    async with FakeDingTalkApp(app_secret="another").running() as dingtalk:
        verdict = await attempt("dingtalk_work_notice", NOTICE, note_to(BOB), dingtalk_base_url=dingtalk.base_url)
    assert (verdict.outcome, verdict.hint) == ("broken_channel", "dingtalk_app")


async def test_nobody_sees_the_secret_or_the_token(attempt: Attempts) -> None:
    async with FakeDingTalkApp().running() as dingtalk:
        for kind, config in (("dingtalk_work_notice", NOTICE), ("dingtalk_one_to_one", CHAT)):
            await attempt(kind, config, note_to(BOB), dingtalk_base_url=dingtalk.base_url)
            assert "app-secret" not in attempt.shown
            assert "token-number-1" not in attempt.shown


OLD = [
    ({"errcode": 0, "errmsg": "ok", "task_id": 1}, 200, "done", ""),
    ({"errcode": -1, "errmsg": "系统繁忙"}, 200, "retry", ""),
    ({"errcode": 33012, "errmsg": "invalid userid"}, 200, "bad_message", "dingtalk_userid"),
    ({"errcode": 60121, "errmsg": "找不到该用户"}, 200, "bad_message", "dingtalk_userid"),
    ({"errcode": 34016, "errmsg": "too long"}, 200, "bad_message", "message_too_long"),
    ({"errcode": 88, "sub_code": "60011", "sub_msg": "没有权限"}, 200, "broken_channel", "dingtalk_permission"),
    ({"errcode": 50002, "errmsg": "不在授权范围"}, 200, "bad_message", "dingtalk_scope"),
    ({"errcode": 60020, "errmsg": "访问ip不在白名单之中"}, 200, "broken_channel", "dingtalk_app_ip"),
    ({"errcode": 90020, "errmsg": "monthly quota"}, 200, "broken_channel", "dingtalk_quota"),
    ({"errcode": 90018, "errmsg": "qps"}, 200, "throttled", "throttled"),
    ({"errcode": 90002, "errmsg": "qps"}, 200, "throttled", "throttled"),
    ({"errcode": 90014, "errmsg": "banned for a while"}, 200, "throttled", "throttled"),
    ({"errcode": 88, "sub_code": "90018", "sub_msg": "qps"}, 200, "throttled", "throttled"),
    ({"status": 1111, "wait": 5}, 200, "throttled", "throttled"),
    ({"errcode": 40096, "errmsg": "不合法的appKey或appSecret"}, 200, "broken_channel", "dingtalk_app"),
    ({"errcode": 41001, "errmsg": "缺少access_token"}, 200, "broken_channel", "dingtalk_app"),
    ({"errcode": 43002, "errmsg": "需要POST"}, 200, "bad_message", "message_refused"),
    ({"errcode": 22, "errmsg": "Invalid method"}, 200, "broken_channel", "dingtalk_unknown"),
    ("", 502, "retry", ""),
]
_NEW_CODES = [
    (403, "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi", "throttled", "throttled"),
    (403, "Forbidden.AccessDenied.QpsLimitForApi", "throttled", "throttled"),
    (403, "Forbidden.AccessDenied.ApiCountLimitForOrg", "broken_channel", "dingtalk_quota"),
    (403, "Forbidden.AccessDenied.AccessTokenPermissionDenied", "broken_channel", "dingtalk_permission"),
    (400, "AuthenticationFailed.MissingParameter", "broken_channel", "dingtalk_app"),
    (400, "invalidParameter.userIds.invalid", "bad_message", "dingtalk_userid"),
    (400, "invalidParameter.msgParam", "bad_message", "message_refused"),
    (400, "miss.param.msgKey", "bad_message", "message_refused"),
    (400, "send.too.fast", "throttled", "throttled"),
    (400, "send.forbidden", "broken_channel", "dingtalk_permission"),
    (500, "system.error", "retry", ""),
    (404, "InvalidAction.NotFound", "broken_channel", "dingtalk_unknown"),
]
NEW: list[tuple[Any, int, str, str]] = [
    *(({"code": code, "message": "x", "requestid": "r"}, status, *rest) for status, code, *rest in _NEW_CODES),
    ({"processQueryKey": "k", "invalidStaffIdList": [], "flowControlledStaffIdList": []}, 200, "done", ""),
    ({"processQueryKey": "k", "invalidStaffIdList": ["bob"]}, 200, "bad_message", "dingtalk_userid"),
    ({"processQueryKey": "k", "flowControlledStaffIdList": ["bob"]}, 200, "bad_message", "person_held"),
    ({"hello": 1}, 200, "retry", ""),
]


@pytest.mark.parametrize(
    ("kind", "config", "body", "status", "outcome", "hint"),
    [
        *(("dingtalk_work_notice", NOTICE, *row) for row in OLD),
        *(("dingtalk_one_to_one", CHAT, *row) for row in NEW),
    ],
)
async def test_every_answer_has_its_outcome(
    attempt: Attempts,
    server: FakeServer,
    kind: str,
    config: dict[str, Any],
    body: Any,
    status: int,
    outcome: str,
    hint: str,
) -> None:
    server.next += [TOKEN, FakeResponse(body, status)]
    verdict = await attempt(kind, config, note_to(BOB), dingtalk_base_url=server.base_url)
    assert (verdict.outcome, verdict.hint) == (outcome, hint)
