"""More shapes for the measuring rod: what planners of many trades write, hide, strike out and save as something else."""

import io
import zipfile
from datetime import date
from typing import Any

import openpyxl
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from roster.files.formats import Later, later, ods, text, xlsx
from roster.files.shapes import (
    ASKS,
    DECEMBER,
    NAMES,
    Roster,
    Shape,
    code,
    days,
    lines,
    month,
    roster,
    tall,
    weekday,
    wide,
)

FULL, WEEK = month(), days(DECEMBER, 7)
ALL, OF_WEEK = roster(FULL), roster(WEEK)
TITLE = [["2026年12月排班表"]]
BODY = wide(FULL)
SHEET = "xl/worksheets/sheet1.xml"

TITLES = (
    "二〇二六年十二月排班表", "2026年十二月份值班表", "Dec-26 Roster", "R8.12 勤務表", "令和8年12月シフト表", "26年12月排班表",
    "民國115年12月排班表", "December 2026", "2026年12月考勤表", "某某物业公司2026年12月工作安排表", "2026年12月1日-31日排班表",
    "20261201-20261231排班表", "12/2026 排班表", "2026-2027学年第一学期12月值班表",
    "排班周期：自2026年12月1日起至2026年12月31日止",
)  # fmt: skip
HEADINGS = {
    "1-Dec": lambda day: f"{day.day}-Dec",
    "Dec 1": lambda day: f"Dec {day.day}",
    "1st": lambda day: (
        f"{day.day}" + {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"}.get(day.day, "th")
    ),
    "weekday above the day": lambda day: f"{weekday(day)}\n{day.day}",
    "1日[二]": lambda day: f"{day.day}日[{weekday(day)}]",
    "1/二": lambda day: f"{day.day}/{weekday(day)}",
    "Japanese": lambda day: f"{day.day}({'月火水木金土日'[day.weekday()]})",
    "kanji below": lambda day: f"{day.day}日\n{'月火水木金土日'[day.weekday()]}",
    "weekday before the date": lambda day: f"星期{weekday(day)}\n12月{day.day}日",
    "12-01 二": lambda day: f"{day:%m-%d} {weekday(day)}",
    "the month once": lambda day: "12月1日" if day.day == 1 else f"{day.day}日",
}
FULL_HEADINGS = {
    "the year once": lambda day: str(day) if day.day == 1 else f"{day.month}/{day.day}",
    "26/12/1": lambda day: f"{day:%y}/{day.month}/{day.day}",
    "26.12.01": lambda day: f"{day:%y.%m.%d}",
    "26年12月1日": lambda day: f"{day:%y}年{day.month}月{day.day}日",
    "day first": lambda day: f"{day:%d/%m/%Y}",
    "month first": lambda day: f"{day:%m/%d/%Y}",
    "01-Dec-2026": lambda day: f"{day:%d-%b-%Y}",
    "Dec 01, 2026": lambda day: f"{day:%b %d, %Y}",
    "01.12.2026": lambda day: f"{day:%d.%m.%Y}",
    "2026/12/1 0:00": lambda day: f"{day.year}/{day.month}/{day.day} 0:00",
    "R8.12.1": lambda day: f"R8.{day.month}.{day.day}",
}
PERSON_HEADINGS = ("值班人员", "保安姓名", "姓名\nName", "日期\n姓名", "Staff Name", "人员名单", "護士姓名", "护士")


@later
def edited(body: Later, edit: Any) -> bytes:
    """The workbook after `edit` of its first sheet."""
    book = openpyxl.load_workbook(io.BytesIO(bytes(body)))
    edit(book.active)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


@later
def with_part(body: Later, name: str, change: Any) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(bytes(body))) as source, zipfile.ZipFile(packed, "w") as target:
        for part in source.namelist():
            content = source.read(part)
            target.writestr(part, change(content) if part == name else content)
    return packed.getvalue()


