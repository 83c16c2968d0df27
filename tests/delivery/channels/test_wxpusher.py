"""WxPusher: every answer of its table, and what it is sent."""

from typing import Any

import pytest

from delivery.channels.conftest import LINK, Attempts, line, note_to
from fakes.server import FakeResponse, FakeServer

CONFIG = {"app_token": "AT_secret", "uids": "UID_1a，UID_2b", "topic_ids": "7 8"}
DONE = {"uid": "UID_1a", "code": 1000, "status": "创建发送任务成功"}
MISSED = {"uid": "UID_2b", "code": 1001, "status": "未关注"}
ANSWERS: list[tuple[Any, int, str, str]] = [
    ({"code": 1000, "msg": "处理成功", "success": True, "data": [DONE]}, 200, "done", ""),
    (
        {"code": 1000, "data": [DONE, MISSED]},
        200,
        "bad_message",
        "wxpusher_recipient",
    ),
    ({"code": 1001, "msg": "appToken 不存在"}, 200, "broken_channel", "wxpusher_token"),
    ({"code": 1001, "msg": "发送太频繁"}, 200, "throttled", "throttled"),
    ({"code": 1001, "msg": "UID 不正确"}, 200, "bad_message", "wxpusher_recipient"),
    ({"code": 1001, "msg": "其他"}, 200, "broken_channel", "unknown"),
    ({"code": 1002, "msg": "未登录"}, 200, "broken_channel", "wxpusher_token"),
    ("<html>", 200, "retry", ""),
    ("", 502, "retry", ""),
]


@pytest.mark.parametrize(("body", "status", "outcome", "hint"), ANSWERS)
async def test_every_answer_has_its_outcome(
    attempt: Attempts, server: FakeServer, body: Any, status: int, outcome: str, hint: str
) -> None:
    server.next.append(FakeResponse(body, status))
    verdict = await attempt("wxpusher", CONFIG, wxpusher_base_url=server.base_url)
    assert (verdict.outcome, verdict.hint) == (outcome, hint)


async def test_it_sends_markdown_to_users_and_topics(attempt: Attempts, server: FakeServer) -> None:
    server.next.append(FakeResponse({"code": 1000, "data": [DONE]}))
    await attempt("wxpusher", CONFIG, note_to(line("*Bob*"), title="打卡" * 99), wxpusher_base_url=server.base_url)
    sent = server.last.json
    assert server.last.path == "/api/send/message"
    assert (sent["uids"], sent["topicIds"], sent["url"]) == (["UID_1a", "UID_2b"], [7, 8], LINK)
    assert (sent["contentType"], len(sent["summary"])) == (3, 100)
    assert r"\*Bob\*" in sent["content"]
