"""The measuring rod of the import: real shapes of roster files, each with the roster it means or the question it must raise."""

import json
from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from roster.files.formats import Later, ods, strict, text, xls, xlsx

NAMES = ("张三", "李四", "王五")
DECEMBER = date(2026, 12, 1)
WEEKDAYS = "一二三四五六日"
Roster = dict[tuple[str, date], str]
ASKS = "asks"
"""The meaning of what must be asked about or refused, in whatever words."""


@dataclass(frozen=True)
class Shape:
    name: str
    body: bytes | Later
    means: Roster | str
    """The roster, or the code of the question or refusal."""
    options: dict[str, Any] = field(default_factory=dict)


def code(index: int, day: date) -> str:
    return "早中夜休"[(index + day.toordinal()) % 4]


def days(first: date, count: int) -> list[date]:
    return [first + timedelta(days=number) for number in range(count)]


def month(first: date = DECEMBER) -> list[date]:
    return days(first, monthrange(first.year, first.month)[1])


def roster(dates: list[date], names=NAMES) -> Roster:
    return {(name, day): code(NAMES.index(name), day) for name in names for day in dates}


def lines(dates: list[date], names=NAMES) -> list[list[Any]]:
    return [[name, *(code(NAMES.index(name), day) for day in dates)] for name in names]


def wide(dates: list[date], heading=lambda day: day.day, names=NAMES) -> list[list[Any]]:
    return [["姓名", *map(heading, dates)], *lines(dates, names)]


def weekday(day: date) -> str:
    return WEEKDAYS[day.weekday()]


def tall(dates: list[date]) -> list[list[Any]]:
    return [["姓名", "日期", "班次"], *([name, str(day), word] for (name, day), word in roster(dates).items())]


