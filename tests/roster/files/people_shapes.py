"""People, teams, notes and several tables on a sheet. Each is read as it is meant, or asks."""

from datetime import date
from typing import Any

from roster.files.formats import Later, ods, text, xls, xlsx
from roster.files.more_shapes import ALL, BODY, FULL, OF_WEEK, TITLE, WEEK
from roster.files.shapes import ASKS, NAMES, Roster, Shape, lines, month, roster, weekday, wide
from roster.files.writing import OVER_NEW_YEAR, joined, pay


def people_shapes() -> list[Shape]:
    found: list[Shape] = []

    def add(name: str, content: bytes | Later, means: Roster | str, **options: Any) -> None:
        found.append(Shape(name, content, means, options))

    {("张三", day): "早" for day in WEEK}
    _november, _january, _february = (month(date(2026, 11, 1)), month(date(2027, 1, 1)), month(date(2027, 2, 1)))
    # --- 8 people
    add(
        "mobile col text",
        xlsx(
            [
                *TITLE,
                ["姓名", "手机号", *range(1, 8)],
                ["张三", "13800000001", *["早"] * 7],
                ["李四", "13800000002", *["晚"] * 7],
            ]
        ),
        {("张三", d): "早" for d in WEEK} | {("李四", d): "晚" for d in WEEK},
    )
    add(
        "mobile col number",
        xlsx(
            [
                *TITLE,
                ["姓名", "手机号", *range(1, 8)],
                ["张三", 13800000001, *["早"] * 7],
                ["李四", 13800000002, *["晚"] * 7],
            ]
        ),
        {("张三", d): "早" for d in WEEK} | {("李四", d): "晚" for d in WEEK},
    )
    add(
        "name with spaces",
        xlsx([*TITLE, ["姓 名", *range(1, 8)], ["张  三", *["早"] * 7], ["李　四", *["晚"] * 7]]),
        {("张三", d): "早" for d in WEEK} | {("李四", d): "晚" for d in WEEK},
    )
    add(
        "rare chars",
        xlsx([*TITLE, ["姓名", *range(1, 8)], ["𠮷田", *["早"] * 7], ["王喆", *["晚"] * 7], ["䶮小明", *["早"] * 7]]),
        {(n, d): c for n, c in [("𠮷田", "早"), ("王喆", "晚"), ("䶮小明", "早")] for d in WEEK},
    )
    add(
        "same names different numbers",
        xlsx([*TITLE, ["工号", "姓名", *range(1, 8)], ["A1", "张伟", *["早"] * 7], ["A2", "张伟", *["早"] * 7]]),
        {("张伟", d): "早" for d in WEEK},
    )
    add(
        "same names no numbers same shifts",
        xlsx([*TITLE, ["姓名", *range(1, 8)], ["张伟", *["早"] * 7], ["张伟", *["早"] * 7]]),
        ASKS,
    )
    add(
        "same names in two depts",
        xlsx([*TITLE, ["部门", "姓名", *range(1, 8)], ["一部", "张伟", *["早"] * 7], ["二部", "张伟", *["晚"] * 7]]),
        ASKS,
    )
    add(
        "nick in parentheses",
        xlsx([*TITLE, ["姓名", *range(1, 8)], ["张三（班长）", *["早"] * 7]]),
        {("张三(班长)", d): "早" for d in WEEK},
    )
    add(
        "name with number prefix",
        xlsx([*TITLE, ["姓名", *range(1, 8)], ["1.张三", *["早"] * 7]]),
        {("张三", d): "早" for d in WEEK},
    )
    add(
        "工号 only",
        xlsx([*TITLE, ["工号", *range(1, 8)], ["1001", *["早"] * 7], ["1002", *["晚"] * 7]]),
        {("1001", d): "早" for d in WEEK} | {("1002", d): "晚" for d in WEEK},
    )
    add(
        "工号 numeric ints",
        xlsx([*TITLE, ["工号", "姓名", *range(1, 8)], [1001, "张三", *["早"] * 7], [1002, "李四", *["晚"] * 7]]),
        {("张三", d): "早" for d in WEEK} | {("李四", d): "晚" for d in WEEK},
    )
    add(
        "group col merged",
        xlsx([*TITLE, ["组别", *BODY[0]], ["甲", *BODY[1]], [None, *BODY[2]], [None, *BODY[3]]], merged=["A3:A5"]),
        ALL,
    )
    add(
        "no person heading: 序号 then names",
        xlsx([*TITLE, ["序号", None, *range(1, 32)], *[[i, *r] for i, r in enumerate(BODY[1:], 1)]]),
        ALL,
    )
    add("no person heading at all", xlsx([*TITLE, [None, *range(1, 32)], *BODY[1:]]), ALL)
    add(
        "岗位 down, persons in name col, corner 岗位",
        xlsx([*TITLE, ["岗位", "姓名", *range(1, 32)], *[["门岗", *r] for r in BODY[1:]]]),
        ALL,
    )
    add(
        "rooms down with people",
        xlsx(
            [
                *TITLE,
                ["班次", *range(1, 8)],
                ["早班", *["张三", "李四"] * 3, "张三"],
                ["夜班", *["李四", "张三"] * 3, "李四"],
            ]
        ),
        {
            (n, WEEK[i]): s
            for i in range(7)
            for s, n in [("早班", "张三" if i % 2 == 0 else "李四"), ("夜班", "李四" if i % 2 == 0 else "张三")]
        },
    )
    # --- 9 several tables
    add(
        "two depts beside different names",
        xlsx(
            [
                ["2026年12月 A店", *[None] * 9, "2026年12月 B店"],
                ["姓名", *range(1, 8), None, None, "姓名", *range(1, 8)],
                ["张三", *["早"] * 7, None, None, "李四", *["晚"] * 7],
            ]
        ),
        {("张三", d): "早" for d in WEEK} | {("李四", d): "晚" for d in WEEK},
    )
    add(
        "two months beside with own titles",
        xlsx(
            [
                ["2026年11月排班表", *[None] * 8, "2026年12月排班表"],
                ["姓名", *range(1, 8), None, "姓名", *range(1, 8)],
                ["张三", *["早"] * 7, None, "张三", *["晚"] * 7],
            ]
        ),
        ASKS,
    )
    add(
        "header repeated each page with title",
        xlsx([*joined([["2026年12月排班表"], BODY[0], r, []] for r in BODY[1:])]),
        ALL,
    )
    add(
        "leave balance table below",
        xlsx([*TITLE, *BODY, [], ["姓名", "年假", "调休"], ["张三", 5, 2], ["李四", 3, 1]]),
        ASKS,
    )
    add(
        "statistic table beside",
        xlsx([*TITLE, [*BODY[0], None, "姓名", "早", "中", "夜"], *[[*r, None, r[0], 8, 8, 8] for r in BODY[1:]]]),
        ALL,
    )
    add(
        "statistics below with 早 中 夜 columns",
        xlsx([*TITLE, *BODY, [], ["姓名", "早班", "中班", "夜班", "休"], ["张三", 8, 8, 8, 7], ["李四", 8, 8, 8, 7]]),
        ASKS,
    )
    add(
        "prev month tail before",
        xlsx([*TITLE, ["姓名", "上月欠休", *range(1, 8)], ["张三", 2, *["早"] * 7]]),
        {("张三", d): "早" for d in WEEK},
    )
    add(
        "本月/下月1-3 tail",
        xlsx([*TITLE, ["姓名", *range(1, 32), 1, 2, 3], *[[*r, "早", "早", "早"] for r in BODY[1:]]]),
        ASKS,
    )
    add(
        "old version beside struck title",
        xlsx(
            [
                ["2026年12月排班表(旧)"],
                *BODY,
                [],
                ["2026年12月排班表(新)"],
                *[[r[0], *["晚"] * 31] if i else r for i, r in enumerate(BODY)],
            ]
        ),
        ASKS,
    )
    add(
        "plan and leave sheets",
        xlsx(
            [*TITLE, *BODY],
            title="排班",
            more=[
                (
                    "请假",
                    [["姓名", "开始日期", "结束日期", "类型"], ["张三", date(2026, 12, 3), date(2026, 12, 4), "年假"]],
                )
            ],
        ),
        "changed",
    )
    add(
        "overtime long sheet",
        xlsx(
            [*TITLE, *BODY],
            title="排班",
            more=[("加班", [["姓名", "日期", "时长", "班次"], ["张三", date(2026, 12, 3), 3, "加班"]])],
        ),
        ASKS,
    )
    # --- 10 notes, comments
    add(
        "备注 between name and days",
        xlsx([*TITLE, ["姓名", "备注", *range(1, 8)], ["张三", "新员工", *["早"] * 7]]),
        {("张三", d): "早" for d in WEEK},
    )
    add(
        "holiday row between",
        xlsx(
            [
                *TITLE,
                ["姓名", *range(1, 8)],
                ["节日", None, None, None, "元旦", None, None, None],
                ["张三", *["早"] * 7],
            ]
        ),
        {("张三", d): "早" for d in WEEK},
    )
    add(
        "note text in cell long",
        xlsx([*TITLE, ["姓名", *range(1, 8)], ["张三", "早", "早(顶李四)", "早", "早", "早", "早", "早"]]),
        {("张三", d): ("早(顶李四)" if d.day == 2 else "早") for d in WEEK},
    )
    add("班组 title row inside colspan", xlsx([*TITLE, BODY[0], ["【一班】"], BODY[1], ["【二班】"], *BODY[2:]]), ALL)
    add(
        "team in the name row repeated text",
        xlsx([*TITLE, BODY[0], ["一班", *["一班"] * 31], BODY[1]]),
        roster(FULL, NAMES[:1]),
    )
    add(
        "date header with note (休)",
        xlsx([*TITLE, ["姓名", *[f"{d.day}(休)" if d.weekday() > 4 else d.day for d in WEEK]], *lines(WEEK)]),
        OF_WEEK,
    )
    add(
        "date header 1日休息日",
        xlsx(
            [
                *TITLE,
                [
                    "姓名",
                    *[f"{d.day}日 周{weekday(d)} 休" if d.weekday() > 4 else f"{d.day}日 周{weekday(d)}" for d in WEEK],
                ],
                *lines(WEEK),
            ]
        ),
        ASKS,
    )
    add(
        "date heading 12.1周二",
        xlsx([["2026年12月"], ["姓名", *[f"{d.month}.{d.day}周{weekday(d)}" for d in WEEK]], *lines(WEEK)]),
        OF_WEEK,
    )
    add(
        "date heading 12/1(二)",
        xlsx([["2026年12月"], ["姓名", *[f"{d.month}/{d.day}({weekday(d)})" for d in WEEK]], *lines(WEEK)]),
        OF_WEEK,
    )
    add(
        "date heading 12月1号星期二",
        xlsx([["2026年"], ["姓名", *[f"{d.month}月{d.day}号星期{weekday(d)}" for d in WEEK]], *lines(WEEK)]),
        OF_WEEK,
    )
    add("date heading 01 02", xlsx([*TITLE, ["姓名", *[f"{d.day:02}" for d in FULL]], *lines(FULL)]), ALL)
    add("date heading D1 D2", xlsx([*TITLE, ["姓名", *[f"D{d.day}" for d in FULL]], *lines(FULL)]), ASKS)
    add(
        "date heading 周一12.7",
        xlsx([["2026年12月"], ["姓名", *[f"周{weekday(d)}{d.month}.{d.day}" for d in WEEK]], *lines(WEEK)]),
        OF_WEEK,
    )
    add(
        "date heading m-d by excel year wrong 2025",
        xlsx([["2026年12月排班表"], *wide([d.replace(year=2025) for d in WEEK], lambda d: d)]),
        ASKS,
    )
    add(
        "dates year wrong after new year",
        xlsx([["排班表"], ["姓名", *[d.replace(year=2026) for d in OVER_NEW_YEAR]], *lines(OVER_NEW_YEAR)]),
        ASKS,
    )
    add("csv with title commas", text([["2026年12月排班表", "", "", ""], *BODY]), ALL)
    add(
        "xls pay", xls([["排班表 2026-11-26至2026-12-25"], *wide(pay(2026, 11, 26, 30))]), roster(pay(2026, 11, 26, 30))
    )
    add("ods title", ods([["2026年12月"], *BODY]), ALL)
    add("year row 2026 then month 12 in cells", xlsx([["年", 2026, "月", 12], *BODY]), ASKS)
    add("title with 12月 file with year 2025 sheet", xlsx([["12月排班表"], *BODY], title="2026"), ALL)
    add("title 12月 & made 2026", xlsx([["12月排班表"], ["制表时间：2026年11月25日"], *BODY]), ASKS)
    add("title next month of export", xlsx([["2026年11月30日 制"], ["12月份排班表"], *BODY]), ASKS)
    add("file copy name (1)", xlsx(BODY), ALL, file_name="2026年12月排班表(1).xlsx")
    add("file name v2", xlsx(BODY), ALL, file_name="2026-12排班v2.xlsx")
    add("file name with store number", xlsx(BODY), ASKS, file_name="店202611 12月排班.xlsx")
    add("title quarter", xlsx([["2026年第四季度12月排班表"], *BODY]), ALL)
    add("title 冬季 from", xlsx([["冬季作息（2026年11月1日起）排班表"], *BODY]), ASKS)
    add("title 版 date", xlsx([["排班表（2026年11月28日版）"], *BODY]), ASKS)
    add("title 腊月", xlsx([["2026年腊月排班表"], *BODY]), ASKS)
    add("title two ranges", xlsx([["上期2026-11-01至2026-11-30 本期2026-12-01至2026-12-31"], *BODY]), ASKS)
    add("range title november but 31 days", xlsx([["2026-11-01至2026-11-30 排班"], *BODY]), ASKS)

    return found
