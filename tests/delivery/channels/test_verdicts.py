"""One function reads all tables of codes. They are complete, and an answer in no vendor's form never counts as sent."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from conftest import Clock
from daka import clock
from daka.delivery.channels.kind import HttpKind
from daka.delivery.channels.registry import KINDS
from daka.delivery.channels.verdicts import (
    BY_STATUS,
    DONE,
    RETRY,
    ByMessage,
    CodeTable,
    VerdictRow,
    broken,
    refused,
    throttled,
)
from daka.delivery.remedies import DAILY_LIMIT, SETTINGS, UNKNOWN
from daka.outbound.bodies import wait_of
from daka.outbound.requests import HttpAnswer
from daka.outbound.tokens import app_token

CODES = json.loads((Path(__file__).parent / "vectors.json").read_text())["codes"]
WITH_CODES = {name: kind.codes for name, kind in KINDS.items() if isinstance(kind, HttpKind) and hasattr(kind, "codes")}


def rows_of(entry: VerdictRow | ByMessage) -> list[VerdictRow]:
    return [*entry.patterns.values(), entry.otherwise] if isinstance(entry, ByMessage) else [entry]


@pytest.mark.parametrize(("kind", "code"), [(kind, code) for kind, codes in CODES.items() for code in codes])
def test_each_code_of_the_vendors_list_has_a_row(kind: str, code: str) -> None:
    assert code in WITH_CODES[kind].rows, f"{kind} has no row for {code}, which vectors.json lists"
    outcomes = {row.outcome for row in rows_of(WITH_CODES[kind].rows[code])}
    assert CODES[kind][code] in outcomes


@pytest.mark.parametrize("kind", WITH_CODES)
def test_a_channel_that_breaks_says_how_to_mend_it_and_a_success_says_nothing(kind: str) -> None:
    table = WITH_CODES[kind]
    for entry in (*table.rows.values(), table.unknown, *table.statuses.values()):
        for row in rows_of(entry):
            needs_remedy = row.outcome not in ("done", "retry") or row is BY_STATUS
            assert bool(row.remedy) == needs_remedy, f"a remedy is {'missing' if needs_remedy else 'not needed'}: {row}"
    assert set(table.unreached) <= set(table.rows)


BY_STATUS_ALONE = {"webhook", "environment_webhook", "web_push"}
"""Kinds whose receivers answer without a body of their own."""


@pytest.mark.parametrize("kind", [name for name in WITH_CODES if name not in BY_STATUS_ALONE])
@pytest.mark.parametrize("body", ["", "<html>", "[]", "{}", "okay", '{"hello": 1}', '{"code": "none of theirs"}'])
def test_an_answer_that_is_not_the_vendors_is_no_success(kind: str, body: str) -> None:
    found: Any = KINDS[kind]
    for status in (200, 201, 202):
        assert found.verdict(HttpAnswer(status, {}, body, 0.1)).outcome != "done"


TABLE = CodeTable(
    {
        "0": DONE,
        "1": broken(SETTINGS),
        "2": throttled(timedelta(minutes=3)),
        "3": ByMessage({"too many": throttled(lambda: timedelta(hours=1), DAILY_LIMIT)}, refused()),
        "busy": RETRY,
        "missed": refused(),
    },
    statuses={418: broken(SETTINGS)},
    unknown=ByMessage({"限流": throttled()}, broken(UNKNOWN)),
    unreached=("missed",),
)


@pytest.mark.parametrize(
    ("body", "status", "outcome"),
    [
        ({"code": 0}, 200, "done"),
        ({"code": "0"}, 200, "done"),
        ({"code": 0}, 500, "retry"),
        ({"code": 0}, 302, "broken_channel"),
        ({"code": 0, "missed": []}, 200, "done"),
        ({"code": 0, "missed": ["bob"]}, 200, "bad_message"),
        ({"code": 0, "missed": "bob|eve"}, 200, "bad_message"),
        ({"code": 1, "missed": ["bob"]}, 200, "broken_channel"),
        ({"code": 1}, 500, "broken_channel"),
        ({"code": 2}, 200, "throttled"),
        ({"code": 3, "message": "Too many requests"}, 200, "throttled"),
        ({"code": 3, "message": "odd"}, 200, "bad_message"),
        ({"code": "busy"}, 200, "retry"),
        ({"code": 9}, 200, "broken_channel"),
        ({"code": 9}, 418, "broken_channel"),
        ({"code": 9}, 429, "throttled"),
        ({"code": 9}, 503, "retry"),
        ({"code": 9, "message": "限流"}, 200, "throttled"),
        ({"code": None}, 200, "retry"),  # no code at all: the answer is not in the vendor's form
        ({"other": 0}, 200, "retry"),
        ({"other": 0}, 418, "broken_channel"),
        ({"other": 0}, 429, "throttled"),
        ([0], 200, "retry"),
        ("0", 200, "retry"),
        ("", 204, "retry"),
        ("<html>", 502, "retry"),
        ("<html>", 404, "broken_channel"),
    ],
)
def test_the_providers_code_comes_first_and_http_200_proves_nothing(body: Any, status: int, outcome: str) -> None:
    text = body if isinstance(body, str) else json.dumps(body)
    verdict = TABLE.verdict(HttpAnswer(status, {"retry-after": "7"}, text, 0.1))
    assert (verdict.outcome, verdict.http_status) == (outcome, status)


def test_the_wait_is_the_answers_own_then_the_tables_then_the_headers() -> None:
    def wait(body: Any, status: int = 200) -> timedelta | None:
        return TABLE.verdict(HttpAnswer(status, {"retry-after": "7"}, json.dumps(body), 0.1)).retry_after

    assert wait({"code": 2}) == timedelta(minutes=3)
    assert wait({"code": 3, "message": "too many"}) == timedelta(hours=1)
    assert wait({"code": 9}, 429) == timedelta(seconds=7)
    assert wait({"code": 1}) is None


def test_what_an_address_that_people_chose_says_is_not_passed_on() -> None:
    answer = HttpAnswer(403, {}, "what only the LAN may read", 0.1)
    assert TABLE.verdict(answer).provider_message
    assert TABLE.verdict(answer, shows_words=False).provider_message == ""


NOW = datetime(2026, 11, 23, 0, 45, tzinfo=UTC)
HOUR = timedelta(hours=1)
WAITS: list[tuple[Any, timedelta | None]] = [
    (7, timedelta(seconds=7)),
    (0.64, timedelta(seconds=0.64)),
    ("7", timedelta(seconds=7)),
    (" 7 ", timedelta(seconds=7)),
    (3600, HOUR),
    (10**13, HOUR),
    (10**18, HOUR),
    (10**400, HOUR),
    ("9" * 5000, HOUR),
    (float("inf"), HOUR),
    ("Infinity", HOUR),
    (float("nan"), None),
    ("NaN", None),
    (0, None),
    (-5, None),
    (-(10**400), None),
    ("-5", None),
    ("soon", None),
    ("", None),
    ("٣٤", timedelta(seconds=34)),
    (True, None),
    (None, None),
    ([7], None),
    ({"seconds": 7}, None),
]
DATES: list[tuple[str, timedelta | None]] = [
    ("Mon, 23 Nov 2026 00:45:30 GMT", timedelta(seconds=30)),
    ("Monday, 23-Nov-26 00:45:30 GMT", timedelta(seconds=30)),
    ("Mon Nov 23 00:45:30 2026", timedelta(seconds=30)),
    ("Mon, 23 Nov 2026 08:45:30 +0800", timedelta(seconds=30)),
    ("Mon, 23 Nov 2026 00:44:00 GMT", None),
    ("Fri, 31 Dec 9999 23:59:59 GMT", HOUR),
    ("Mon, 23 Nov 2026 25:61:61 GMT", None),
    ("Mon, 23 Nov 99999 00:00:00 GMT", None),
    ("12:30", None),
]


@pytest.mark.parametrize(("asked_for", "wait"), [*WAITS, *DATES])
def test_a_wait_is_read_in_every_form_and_capped(asked_for: Any, wait: timedelta | None) -> None:
    assert wait_of(asked_for, NOW) == wait


@pytest.mark.parametrize(("asked_for", "wait"), WAITS)
def test_no_providers_wait_breaks_or_stops_a_channel(asked_for: Any, wait: timedelta | None) -> None:
    answers = {
        "telegram": (429, {"ok": False, "error_code": 429, "parameters": {"retry_after": asked_for}}),
        "discord": (429, {"message": "limited", "retry_after": asked_for}),
        "dingtalk_robot": (200, {"status": 1111, "wait": asked_for, "punish": "deny"}),
    }
    for name, (status, body) in answers.items():
        try:
            text = json.dumps(body)
        except ValueError:  # Python writes no number of more than 4300 digits
            continue
        kind: Any = KINDS[name]
        verdict = kind.verdict(HttpAnswer(status, {}, text, 0.1))
        assert verdict.outcome == "throttled"
        assert verdict.retry_after is None or timedelta(0) < verdict.retry_after <= HOUR
        if name == "telegram":
            assert verdict.retry_after == wait


@pytest.mark.parametrize(("asked_for", "_"), WAITS)
def test_no_lifetime_of_a_token_breaks_its_app(asked_for: Any, _: Any) -> None:
    life = app_token("t", asked_for).expires_at - clock.now()
    assert timedelta(0) < life <= timedelta(days=1)


def test_a_header_may_name_a_date(frozen: Clock) -> None:
    frozen.set(NOW)
    answer = HttpAnswer(429, {"retry-after": "Mon, 23 Nov 2026 00:45:30 GMT"}, "", 0.1)
    assert TABLE.verdict(answer).retry_after == timedelta(seconds=30)
