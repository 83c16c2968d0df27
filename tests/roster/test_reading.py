"""Roster files as tables: every layout, encoding and sort of mess that is known from real ones."""

import contextlib
import io
import json
import tracemalloc
import zipfile
from datetime import date

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daka.roster.transfer.dating import Headings, dated
from daka.roster.transfer.days import as_date, date_parts
from daka.roster.transfer.months import month_in
from daka.roster.transfer.older_json import without_trailing_commas
from daka.roster.transfer.reading import read_file
from daka.spreadsheets import csv_text
from daka.spreadsheets.sheet import BadFile
from daka.widths import key

DECEMBER = date(2026, 12, 1)


def workbook(*rows, merged=(), title="排班", more=()) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    for cells in merged:
        sheet.merge_cells(cells)
    for name, other_rows in more:
        other = book.create_sheet(name)
        for row in other_rows:
            other.append(row)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def said(body: bytes, **options) -> list[tuple[str, str, str]]:
    """(person, date, code) of every cell that is not blank; there must be no problem."""
    found = read_file(body, **options)
    assert found.problems == []
    return [(cell.person.name, str(cell.day)[5:], cell.code) for cell in found.cells if cell.code]


EXPECTED = [("张三", "12-01", "早"), ("张三", "12-02", "夜"), ("李四", "12-02", "早")]


@pytest.mark.parametrize(
    "body",
    [
        # Excel dates.
        workbook(["姓名", date(2026, 12, 1), date(2026, 12, 2)], ["张三", "早", "夜"], ["李四", None, "早"]),
        # Numbers of days under a title that names the month, a weekday line, totals, padding inside names, full width.
        workbook(
            ["2026年12月排班表"],
            ["序号", "姓名", 1, 2],
            [None, None, "二", "三"],
            [1, "张　三", "早 ", "夜"],
            [2, "李 四", "-", "早"],
            [None, "合计", 1, 2],
            [None, "备注：早班九点", None, None],
            merged=("A1:D1",),
        ),
        # Dates as text, blank rows at the end.
        workbook(
            ["姓名", "12月1日 周二", "12/2(周三)"],
            ["张三", "早", "夜"],
            ["李四", "", "早"],
            *[[None] * 3] * 50,
            title="2026-12",
        ),
        workbook(["姓名", "2026/12/1", "20261202"], ["张三", "早", "夜"], ["李四", "/", "早"]),
        workbook(["姓名", "1\n二", "2号"], ["张三", "早", "夜"], ["李四", "—", "早"], title="2026.12"),
        # A header of two lines, the name merged over both.
        workbook(
            ["姓名", "2026年12月", None],
            [None, 1, 2],
            ["张三", "早", "夜"],
            ["李四", None, "早"],
            merged=("A1:A2", "B1:C1"),
        ),
        # A sheet of explanations first, the roster second.
        workbook(
            ["代码", "名称", "时间"],
            ["早", "早班", "09:00"],
            more=[("12月", [["姓名", "2026-12-01", "2026-12-02"], ["张三", "早", "夜"], ["李四", None, "早"]])],
        ),
        # Long.
        workbook(
            ["员工姓名", "日期", "班次"],
            ["张三", date(2026, 12, 1), "早"],
            ["张三", 46358, "夜"],
            ["李四", "2026.12.2", "早"],
        ),
        "姓名,日期,班次\r\n张三,2026-12-01,早\r\n张三,2026年12月2日,夜\r\n李四,２０２６/１２/２,早\r\n".encode("gbk"),
        "\ufeff姓名;2026-12-01;2026-12-02\n张三;早;夜\n李四;;早\n\n\n".encode(),
        "姓名\t2026-12-01\t2026-12-02\n张三\t早\t夜\n李四\t\t早\n".encode("utf-16"),
        json.dumps(
            {
                "assignments": [
                    {"display_name": name, "date": f"2026-{day}", "code": code} for name, day, code in EXPECTED
                ]
            }
        ).encode(),
    ],
    ids=[
        "excel dates",
        "day numbers",
        "text dates",
        "full text dates",
        "days with weekdays",
        "two header lines",
        "second sheet",
        "long",
        "long gbk",
        "wide csv",
        "utf-16 tabs",
        "json",
    ],
)
def test_one_roster_in_twelve_layouts_says_the_same(body) -> None:
    assert [(key(person), day, code) for person, day, code in said(body)] == EXPECTED


