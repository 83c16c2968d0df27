"""Shapes whose days are written in ways that only their neighbours tell, and files in rarer formats."""

from datetime import date
from typing import Any
from xml.sax.saxutils import escape

from openpyxl.styles import Color, Font, PatternFill

from roster.files.formats import Later, text, xlsx
from roster.files.more_shapes import BODY, FULL, TITLE, WEEK, edited
from roster.files.shapes import NAMES, Roster, Shape, code, days, lines, month, roster, weekday, wide

DIGITS = "一二三四五六七八九"


def in_words(number: int) -> str:
    tens, ones = divmod(number, 10)
    return ("", "十", "二十", "三十")[tens] + (DIGITS[ones - 1] if ones else "")


HEADINGS: dict[str, Any] = {
    "第1天": lambda day: f"第{day.day}天",
    "1201": lambda day: f"{day:%m%d}",
    "1201 as a number": lambda day: int(f"{day:%m%d}"),
    "in words": lambda day: in_words(day.day),
    "in words with 日": lambda day: f"{in_words(day.day)}日",
    "weekday and day": lambda day: f"周{weekday(day)}({day.day})",
    "weekday and day, full width": lambda day: f"{weekday(day)}（{day.day}日）",
    "day first": lambda day: f"{day.day}/{day.month}",
    "a number 12.01": lambda day: float(f"{day:%m.%d}"),
    "a number 12.1": lambda day: float(f"{day.month}.{day.day}"),
    "a text 12.1 for the tenth": lambda day: f"{day:%m.%d}".removesuffix("0"),
}


def xml_2003(rows: list[list[Any]], *, name: str = "Sheet1", styles: str = "", row_attributes: str = "") -> bytes:
    def cell(value: Any) -> str:
        if value is None:
            return "<Cell/>"
        kind = "Number" if isinstance(value, int) else "DateTime" if isinstance(value, date) else "String"
        shown = f"{value}T00:00:00.000" if kind == "DateTime" else escape(str(value))
        return f'<Cell><Data ss:Type="{kind}">{shown}</Data></Cell>'

    body = "".join(f"<Row>{''.join(map(cell, row))}</Row>" for row in rows)
    return (
        '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        f'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Styles>{styles}</Styles>'
        f'<Worksheet ss:Name="{name}"><Table>{body}</Table></Worksheet></Workbook>'
    ).encode()


