"""WeCom app messages: tokens, recipients, limits, and every answer of the error table."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import ValidationError

from daka.delivery.channels.registry import KINDS
from daka.delivery.messages import Action
from delivery.channels.conftest import LINK, Attempts, line, note_to
from fakes.server import FakeResponse, FakeServer
from fakes.wecom_app import FakeWecomApp

APP = {"corp_id": "ww1234", "corp_secret": "corp-secret", "agent_id": 7}
BOBS = {**APP, "userids": "bob"}
TOKEN = FakeResponse({"errcode": 0, "errmsg": "ok", "access_token": "wecom-token-1", "expires_in": 7200})


@pytest.fixture
async def wecom() -> AsyncIterator[FakeWecomApp]:
    async with FakeWecomApp().running() as running:
        yield running


async def send(attempt: Attempts, wecom: FakeServer, config: dict[str, Any], *args: Any) -> Any:
    return await attempt("wecom_app", config, *args, wecom_base_url=wecom.base_url)


async def test_a_message_goes_to_the_person_with_its_links(attempt: Attempts, wecom: FakeWecomApp) -> None:
    assert (await send(attempt, wecom, BOBS)).outcome == "done"
    (sent,) = wecom.messages
    assert (sent["touser"], sent["agentid"], sent["msgtype"]) == ("bob", 7, "text")
    assert f'<a href="{LINK}">我已打卡</a>' in sent["text"]["content"]
    assert "这次跳过" in sent["text"]["content"]


async def test_a_teams_channel_reaches_each_person_alone_and_never_somebody_else(
    attempt: Attempts, wecom: FakeWecomApp
) -> None:
    wecom.people = ("bob", "dora", "boss")
    config = {**APP, "userids": "boss", "people": "Bob bob\n13900000000 dora"}
    for person in (line("Bob"), line("Dora", mobile="13900000000")):
        assert (await send(attempt, wecom, config, note_to(person))).outcome == "done"
    stranger = await send(attempt, wecom, config, note_to(line("Eve", mobile=None)))
    assert (stranger.outcome, stranger.hint) == ("bad_message", "wecom_recipient")
    assert (await send(attempt, wecom, config, note_to(actions=()))).outcome == "done"
    assert [sent["touser"] for sent in wecom.messages] == ["bob", "dora", "boss"]


async def test_a_channel_that_names_nobody_says_what_to_do(attempt: Attempts, server: FakeServer) -> None:
    verdict = await send(attempt, server, APP)
    assert (verdict.outcome, verdict.hint, server.asked) == ("bad_message", "wecom_recipient", [])


async def test_a_token_is_fetched_once_and_anew_once_when_it_ran_out(attempt: Attempts, wecom: FakeWecomApp) -> None:
    assert {found.outcome for found in await asyncio.gather(*(send(attempt, wecom, BOBS) for _ in range(5)))} == {
        "done"
    }
    assert wecom.tokens_given == 1
    wecom.expire_token()
    assert (await send(attempt, wecom, BOBS)).outcome == "done"
    assert wecom.tokens_given == 2


@pytest.mark.parametrize("code", [40014, 42001])
async def test_a_token_that_is_refused_twice_is_not_fetched_forever(
    attempt: Attempts, server: FakeServer, code: int
) -> None:
    refused = FakeResponse({"errcode": code, "errmsg": "access_token"})
    server.next += [TOKEN, refused, TOKEN, refused]
    verdict = await send(attempt, server, BOBS)
    assert (verdict.outcome, verdict.hint, len(server.asked)) == ("broken_channel", "wecom_app", 4)


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [({"corp_id": "ww9999"}, "wecom_app"), ({"corp_secret": "no"}, "wecom_app"), ({"agent_id": 8}, "wecom_agent")],
)
async def test_wrong_credentials_are_said_to_be_wrong(
    attempt: Attempts, wecom: FakeWecomApp, wrong: dict[str, Any], hint: str
) -> None:
    verdict = await send(attempt, wecom, {**BOBS, **wrong})
    assert (verdict.outcome, verdict.hint) == ("broken_channel", hint)


async def test_a_server_that_is_not_trusted_is_told_where_to_add_its_address(
    attempt: Attempts, wecom: FakeWecomApp
) -> None:
    wecom.is_trusted = False
    verdict = await send(attempt, wecom, BOBS)
    assert (verdict.outcome, verdict.hint) == ("broken_channel", "wecom_app_ip")


async def test_who_is_outside_of_the_visible_range_is_named(attempt: Attempts, wecom: FakeWecomApp) -> None:
    alone = await send(attempt, wecom, {**APP, "userids": "eve"})
    assert (alone.outcome, alone.provider_code, alone.hint) == ("bad_message", "81013", "wecom_userid")
    some = await send(attempt, wecom, {**APP, "userids": "bob, eve"})
    assert (some.outcome, some.provider_message, some.hint) == ("bad_message", "eve", "wecom_userid")


@pytest.mark.parametrize("name", ["很长的名字" * 300, "\U0001f4c6" * 700, "<b>&" * 500])
@pytest.mark.parametrize("length", [40, 900])
async def test_a_long_message_is_cut_to_its_bytes_and_keeps_a_whole_link(
    attempt: Attempts, wecom: FakeWecomApp, name: str, length: int
) -> None:
    url = LINK + "x" * length
    note = note_to(line(name), actions=(Action("我已打卡", url), Action("这次跳过", f"{url}#skip")))
    assert (await send(attempt, wecom, BOBS, note)).outcome == "done"
    content = wecom.messages[0]["text"]["content"]
    assert f'<a href="{url}">我已打卡</a>' in content
    assert content.count("<") == content.count("<a") * 2


async def test_nobody_sees_the_secret_or_the_token(attempt: Attempts, wecom: FakeWecomApp) -> None:
    await send(attempt, wecom, BOBS)
    assert len(attempt.context.exchanges) == 1  # type: ignore[union-attr]
    assert "corp-secret" not in attempt.shown
    assert "wecom-token-1" not in attempt.shown
    await send(attempt, wecom, {**BOBS, "corp_id": "ww9999"})
    assert "gettoken" in attempt.shown
    assert "corp-secret" not in attempt.shown


ANSWERS = [
    ({"errcode": 0, "errmsg": "ok", "msgid": "m"}, 200, "done", ""),
    ({"errcode": 0, "errmsg": "ok", "invaliduser": ""}, 200, "done", ""),
    ({"errcode": 0, "errmsg": "ok", "invaliduser": "bob"}, 200, "bad_message", "wecom_userid"),
    ({"errcode": -1, "errmsg": "system busy"}, 200, "retry", ""),
    ({"errcode": 40001, "errmsg": "invalid credential"}, 200, "broken_channel", "wecom_app"),
    ({"errcode": 40013, "errmsg": "invalid corpid"}, 200, "broken_channel", "wecom_app"),
    ({"errcode": 41001, "errmsg": "access_token missing"}, 200, "broken_channel", "wecom_app"),
    ({"errcode": 40056, "errmsg": "invalid agentid"}, 200, "broken_channel", "wecom_agent"),
    ({"errcode": 301002, "errmsg": "not allow operate another agent"}, 200, "broken_channel", "wecom_agent"),
    ({"errcode": 60020, "errmsg": "not allow to access from your ip"}, 200, "broken_channel", "wecom_app_ip"),
    ({"errcode": 48002, "errmsg": "api forbidden"}, 200, "broken_channel", "wecom_permission"),
    ({"errcode": 50003, "errmsg": "app disabled"}, 200, "broken_channel", "wecom_permission"),
    ({"errcode": 60011, "errmsg": "no privilege"}, 200, "broken_channel", "wecom_permission"),
    ({"errcode": 40003, "errmsg": "invalid userid"}, 200, "bad_message", "wecom_userid"),
    ({"errcode": 60111, "errmsg": "userid not found"}, 200, "bad_message", "wecom_userid"),
    ({"errcode": 81013, "errmsg": "all invalid"}, 200, "bad_message", "wecom_userid"),
    ({"errcode": 82001, "errmsg": "All touser invalid"}, 200, "bad_message", "wecom_userid"),
    ({"errcode": 40058, "errmsg": "exceed max length"}, 200, "bad_message", "message_too_long"),
    ({"errcode": 45002, "errmsg": "content too long"}, 200, "bad_message", "message_too_long"),
    ({"errcode": 40008, "errmsg": "invalid message type"}, 200, "bad_message", "message_refused"),
    ({"errcode": 44004, "errmsg": "empty content"}, 200, "bad_message", "message_refused"),
    ({"errcode": 45009, "errmsg": "api freq out of limit"}, 200, "throttled", "throttled"),
    ({"errcode": 45033, "errmsg": "api concurrent out of limit"}, 200, "throttled", "throttled"),
    ({"errcode": 1, "errmsg": "new"}, 200, "broken_channel", "unknown"),
    ("ok", 200, "retry", ""),
    ("", 502, "retry", ""),
    ("", 404, "broken_channel", "http_refused"),
]


@pytest.mark.parametrize(("body", "status", "outcome", "hint"), ANSWERS)
async def test_every_answer_has_its_outcome(
    attempt: Attempts, server: FakeServer, body: Any, status: int, outcome: str, hint: str
) -> None:
    server.next += [TOKEN, FakeResponse(body, status)]
    verdict = await send(attempt, server, BOBS)
    assert (verdict.outcome, verdict.hint) == (outcome, hint)


@pytest.mark.parametrize(
    "answer",
    [{"errcode": 0, "errmsg": "ok"}, {"errcode": 0, "access_token": 7}, {"errcode": 0, "access_token": ""}, "?"],
)
async def test_an_answer_without_a_token_is_tried_again(attempt: Attempts, server: FakeServer, answer: Any) -> None:
    server.next.append(FakeResponse(answer))
    assert (await send(attempt, server, BOBS)).outcome == "retry"
    assert len(server.asked) == 1


@pytest.mark.parametrize("userids", ["@all", "bob @all", ", ,", ""])
def test_nobody_can_write_to_everybody(userids: str) -> None:
    with pytest.raises(ValidationError):
        KINDS["wecom_app"].parsed({**APP, "userids": userids})
