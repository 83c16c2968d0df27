"""vika: what a table says, and how it is read."""

from datetime import date
from typing import Any

import pytest

from conftest import TODAY, Clock
from daka.outbound.requests import HttpAnswer
from daka.reminders.punches import vika
from daka.reminders.punches.results import PersonField, PunchState, SourceError, SourceErrorKind
from daka.reminders.punches.vika import Vika, VikaConfig, cell_date, vika_records, vika_results
from daka.shifts.times import PunchKind
from fakes.server import FakeResponse
from fakes.vika import FakeVika
from reminders.punches.points import point, session_to

OUT = PunchKind.CLOCK_OUT
KIND = Vika()


def config(**values: Any) -> VikaConfig:
    """A table with a row for each person."""
    columns = {"person_field": "姓名", "clock_in_field": "上班", "clock_out_field": "下班"}
    return VikaConfig(**{"token": "uskFakeToken", "datasheet_id": "dstFakeSheet", **columns, **values})


OLDER = {
    "person_field": None,
    "clock_in_field": "打卡检测",
    "clock_out_field": "打卡检测",
    "clock_in_row": 1,
    "clock_out_row": 2,
}


def state_of(rows: list[dict[str, Any]], about: Any, settings: VikaConfig) -> PunchState:
    return vika_results(rows, [about], settings)[about.reminder_id].state


@pytest.mark.parametrize(
    ("rows", "state"),
    [
        ([{"姓名": "Bob", "上班": "上班已打卡"}], PunchState.PUNCHED),
        ([{"姓名": "Bob", "上班": "上班未打卡"}], PunchState.NOT_PUNCHED),
        ([{"姓名": "Bob", "上班": "今天休息"}], PunchState.UNKNOWN),
        ([{"姓名": "Bob"}], PunchState.UNKNOWN),
        ([{"姓名": "Bob", "下班": "下班已打卡"}], PunchState.UNKNOWN),
        ([{"上班": "上班已打卡"}], PunchState.UNKNOWN),
        ([{"姓名": "Eve", "上班": "上班已打卡"}], PunchState.UNKNOWN),
        ([{"姓名": "Bob", "上班": "上班已打卡"}] * 2, PunchState.UNKNOWN),
        ([], PunchState.UNKNOWN),
    ],
)
def test_a_persons_row(rows: list[dict[str, Any]], state: PunchState) -> None:
    assert state_of(rows, point(), config()) is state


def test_a_table_of_days_is_read_on_the_work_date() -> None:
    settings = config(date_field="日期", person_by=PersonField.MOBILE)
    rows = [
        {"姓名": "+86 13800000001", "日期": "2026-11-22", "上班": "已打卡"},
        {"姓名": "138-0000-0001", "日期": "2026/11/23 00:00", "上班": "未打卡"},
    ]
    assert state_of(rows, point(mobile="13800000001"), settings) is PunchState.NOT_PUNCHED
    assert state_of(rows, point(mobile="13800000001", work_date=date(2026, 11, 22)), settings) is PunchState.PUNCHED
    assert state_of(rows, point(mobile="13800000001", work_date=date(2026, 11, 21)), settings) is PunchState.UNKNOWN
    assert state_of(rows, point(mobile=None), settings) is PunchState.UNKNOWN


def test_the_older_tables_first_row_is_clock_in_and_its_second_clock_out() -> None:
    rows = [{"打卡检测": "上班已打卡"}, {"打卡检测": "下班未打卡"}]
    settings = config(**OLDER)
    assert state_of(rows, point(), settings) is PunchState.PUNCHED
    assert state_of(rows, point("18:00", OUT), settings) is PunchState.NOT_PUNCHED
    assert state_of(rows[:1], point("18:00", OUT), settings) is PunchState.UNKNOWN
    assert not KIND.names_people(settings)


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2026-11-23", TODAY),
        ("2026/11/23 08:00", TODAY),
        ("2026年11月3日", date(2026, 11, 3)),
        (1795363200000, TODAY),
        ("11-23", None),
        ("2026-13-01", None),
        (True, None),
        (10**20, None),
        (None, None),
    ],
)
def test_a_date_in_a_cell(cell: Any, day: date | None) -> None:
    assert cell_date(cell, "Asia/Shanghai") == day


