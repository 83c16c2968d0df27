"""One row per code: what an answer of DingTalk or WeCom means, independent of the caller."""

import json
from datetime import timedelta
from typing import Any

import pytest

from daka.delivery.channels.app import AppKind
from daka.delivery.channels.registry import KINDS
from daka.outbound.requests import HttpAnswer
from daka.vendors import dingtalk, feishu, wecom
from daka.vendors.replies import Meaning

M = Meaning
MINUTE, FIVE_MINUTES, TWO_SECONDS = timedelta(minutes=1), timedelta(minutes=5), timedelta(seconds=2)


def answer(body: Any, status: int = 200) -> HttpAnswer:
    return HttpAnswer(status, {}, body if isinstance(body, str) else json.dumps(body), 0.1)


DINGTALK: list[tuple[str, Meaning, timedelta | None]] = [
    ("0", M.DONE, None),
    ("-1", M.RETRY, None),
    ("40001", M.TOKEN_REFUSED, None),
    ("40014", M.TOKEN_REFUSED, None),
    ("42001", M.TOKEN_REFUSED, None),
    ("InvalidAuthentication", M.TOKEN_REFUSED, None),
    ("41001", M.APP, None),
    ("AuthenticationFailed.MissingParameter", M.APP, None),
    ("40035", M.APP, None),
    ("40089", M.APP, None),
    ("40096", M.APP, None),
    ("invalidClientIdOrSecret", M.APP, None),
    ("60011", M.PERMISSION, None),
    ("Forbidden.AccessDenied.AccessTokenPermissionDenied", M.PERMISSION, None),
    ("send.forbidden", M.PERMISSION, None),
    ("60020", M.ADDRESS, None),
    ("1111", M.THROTTLED, FIVE_MINUTES),
    ("90001", M.THROTTLED, FIVE_MINUTES),
    ("90002", M.THROTTLED, TWO_SECONDS),
    *((str(code), M.THROTTLED, FIVE_MINUTES) for code in range(90003, 90015)),
    ("90018", M.THROTTLED, TWO_SECONDS),
    ("Forbidden.AccessDenied.QpsLimitForAppkeyAndApi", M.THROTTLED, TWO_SECONDS),
    ("Forbidden.AccessDenied.QpsLimitForApi", M.THROTTLED, TWO_SECONDS),
    ("send.too.fast", M.THROTTLED, MINUTE),
    ("130101", M.THROTTLED, MINUTE),
    ("410100", M.THROTTLED, MINUTE),
    ("90020", M.QUOTA, None),
    ("Forbidden.AccessDenied.ApiCountLimitForOrg", M.QUOTA, None),
    ("33012", M.PERSON, None),
    ("40103", M.PERSON, None),
    ("40104", M.PERSON, None),
    ("60121", M.PERSON, None),
    ("50002", M.SCOPE, None),
    ("50004", M.SCOPE, None),
    ("34016", M.TOO_LONG, None),
    ("43001", M.MESSAGE, None),
    ("43002", M.MESSAGE, None),
    ("43003", M.MESSAGE, None),
    ("43005", M.MESSAGE, None),
    ("43009", M.MESSAGE, None),
    ("400002", M.MESSAGE, None),
]


def test_every_code_of_dingtalk_has_a_case() -> None:
    assert sorted(code for code, _, _ in DINGTALK) == sorted(dingtalk.TABLE)


@pytest.mark.parametrize(("code", "meaning", "wait"), DINGTALK)
def test_a_code_of_dingtalk_means_the_same_in_every_form(code: str, meaning: Meaning, wait: timedelta | None) -> None:
    forms: list[Any] = [{"errcode": int(code) if code.lstrip("-").isdecimal() else code, "errmsg": "words"}]
    if code != "0":
        forms.append({"errcode": 88, "errmsg": "ding talk error", "sub_code": code, "sub_msg": "words"})
        forms.append({"code": code, "message": "words", "requestid": "r"})
    for form in forms:
        reply = dingtalk.read(answer(form))
        assert (reply.meaning, reply.code, reply.words, reply.wait) == (meaning, code, "words", wait)


@pytest.mark.parametrize(
    ("body", "status", "meaning"),
    [
        ({"status": 1111, "wait": 5}, 200, M.THROTTLED),
        ({"code": "invalidParameter.userIds.invalid"}, 400, M.PERSON),
        ({"code": "invalidParameter.staffId"}, 400, M.PERSON),
        ({"code": "invalidParameter.msgParam"}, 400, M.MESSAGE),
        ({"code": "miss.param.msgKey"}, 400, M.MESSAGE),
        ({"code": "invalidauthentication"}, 401, M.TOKEN_REFUSED),
        ({"errcode": 22, "errmsg": "Invalid method"}, 200, M.UNKNOWN),
        ({"code": "InvalidAction.NotFound"}, 404, M.UNKNOWN),
        ({"code": "system.error"}, 500, M.RETRY),
        ({}, 200, M.RETRY),
        ([], 200, M.RETRY),
        ("<html>", 200, M.RETRY),
        ("", 502, M.RETRY),
        ("", 401, M.TOKEN_REFUSED),
        ("", 403, M.UNKNOWN),
        ("", 429, M.THROTTLED),
    ],
)
def test_what_is_in_no_row_goes_by_its_status(body: Any, status: int, meaning: Meaning) -> None:
    assert dingtalk.read(answer(body, status)).meaning is meaning


def test_a_success_of_the_new_api_is_known_by_a_key_of_its_own() -> None:
    found = answer({"unionId": "u"})
    assert dingtalk.read(found, "unionId").meaning is M.DONE
    assert dingtalk.read(found).meaning is M.RETRY
    assert dingtalk.read(answer({"unionId": "u"}, 400), "unionId").meaning is M.UNKNOWN


@pytest.mark.parametrize("code", wecom.TABLE)
def test_every_code_of_wecom_is_read(code: str) -> None:
    reply = wecom.read(answer({"errcode": int(code), "errmsg": "words"}))
    assert (reply.meaning, reply.wait) == (wecom.TABLE[code].meaning, wecom.TABLE[code].wait)


@pytest.mark.parametrize(
    ("kind", "table"),
    [
        (kind, {"dingtalk": dingtalk, "wecom": wecom, "feishu": feishu}[kind.name.partition("_")[0]].TABLE)
        for kind in KINDS.values()
        if isinstance(kind, AppKind)
    ],
    ids=lambda found: getattr(found, "name", ""),
)
def test_a_channel_knows_an_outcome_for_every_meaning(kind: AppKind[Any], table: Any) -> None:
    assert {row.meaning for row in table.values()} | {M.UNKNOWN} <= set(kind.meanings)
    for meaning, row in kind.meanings.items():
        if meaning not in (M.DONE, M.RETRY):
            assert row.remedy, f"{meaning} has no remedy"
        if meaning in (M.PERSON, M.SCOPE):
            assert row.outcome == "bad_message", "one person must not break a team's channel"