def page(rows: list[list[Any]], *, charset: str = "utf-8", row: str = "<tr>", first: str = "<td>姓名") -> bytes:
    cells = ["".join(f"<td>{'' if value is None else value}</td>" for value in line) for line in rows]
    body = "".join(f"{row if number == 2 else '<tr>'}{line}</tr>" for number, line in enumerate(cells))
    found = f'<html><head><meta charset="{charset}"></head><body><table>{body.replace("<td>姓名", first)}</table></body></html>'
    return found.encode(charset)


@later
def from_1904() -> bytes:
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    for line in wide(FULL, lambda day: (day - date(1904, 1, 1)).days):
        book.active.append(line)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def more_shapes() -> list[Shape]:
    found: list[Shape] = []

    def add(name: str, content: bytes | Later, means: Roster | str, **options: Any) -> None:
        found.append(Shape(name, content, means, options))

    def of(*codes: str) -> tuple[Later, list[date]]:
        return xlsx([*TITLE, ["姓名", *range(1, len(codes) + 1)], ["张三", *codes]]), days(DECEMBER, len(codes))

    # Which month?
    for each in TITLES:
        add(f"title {each}", xlsx([[each], *BODY]), ALL)
    march = month(date(2027, 3, 1))
    add("a school year", xlsx([["2026-2027学年第二学期3月值班表"], *wide(march)]), roster(march))
    add("a title in labelled cells", xlsx([["排班表", None, "年份：", 2026, "月份：", 12], *BODY]), ALL)
    add("a title with a date cell", xlsx([["排班表", None, "月份", DECEMBER], *BODY]), ALL)
    add("file name of a span", xlsx(BODY), ALL, file_name="排班表_20261201-20261231.xlsx")
    add("a note that names a month", xlsx([*TITLE, ["注：11月值班补贴随12月工资发放"], *BODY]), ALL)
    add("a note alone", xlsx([["注：2026年11月值班补贴随12月工资发放"], *BODY]), "month_unknown")
    add("the planner's month", xlsx([["排班人：王五 2026年11月"], *BODY]), "month_unknown")
    add("a note with may", xlsx([["Roster December 2026"], ["Staff may swap shifts with approval"], *BODY]), ALL)
    add("months of a whole year", xlsx(BODY, title="2026.1-2026.12"), "month_unknown")
    over_new_year = days(date(2026, 12, 28), 7)
    add("a year and days of two", xlsx([["2027年排班表"], *wide(over_new_year, lambda day: f"{day.month}/{day.day}")]),
        "month_unknown")  # fmt: skip
    pay = days(date(2026, 12, 26), 31)
    add("chosen against a range", xlsx([["排班表 2026年12月26日至2027年1月25日"], *wide(pay)]), "month_contradiction",
        month=date(2027, 1, 1))  # fmt: skip
    of_two = days(date(2026, 11, 21), 30)
    above = ["姓名", "2026年11月", *[None] * 9, "2026年12月", *[None] * 19]
    add("months merged above the days", xlsx([above, *wide(of_two)], merged=["B1:K1", "L1:AE1"]), roster(of_two))
    november = month(date(2026, 11, 1))
    stacked = [["2026年排班表"], ["11月"], *wide(november), [], ["12月"], *BODY]
    add("months below each other", xlsx(stacked), roster(november) | ALL)
    add("months below each other in the corner", xlsx([["2026年"], ["11月", *range(1, 31)], *lines(november), ["12月",
        *range(1, 32)], *lines(FULL)]), roster(november) | ALL)  # fmt: skip
    add("a year above months above days", xlsx([["2026年"], above[:1] + [word and word[5:] for word in above[1:]],
        *wide(of_two)], merged=["B2:K2", "L2:AE2"]), roster(of_two))  # fmt: skip
    for name, heading in HEADINGS.items():
        add(f"headings: {name}", xlsx([*TITLE, *wide(FULL, heading)]), ALL)
    for name, heading in FULL_HEADINGS.items():
        add(f"headings: {name}", text(wide(FULL, heading)), ALL)
    add("days and months that may change places", text([["姓名", "日期", "班次"], ["张三", "05/12/2026", "早"],
        ["张三", "06/11/2026", "早"]]), "bad_date")  # fmt: skip
    add(
        "weekdays in initials",
        xlsx([*TITLE, BODY[0], [None, *("MTWTFSS"[day.weekday()] for day in FULL)], *BODY[1:]]),
        ALL,
    )
    kanji = [None, *("月火水木金土日"[day.weekday()] for day in FULL)]
    add("weekdays in Japanese", xlsx([["2026年12月シフト表"], ["氏名", *range(1, 32)], kanji, *BODY[1:]]), ALL)
    add("wrong weekdays in Japanese", xlsx([["2026年11月シフト表"], ["氏名", *range(1, 31)], kanji[:31], *lines(FULL[:30])]),
        "weekday_contradiction")  # fmt: skip
    add("a row of the lunar calendar", xlsx([*TITLE, BODY[0], ["农历", *["廿二"] * 31], *BODY[1:]]), ALL)
    for name in ("排班 2026 2.xlsx", "排班20261.xlsx", "R3-1产线排班表.xlsx", "排班表V2026.1.xlsx"):
        add(f"file name {name}", xlsx(BODY), "month_unknown", file_name=name)
    for title in ("排班表（自2026年11月起执行）", "员工排班表（2026年11月版）", "R3-1产线排班表"):
        add(f"title {title}", xlsx([[title], *wide(november)]), "month_unknown")
    # Columns that are no days, and days whose heading is gone.
    for name, column, heading in [("a hole", 5, None), ("an error", 5, "#REF!"), ("a typing error", 10, "1O"),
            ("no first day", 1, None), ("a formula without a value", 5, "=E2+1")]:  # fmt: skip
        top = list(BODY[0])
        top[column] = heading
        add(f"headings with {name}", xlsx([*TITLE, top, *BODY[1:]]), "no_heading")
    top = [*BODY[0][:31], None]
    add("headings without the last day", xlsx([*TITLE, top, [None, *map(weekday, FULL)], *BODY[1:]]), "no_heading")
    two = [["姓名", *(value for day in range(1, 8) for value in (day, None))]]
    two += [[name, *(value for day in WEEK for value in (code(index, day), "加"))] for index, name in enumerate(NAMES)]
    add("two columns a day", xlsx([*TITLE, *two]), "no_heading")
    add("a roster and what became of it beside", xlsx([*TITLE, [*BODY[0], *range(1, 32)], *([*row, *row[1:]] for row in
        BODY[1:])]), "days_contradiction")  # fmt: skip
    counted = [[row[0], *["123"[number % 3] for number in range(31)], 11, 10, 10] for row in BODY[1:]]
    add("counts of shifts called as digits", xlsx([*TITLE, [*BODY[0], 1, 2, 3], *counted]), "days_contradiction")
    add(
        "dates and then counts",
        xlsx([["姓名", *FULL, 1, 2, 3], *([*row, 3, 2, 1] for row in BODY[1:])]),
        "block_not_understood",
    )
    subtotals = [
        ["姓名", *range(1, 8), "小计", *range(8, 15), "小计"],
        *([*row[:8], 5, *row[8:15], 5] for row in BODY[1:]),
    ]
    add("totals of weeks", xlsx([*TITLE, *subtotals]), roster(FULL[:14]))
    for name, values in [
        ("工时制", ("标准工时", "综合工时", "不定时")),
        ("状态", ("在岗", "试用", "在岗")),
        ("备注", ("出勤", "注", "说明")),
        ("职务", ("员工", "员工", "员工")),
    ]:
        beside = [[row[0], value, *row[1:]] for row, value in zip(BODY[1:], values, strict=True)]
        add(f"a column {name}", xlsx([*TITLE, ["姓名", name, *range(1, 32)], *beside]), ALL)
    for heading in PERSON_HEADINGS:
        numbered = [[number, row[0], "员工", *row[1:]] for number, row in enumerate(BODY[1:], 1)]
        add(f"people called {heading}", xlsx([*TITLE, ["序号", heading, "职务", *range(1, 32)], *numbered]), ALL)
    # Rows.
    add("a name with a colon and digits", xlsx([*TITLE, ["姓名", *range(1, 4)], ["组长:张三", 1, 2, 3]]),
        {("组长:张三", day): word for day, word in zip(WEEK, "123", strict=False)})  # fmt: skip
    add("a name like a remark", xlsx([*TITLE, BODY[0], ["备注", *BODY[1][1:]], *BODY[2:]]), "no_name")
    times = [["姓名", *range(1, 8)], ["李四:副", *["8:00-16:00"] * 7], ["张三", *["8:00-16:00"] * 7]]
    add("a name with a colon and times", xlsx([*TITLE, *times]),
        {(name, day): "8:00-16:00" for name in ("李四:副", "张三") for day in WEEK})  # fmt: skip
    add("counts by shift", xlsx([*TITLE, *BODY, *([word, *[1] * 31] for word in ("早", "中班", "应到"))]), ALL)
    add("signatures beside each other", xlsx([*TITLE, *BODY, ["主管签字：", *[None] * 9, "人事签字：", None, "日期：2026-11-28"],
        ["批准：", None, None, "王五"]]), ALL)  # fmt: skip
    crews = [[word, *("、".join(name for index, name in enumerate(NAMES) if code(index, day) == word) for day in FULL)]
        for word in "早中夜休"]  # fmt: skip
    add("shifts down and people in the cells", xlsx([*TITLE, ["班次", *range(1, 32)], *crews]), ALL)
    posts = [["早班", *["张三"] * 7], ["早班", *["李四"] * 7], ["夜班", *["王五"] * 7]]
    add("a shift in two rows", xlsx([*TITLE, ["班次", *range(1, 8)], *posts]),
        {(name, day): word for name, word in zip(NAMES, ("早班", "早班", "夜班"), strict=True) for day in WEEK})  # fmt: skip
    shops = [["姓名", *range(1, 8), None, "姓名", *range(1, 8)], ["张三", *["早"] * 7, None, "张三", *[None] * 7]]
    add("one person in two shops", xlsx([*TITLE, *shops]), "twice")
    gap = [list(row) for row in BODY]
    gap[1][5] = None
    add(
        "an older copy fills a blank",
        xlsx([*TITLE, *gap], title="12月", more=[("12月旧", [*TITLE, *BODY])]),
        "set_aside",
    )
    add("a copy", xlsx([*TITLE, *BODY], title="12月", more=[("12月备份", [*TITLE, *BODY])]), ALL)
    add("headings alone", xlsx([*TITLE, BODY[0]]), "roster_not_recognised")
    add(
        "a calendar of nobody",
        xlsx([*TITLE, ["日期", *range(1, 8)], ["班次", *"早早夜夜休休早"]]),
        "roster_not_recognised",
    )
    # One row per shift.
    top = ["姓名", "日期", "班次"]
    pairs = [[*top, None, *top], *(["张三", day, "早", None, "李四", day, "夜"] for day in WEEK)]
    add(
        "long tables beside", xlsx(pairs), {("张三", day): "早" for day in WEEK} | {("李四", day): "夜" for day in WEEK}
    )
    add("pairs of dates and shifts", xlsx([["姓名", "日期", "班次", "日期", "班次"], ["张三", WEEK[0], "早", WEEK[3], "夜"]]),
        "roster_not_recognised")  # fmt: skip
    add(
        "a second shift of the day",
        xlsx([["姓名", "日期", "班次", "班次2"], ["张三", WEEK[0], "早", "夜"]]),
        "twice",
    )
    add(
        "days in a span",
        xlsx([*TITLE, ["姓名", "日期", "班次"], ["张三", "1-5", "早"], ["张三", "12-16日", "早"]]),
        "bad_date",
    )
    add("a span with one dash", xlsx([*TITLE, ["姓名", "日期", "班次"], ["张三", "12.1-12.5", "早"]]),
        {("张三", day): "早" for day in FULL[:5]})  # fmt: skip
    before_month = [["张三", f"{day:%d/%m}", "早"] for day in WEEK]
    add("days before their month", xlsx([*TITLE, ["姓名", "日期", "班次"], *before_month]),
        {("张三", day): "早" for day in WEEK})  # fmt: skip
    add(
        "cancelled rows",
        xlsx([[*top, "状态"], ["张三", WEEK[0], "早", "正常"], ["张三", WEEK[1], "夜", "已取消"]]),
        "set_aside",
    )
    add("times beside the shift", xlsx([["姓名", "日期", "班次", "开始", "结束"], ["张三", WEEK[0], "早", "08:00", "16:00"]]),
        {("张三", WEEK[0]): "早 08:00-16:00"})  # fmt: skip
    add("several people in a row", xlsx([["日期", "班次", "值班人员"], *([day, "早", "张三、李四"] for day in WEEK)]),
        {(name, day): "早" for day in WEEK for name in ("张三", "李四")})  # fmt: skip
    add("subtotals of people", xlsx([top, ["张三", WEEK[0], "早"], ["张三 汇总", None, 1], ["总计", None, 1]]),
        {("张三", WEEK[0]): "早"})  # fmt: skip
    add(
        "two columns of a shift", xlsx([["日期", "早班", None, "夜班"], *([day, *NAMES] for day in WEEK)]), "no_heading"
    )
    # Hidden, filtered, struck out.
    plain = xlsx([*TITLE, *BODY])

    def hidden(row: int = 0, column: str = "") -> Any:
        return lambda sheet: setattr(
            sheet.row_dimensions[row] if row else sheet.column_dimensions[column], "hidden", True
        )

    add("a hidden person", edited(plain, hidden(row=4)), "set_aside")
    add(
        "a row without height",
        with_part(plain, SHEET, lambda xml: xml.replace(b'<row r="4"', b'<row r="4" ht="0"')),
        "set_aside",
    )
    add("a hidden day", edited(plain, hidden(column="E")), "set_aside")
    surplus = xlsx([["2026年11月排班表"], [*BODY[0]], *lines(november)])
    add("a hidden empty 31st", edited(surplus, hidden(column="AF")), roster(november))
    add(
        "a hidden row of weekdays",
        edited(xlsx([*TITLE, BODY[0], [None, *map(weekday, FULL)], *BODY[1:]]), hidden(row=3)),
        ALL,
    )
    add("filtered rows", edited(xlsx(tall(WEEK)), hidden(row=5)), "set_aside")
    across = xlsx([["日期", *NAMES], *([day, *(code(index, day) for index in range(3))] for day in FULL)])
    add("a hidden day, people across", edited(across, hidden(row=9)), "set_aside")
    two = [[day, *(code(index, day) for index in range(3))] for day in FULL]
    add("people across below a diagonal", xlsx([["日期\\姓名", *NAMES], *two]), ALL)
    groups = edited(plain, lambda sheet: sheet.row_dimensions.group(4, 5, hidden=True))
    add("a group that is closed", groups, "set_aside")
    narrow = b'<table:table-column/><table:table-column table:visibility="collapse"/><table:table-row>'
    closed = with_part(ods([*TITLE, *BODY]), "content.xml", lambda xml: xml.replace(b"<table:table-row>", narrow, 1))
    add("a hidden day of ods", closed, "set_aside")
    add("a struck shift", edited(plain, lambda sheet: setattr(sheet["C4"], "font", Font(strike=True))), "set_aside")
    add("a struck name", edited(plain, lambda sheet: setattr(sheet["A4"], "font", Font(strike=True))), "set_aside")

    def filtered(xml: bytes) -> bytes:
        before, person, after = xml.partition("<text:p>李四".encode())
        above, _, own = before.rpartition(b"<table:table-row>")
        return above + b'<table:table-row table:visibility="filter">' + own + person + after

    add("a filtered row of ods", with_part(ods([*TITLE, *BODY]), "content.xml", filtered), "set_aside")
    # Cells.
    body, _ = of("早\u200b", "\u200b", "\ufeff早")
    add("letters that nobody sees", body, {("张三", WEEK[0]): "早", ("张三", WEEK[2]): "早"})
    digits = [["张三", *range(1, 8)], ["李四", *["早"] * 7]]
    add("shifts called as the days above them", xlsx([*TITLE, ["成员名", *range(1, 8)], *digits]),
        {("张三", day): str(day.day) for day in WEEK} | {("李四", day): "早" for day in WEEK})  # fmt: skip
    add("digits of nobody", xlsx([*TITLE, ["姓名", 1, 2, 3], ["张三", 1, 2, 3], [None, 2, 3, 4]]), "no_name")

    def formatted(sheet: Any) -> None:
        sheet["B3"], sheet["B3"].number_format = 1, '[=1]"夜";[=2]"早";General'

    add("a format that shows a word", edited(plain, formatted), ALL | {("张三", FULL[0]): "夜"})
    add(
        "a format that shows nothing",
        edited(plain, lambda sheet: setattr(sheet["B3"], "number_format", ";;;")),
        "set_aside",
    )
    font = InlineFont(strike=True)
    in_part = edited(plain, lambda sheet: setattr(sheet["B3"], "value", CellRichText(TextBlock(font, "早"))))
    add("a text struck in part", in_part, "set_aside")
    said = b"<office:annotation><text:p>\xe6\x97\xa9</text:p></office:annotation>"
    noted = with_part(ods([*TITLE, *BODY]), "content.xml", lambda xml: xml.replace(b"<text:p>", said + b"<text:p>"))
    add("notes at the cells of ods", noted, ALL)
    log = [["姓名", "日期", "班次(原)", "班次(新)"], ["张三", WEEK[0], "早", "夜"]]
    add("a sheet of swaps", xlsx([*TITLE, *BODY], more=[("换班", log)]), ASKS)
    # Formats.
    add("a web page", page([*TITLE, *BODY]), ALL)
    add("a web page in GBK", page([*TITLE, *BODY], charset="gb2312"), ALL)
    weekdays = list(map(weekday, FULL))
    add(
        "a web page with merged headings", page([*TITLE, BODY[0], weekdays, *BODY[1:]], first="<td rowspan=2>姓名"), ALL
    )
    add("a hidden row of a web page", page([*TITLE, *BODY], row="<tr style='display: none'>"), "set_aside")
    long_text = page([*TITLE, BODY[0], [*BODY[1][:2], *BODY[1][3:]], *BODY[2:]]).replace(
        f"<td>{BODY[1][1]}".encode(), f"<td colspan=2 style='mso-ignore:colspan'>{BODY[1][1]}".encode(), 1
    )
    without = {at: word for at, word in ALL.items() if at != ("张三", FULL[1])}
    add("a long text over a blank cell of a web page", long_text, without)
    add("a day hidden by nothing", page([*TITLE, *BODY], row="<tr class=xl65>"), ALL)
    add(
        "texts as formulas",
        text([["姓名", *map(str, WEEK)], *([f'="{word}"' for word in row] for row in lines(WEEK))]),
        OF_WEEK,
    )
    add("dates from 1904 as numbers", from_1904(), ALL)
    add("a picture", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)), "file_not_a_table")
    add("a printed page", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "file_not_a_table")
    people = [f"员工{number}" for number in range(400)]
    slips = [line for name in people for line in (["姓名", *range(1, 8)], [name, *["早"] * 7], [])]
    add(
        "a header for each of 400 people",
        xlsx([*TITLE, *slips]),
        {(name, day): "早" for name in people for day in WEEK},
    )
    return found
