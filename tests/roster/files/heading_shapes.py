"""One row per shift, and headings that mislead. Each is read as it is meant, or asks."""

from datetime import date
from typing import Any

from roster.files.formats import Later, text, xlsx
from roster.files.more_shapes import ALL, BODY, FULL, TITLE, WEEK
from roster.files.shapes import ASKS, DECEMBER, NAMES, Roster, Shape, code, days, month, roster, weekday, wide
from roster.files.writing import OVER_NEW_YEAR, pay, seven


def heading_shapes() -> list[Shape]:
    found: list[Shape] = []

    def add(name: str, content: bytes | Later, means: Roster | str, **options: Any) -> None:
        found.append(Shape(name, content, means, options))

    one = {("张三", day): "早" for day in WEEK}
    row = ["张三", *["早"] * 7]
    heading = ["姓名", "日期", "班次"]
    _november, _january, _february = (month(date(2026, 11, 1)), month(date(2027, 1, 1)), month(date(2027, 2, 1)))
    # long
    add(
        "long spans m/d over year w/ range",
        xlsx(
            [["排班 2026-12-26至2027-01-25"], ["姓名", "开始日期", "结束日期", "班次"], ["张三", "12/28", "1/3", "早"]]
        ),
        {("张三", d): "早" for d in days(date(2026, 12, 28), 7)},
    )
    add(
        "long spans reversed",
        xlsx([["姓名", "开始日期", "结束日期", "班次"], ["张三", date(2026, 12, 5), date(2026, 12, 1), "早"]]),
        ASKS,
    )
    add("long weekday days", xlsx([*TITLE, heading, ["张三", "周一", "早"], ["张三", "周二", "晚"]]), ASKS)
    add(
        "long descending",
        xlsx([*TITLE, heading, *[["张三", d.day, code(0, d)] for d in FULL[::-1]]]),
        roster(FULL, NAMES[:1]),
    )
    add(
        "long by day, 3 persons, pay month no range",
        xlsx(
            [
                ["2026年12月"],
                heading,
                *[[n, d.day, code(i, d)] for d in pay(2026, 11, 26, 30) for i, n in enumerate(NAMES)],
            ]
        ),
        ASKS,
    )
    add("long several days in a cell 1、3、5", xlsx([*TITLE, heading, ["张三", "1、3、5", "早"]]), ASKS)
    add("long several days 1,3,5日", xlsx([*TITLE, heading, ["张三", "1,3,5日", "早"]]), ASKS)
    add("long span 12月1日-5日", xlsx([*TITLE, heading, ["张三", "12月1日-5日", "早"]]), ASKS)
    add("long span 1日-5日", xlsx([*TITLE, heading, ["张三", "1日-5日", "早"]]), ASKS)
    add("long span 12.28-1.3 title dec", xlsx([*TITLE, heading, ["张三", "12.28-1.3", "早"]]), ASKS)
    add(
        "long date time 2026-12-01 08:00",
        xlsx([heading, ["张三", "2026-12-01 08:00", "早"]]),
        {("张三", WEEK[0]): "早"},
    )
    add(
        "long two dates columns 日期 & 入职日期",
        xlsx([["姓名", "入职日期", "日期", "班次"], ["张三", date(2020, 1, 1), WEEK[0], "早"]]),
        {("张三", WEEK[0]): "早"},
    )
    add(
        "long 班次 & 原班次",
        xlsx([["姓名", "日期", "原班次", "班次"], ["张三", WEEK[0], "晚", "早"]]),
        {("张三", WEEK[0]): "早"},
    )
    add(
        "long header twice",
        xlsx([heading, ["张三", WEEK[0], "早"], heading, ["李四", WEEK[0], "晚"]]),
        {("张三", WEEK[0]): "早", ("李四", WEEK[0]): "晚"},
    )
    add(
        "long 1-char dash blank shift",
        xlsx([heading, ["张三", WEEK[0], "-"], ["张三", WEEK[1], "早"]]),
        {("张三", WEEK[1]): "早"},
    )
    add(
        "long twice same day different sheets",
        xlsx([heading, ["张三", WEEK[0], "早"]], more=[("b", [heading, ["张三", WEEK[0], "晚"]])]),
        ASKS,
    )
    add("long d/m scattered ambiguous", text([*TITLE, heading, ["张三", "05/12", "早"], ["李四", "07/12", "早"]]), ASKS)
    add("long m.d floats one", xlsx([*TITLE, heading, ["张三", 12.1, "早"]]), ASKS)
    add("long yyyymmdd ints", xlsx([heading, ["张三", 20261201, "早"]]), {("张三", WEEK[0]): "早"})
    # wide headings
    add(
        "holiday name in place of a day",
        xlsx([["2027年1月排班表"], ["姓名", "元旦", *range(2, 8)], ["张三", *["早"] * 7]]),
        ASKS,
    )
    add(
        "holiday name in the middle",
        xlsx([["2026年10月排班表"], ["姓名", 1, 2, 3, "国庆", 5, 6, 7], ["张三", *["早"] * 7]]),
        ASKS,
    )
    add(
        "day row, then weekday row with 姓名", xlsx([*TITLE, [None, *seven()], ["姓名", *map(weekday, WEEK)], row]), one
    )
    add(
        "weekday row with 姓名, then day row", xlsx([*TITLE, ["姓名", *map(weekday, WEEK)], [None, *seven()], row]), one
    )
    add(
        "日期 row, 星期 row, 姓名 row",
        xlsx([*TITLE, ["日期", *seven()], ["星期", *map(weekday, WEEK)], ["姓名", *[None] * 7], row]),
        one,
    )
    add(
        "weekday and date rows, week title range",
        xlsx([["12月7日至12月13日值班表 2026年"], ["姓名", *"一二三四五六日"], [None, *range(7, 14)], row]),
        {("张三", d): "早" for d in days(date(2026, 12, 7), 7)},
    )
    add("weekdays head, dates row wrong", xlsx([*TITLE, ["姓名", *"一二三四五六日"], [None, *range(1, 8)], row]), ASKS)
    add("excel first date then ints", xlsx([["姓名", date(2026, 12, 1), *range(2, 8)], row]), one)
    add("12/1 then ints", xlsx([["2026年"], ["姓名", "12/1", *range(2, 8)], row]), one)
    add(
        "MMDD over year",
        xlsx([["2026-12-28至2027-01-03 排班"], ["姓名", *[f"{d:%m%d}" for d in days(date(2026, 12, 28), 7)]], row]),
        {("张三", d): "早" for d in days(date(2026, 12, 28), 7)},
    )
    add(
        "floats over year",
        xlsx(
            [
                ["2026-12-28至2027-01-03 排班"],
                ["姓名", *[float(f"{d:%m.%d}") for d in days(date(2026, 12, 28), 7)]],
                row,
            ]
        ),
        {("张三", d): "早" for d in days(date(2026, 12, 28), 7)},
    )
    add(
        "d/m over year",
        xlsx(
            [
                ["2026-12-28至2027-01-03 排班"],
                ["姓名", *[f"{d.day}/{d.month}" for d in days(date(2026, 12, 28), 7)]],
                row,
            ]
        ),
        {("张三", d): "早" for d in days(date(2026, 12, 28), 7)},
    )
    add(
        "廿 numerals",
        xlsx(
            [
                *TITLE,
                [
                    "姓名",
                    *[
                        "一",
                        "二",
                        "三",
                        "四",
                        "五",
                        "六",
                        "七",
                        "八",
                        "九",
                        "十",
                        "十一",
                        "十二",
                        "十三",
                        "十四",
                        "十五",
                        "十六",
                        "十七",
                        "十八",
                        "十九",
                        "二十",
                        "廿一",
                        "廿二",
                        "廿三",
                        "廿四",
                        "廿五",
                        "廿六",
                        "廿七",
                        "廿八",
                        "廿九",
                        "三十",
                        "卅一",
                    ],
                ],
                ["张三", *["早"] * 31],
            ]
        ),
        {("张三", d): "早" for d in FULL},
    )
    add("1号(二)", xlsx([*TITLE, ["姓名", *[f"{d.day}号({weekday(d)})" for d in WEEK]], row]), one)
    add("1 二 spaced", xlsx([*TITLE, ["姓名", *[f"{d.day} {weekday(d)}" for d in WEEK]], row]), one)
    add("1二 stuck", xlsx([*TITLE, ["姓名", *[f"{d.day}{weekday(d)}" for d in WEEK]], row]), one)
    add(
        "formulas without values in header",
        xlsx([*TITLE, ["姓名", 1, *[f"={chr(65 + i)}2+1" for i in range(1, 7)]], row]),
        ASKS,
    )
    add(
        "header 31 repeated in february",
        xlsx([["2027年2月"], ["姓名", *range(1, 29), 1, 2, 3], ["张三", *["早"] * 28]]),
        ASKS,
    )
    add("headings backwards", xlsx([*TITLE, ["姓名", *range(7, 0, -1)], row]), ASKS)
    add(
        "chosen dec, 12/26..1/25",
        xlsx([["排班"], *wide(OVER_NEW_YEAR, lambda d: f"{d.month}/{d.day}")]),
        roster(OVER_NEW_YEAR),
        month=DECEMBER,
    )
    add(
        "chosen jan, 12/26..1/25",
        xlsx([["排班"], *wide(OVER_NEW_YEAR, lambda d: f"{d.month}/{d.day}")]),
        roster(OVER_NEW_YEAR),
        month=date(2027, 1, 1),
    )
    add("chosen dec 26..25 bare", xlsx([["排班"], *wide(OVER_NEW_YEAR)]), roster(OVER_NEW_YEAR), month=DECEMBER)
    add(
        "title two lines pay",
        xlsx([["2026年12月排班表"], ["11月26日-12月25日"], *wide(pay(2026, 11, 26, 30))]),
        roster(pay(2026, 11, 26, 30)),
    )
    add(
        "title two lines labelled",
        xlsx([["排班表"], ["统计周期：2026年11月26日—2026年12月25日"], *wide(pay(2026, 11, 26, 30))]),
        roster(pay(2026, 11, 26, 30)),
    )
    add("title month-first range", xlsx([["2026年12月（1日—15日）排班表"], *wide(FULL[:15])]), roster(FULL[:15]))
    add(
        "title 第2周 weekday head",
        xlsx([["2026年12月第2周排班"], ["姓名", *["周" + c for c in "一二三四五六日"]], row]),
        ASKS,
    )
    add("title date alone", xlsx([["2026年12月7日"], ["姓名", *range(7, 14)], row]), ASKS)
    add(
        "title with week range and month",
        xlsx([["2026年12月第二周（7日-13日）"], ["姓名", *range(7, 14)], row]),
        {("张三", d): "早" for d in days(date(2026, 12, 7), 7)},
    )
    add("export file name", xlsx([["12月排班表"], *BODY]), ASKS, file_name="2026年11月28日导出.xlsx")
    add("file name 202612", xlsx(BODY), ALL, file_name="排班202612.xlsx")
    add("file name 2026.12.1-12.31", xlsx(BODY), ALL, file_name="2026.12.1-12.31排班.xlsx")
    add("sheet 12月 (2)", xlsx(BODY, title="2026年12月 (2)"), ALL)
    add("sheet Sheet12 file 2026", xlsx(BODY, title="Sheet12"), ASKS, file_name="2026.xlsx")
    add("title 2026/12", xlsx([["2026/12 值班表"], *BODY]), ALL)
    add("title 2026 12", xlsx([["2026 12 值班表"], *BODY]), ALL)
    for_january = {"month": date(2027, 1, 1)}
    add(
        "chosen against a sheet's range",
        xlsx(wide(OVER_NEW_YEAR), title="12.26-1.25"),
        "month_contradiction",
        **for_january,
    )
    chosen = {"month": DECEMBER}
    add("chosen with a sheet's range", xlsx(wide(OVER_NEW_YEAR), title="12.26-1.25"), roster(OVER_NEW_YEAR), **chosen)
    add("a line that is a range", xlsx([["2026.12.01-2026.12.31"], *BODY]), ALL)
    eighths = {("张三", day): f"{day.day}/8" for day in WEEK}
    counting = [[day.day, f"{day.day}/8"] for day in WEEK]
    add("codes that count like days before months, people across", text([*TITLE, ["日期", "张三"], *counting]), eighths)
    of_list = [["张三", str(day), f"{day.day}/8"] for day in WEEK]
    add("codes that count like days before months, in a list", text([["姓名", "日期", "班次"], *of_list]), eighths)
    add(
        "codes that count like days before months",
        text([*TITLE, ["姓名", *seven()], ["张三", *eighths.values()]]),
        eighths,
    )
    tenths = {("张三", day): f"8.{day.day}" for day in WEEK}
    hours = [float(code) for code in tenths.values()]
    add("hours that count like dates", xlsx([*TITLE, ["姓名", *seven()], ["张三", *hours]]), tenths)
    holiday = [["2026年12月排班表（12月31日-1月2日放假）"], *BODY]
    add("a range of a holiday in the title", xlsx(holiday), ASKS)
    event = ["12月24日-12月26日为圣诞活动"]
    add("a range in a note", xlsx([*TITLE, event, *BODY]), ALL)
    week_of_month = [["2026年12月7日-12月13日 调整后排班表"], *BODY]
    add("a range of a week above a month", xlsx(week_of_month), ASKS)
    dated = [["姓名", *WEEK], ["张三", *["早"] * 7], [], ["姓名", *range(8, 15)], ["张三", *["早"] * 7]]
    add("full dates, then bare days that go on", xlsx(dated), {("张三", day): "早" for day in FULL[:14]})
    page = [*TITLE, ["姓名", *seven()], row, ["2026年12月排班表"], ["李四", *["晚"] * 7]]
    add("a title between people", xlsx(page), one | {("李四", day): "晚" for day in WEEK})
    return found
