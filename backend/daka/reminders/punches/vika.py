"""维格表 as a punch source.

Source: https://vika.cn/developers (fusion API v1). Empty cells and unchecked boxes are *left out* of a record's `fields`.
"""

import asyncio
import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Any, ClassVar, Self
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, SecretStr, StringConstraints, model_validator

from daka.outbound.bodies import json_object
from daka.outbound.config import Choice, revealed, setting
from daka.outbound.requests import HttpAnswer, HttpRequest, json_request
from daka.reminders.punches.json_url import Word
from daka.reminders.punches.kind import (
    SourceConfig,
    SourceKind,
    SourceSession,
    calls_setting,
    person_setting,
    refuse_status,
)
from daka.reminders.punches.results import (
    CheckResults,
    PersonField,
    Point,
    SourceError,
    SourceErrorKind,
    is_same_person,
    meaning_of_value,
    name_in_source,
    unknown,
)
from daka.shifts.times import PunchKind
from daka.vendors.replies import object_of, rows_of

PAGE_SIZE = 200
MOST_PAGES = 5
PAUSE_SECONDS = 0.6
"""The free plan allows two requests a second for one table."""

Cells = dict[str, Any]
FieldName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


def _is_bearer(secret: SecretStr) -> SecretStr:
    text = secret.get_secret_value().strip().removeprefix("Bearer ").strip()
    if not re.fullmatch(r"[\x21-\x7e]+", text):
        raise ValueError("is not a token such as usk…")
    return SecretStr(text)


class VikaHost(Choice):
    API = "api.vika.cn", "维格表（api.vika.cn）", "vika (api.vika.cn)"
    VIKA = "vika.cn", "维格表（vika.cn）", "vika (vika.cn)"
    AITABLE = "aitable.ai", "AITable（aitable.ai）", "AITable (aitable.ai)"


class VikaConfig(SourceConfig):
    token: Annotated[SecretStr, AfterValidator(_is_bearer)] = setting(
        title=("API Token", "API token"),
        about=("维格表个人设置里的 API Token，以 usk 开头", "From your vika account; begins with usk"),
        max_length=200,
    )
    datasheet_id: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^dst[A-Za-z0-9_]{3,60}$")] = (
        setting(
            title=("维格表编号", "Datasheet id"),
            about=("地址栏里以 dst 开头的一段", "The part of the address that begins with dst"),
            example="dstAbc123",
        )
    )
    view_id: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^viw[A-Za-z0-9_]{3,60}$")] | None = (
        setting(
            None,
            title=("视图编号", "View id"),
            about=("以 viw 开头；决定行的顺序和范围", "Begins with viw; determines the rows and their order"),
        )
    )
    host: VikaHost = setting(VikaHost.API, title=("服务", "Service"))
    person_field: FieldName | None = setting(
        None,
        title=("人员列", "Column of the person"),
        about=(
            "说明这一行是谁；留空表示整张表只有一个人的数据",
            "Identifies the person of a row; empty if the whole table is about one person",
        ),
    )
    person_by: PersonField = setting(PersonField.DISPLAY_NAME, title=("识别人员的方式", "People are identified by"))
    date_field: FieldName | None = setting(
        None,
        title=("日期列", "Column of the date"),
        about=("填写后，只看日期等于工作日期的行", "If set, only rows of the work date count"),
    )
    clock_in_field: FieldName = setting("打卡检测", title=("上班状态列", "Column of clock-in"))
    clock_out_field: FieldName = setting("打卡检测", title=("下班状态列", "Column of clock-out"))
    clock_in_row: int | None = setting(
        None,
        title=("上班状态的行号", "Row of clock-in"),
        about=("没有人员列时填写", "If there is no column of the person"),
        ge=1,
        le=PAGE_SIZE,
    )
    clock_out_row: int | None = setting(
        None,
        title=("下班状态的行号", "Row of clock-out"),
        about=("没有人员列时填写", "If there is no column of the person"),
        ge=1,
        le=PAGE_SIZE,
    )
    punched_values: tuple[Word, ...] = setting(
        ("已打卡", "上班已打卡", "下班已打卡"),
        title=("已打卡的值", "Values for punched"),
        about=("空值和不在两组值里的值都算未知", "Empty values and values in neither list are unknown"),
        min_length=1,
        max_length=20,
    )
    not_punched_values: tuple[Word, ...] = setting(
        ("未打卡", "上班未打卡", "下班未打卡"), title=("未打卡的值", "Values for not punched"), max_length=20
    )
    user_id: int | None = person_setting(about=("没有人员列时填写", "Needed if there is no column of the person"))
    monthly_calls: int = calls_setting(
        9000,
        about=("免费空间每月约一万次；0 表示不限", "A free space has about ten thousand per month; 0 is no limit"),
    )

    @model_validator(mode="after")
    def _answers_are_distinct(self) -> Self:
        has_rows = self.clock_in_row is not None and self.clock_out_row is not None
        if self.person_field is not None and (self.clock_in_row is not None or self.clock_out_row is not None):
            raise ValueError("rows are counted only in a table without a person column")
        if self.person_field is None and self.date_field is None and not has_rows:
            raise ValueError("without a person or date column, name the rows of clock-in and clock-out")
        if self.clock_in_field == self.clock_out_field and not (has_rows and self.clock_in_row != self.clock_out_row):
            raise ValueError("clock-in and clock-out need different columns or rows")
        if set(self.punched_values) & set(self.not_punched_values):
            raise ValueError("a value cannot mean both punched and not punched")
        return self

    @property
    def fields(self) -> list[str]:
        """The columns that are asked for."""
        wanted = (self.person_field, self.date_field, self.clock_in_field, self.clock_out_field)
        return list(dict.fromkeys(name for name in wanted if name is not None))


