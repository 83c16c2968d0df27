"""One function reads all tables of codes. They are complete, and an answer in no vendor's form never counts as sent."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

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
from daka.outbound.http import HttpAnswer

CODES = json.loads((Path(__file__).parent / "vectors.json").read_text())["codes"]
WITH_CODES = {name: kind.codes for name, kind in KINDS.items() if isinstance(kind, HttpKind) and hasattr(kind, "codes")}


def rows_of(entry: VerdictRow | ByMessage) -> list[VerdictRow]:
    return [*entry.patterns.values(), entry.otherwise] if isinstance(entry, ByMessage) else [entry]


@pytest.mark.parametrize(("kind", "code"), [(kind, code) for kind, codes in CODES.items() for code in codes])
def test_each_code_of_the_vendors_list_has_a_row(kind: str, code: str) -> None:
    assert code in WITH_CODES[kind].rows
    outcomes = {row.outcome for row in rows_of(WITH_CODES[kind].rows[code])}
    assert CODES[kind][code] in outcomes


@pytest.mark.parametrize("kind", WITH_CODES)
def test_a_channel_that_breaks_says_how_to_mend_it_and_a_success_says_nothing(kind: str) -> None:
    table = WITH_CODES[kind]
    for entry in (*table.rows.values(), table.unknown, *table.statuses.values()):
        for row in rows_of(entry):
            assert bool(row.remedy) == (row.outcome not in ("done", "retry") or row is BY_STATUS)
    assert set(table.unreached) <= set(table.rows)


@pytest.mark.parametrize("kind", [name for name in WITH_CODES if name not in ("webhook", "environment_webhook")])
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
        ({"code": None}, 200, "broken_channel"),
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
