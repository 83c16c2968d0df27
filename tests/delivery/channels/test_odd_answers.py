"""Answers with faults: what was accepted is not sent again, and what was refused does not count as sent."""

import gzip
import json
from collections.abc import Callable

import pytest

from daka.delivery.channels.registry import KINDS
from daka.outbound.requests import HttpAnswer
from delivery.channels.conftest import Attempts
from fakes.raw import RawServer

ROBOT = {"webhook_url": "https://oapi.dingtalk.com/robot/send?access_token=0000"}
OK = b"HTTP/1.1 200 OK\r\n"
BROKEN_HEADS = {
    "180 cookies": OK + b"Set-Cookie: a=b\r\n" * 180,
    "a long header": OK + b"X: " + b"x" * 9000 + b"\r\n",
    "two framings": OK + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
    "cut short": OK + b"Content-Length: 500\r\n",
}


@pytest.mark.parametrize("fault", BROKEN_HEADS)
async def test_a_status_is_enough_for_a_webhook(attempt: Attempts, fault: str) -> None:
    async with RawServer(BROKEN_HEADS[fault] + b"\r\n").running() as server:
        verdict = await attempt("webhook", {"url": server.base_url})
    assert (verdict.outcome, verdict.http_status) == ("done", 200)


@pytest.mark.parametrize(("body", "outcome"), [(b'{"errcode":0}', "done"), (b'{"errcode":400102}', "broken_channel")])
@pytest.mark.parametrize("fault", BROKEN_HEADS)
async def test_where_the_body_decides_it_decides(attempt: Attempts, fault: str, body: bytes, outcome: str) -> None:
    head = BROKEN_HEADS[fault]
    sent = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body) if b"chunked" in head else body
    async with RawServer(head + b"\r\n" + sent).running() as server:
        verdict = await attempt("dingtalk_robot", ROBOT, dingtalk_base_url=server.base_url)
    assert verdict.outcome == outcome


KEYWORD = '{"errcode":310000,"errmsg":"关键词不匹配"}'
FORMS = {
    "BOM": (b"", lambda text: text.encode("utf-8-sig")),
    "GBK": (b"Content-Type: application/json; charset=GBK\r\n", lambda text: text.encode("gbk")),
    "GBK without a name": (b"", lambda text: text.encode("gbk")),
    "gzip": (b"Content-Encoding: gzip\r\n", lambda text: gzip.compress(text.encode())),
    "UTF-16": (b"", lambda text: text.encode("utf-16")),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", ["dingtalk_robot", "environment_webhook"])
async def test_an_answer_in_another_encoding_is_understood(attempt: Attempts, kind: str, form: str) -> None:
    header, encoded = FORMS[form]
    verdicts = {}
    for text in ('{"errcode":0,"errmsg":"成功"}', KEYWORD):
        async with RawServer(OK + header + b"\r\n" + encoded(text)).running() as server:
            config = ROBOT if kind == "dingtalk_robot" else {"url": server.base_url}
            verdicts[text] = await attempt(kind, config, dingtalk_base_url=server.base_url)
    done, refused = verdicts.values()
    assert done.outcome == "done"
    assert (refused.outcome, refused.hint, refused.provider_message) == (
        "broken_channel",
        "dingtalk_keyword",
        "关键词不匹配",
    )


@pytest.mark.parametrize("rest", ['"errmsg":"o', '"errmsg":"ok"}<script>', '"errmsg":"ok"}\0\0'])
@pytest.mark.parametrize(("code", "outcome"), [(0, "done"), (310000, "broken_channel")])
@pytest.mark.parametrize("kind", ["dingtalk_robot", "environment_webhook"])
async def test_an_answer_that_broke_off_or_goes_on_is_understood(
    attempt: Attempts, kind: str, code: int, outcome: str, rest: str
) -> None:
    async with RawServer(OK + b'\r\n{"errcode":%d,' % code + rest.encode()).running() as server:
        config = ROBOT if kind == "dingtalk_robot" else {"url": server.base_url}
        verdict = await attempt(kind, config, dingtalk_base_url=server.base_url)
    assert verdict.outcome == outcome


SUCCESS = {
    "dingtalk_robot": ("errcode", 0),
    "feishu_robot": ("code", 0),
    "wecom_robot": ("errcode", 0),
    "serverchan": ("code", 0),
    "pushplus": ("code", 200),
    "wxpusher": ("code", 1000),
    "bark": ("code", 200),
}
"""Kinds whose body decides by one code, and the code of success."""


@pytest.mark.parametrize("value", [None, True, False, "", [], {}, float("nan")])
@pytest.mark.parametrize("kind", SUCCESS)
def test_what_is_no_code_is_neither_success_nor_a_reason_to_switch_a_channel_off(kind: str, value: object) -> None:
    name, _ = SUCCESS[kind]
    verdict = KINDS[kind].codes.verdict(HttpAnswer(200, {}, json.dumps({name: value}), 0.1))
    assert verdict.outcome == "retry", verdict


@pytest.mark.parametrize("form", [int, float, str, " {} ".format])
@pytest.mark.parametrize("kind", SUCCESS)
def test_a_code_is_the_same_as_number_and_as_text(kind: str, form: Callable[[int], object]) -> None:
    name, code = SUCCESS[kind]
    verdict = KINDS[kind].codes.verdict(HttpAnswer(200, {}, json.dumps({name: form(code)}), 0.1))
    assert (verdict.outcome, verdict.provider_code) == ("done", str(code))