def test_a_shift_merged_over_days_or_people_counts_for_each_of_them() -> None:
    body = workbook(
        ["姓名", "2026-12-01", "2026-12-02", "2026-12-03"],
        ["张三", "休", None, "早"],
        ["李四", "早", "夜", None],
        merged=("B2:C2", "D2:D3"),
    )
    assert said(body) == [
        ("张三", "12-01", "休"),
        ("张三", "12-02", "休"),
        ("张三", "12-03", "早"),
        ("李四", "12-01", "早"),
        ("李四", "12-02", "夜"),
        ("李四", "12-03", "早"),
    ]


def test_rows_are_numbered_as_the_spreadsheet_shows_them() -> None:
    body = workbook(
        ["排班表"], [None], ["姓名", "日期", "班次"], ["张三", "昨天", "早"], [None], ["李四", "2026-12-02", "早"]
    )
    found = read_file(body)
    assert [(problem.row, problem.column, problem.code, problem.value) for problem in found.problems] == [
        (4, 2, "bad_date", "昨天")
    ]
    assert [cell.row for cell in found.cells] == [6]


def test_bare_day_numbers_without_a_month_ask_for_it_and_take_it() -> None:
    body = "姓名,1,2\n张三,早,夜\n李四,,早\n".encode()
    assert [problem.code for problem in read_file(body).problems] == ["month_unknown"]
    assert said(body, month=DECEMBER) == EXPECTED
    assert said(body, file_name="一车间2026年12月.csv") == EXPECTED


OLDER = '{"2026":{"12":{"1":"A","2":"休",},"13":{"1":"A"},},"note":"x, ]",}'


def test_the_older_systems_json_is_read_with_its_trailing_commas() -> None:
    found = read_file(OLDER.encode())
    assert [(str(cell.day), cell.code, cell.person.name) for cell in found.cells] == [
        ("2026-12-01", "A", ""),
        ("2026-12-02", "休", ""),
    ]
    assert [(problem.code, problem.value) for problem in found.problems] == [("bad_date", "2026/13/1")]


@pytest.mark.parametrize(
    ("text", "cells", "problems"),
    [
        ('{"2026":{"7":{"25":"A"},"7":{"26":"B"}}}', ["07-25 A", "07-26 B"], []),
        ('{"2026":{"7":{"25":"A"}},"2026":{"8":{"1":"B"}}}', ["07-25 A", "08-01 B"], []),
        ('{"2026":{"7":{"25":"A","25":"B"}}}', ["07-25 A", "07-25 B"], []),  # asked about as two shifts of one day
        ('{"2026":{"7":{"25":"A"},"八月":{"1":"B"}}}', ["07-25 A"], ["2026/八月/1"]),
        ('{"2026":{"7":{"25":"A"},"8":"B"}}', ["07-25 A"], ["2026/8"]),
        ('{"2026":{"7":{"25":"A"}},"2027年":{"1":{"1":"B"}}}', ["07-25 A"], ["2027年/1/1"]),
        ('{"2026":{"7":{"25":"A"}},"26":"B"}', ["07-25 A"], ["26"]),
        ('{"２０２６":{"７":{"２５":"A"}},"name":"王波"}', ["07-25 A"], []),
    ],
)
def test_nothing_of_the_older_json_is_lost_without_a_word(text: str, cells: list[str], problems: list[str]) -> None:
    found = read_file(text.encode())
    assert [f"{cell.day:%m-%d} {cell.code}" for cell in found.cells] == cells
    assert [(problem.code, problem.value) for problem in found.problems] == [("bad_date", each) for each in problems]


def test_an_export_that_says_something_twice_is_no_roster() -> None:
    once = '{"date":"2026-07-25","username":"bob","code":"A"}'
    twice = once.replace("}", ',"code":"B"}')
    found = read_file(f'{{"assignments":[{once},{twice}]}}'.encode())
    assert (len(found.cells), [(problem.row, problem.code) for problem in found.problems]) == (1, [(2, "bad_row")])
    with pytest.raises(BadFile):
        read_file(f'{{"assignments":[{once}],"assignments":[]}}'.encode())


