"""A random month in a random shape is read as the same month, or a question is asked."""

import os
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from hypothesis import event, given, settings
from hypothesis import strategies as st

from daka.roster.transfer.reading import read_file
from daka.spreadsheets.sheet import BadFile
from daka.widths import key
from roster.files.formats import ods, text, xls, xlsx
from roster.files.shapes import WEEKDAYS

NAMES = ["张三", "李四", "欧阳小明", "Bob", "Anna Lee", "王五", "阿依古丽·买买提", "赵6"]
CODES = ["早", "中", "夜", "休", "A", "D3", "1", "2", "3", "8:00-16:00", "早班 08:00-16:00", "值班", "白班", "", ""]
HEADINGS = {
    "date": lambda day: day,
    "text": str,
    "short": lambda day: f"{day:%y-%m-%d} 星期{WEEKDAYS[day.weekday()]}",
    "month and day": lambda day: f"{day.month}月{day.day}日",
    "slashes": lambda day: f"{day.month}/{day.day}",
    "day": lambda day: day.day,
    "two digits": lambda day: f"{day:%d}",
    "day as text": lambda day: f"{day.day}日",
    "day and weekday": lambda day: f"{day.day}\n周{WEEKDAYS[day.weekday()]}",
}
FORMATS = {
    "xlsx": xlsx,
    "ods": lambda rows: ods([[str(v) if isinstance(v, date) else v for v in row] for row in rows]),
    "csv": text,
    "gbk": lambda rows: text(rows, encoding="gb18030"),
    "pasted": lambda rows: text(rows, delimiter="\t"),
    "utf-16": lambda rows: text(rows, encoding="utf-16"),
    "xls": lambda rows: xls([[str(v) if isinstance(v, date) else v for v in row] for row in rows]),
}
LAYOUTS = ["wide"] * 3 + ["weeks", "weeks of teams", "halves", "repeated", "teams", "long", "tall", "tall weeks"]
NOISE = [
    "制表日期：2026-01-15",
    "导出时间：2025-03-02 10:00",
    "文件编号：HR-202601",
    "早=早班8:00-16:00",
    "一车间",
    "备注：如有变动另行通知",
]


@dataclass(frozen=True)
class Month:
    days: list[date]
    people: dict[str, list[str]]

    @property
    def cells(self) -> dict[tuple[str, date], str]:
        return {
            (key(name), day): code
            for name, codes in self.people.items()
            for day, code in zip(self.days, codes, strict=True)
            if code
        }


@st.composite
def months(draw: st.DrawFn) -> Month:
    first = date(draw(st.integers(2024, 2028)), draw(st.integers(1, 12)), 1)
    days = [first + timedelta(days=step) for step in range(monthrange(first.year, first.month)[1])]
    if draw(st.sampled_from([False, False, False, True])):  # a pay month
        before = draw(st.sampled_from([5, 6, 10, 11, 15, 16]))
        days = [day - timedelta(days=before) for day in days]
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=5, unique=True))
    code = st.sampled_from(draw(st.lists(st.sampled_from(CODES), min_size=1, max_size=5)))
    return Month(days, {name: draw(st.lists(code, min_size=len(days), max_size=len(days))) for name in names})


