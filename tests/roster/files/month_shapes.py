"""Months, pay months and weeks as they are named and divided. Each is read as it is meant, or asks."""

from datetime import date, timedelta
from typing import Any

from roster.files.formats import Later, text, xlsx
from roster.files.more_shapes import ALL, BODY, FULL, OF_WEEK, WEEK
from roster.files.shapes import ASKS, Roster, Shape, days, lines, month, roster, wide
from roster.files.writing import OVER_NEW_YEAR, joined, pay, weekdays


def month_shapes() -> list[Shape]:
    found: list[Shape] = []

    def add(name: str, content: bytes | Later, means: Roster | str, **options: Any) -> None:
        found.append(Shape(name, content, means, options))

    {("张三", day): "早" for day in WEEK}
    november, january, february = (month(date(2026, 11, 1)), month(date(2027, 1, 1)), month(date(2027, 2, 1)))
    # --- 1 months / pay months
    p2120 = pay(2026, 11, 21, 30)
    p1615 = pay(2026, 11, 16, 30)
    add("pay 21-20 title month", xlsx([["2026年12月排班表"], *wide(p2120)]), roster(p2120))
    add("pay 21-20 title 11.21-12.20", xlsx([["排班表（11.21-12.20）2026年"], *wide(p2120)]), roster(p2120))
    add("pay 21-20 title full cn", xlsx([["2026年11月21日—12月20日 客服部排班"], *wide(p2120)]), roster(p2120))
    add("pay 21-20 slashed", xlsx([["考勤周期:2026/11/21-2026/12/20"], *wide(p2120)]), roster(p2120))
    add("pay 16-15 chosen", xlsx([["排班表"], *wide(p1615)]), roster(p1615), month=date(2026, 11, 1))
    add("pay 16-15 sheet name", xlsx(wide(p1615), title="11.16-12.15"), ASKS)
    add("pay 16-15 sheet name full", xlsx(wide(p1615), title="20261116-20261215"), roster(p1615))
    add(
        "pay 26-25 over year sheet short range",
        xlsx([["2027年1月排班表"], *wide(OVER_NEW_YEAR)], title="12.26-1.25"),
        roster(OVER_NEW_YEAR),
    )
    add(
        "pay over year title year+short",
        xlsx([["2026年12.26-2027年1.25排班"], *wide(OVER_NEW_YEAR)]),
        roster(OVER_NEW_YEAR),
    )
    add(
        "pay over year file range",
        xlsx(wide(OVER_NEW_YEAR)),
        roster(OVER_NEW_YEAR),
        file_name="排班2026.12.26-2027.1.25.xlsx",
    )
    add(
        "pay with month row above partial",
        xlsx([["2026年排班表"], ["姓名", "11月", *[None] * 9, "12月"], ["", *[d.day for d in p2120]], *lines(p2120)]),
        roster(p2120),
    )
    add(
        "weeks titled",
        xlsx(
            [
                ["2026年排班"],
                ["第49周（11月30日-12月6日）"],
                *wide(days(date(2026, 11, 30), 7)),
                ["第50周（12月7日-12月13日）"],
                *wide(days(date(2026, 12, 7), 7)),
            ]
        ),
        roster(days(date(2026, 11, 30), 14)),
    )
    add(
        "week title 12.28-1.3",
        xlsx([["2026年12.28-1.3值班表"], *wide(days(date(2026, 12, 28), 7))]),
        roster(days(date(2026, 12, 28), 7)),
    )
    add("week title year of end", xlsx([["2027年第1周值班表 12.28-1.3"], *wide(days(date(2026, 12, 28), 7))]), ASKS)
    add(
        "week title dec with range in one",
        xlsx([["2026年12月排班表（12月28日-1月3日）"], *wide(days(date(2026, 12, 28), 7))]),
        roster(days(date(2026, 12, 28), 7)),
    )
    add(
        "week title weekdays only head",
        xlsx(
            [
                ["2026年12月7日-13日值班表"],
                ["姓名", *["周" + c for c in "一二三四五六日"]],
                *lines(days(date(2026, 12, 7), 7)),
            ]
        ),
        roster(days(date(2026, 12, 7), 7)),
    )
    add(
        "three months beside on one sheet",
        xlsx(
            [
                ["2026年"],
                ["姓名", "11月", *[None] * 29, "12月", *[None] * 30],
                [None, *range(1, 31), *range(1, 32)],
                *lines(november + FULL),
            ],
            merged=["B2:AE2", "AF2:BJ2"],
        ),
        roster(november + FULL),
    )
    add(
        "months beside with titles",
        xlsx(
            [
                ["2026年11月", *[None] * 31, None, "2026年12月"],
                [*wide(november)[0], None, None, *BODY[0]],
                *[[*a, None, None, *b] for a, b in zip(lines(november), lines(FULL), strict=False)],
            ]
        ),
        ASKS,
    )
    add(
        "3 sheets 10/11/12 月 with year file",
        xlsx(wide(november), title="11月", more=[("12月", BODY)]),
        roster(november) | ALL,
        file_name="2026年度排班.xlsx",
    )
    add(
        "sheets dec and january with file 2026",
        xlsx(BODY, title="12月", more=[("1月", wide(january))]),
        ASKS,
        file_name="2026年排班.xlsx",
    )
    add("sheets 2026.12 & 2027.1", xlsx(BODY, title="2026.12", more=[("2027.1", wide(january))]), ALL | roster(january))
    add("sheet 12月 in title 2026年度", xlsx([["2026年度保安排班表"], *BODY], title="12月"), ALL)
    add("feb 31 cols", xlsx([["2027年2月值班表"], ["姓名", *range(1, 32)], *lines(february)]), roster(february))
    leap = month(date(2028, 2, 1))
    add(
        "leap 29 with wd", xlsx([["2028年2月"], ["姓名", *range(1, 32)], [*weekdays(leap)], *lines(leap)]), roster(leap)
    )
    add(
        "feb nonleap with 29 filled", xlsx([["2027年2月值班表"], ["姓名", *range(1, 30)], ["张三", *["早"] * 29]]), ASKS
    )
    add("serials", xlsx(wide(FULL, lambda d: (d - date(1899, 12, 30)).days)), ALL)
    add("iso datetime text", text(wide(WEEK, lambda d: f"{d}T00:00:00")), OF_WEEK)
    add(
        "full width digits",
        text(
            [
                ["２０２６年１２月排班表"],
                ["姓名", *["".join(chr(0xFF10 + int(c)) for c in str(d.day)) for d in WEEK]],
                *lines(WEEK),
            ]
        ),
        OF_WEEK,
    )
    add("half month A title 上半月", xlsx([["2026年12月上半月排班表"], *wide(FULL[:15])]), roster(FULL[:15]))
    add("half month 下半月", xlsx([["2026年12月下半月排班表"], *wide(FULL[15:])]), roster(FULL[15:]))
    add("上下半月 stacked", xlsx([["2026年12月"], ["上半月"], *wide(FULL[:15]), ["下半月"], *wide(FULL[15:])]), ALL)
    add("上下旬 stacked", xlsx([["2026年12月"], *wide(FULL[:10]), [], *wide(FULL[10:20]), [], *wide(FULL[20:])]), ALL)
    add(
        "weeks stacked w wd, Mon based over months",
        xlsx(
            [
                ["2026年12月排班表"],
                *joined(
                    [*[wide(b)[0]], weekdays(b), *lines(b), []]
                    for b in [days(date(2026, 11, 30) + timedelta(7 * i), 7) for i in range(5)]
                ),
            ]
        ),
        roster(days(date(2026, 11, 30), 35)),
    )
    add(
        "weeks stacked no wd Mon based over months",
        xlsx(
            [
                ["2026年12月排班表"],
                *joined([*wide(b), []] for b in [days(date(2026, 11, 30) + timedelta(7 * i), 7) for i in range(5)]),
            ]
        ),
        roster(days(date(2026, 11, 30), 35)),
    )
    add(
        "weeks, first partial with blank headings",
        xlsx(
            [
                ["2026年12月排班表"],
                ["姓名", None, *range(1, 7)],
                ["张三", None, *"早中夜休早中"],
                ["姓名", *range(7, 14)],
                ["张三", *"早中夜休早中夜"],
            ]
        ),
        {("张三", d): c for d, c in zip(FULL[:13], "早中夜休早中早中夜休早中夜", strict=False)},
    )
    add(
        "calendar per person month grid",
        xlsx(
            [
                ["张三 2026年12月"],
                [*"日一二三四五六"],
                [None, None, 1, 2, 3, 4, 5],
                [None, None, "早", "早", "早", "早", "早"],
                [6, 7, 8, 9, 10, 11, 12],
                ["晚"] * 7,
            ]
        ),
        ASKS,
    )
    # What is said of another roster
    for other in (
        "参照2025年12月排班表",
        "参考：《2025年12月排班表》",
        "根据2025年12月排班",
        "沿用2025年12月值班表",
        "同2025年12月排班",
        "以2025年12月排班表为准",
        "Based on the roster of December 2025",
        "上月（2026年11月）排班表",
        "Last month's roster: November 2026",
    ):
        add(f"only {other}", xlsx([[other], *BODY]), "month_unknown")
        add(f"a title and {other}", xlsx([["2026年12月排班表"], [other], *BODY]), ALL)
        add(f"a title with {other}", xlsx([[f"2026年12月排班表（{other}）"], *BODY]), ALL)
        add(f"a file's name and {other}", xlsx([[other], *BODY]), ALL, file_name="2026年12月排班表.xlsx")
    add("a file called after another", xlsx(BODY), "month_unknown", file_name="参照2025年12月排班表.xlsx")
    add("another in the next cell", xlsx([["参照：", "2025年12月排班表"], *BODY]), "month_unknown")
    add("a title for reference", xlsx([["2026年12月排班表（仅供参考）"], *BODY]), ALL)
    from_last = [["2026年12月排班表（上月26日至本月25日）"], *wide(pay(2026, 11, 26, 30))]
    add("a pay month from last month", xlsx(from_last), roster(pay(2026, 11, 26, 30)))
    return found
