"""A source that asks for a pause gets it: however the pause is written, and never longer than the cap."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from conftest import Clock
from daka.outbound.requests import HttpAnswer
from daka.reminders.punches.dingtalk import content
from daka.reminders.punches.kind import document
from daka.reminders.punches.recording import state_after
from daka.reminders.punches.results import SourceError, SourceErrorKind
from daka.reminders.punches.vika import vika_records
from daka.vendors import dingtalk
from delivery.channels.test_verdicts import DATES, HOUR, NOW, WAITS

HEADERS = [(asked_for, wait) for asked_for, wait in (*WAITS, *DATES) if isinstance(asked_for, str)]
TOO_MANY = {"success": False, "code": 429, "message": "操作太频繁"}
READERS: dict[str, tuple[Callable[[HttpAnswer], Any], int, str, timedelta]] = {
    "any address": (document, 429, "", timedelta(minutes=1)),
    "vika": (vika_records, 429, json.dumps(TOO_MANY), timedelta(seconds=5)),
    "vika's gateway": (vika_records, 429, "<html>", timedelta(minutes=1)),
    "DingTalk": (lambda answer: content(dingtalk.read(answer)), 429, "", timedelta(minutes=1)),
}
"""Who reads an answer, and the pause where it asks for none."""


def error_of(read: Callable[[HttpAnswer], Any], status: int, text: str, header: str | None) -> SourceError:
    with pytest.raises(SourceError) as raised:
        read(HttpAnswer(status, {} if header is None else {"retry-after": header}, text, 0.1))
    return raised.value


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(("asked_for", "wait"), [*HEADERS, (None, None)])
def test_a_throttled_source_rests_as_long_as_it_asks(
    frozen: Clock, reader: str, asked_for: str | None, wait: timedelta | None
) -> None:
    frozen.set(NOW)
    read, status, text, usual = READERS[reader]
    error = error_of(read, status, text, asked_for)
    assert (error.kind, error.hold) == (SourceErrorKind.THROTTLED, wait or usual)
    assert state_after(error, 1, NOW) == (None, NOW + (wait or usual))


@pytest.mark.parametrize("reader", ["any address", "vika", "DingTalk"])
def test_so_does_one_that_is_away(frozen: Clock, reader: str) -> None:
    frozen.set(NOW)
    error = error_of(READERS[reader][0], 503, "", "90")
    assert (error.kind, error.hold) == (SourceErrorKind.PASSING, timedelta(seconds=90))
    assert error_of(READERS[reader][0], 500, "", "90").hold is None


QUOTAS: dict[str, tuple[Callable[[HttpAnswer], Any], str, timedelta | None]] = {
    "vika": (
        vika_records,
        json.dumps({"success": False, "code": 403, "message": "API 用量已达上限"}),
        timedelta(hours=6),
    ),
    "DingTalk": (lambda answer: content(dingtalk.read(answer)), json.dumps({"errcode": 90020, "errmsg": "x"}), None),
}


@pytest.mark.parametrize("reader", QUOTAS)
@pytest.mark.parametrize(("header", "wait"), [("1200", timedelta(minutes=20)), ("9" * 18, HOUR), (None, None)])
def test_a_quota_that_is_used_up_returns_when_the_source_says(
    reader: str, header: str | None, wait: timedelta | None
) -> None:
    """Without a word of it, vika is asked again in six hours, DingTalk next month (`state_after`)."""
    read, text, usual = QUOTAS[reader]
    error = error_of(read, 200, text, header)
    assert (error.kind, error.hold) == (SourceErrorKind.OVER_BUDGET, wait or usual)


def test_a_known_block_is_not_shortened_by_a_header() -> None:
    reply = dingtalk.read(HttpAnswer(200, {"retry-after": "5"}, json.dumps({"status": 1111}), 0.1))
    assert reply.wait == timedelta(minutes=5)
    assert dingtalk.read(HttpAnswer(429, {"retry-after": "30"}, json.dumps({"errcode": 90018}), 0.1)).wait == timedelta(
        seconds=30
    )