@pytest.mark.parametrize(
    "values",
    [
        {"clock_in_field": "打卡", "clock_out_field": "打卡"},
        {**OLDER, "clock_out_row": 1},
        {**OLDER, "clock_in_row": None},
        {"clock_in_row": 1},
        {"punched_values": ["未打卡"], "not_punched_values": ["未打卡"]},
        {"punched_values": []},
        {"datasheet_id": "../users"},
        {"host": "vika.example"},
        {"token": "usk\r\nX-Header: 1"},
    ],
)
def test_settings_that_could_mistake_one_punch_for_another_are_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        config(**values)


@pytest.mark.parametrize(
    ("status", "text", "kind", "hint"),
    [
        (401, '{"success":false,"code":401,"message":"Unauthorized"}', SourceErrorKind.BROKEN, "vika_token"),
        (403, '{"success":false,"code":403,"message":"没有权限"}', SourceErrorKind.BROKEN, "vika_permission"),
        (403, '{"success":false,"code":403,"message":"API 用量已达上限"}', SourceErrorKind.OVER_BUDGET, "vika_quota"),
        (404, '{"success":false,"code":404,"message":"x"}', SourceErrorKind.BROKEN, "vika_table"),
        (200, '{"success":false,"code":429,"message":"操作太频繁"}', SourceErrorKind.THROTTLED, "throttled"),
        (200, '{"success":false,"code":500,"message":"x"}', SourceErrorKind.PASSING, ""),
        (200, '{"success":true,"code":200,"data":{}}', SourceErrorKind.PASSING, "not_json"),
        (200, "<html>", SourceErrorKind.PASSING, "not_json"),
        (503, "", SourceErrorKind.PASSING, "server_problem"),
    ],
)
def test_a_refusal_is_understood_by_vikas_own_code(status: int, text: str, kind: SourceErrorKind, hint: str) -> None:
    with pytest.raises(SourceError) as raised:
        vika_records(HttpAnswer(status, {}, text, 0.0))
    assert (raised.value.kind, raised.value.hint) == (kind, hint)


async def test_all_pages_are_read_and_empty_cells_stay_unknown(frozen: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vika, "PAUSE_SECONDS", 0)
    async with FakeVika().running() as fake:
        fake.per_second = 100
        fake.rows = [{"姓名": f"Worker{number}", "上班": "已打卡", "下班": ""} for number in range(450)]
        fake.rows[449] = {"姓名": "Bob", "上班": ""}
        first, last, empty = point(name="worker0"), point(name="worker448"), point(name="bob")
        async with session_to(config(), vika_base_url=fake.base_url) as (session, counted):
            results = await KIND.ask(session, [first, last, empty])
    known = [results[about.reminder_id].state for about in (first, last, empty)]
    assert known == [PunchState.PUNCHED, PunchState.PUNCHED, PunchState.UNKNOWN]
    assert [asked.query["pageNum"] for asked in fake.asked] == ["1", "2", "3"]
    assert counted.calls == 3


async def test_the_free_plans_rate_is_kept_and_a_refusal_holds(frozen: Clock) -> None:
    async with FakeVika().running() as fake:
        fake.rows = [{"姓名": "Bob", "上班": "已打卡", "下班": ""}]
        bob = point()
        async with session_to(config(), vika_base_url=fake.base_url) as (session, _):
            assert (await KIND.ask(session, [bob]))[bob.reminder_id].state is PunchState.PUNCHED
            fake.next = [FakeResponse({"success": False, "code": 429, "message": "操作太频繁"}, 429)]
            with pytest.raises(SourceError) as raised:
                await KIND.ask(session, [bob])
    assert raised.value.kind is SourceErrorKind.THROTTLED
    assert raised.value.hold is not None
