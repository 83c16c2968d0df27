"""vika: what a table says, and how it is read."""

from datetime import date
from typing import Any

import pytest

from conftest import TODAY, Clock
from daka.outbound.http import HttpAnswer
from daka.reminders.punches import vika
from daka.reminders.punches.known import Known, PersonField, Trouble, TroubleKind
from daka.reminders.punches.vika import Vika, VikaConfig, cell_date, vika_findings, vika_records
from daka.shifts.times import PunchKind
from fakes.server import Said
from fakes.vika import FakeVika
from reminders.punches.points import line_to, point

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


def known_of(rows: list[dict[str, Any]], about: Any, settings: VikaConfig) -> Known:
    return vika_findings(rows, [about], settings)[about.reminder_id].known


@pytest.mark.parametrize(
    ("rows", "known"),
    [
        ([{"姓名": "Bob", "上班": "上班已打卡"}], Known.PUNCHED),
        ([{"姓名": "Bob", "上班": "上班未打卡"}], Known.NOT_PUNCHED),
        ([{"姓名": "Bob", "上班": "今天休息"}], Known.UNKNOWN),
        ([{"姓名": "Bob"}], Known.UNKNOWN),
        ([{"姓名": "Bob", "下班": "下班已打卡"}], Known.UNKNOWN),
        ([{"上班": "上班已打卡"}], Known.UNKNOWN),
        ([{"姓名": "Eve", "上班": "上班已打卡"}], Known.UNKNOWN),
        ([{"姓名": "Bob", "上班": "上班已打卡"}] * 2, Known.UNKNOWN),
        ([], Known.UNKNOWN),
    ],
)
def test_a_persons_row(rows: list[dict[str, Any]], known: Known) -> None:
    assert known_of(rows, point(), config()) is known


def test_a_table_of_days_is_read_on_the_work_date() -> None:
    settings = config(date_field="日期", person_by=PersonField.MOBILE)
    rows = [
        {"姓名": "+86 13800000001", "日期": "2026-11-22", "上班": "已打卡"},
        {"姓名": "138-0000-0001", "日期": "2026/11/23 00:00", "上班": "未打卡"},
    ]
    assert known_of(rows, point(mobile="13800000001"), settings) is Known.NOT_PUNCHED
    assert known_of(rows, point(mobile="13800000001", work_date=date(2026, 11, 22)), settings) is Known.PUNCHED
    assert known_of(rows, point(mobile="13800000001", work_date=date(2026, 11, 21)), settings) is Known.UNKNOWN
    assert known_of(rows, point(mobile=None), settings) is Known.UNKNOWN


def test_the_older_tables_first_row_is_clock_in_and_its_second_clock_out() -> None:
    rows = [{"打卡检测": "上班已打卡"}, {"打卡检测": "下班未打卡"}]
    settings = config(**OLDER)
    assert known_of(rows, point(), settings) is Known.PUNCHED
    assert known_of(rows, point("18:00", OUT), settings) is Known.NOT_PUNCHED
    assert known_of(rows[:1], point("18:00", OUT), settings) is Known.UNKNOWN
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
        (401, '{"success":false,"code":401,"message":"Unauthorized"}', TroubleKind.BROKEN, "vika_token"),
        (403, '{"success":false,"code":403,"message":"没有权限"}', TroubleKind.BROKEN, "vika_permission"),
        (403, '{"success":false,"code":403,"message":"API 用量已达上限"}', TroubleKind.OVER_BUDGET, "vika_quota"),
        (404, '{"success":false,"code":404,"message":"x"}', TroubleKind.BROKEN, "vika_table"),
        (200, '{"success":false,"code":429,"message":"操作太频繁"}', TroubleKind.THROTTLED, "throttled"),
        (200, '{"success":false,"code":500,"message":"x"}', TroubleKind.PASSING, ""),
        (200, '{"success":true,"code":200,"data":{}}', TroubleKind.PASSING, "not_json"),
        (200, "<html>", TroubleKind.PASSING, "not_json"),
        (503, "", TroubleKind.PASSING, "server_problem"),
    ],
)
def test_a_refusal_is_understood_by_vikas_own_code(status: int, text: str, kind: TroubleKind, hint: str) -> None:
    with pytest.raises(Trouble) as raised:
        vika_records(HttpAnswer(status, {}, text, 0.0))
    assert (raised.value.kind, raised.value.hint) == (kind, hint)


async def test_all_pages_are_read_and_empty_cells_stay_unknown(frozen: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vika, "PAUSE_SECONDS", 0)
    async with FakeVika().running() as fake:
        fake.per_second = 100
        fake.rows = [{"姓名": f"Worker{number}", "上班": "已打卡", "下班": ""} for number in range(450)]
        fake.rows[449] = {"姓名": "Bob", "上班": ""}
        first, last, empty = point(name="worker0"), point(name="worker448"), point(name="bob")
        async with line_to(config(), vika_base_url=fake.base_url) as (line, counted):
            findings = await KIND.ask(line, [first, last, empty])
    known = [findings[about.reminder_id].known for about in (first, last, empty)]
    assert known == [Known.PUNCHED, Known.PUNCHED, Known.UNKNOWN]
    assert [asked.query["pageNum"] for asked in fake.asked] == ["1", "2", "3"]
    assert counted.calls == 3


async def test_the_free_plans_rate_is_kept_and_a_refusal_holds(frozen: Clock) -> None:
    async with FakeVika().running() as fake:
        fake.rows = [{"姓名": "Bob", "上班": "已打卡", "下班": ""}]
        bob = point()
        async with line_to(config(), vika_base_url=fake.base_url) as (line, _):
            assert (await KIND.ask(line, [bob]))[bob.reminder_id].known is Known.PUNCHED
            fake.next = [Said({"success": False, "code": 429, "message": "操作太频繁"}, 429)]
            with pytest.raises(Trouble) as raised:
                await KIND.ask(line, [bob])
    assert raised.value.kind is TroubleKind.THROTTLED
    assert raised.value.hold is not None