def shapes() -> list[Shape]:
    full, week = month(), days(DECEMBER, 7)
    november = month(date(2026, 11, 1))
    all_december, of_week = roster(full), roster(week)
    title = [["2026年12月排班表"]]
    body = wide(full)
    found: list[Shape] = []

    def add(name: str, content: bytes | Later, means: Roster | str, **options: Any) -> None:
        found.append(Shape(name, content, means, options))

    # Which month?
    add("excel dates", xlsx(wide(full, lambda day: day)), all_december)
    add("title and days", xlsx([*title, *body]), all_december)
    add("date of making below the title", xlsx([*title, ["制表日期：2026-11-28"], *body]), all_december)
    add("date of making alone", xlsx([["制表日期：2026年11月28日"], *body]), "month_unknown")
    add("time of export above", xlsx([["导出时间：2026-11-28 10:00"], *title, *body]), all_december)
    add("number of the document", xlsx([*title, ["文件编号：HR-202601"], *body]), all_december)
    add("number of the document alone", xlsx([["文件编号：HR-202601"], *body]), "month_unknown")
    add("all in one title", xlsx([["2026年12月排班表 制表日期：2026-11-28 文件编号：HR-202601"], *body]), all_december)
    add("a date beside the title", xlsx([["2026年12月排班表", None, "2026-11-28"], *body]), all_december)
    add("a title in pieces", xlsx([["2026", "年", "12", "月排班表"], *body]), all_december)
    add("a title in English", xlsx([["Roster December 2026"], *body]), all_december)
    add("a month of its own", xlsx([["2026年12月"], *body]), all_december)
    add("sheet name", xlsx(body, title="2026年12月"), all_december)
    add("sheet name and a year", xlsx(body, title="12月"), all_december, file_name="2026年排班.xlsx")
    add("sheet name without a year", xlsx(body, title="12月"), "month_unknown")
    add("file name", xlsx(body), all_december, file_name="一车间2026年12月.xlsx")
    add("file name with a day", xlsx(body), "month_unknown", file_name="排班 2026-11-28.xlsx")
    add("title against sheet", xlsx([*title, *body], title="2026年11月"), "month_contradiction")
    add("title against file", xlsx([*title, *body]), "month_contradiction", file_name="排班202611.xlsx")
    add("dates against title", xlsx([["2026年11月排班表"], *wide(full, lambda day: day)]), "month_contradiction")
    add("chosen before title", xlsx([["2026年11月排班表"], *body]), all_december, month=DECEMBER)
    add("chosen against dates", xlsx(wide(full, str)), "month_contradiction", month=date(2027, 1, 1))
    add("chosen against two sheets", xlsx(body, title="2026年12月", more=[("2026年11月", wide(november))]),
        "month_contradiction", month=DECEMBER)  # fmt: skip
    add("weekday row", xlsx([*title, body[0], [None, *map(weekday, full)], *body[1:]]), all_december)
    add("weekdays above", xlsx([*title, ["姓名", *map(weekday, full)], [None, *body[0][1:]], *body[1:]]), all_december)
    add("weekday digits above", xlsx([*title, [None, *(day.isoweekday() for day in full)], *body]), all_december)
    add("weekdays of another month", xlsx([*title, body[0], [None, *map(weekday, november), "二"], *body[1:]]),
        "weekday_contradiction")  # fmt: skip
    add("weekdays in the headings", xlsx([*title, *wide(full, lambda day: f"{day.day}\n{weekday(day)}")]), all_december)
    add("wrong weekdays in the headings",
        xlsx([["2026年11月排班表"], *wide(full[:30], lambda day: f"{day.day}\n{weekday(day)}")]),
        "weekday_contradiction")  # fmt: skip
    surplus = [["2026年11月排班表"], [*wide(november)[0], 31], *wide(november)[1:]]
    add("an empty 31st", xlsx(surplus), roster(november))
    add("a shift on the 31st of November", xlsx([*surplus[:-1], [*surplus[-1], "早"]]), "bad_date")
    add("thirty days in December", xlsx([*title, *wide(full[:30])]), "days_contradiction")
    pay = days(date(2026, 11, 26), 30)
    add("pay month with a range", xlsx([["排班表 2026年11月26日至2026年12月25日"], *wide(pay)]), roster(pay))
    add("pay month with a short range", xlsx([["2026年12月排班表（11月26日-12月25日）"], *wide(pay)]), roster(pay))
    add("pay month by its days", xlsx([*title, *wide(pay)]), roster(pay))
    add("pay month that may be two", xlsx([["2027年1月排班表"], *wide(days(date(2026, 12, 26), 31))]), "month_unknown")
    add("pay month that its weekdays tell",
        xlsx([["2027年1月排班表"], *wide(days(date(2026, 12, 26), 31), lambda day: f"{day.day}日\n周{weekday(day)}")]),
        roster(days(date(2026, 12, 26), 31)))  # fmt: skip
    # Every table of a sheet.
    beside = [
        [*left, None, *right]
        for left, right in zip(wide(week, names=NAMES[:2]), wide(week, names=NAMES[1:]), strict=True)
    ]
    beside[1:] = [
        [*lines(week, [NAMES[0]])[0], None, *lines(week, [NAMES[1]])[0]],
        [None] * 9 + lines(week, [NAMES[2]])[0],
    ]
    add("beside", xlsx([*title, *beside]), of_week)
    add("teams below", xlsx([*title, *wide(week, names=NAMES[:2]), [], *wide(week, names=NAMES[2:])]), of_week)
    add("teams in the corner", xlsx([*title, ["甲班", *range(1, 8)], *lines(week, NAMES[:1]), ["乙班", *range(1, 8)],
        *lines(week, NAMES[1:])]), of_week)  # fmt: skip
    weeks = [row for start in range(0, 28, 7) for row in [*wide(full[start : start + 7]), []]]
    add("weeks below", xlsx([*title, *weeks, *wide(full[28:])]), all_december)
    add("weeks beside", xlsx([*title, [*body[0][:8], None, *body[0][8:15]], *([*row[:8], None, *row[8:15]] for row in
        body[1:])]), roster(full[:14]))  # fmt: skip
    add("repeated headers", xlsx([*title, body[0], body[1], body[0], body[2], body[0], body[3]]), all_december)
    add(
        "people across",
        xlsx([["日期", *NAMES], *([day, *(code(i, day) for i in range(3))] for day in full)]),
        all_december,
    )
    add("people across by day", xlsx([*title, ["日期", "星期", *NAMES],
        *([day.day, weekday(day), *(code(i, day) for i in range(3))] for day in full)]), all_december)  # fmt: skip
    crews = [
        [day, *("、".join(n for i, n in enumerate(NAMES) if code(i, day) == s) for s in "早中夜休")] for day in full
    ]
    add("shifts across", xlsx([["日期", "早", "中", "夜", "休"], *crews]), all_december)
    spans = [["张三", date(2026, 12, 1), date(2026, 12, 5), "早"], ["李四", date(2026, 12, 3), date(2026, 12, 3), "夜"]]
    of_spans = {("张三", day): "早" for day in full[:5]} | {("李四", full[2]): "夜"}
    add("spans", xlsx([["姓名", "开始日期", "结束日期", "班次"], *spans]), of_spans)
    add("spans in one cell", xlsx([["姓名", "日期", "班次"], ["张三", "2026-12-01至2026-12-05", "早"],
        ["李四", "2026-12-03", "夜"]]), of_spans)  # fmt: skip
    add("months on sheets", xlsx(wide(november), title="2026年11月", more=[("2026年12月", body)]),
        roster(november) | all_december)  # fmt: skip
    add("teams on sheets", xlsx([*title, *wide(full, names=NAMES[:1])], title="甲班", more=[("乙班", [*title,
        *wide(full, names=NAMES[1:])])]), all_december)  # fmt: skip
    add("a week that is not understood", xlsx([*title, *wide(week), [], ["姓名", "周一", "周二", "周三"],
        ["张三", "早", "早", "早"]]), "block_not_understood")  # fmt: skip
    add("a sheet that is not understood", xlsx([*title, *wide(week)], more=[("下周", [["姓名", "周一", "周二", "周三"],
        ["张三", "早", "早", "早"]])]), "block_not_understood")  # fmt: skip
    # What is no shift.
    add("legend below", xlsx([*title, *body, [], ["早=早班8:00-16:00"], ["中=中班 16:00-24:00"]]), all_december)
    add(
        "legend as a table",
        xlsx([*title, *body, [], ["代码", "名称", "时间"], ["早", "早班", "8:00-16:00"]]),
        all_december,
    )
    add("legend beside", xlsx([*title, *([*row, None, note] for row, note in zip(body, ["班次说明", "早", "中", "夜"],
        strict=True))]), all_december)  # fmt: skip
    add("legend in the first rows", xlsx([*title, ["早=早班8:00-16:00"], *body]), all_december)
    add("totals", xlsx([*title, [*body[0], "合计", "夜班数"], *([*row, 31, 8] for row in body[1:]),
        ["早班人数", *[1] * 31], ["合计", *[3] * 31]]), all_december)  # fmt: skip
    add("totals beside an empty name", xlsx([*title, ["序号", *body[0]], *([n, *row] for n, row in enumerate(body[1:], 1)),
        ["合计", None, *[3] * 31]]), all_december)  # fmt: skip
    add(
        "signature",
        xlsx([*title, *body, ["制表人：赵六", *[None] * 9, "2026-11-28"], ["审核：", None, "主任"]]),
        all_december,
    )
    note = "请各位提前十分钟到岗，不得迟到。"
    add("merged note", xlsx([*title, *body, [note]], merged=["A6:AF6"]), all_december)
    add("plain note", xlsx([*title, *body, [note]]), all_december)
    add("empty tail", xlsx([*title, *body, *[[n, *[None] * 31] for n in ("", " ", None)]]), all_december)
    add(
        "team rows",
        xlsx([*title, body[0], ["甲班"], *body[1:3], ["乙班"], body[3]], merged=["A3:AF3", "A6:AF6"]),
        all_december,
    )
    # No value is not blank.
    hollow = [*title, *body[:3], ["王五", "早", "=B4", *lines(full)[2][3:]]]
    add("formula without a value", xlsx(hollow), "no_value")
    paint = [*title, *body[:3], ["王五", None, *lines(full)[2][2:]]]
    add("coloured cell without text", xlsx(paint, colours=[("B5", "FFFFC000")]), "no_value")
    expected = {at: word for at, word in all_december.items() if at != ("王五", full[0])}
    add("shaded weekend", xlsx(paint, colours=[("B2:B5", "FFE9E4DA")]), expected)
    add("shaded row", xlsx(paint, colours=[("A5:AF5", "FFE9E4DA")]), expected)
    add("blank cell", xlsx(paint), expected)
    holiday = [*title, body[0], ["张三", "休", *[None] * 30], *body[2:]]
    add("one shift merged over days", xlsx(holiday, merged=["B3:AF3"]),
        all_december | {("张三", day): "休" for day in full})  # fmt: skip
    add(
        "merged and empty",
        xlsx([*title, body[0], ["张三", *[None] * 7, *body[1][8:]], *body[2:]], merged=["B3:H3"]),
        "no_value",
    )
    # Contradictions.
    add("two rows for one person", xlsx([*title, *body, body[1]]), "person_twice")
    add("a second row without a name", xlsx([*title, *body[:2], [None, *body[1][1:]], *body[2:]]), "no_name")
    add("two shifts on one day", xlsx([*tall(week), ["张三", "2026-12-01", "夜"]]), "twice")

    # Names and codes that look like something else.
    def called(*names: str, of: list[date] = week, codes: str = "早中夜休") -> tuple[list[list[Any]], Roster]:
        cells = {(name, day): codes[(n + day.day) % len(codes)] for n, name in enumerate(names) for day in of}
        return [[name, *(cells[name, day] for day in of)] for name in names], cells

    for what, names, codes in [
        ("shifts called as weekdays", NAMES, "一二三"),
        ("shifts called as digits", NAMES, "123"),
        ("shifts that count", NAMES, "2345671"),
        ("shifts that count as the days", NAMES[:1], "7123456"),
        ("names like weekdays", ("周一鸣", "Monica", "Sun"), "早夜"),
        ("names with commas", ("Smith,J", "张三(组长)", "赵6"), "早夜"),
        ("names like titles", ("Noteboom", "鲁班", "出勤红"), "早夜"),
    ]:
        somebody, cells = called(*names, codes=codes)
        add(what, xlsx([*title, ["姓名", *range(1, 8)], *somebody]), cells)
        down = [[day, *(cells[name, day] for name in names)] for day in week]
        add(f"{what}, across", xlsx([["日期", *names], *down]), cells)
    sparse, cells = called("Smith,J", "李四:副", of=full, codes="早.........")
    sparse = [["" if word == "." else word for word in row] for row in sparse]
    add("sparse rows", xlsx([*title, body[0], *sparse]), {at: word for at, word in cells.items() if word == "早"})
    add(
        "departments like signatures",
        xlsx([*title, ["部门", *body[0]], *(["审核部", *row] for row in body[1:])]),
        all_december,
    )
    add("digits, a header and digits again", xlsx([*title, ["姓名", *range(1, 8)], *called("张三", codes="1234567")[0],
        ["姓名", *range(8, 15)], ["张三", *["早"] * 7]]),
        called("张三", codes="1234567")[1] | {("张三", day): "早" for day in full[7:14]})  # fmt: skip
    add("a word like a month", xlsx(body), "month_unknown", file_name="Marketing 2026 roster.xlsx")
    add("a remark like a month", xlsx([*title, ["姓名", *range(1, 8), "备注"], ["张三", *["值班"] * 7, "2026年10月入职"], [],
        ["姓名", *range(1, 8)], ["李四", *["早"] * 7]]),
        {("张三", day): "值班" for day in week} | {("李四", day): "早" for day in week})  # fmt: skip
    add("teams beside without a heading", xlsx([*title, ["甲班", *range(1, 8), None, "乙班", *range(1, 8)],
        ["张三", *["早"] * 7, None, "李四", *["夜"] * 7]]), "block_not_understood")  # fmt: skip
    add("a year that does not fit", xlsx([["姓名", "2026-12-01", "2026-12-02", "2025-12-03", "2026-12-04"],
        ["张三", *"早早早早"]]), "block_not_understood")  # fmt: skip
    add("a day twice", xlsx([*title, ["姓名", 1, 2, 2, 3], ["张三", *"早中夜休"]]), "block_not_understood")
    add("an earlier month below", xlsx([*title, *wide(full), [], ["2026年11月排班表"], *wide(november)]),
        all_december | roster(november))  # fmt: skip
    # Formats.
    add("xls", xls([*title, *body]), all_december)
    add("xls of dates", xls([["姓名", *((day - date(1899, 12, 30)).days for day in full)], *lines(full)]), all_december)
    add("ods", ods([*title, *body]), all_december)
    add("ods of dates", ods(wide(full, lambda day: day)), all_december)
    add("strict", strict(xlsx(wide(full, lambda day: day))), all_december)
    add("csv", text([*title, *body]), all_december)
    add("csv with a mark", text(wide(full, str), encoding="utf-8-sig"), all_december)
    add("gbk", text([*title, *body], encoding="gbk"), all_december)
    add(
        "big5",
        text([["姓名", *map(str, week)], ["張三", *["早"] * 7]], encoding="big5"),
        {("張三", day): "早" for day in week},
    )
    japanese = [["氏名", *map(str, week)], ["田中", *["早"] * 7]]
    add("shift_jis", text(japanese, encoding="shift_jis"), {("田中", day): "早" for day in week})
    add("utf-16", text([*title, *body], encoding="utf-16"), all_december)
    add("utf-16 without a mark", text([*title, *body], encoding="utf-16-le"), all_december)
    add("pasted", text(wide(full, str), delimiter="\t"), all_december)
    add("semicolons", text(wide(full, str), delimiter=";"), all_december)
    add("json", json.dumps({"assignments": [{"display_name": n, "date": str(d), "code": c}
        for (n, d), c in of_week.items()]}).encode(), of_week)  # fmt: skip
    times = {"早": "8:00-16:00", "中": "16:00-24:00", "夜": "夜班 00:00-08:00", "休": "休"}
    in_times = [[row[0], *(times[word] for word in row[1:])] for row in lines(week)]
    add("times as shifts", xlsx([*title, ["姓名", *range(1, 8)], *in_times]),
        {at: times[word] for at, word in of_week.items()})  # fmt: skip
    add("short years", xlsx(wide(week, lambda day: f"{day:%y-%m-%d} 星期{weekday(day)}")), of_week)
    add("month and day", xlsx([*title, *wide(week, lambda day: f"{day.month}月{day.day}日")]), of_week)
    add("month and day, month chosen", xlsx(wide(week, lambda day: f"{day.month}/{day.day}")), of_week, month=DECEMBER)
    add("month and day without a year", xlsx(wide(week, lambda day: f"{day.month}/{day.day}")), "month_unknown")
    add("full dates with weekdays", xlsx(wide(week, lambda day: f"{day:%Y/%m/%d} 周{weekday(day)}")), of_week)
    add("working days only", xlsx([*title, *wide([day for day in full if day.weekday() < 5])]),
        roster([day for day in full if day.weekday() < 5]))  # fmt: skip
    dingtalk = [["排班表 统计日期：2026-12-01 至 2026-12-31"], ["报表生成时间：2026-11-28 10:00"],
        ["姓名", "考勤组", "部门", "工号", "UserId", *(f"{day:%m-%d}" for day in full)],
        [None] * 5 + [f"星期{weekday(day)}" for day in full],
        *([row[0], "默认", "一车间", 17 + n, f"u{n}", *row[1:]] for n, row in enumerate(lines(full)))]  # fmt: skip
    add("dingtalk", xlsx(dingtalk, merged=["A3:A4", "B3:B4", "C3:C4", "D3:D4", "E3:E4", "A1:AJ1"]), all_december)
    add("wps", xlsx([["一车间12月份排班表"], ["部门：一车间", None, "年月：2026-12"], ["部门", "姓名", "日期", *[None] * 30],
        [None, None, *range(1, 32)], [None, None, *map(weekday, full)], *(["一车间", *row] for row in lines(full))],
        merged=["A1:AG1", "A3:A5", "B3:B5", "C3:AG3"]), all_december)  # fmt: skip
    add("long", xlsx(tall(full)), all_december)
    add("long below a title", xlsx([*title, *tall(full)]), all_december)
    add("long with times", text([[a, b if b == "日期" else f"{b} 00:00:00", c] for a, b, c in tall(week)]), of_week)
    add("no roster", xlsx([["代码", "名称"], ["早", "早班"]]), "roster_not_recognised")
    add("encrypted", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), "file_old_excel")
    return found
