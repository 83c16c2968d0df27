"""What the grid exports is read back exactly, whatever people and shifts are called; so is what was edited in it."""

import io
from datetime import date, timedelta

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daka.roster.transfer.reading import read_file
from daka.roster.transfer.writing import ExportRow, Layout, RosterTable, as_csv, as_xlsx
from daka.widths import key

NAMES = [
    "张三",
    "李四",
    "O'Neil",
    "1",
    "12",
    "12345678901",
    "田七日",
    "May",
    "甲班",
    "前台",
    "保安1号",
    "2号",
    "审核员",
    "统计员",
    "夜班组",
    "白班",
    "周一",
    "Mon",
    "E01",
    "王五(组长)",
]
CODES = [
    "早",
    "中",
    "夜",
    "休",
    "A",
    "D3",
    "1",
    "2",
    "30",
    "12/1",
    "8:00-16:00",
    "周一",
    "一",
    "二",
    "/",
    "-",
    "@x",
    "日",
    "Mon",
    "5月",
    "08",
    "TRUE",
    "无",
    "早/晚",
    "31",
    "1号",
    "OFF",
    "9:00",
    "合",
    "总",
]
Cells = dict[tuple[str, date], str]


@st.composite
def tables(draw: st.DrawFn) -> RosterTable:
    first = date(2026, 1, 1) + timedelta(draw(st.integers(0, 900)))
    dates = [first + timedelta(step) for step in range(draw(st.sampled_from([1, 2, 7, 28, 31, 62])))]
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=6))
    codes = st.sampled_from([*draw(st.lists(st.sampled_from(CODES), min_size=1, max_size=5)), "", ""])
    accounts = draw(st.sampled_from(["u{}", "{}", "1380000000{}", "=b{}", "E{}"]))
    people = [
        ExportRow(name, accounts.format(number), draw(st.lists(codes, min_size=len(dates), max_size=len(dates))))
        for number, name in enumerate(names)
    ]
    people[0] = ExportRow(people[0].name, people[0].account, ["早", *people[0].codes[1:]], {dates[0]: "年假"})
    return RosterTable(dates, frozenset(day for day in dates if day.weekday() > 4), people)


def cells_of(table: RosterTable) -> Cells:
    return {
        (person.account, day): key(code)
        for person in table.people
        for day, code in zip(table.dates, person.codes, strict=True)
        if code
    }


def read(body: bytes) -> Cells:
    found = read_file(body, file_name="排班表.xlsx")
    assert found.problems == []
    return {(each.person.account, each.day): key(said) for each in found.cells if (said := each.code or each.mark)}


@pytest.mark.parametrize("layout", ["wide", "long"])
@pytest.mark.parametrize("write", [as_xlsx, as_csv])
@settings(max_examples=25)
@given(table=tables())
def test_what_is_exported_is_read_back(write, layout: Layout, table: RosterTable) -> None:
    assert read(write(table, layout)) == cells_of(table)


@settings(max_examples=25)
@given(table=tables(), data=st.data())
def test_an_edited_workbook_means_what_was_edited(table: RosterTable, data: st.DataObject) -> None:
    book, means = openpyxl.load_workbook(io.BytesIO(as_xlsx(table, "wide"))), cells_of(table)
    for _ in range(data.draw(st.integers(1, 4))):
        row, column = data.draw(st.integers(0, len(table.people) - 1)), data.draw(st.integers(0, len(table.dates) - 1))
        code = data.draw(st.sampled_from(["夜", "1", None]))
        book.worksheets[0].cell(row + 2, column + 3).value = code
        means.pop((table.people[row].account, table.dates[column]), None)
        if code:
            means[table.people[row].account, table.dates[column]] = code
    packed = io.BytesIO()
    book.save(packed)
    assert not means or read(packed.getvalue()) == means