def vika_records(answer: HttpAnswer) -> tuple[list[Cells], int]:
    """The cells of each record of a page, and the total number of records."""
    found = json_object(answer.text)
    if found is None or "success" not in found:
        refuse_status(answer)
        raise SourceError.passing("not_vika", "the response is not vika's", hint="not_json")
    if found.get("success") is not True or found.get("code") != 200:
        raise _error(str(found.get("code", answer.status)), str(found.get("message", "")), answer.retry_after)
    contents = object_of(found, "data")
    records, total = contents.get("records"), contents.get("total")
    if not isinstance(records, list):
        raise SourceError.passing("not_vika", "the response has no records", hint="not_json")
    rows = [object_of(record, "fields") for record in rows_of(records)]
    return rows, total if isinstance(total, int) else len(rows)


def _error(code: str, words: str, wait: timedelta | None) -> SourceError:
    if code == "429":
        return SourceError(SourceErrorKind.THROTTLED, code, words, hint="throttled", hold=wait or timedelta(seconds=5))
    if code == "403" and ("用量" in words or "上限" in words or "limit" in words.lower()):
        hold = wait or timedelta(hours=6)
        return SourceError(SourceErrorKind.OVER_BUDGET, code, words, hint="vika_quota", hold=hold)
    if code in ("401", "403", "404", "301", "400"):
        hint = {"401": "vika_token", "403": "vika_permission", "404": "vika_table", "301": "vika_table"}
        return SourceError.broken(code, words, hint=hint.get(code, "vika_field"))
    return SourceError.passing(code, words)


def vika_results(rows: Sequence[Cells], points: Sequence[Point], config: VikaConfig) -> CheckResults:
    results: CheckResults = {}
    for point in points:
        is_in = point.kind is PunchKind.CLOCK_IN
        row = _row_of(rows, point, config, config.clock_in_row if is_in else config.clock_out_row)
        if row is None:
            results[point.reminder_id] = unknown("person_not_found")
            continue
        cell = row.get(config.clock_in_field if is_in else config.clock_out_field)
        results[point.reminder_id] = meaning_of_value(
            cell, punched=config.punched_values, not_punched=config.not_punched_values
        )
    return results


def _row_of(rows: Sequence[Cells], point: Point, config: VikaConfig, number: int | None) -> Cells | None:
    if config.person_field is None and config.date_field is None:
        return rows[number - 1] if number is not None and number <= len(rows) else None
    mine = list(rows)
    if config.person_field is not None:
        name = name_in_source(point, config.person_by)
        if name is None:
            return None
        mine = [row for row in mine if is_same_person(row.get(config.person_field), name, config.person_by)]
    if config.date_field is not None:
        mine = [row for row in mine if cell_date(row.get(config.date_field), point.zone) == point.work_date]
    if number is not None:
        return mine[number - 1] if number <= len(mine) else None
    return mine[0] if len(mine) == 1 else None


def cell_date(cell: Any, zone: str) -> date | None:
    """The date in a cell: milliseconds, `2026-11-23`, `2026/11/23 08:00` or `2026年11月23日`."""
    try:
        if isinstance(cell, int) and not isinstance(cell, bool):
            return datetime.fromtimestamp(cell / 1000, ZoneInfo(zone)).date()
        if isinstance(cell, str) and (found := re.match(r"\s*(\d{4})\D(\d{1,2})\D(\d{1,2})(?!\d)", cell)):
            return date(int(found[1]), int(found[2]), int(found[3]))
    except (ValueError, OverflowError, OSError):
        return None
    return None


class Vika(SourceKind[VikaConfig]):
    name: ClassVar[str] = "vika"
    labels: ClassVar[dict[str, str]] = {"zh": "维格表", "en": "vika datasheet"}

    def account(self, config: VikaConfig) -> str:
        return revealed(config.token)

    def target(self, config: VikaConfig) -> str:
        return config.host

    def names_people(self, config: VikaConfig) -> bool:
        return config.person_field is not None

    def identified_by(self, config: VikaConfig) -> tuple[PersonField, ...]:
        return (config.person_by,) if config.person_field is not None else ()

    def chunks(self, config: VikaConfig, points: Sequence[Point]) -> list[Sequence[Point]]:
        return [points]

    async def ask(self, session: SourceSession[VikaConfig], points: Sequence[Point]) -> CheckResults:
        rows: list[Cells] = []
        for page in range(1, MOST_PAGES + 1):
            more, total = vika_records(await session.send(_page(session, page)))
            rows += more
            if not more or len(rows) >= total:
                break
            await asyncio.sleep(PAUSE_SECONDS)
        return vika_results(rows, points, session.config)


def _page(session: SourceSession[VikaConfig], page: int) -> HttpRequest:
    config = session.config
    query: list[tuple[str, str | int]] = [("pageNum", page), ("pageSize", PAGE_SIZE), ("fieldKey", "name")]
    query += [("cellFormat", "string"), *(("fields", name) for name in config.fields)]
    if config.view_id:
        query.append(("viewId", config.view_id))
    url = f"https://{config.host}/fusion/v1/datasheets/{config.datasheet_id}/records?{urlencode(query)}"
    return json_request(url, headers={"Authorization": f"Bearer {revealed(config.token)}"}, vendor="vika")