@st.composite
def written(draw: st.DrawFn, month: Month) -> tuple[bytes, dict[str, Any]]:
    """The month as a file, and its name."""
    heading = HEADINGS[draw(st.sampled_from(list(HEADINGS)))]
    rows: list[list[Any]] = [[line] for line in draw(st.lists(st.sampled_from(NOISE), max_size=2))]
    named = month.days[-1]
    if draw(st.sampled_from([True, True, True, False])):
        rows.insert(draw(st.integers(0, len(rows))), [draw(st.sampled_from([f"{named.year}年{named.month}月排班表",
            f"{named:%Y-%m} roster", f"排班表 {month.days[0]}至{named}"]))])  # fmt: skip
    layout = draw(st.sampled_from(LAYOUTS))
    index = {day: number for number, day in enumerate(month.days)}
    has_weekdays = draw(st.booleans())
    extra = draw(st.sampled_from([[], ["序号"], ["部门"]]))

    def table(days: list[date], names: list[str]) -> list[list[Any]]:
        lines = [[*extra, "姓名", *map(heading, days)]]
        if has_weekdays:
            lines.append([*([None] * len(extra)), None, *(WEEKDAYS[day.weekday()] for day in days)])
        for number, name in enumerate(names, 1):
            codes = [month.people[name][index[day]] or None for day in days]
            lines.append([*([number] if extra else []), name, *codes])
        return lines

    names = list(month.people)
    cuts = [0, *range(draw(st.integers(3, 9)), len(month.days) - 2, draw(st.sampled_from([5, 7, 7, 10])))]
    blocks = [month.days[start:end] for start, end in zip(cuts, [*cuts[1:], len(month.days)], strict=True)]
    if layout in ("wide", "halves"):
        half = len(month.days) // 2 if layout == "halves" else 0
        body = table(month.days, names)
        rows += [
            [*line[: len(extra) + 1 + half], None, *line[len(extra) + 1 + half :]] if half else line for line in body
        ]
    elif layout in ("weeks", "weeks of teams"):
        teams = [names[:1], names[1:]] if layout == "weeks of teams" else [names]
        tables = [table(block, team) for team in teams if team for block in blocks]
        if draw(st.sampled_from([False, False, True])):
            tables = draw(st.permutations(tables))
        rows += [row for each in tables for row in [*each, []]]
    elif layout == "repeated":
        rows += [line for name in names for line in table(month.days, [name])]
    elif layout == "teams":
        rows += [*table(month.days, names[:1]), [], ["乙班"], *(table(month.days, names[1:]) if names[1:] else [])]
    elif layout == "long":
        rows.append(["姓名", "日期", "班次"])
        rows += [
            [name, str(day), code] for name in names for day, code in zip(month.days, month.people[name], strict=True)
        ]
    else:
        for block in blocks if layout == "tall weeks" else [month.days]:
            rows.append(["日期", *names])
            rows += [[heading(day), *(month.people[name][index[day]] or None for name in names)] for day in block]
    if layout != "long" and draw(st.booleans()):
        rows.append([*([None] * len(extra)), "合计", *[len(names)] * len(month.days)])
    rows += [
        [line]
        for line in draw(st.lists(st.sampled_from(["制表人：赵六 2026-01-15", "注：夜班含补贴", ""]), max_size=2))
    ]
    name = draw(st.sampled_from(["排班.xlsx", f"{named.year}年{named.month}月.xlsx", "排班 2025-03-02.xlsx"]))
    options: dict[str, Any] = {"file_name": name}
    if draw(st.sampled_from([False, False, True])):
        options["month"] = month.days[0].replace(day=1)
    return bytes(FORMATS[draw(st.sampled_from(list(FORMATS)))](rows)), options


@settings(max_examples=int(os.environ.get("RANDOM_MONTHS", "150")))
@given(st.data())
def test_a_random_month_is_read_as_itself_or_asks(data: st.DataObject) -> None:
    month = data.draw(months())
    body, options = data.draw(written(month))
    try:
        found = read_file(body, **options)
    except BadFile as refused:
        event(f"refused: {refused.code}")
        return
    if found.problems:
        event(f"asked: {found.problems[0].code}")
        return
    event("read")
    assert {(key(cell.person.name), cell.day): cell.code for cell in found.cells if cell.code} == month.cells


@settings(max_examples=40)
@given(months(), st.sampled_from(list(HEADINGS)), st.sampled_from(list(FORMATS)))
def test_a_random_month_below_a_title_with_its_days_is_read(month: Month, heading: str, kind: str) -> None:
    rows = [[f"排班表 {month.days[0]}至{month.days[-1]}"], ["姓名", *map(HEADINGS[heading], month.days)]]
    rows += [[name, *(code or None for code in codes)] for name, codes in month.people.items()]
    found = read_file(bytes(FORMATS[kind](rows)))
    assert found.problems == []
    assert {(key(cell.person.name), cell.day): cell.code for cell in found.cells if cell.code} == month.cells