def date_shapes() -> list[Shape]:
    found: list[Shape] = []

    def add(name: str, content: bytes | Later, means: Roster | str, **options: Any) -> None:
        found.append(Shape(name, content, means, options))

    everyone = roster(FULL)
    for name, heading in HEADINGS.items():
        add(f"headings {name}", xlsx([*TITLE, *wide(FULL, heading)]), everyone)
        across = [[heading(day), *(code(index, day) for index in range(3))] for day in FULL]
        is_of_line = name in ("1201", "1201 as a number", "in words")
        if not is_of_line:  # numbers of people and rooms stand below each other as well
            add(f"headings {name}, people across", xlsx([*TITLE, ["日期", *NAMES], *across]), everyone)
    add("第1天 of a cycle", xlsx([["2026年12月排班规律"], *wide(WEEK, HEADINGS["第1天"])]), "month_unknown")
    tens = [
        [name, f"{day:%m.%d}".removesuffix("0"), code(index, day)] for day in FULL for index, name in enumerate(NAMES)
    ]
    add("12.1 for the tenth, a row for each shift", text([*TITLE, ["姓名", "日期", "班次"], *tens]), everyone)
    for name in ("26.12", "26-12", "2026.12"):
        add(f"sheet {name}", xlsx(BODY, title=name), everyone)
    we_com = [["姓名", "账号", "部门", "时间", "班次"], *([n, f"u{i}", "一车间", f"{day:%Y/%m/%d} 星期{weekday(day)}",
        code(i, day)] for i, n in enumerate(NAMES) for day in WEEK)]  # fmt: skip
    add("wecom", xlsx(we_com), roster(WEEK))
    add("times in a column of their own", xlsx([["姓名", "时间", "日期", "班次"], *([n, "8:00-16:00", day, code(i, day)]
        for i, n in enumerate(NAMES) for day in WEEK)]),
        {key: f"{word} 8:00-16:00" for key, word in roster(WEEK).items()})  # fmt: skip
    add("several people with one number", xlsx([["日期", "班次", "姓名", "工号"], [WEEK[0], "早", "张三、李四", "A1"]]),
        "person_contradiction")  # fmt: skip
    # Formats.
    add("xml 2003", xml_2003([*TITLE, *BODY]), everyone)
    add("xml 2003 of dates", xml_2003(wide(FULL, lambda day: day)), everyone)
    add("xml 2003 of a sheet's name", xml_2003(BODY, name="2026年12月"), everyone)
    struck = xml_2003([*TITLE, *BODY], styles='<Style ss:ID="s1"><Font ss:StrikeThrough="1"/></Style>')
    add("a struck cell of xml 2003", struck.replace(b"<Cell><Data", b'<Cell ss:StyleID="s1"><Data', 40), "set_aside")
    hidden = xml_2003([*TITLE, *BODY]).replace(b"<Row>", b"<Row >", 3).replace(b"<Row>", b'<Row ss:Hidden="1">', 1)
    add("a hidden row of xml 2003", hidden, "set_aside")
    merged = xml_2003([*TITLE, ["姓名", *range(1, 8)], ["张三", "休"]])
    add("a merged cell of xml 2003", merged.replace("<Cell><Data ss:Type=\"String\">休".encode(),
        "<Cell ss:MergeAcross=\"6\"><Data ss:Type=\"String\">休".encode()),
        {("张三", day): "休" for day in WEEK})  # fmt: skip
    add("a broken xml 2003", xml_2003([*TITLE, *BODY])[:-40], "file_broken")
    add("xml of something else", b"<?xml version='1.0'?><feed/>", "file_broken")
    add("a table that begins with BM", text([["BM组", "2026年12月排班表"], *BODY]), everyone)
    add("a picture", b"BM" + (70).to_bytes(4, "little") + bytes(60), "file_not_a_table")
    lines_of = "<table>" + "".join(
        f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>"
        for row in [["姓名", *(f"<p>{day}</p><p>周{weekday(day)}</p>" for day in WEEK)], *lines(WEEK)]
    )
    add("paragraphs in cells of a page", lines_of.encode(), roster(WEEK))
    add("line breaks in cells of a page", lines_of.replace("</p><p>", "<br/>").encode(), roster(WEEK))
    # What is not to be seen.
    plain = xlsx([*TITLE, *BODY])
    for name, font in {"FFFFFFFF": Font(color="FFFFFFFF"), "of the paper": Font(color=Color(theme=0))}.items():
        add(f"white on white {name}", edited(plain, lambda sheet, f=font: setattr(sheet["C4"], "font", f)), "set_aside")

    def white_on_blue(sheet: Any) -> None:
        for cell in sheet[2]:
            cell.font, cell.fill = Font(color="FFFFFFFF"), PatternFill("solid", start_color="FF4472C4")

    add("white headings on blue", edited(plain, white_on_blue), everyone)
    february = month(date(2027, 2, 1))
    add(
        "28 days of 31 columns",
        xlsx([["2027年2月排班表"], ["姓名", *range(1, 32)], *lines(february)]),
        roster(february),
    )
    leap = month(date(2028, 2, 1))
    add("a leap year", xlsx([["2028年2月排班表"], ["姓名", *range(1, 32)], *lines(leap)]), roster(leap))
    over = days(date(2026, 12, 26), 14)
    add("day first over the year's end", xlsx([["排班 2026-12-26至2027-01-08"], *wide(over, HEADINGS["day first"])]),
        roster(over))  # fmt: skip
    return found