@given(st.recursive(st.none() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_removing_trailing_commas_leaves_correct_json_as_it_is(document) -> None:
    text = json.dumps(document)
    assert json.loads(without_trailing_commas(text)) == document


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (DECEMBER, "2026-12-01"),
        (46357, "2026-12-01"),
        (46357.0, "2026-12-01"),
        (1, "2026-12-01"),
        ("０１", "2026-12-01"),
        ("1日", "2026-12-01"),
        ("12-1", "2026-12-01"),
        ("2026-12-01 00:00:00", "2026-12-01"),
        ("2026年12月1日（星期二）", "2026-12-01"),
        ("2026-2-30", None),
        (32, None),
        (1.5, None),
        ("早", None),
        ("", None),
        (None, None),
        ("2026年12月排班表", None),
        ("12:30", None),
    ],
)
def test_what_date_a_cell_means(value, expected) -> None:
    found = as_date(value, DECEMBER)
    assert (found and str(found)) == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ([30, 31, 1, 2], ["12-30", "12-31", "01-01", "01-02"]),
        (["12-30", "12-31", "1-1"], ["12-30", "12-31", "01-01"]),
        (["30日", "31日", "1日"], ["12-30", "12-31", "01-01"]),
    ],
)
def test_a_header_that_runs_over_the_end_of_the_month_goes_on(header, expected) -> None:
    headings = Headings(tuple(map(date_parts, header)), (None,) * len(header))
    dates = dated([headings], DECEMBER)[0]
    assert [str(day)[5:] for day in dates] == expected
    assert [day.year for day in dates][-1] == 2027


@pytest.mark.parametrize(
    ("text", "expected"),
    [("2026年12月排班表", "2026-12-01"), ("排班202607", "2026-07-01"), ("2026-1", "2026-01-01"), ("12月", None)],
)
def test_which_month_a_title_names(text, expected) -> None:
    found = month_in(text)
    assert (found and str(found)) == expected


def bomb(name: str, size: int) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open(name, "w", force_zip64=True) as part:
            for _ in range(size // 1_000_000):
                part.write(b" " * 1_000_000)
    return packed.getvalue()


def with_entities() -> bytes:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
    body = workbook(["姓名", "2026-12-01"], ["张三", "早"])
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as source, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.namelist():
            text = source.read(part)
            if part == "xl/workbook.xml":
                text = f'<!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]><workbook>&l8;</workbook>'.encode()
            target.writestr(part, text)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "file_empty"),
        (b" \n ", "file_empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "file_old_excel"),
        (b"PK\x03\x04 no zip at all", "file_broken"),
        (workbook(["姓名", "2026-12-01"], ["张三", "早"])[:-900], "file_broken"),
        (bomb("xl/worksheets/sheet1.xml", 200_000_000), "file_unpacks_too_large"),
        (bomb("xl/sharedStrings.xml", 40_000_000), "file_unpacks_too_large"),
        (with_entities(), "file_broken"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "file_not_a_table"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "file_not_a_table"),
        ("随便一段话\n没有表格".encode(), "roster_not_recognised"),
        (workbook(["代码", "名称"], ["早", "早班"]), "roster_not_recognised"),
        (b'{"2026": {"7": {"25": "A"', "file_not_json"),
        (b"[" * 50_000, "file_not_json"),
        (b"[1, 2]", "roster_not_recognised"),
        (b'{"year": 2026}', "roster_not_recognised"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(body, code) -> None:
    with pytest.raises(BadFile) as refused:
        read_file(body)
    assert refused.value.code == code
    assert str(refused.value)


def test_errors_of_formulas_are_words_and_formulas_without_a_value_are_asked_about() -> None:
    body = workbook(["姓名", "2026-12-01", "2026-12-02", "2026-12-03"], ["张三", "#N/A", '=VLOOKUP("x",A1:B2,2)', "早"])
    found = read_file(body)
    assert [(cell.day.day, cell.code) for cell in found.cells] == [(1, "#N/A"), (3, "早")]  # #N/A is an unknown shift
    assert [(each.row, each.column, each.code) for each in found.problems] == [(2, 3, "no_value")]


def test_a_value_in_the_last_cell_of_a_sheet_takes_no_memory() -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook(["姓名", "2026-12-01"], ["张三", "早"])))
    book.active["XFD1048576"] = "x"
    packed = io.BytesIO()
    book.save(packed)
    tracemalloc.start()
    try:
        assert said(packed.getvalue()) == [("张三", "12-01", "早")]
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def test_a_zip_that_is_no_workbook_is_named_as_such() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("photo.txt", "x")
    with pytest.raises(BadFile) as refused:
        read_file(packed.getvalue())
    assert refused.value.code == "file_not_a_table"


def test_too_many_rows_or_cells_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = "姓名,日期,班次\n" + "张三,2026-12-01,早\n" * 50
    monkeypatch.setattr(csv_text, "MOST_ROWS", 20)
    with pytest.raises(BadFile) as refused:
        read_file(rows.encode())
    assert refused.value.code == "file_too_many_rows"


@given(st.binary(max_size=300))
def test_no_file_brings_it_down(body) -> None:
    for start in (b"", b"PK\x03\x04", b"{", "姓名,日期,班次\n".encode()):
        with contextlib.suppress(BadFile):
            read_file(start + body)
