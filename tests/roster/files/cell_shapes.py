"""Names, codes and colours that mislead. Each is read as it is meant, or asks."""

from datetime import date, time, timedelta
from typing import Any

from roster.files.date_shapes import xml_2003
from roster.files.formats import Later, text, xlsx
from roster.files.more_shapes import ALL, BODY, FULL, OF_WEEK, TITLE, WEEK, edited
from roster.files.shapes import ASKS, NAMES, Roster, Shape, days, lines, month, roster, wide
from roster.files.writing import joined, paint, seven


def cell_shapes() -> list[Shape]:
    found: list[Shape] = []

    def add(name: str, content: bytes | Later, means: Roster | str, **options: Any) -> None:
        found.append(Shape(name, content, means, options))

    one = {("张三", day): "早" for day in WEEK}
    row = ["张三", *["早"] * 7]
    _november, january, _february = (month(date(2026, 11, 1)), month(date(2027, 1, 1)), month(date(2027, 2, 1)))
    # names
    add("names right end", xlsx([*TITLE, [*seven(), "姓名"], [*["早"] * 7, "张三"]]), one)
    add("names both ends", xlsx([*TITLE, ["姓名", *seven(), "姓名"], [*row, "张三"]]), one)
    add("name and 英文名", xlsx([*TITLE, ["姓名", "英文名", *seven()], ["张三", "Zhang", *["早"] * 7]]), one)
    add(
        "姓名 merged over 2 columns",
        xlsx(
            [*TITLE, ["姓名", None, *seven()], ["张三", None, *["早"] * 7], ["李四", None, *["晚"] * 7]],
            merged=["A2:B2", "A3:B3", "A4:B4"],
        ),
        one | {("李四", d): "晚" for d in WEEK},
    )
    add("dept header word 人员 twice", xlsx([*TITLE, ["人员类别", "姓名", *seven()], ["正式", *row]]), one)
    add(
        "person called like weekday 周六",
        xlsx([*TITLE, ["姓名", *seven()], ["周六", *["早"] * 7]]),
        {("周六", d): "早" for d in WEEK},
    )
    add("person called 日期", xlsx([*TITLE, ["姓名", *seven()], ["星期", *["早"] * 7]]), ASKS)
    add(
        "三 rows per person 早中晚 merged",
        xlsx(
            [
                *TITLE,
                ["姓名", "班", *seven()],
                ["张三", "早", "√", *[None] * 6],
                [None, "中", None, "√", *[None] * 5],
                [None, "晚", *[None] * 6, "√"],
            ],
            merged=["A3:A5"],
        ),
        ASKS,
    )
    add(
        "three rows per person names repeated by fill",
        xlsx([*TITLE, ["姓名", *seven()], ["张三", "早", *[None] * 6], ["张三", None, "中", *[None] * 5]]),
        ASKS,
    )
    add(
        "bottom half without names",
        xlsx(
            [
                *TITLE,
                ["姓名", *range(1, 17)],
                *[r[:17] for r in BODY[1:]],
                ["姓名", *range(17, 32)],
                *[[None, *r[17:]] for r in BODY[1:]],
            ]
        ),
        ASKS,
    )
    add(
        "bottom half days continue w/o 姓名 heading",
        xlsx(
            [
                *TITLE,
                ["姓名", *range(1, 17)],
                *[r[:17] for r in BODY[1:]],
                [None, *range(17, 32)],
                *[[r[0], *r[17:]] for r in BODY[1:]],
            ]
        ),
        ALL,
    )
    # codes
    add(
        "numeric codes 1 2 3 and totals",
        xlsx(
            [
                *TITLE,
                ["姓名", *seven(), "合计"],
                ["张三", 1, 2, 3, 1, 2, 3, 1, 7],
                ["李四", 2, 3, 1, 2, 3, 1, 2, 7],
                ["合计", 2, 2, 2, 2, 2, 2, 2],
            ]
        ),
        {
            (n, d): str(c)
            for n, cs in [("张三", [1, 2, 3, 1, 2, 3, 1]), ("李四", [2, 3, 1, 2, 3, 1, 2])]
            for d, c in zip(WEEK, cs, strict=False)
        },
    )
    add(
        "hours 8 8 8",
        xlsx([*TITLE, ["姓名", *seven()], ["张三", 8, 8, 8, 8, 8, 0, 0], ["李四", 8, 8, 8, 8, 8, 0, 0]]),
        {(n, d): c for n in ("张三", "李四") for d, c in zip(WEEK, ["8"] * 5 + ["0"] * 2, strict=False)},
    )
    add(
        "hours floats",
        xlsx([*TITLE, ["姓名", *seven()], ["张三", 7.5, 7.5, 7.5, 7.5, 7.5, 7.5, 7.5]]),
        {("张三", d): "7.5" for d in WEEK},
    )
    add(
        "ticks",
        xlsx([*TITLE, ["姓名", *seven()], ["张三", "√", "√", None, "√", None, None, "√"]]),
        {("张三", WEEK[i]): "√" for i in (0, 1, 3, 6)},
    )
    add(
        "code lowercase/fullwidth",
        xlsx([*TITLE, ["姓名", *seven()], ["张三", "Ａ", "a", "Ｂ", "早 ", "休　", "A", "b"]]),
        {("张三", d): c for d, c in zip(WEEK, ["A", "a", "B", "早", "休", "A", "b"], strict=False)},
    )
    add(
        "times with newline",
        xlsx([*TITLE, ["姓名", *seven()], ["张三", *["早班\n08:00-16:00"] * 7]]),
        {("张三", d): "早班\n08:00-16:00" for d in WEEK},
    )
    add(
        "time objects",
        xlsx([*TITLE, ["姓名", *seven()], ["张三", *[time(8, 0)] * 7]]),
        {("张三", d): "08:00:00" for d in WEEK},
    )
    add(
        "date-like codes 12-1",
        xlsx([*TITLE, ["姓名", *seven()], ["张三", *["12-8"] * 7], ["李四", *["8-4"] * 7]]),
        {("张三", d): "12-8" for d in WEEK} | {("李四", d): "8-4" for d in WEEK},
    )
    add(
        "codes D1..D7 counting",
        xlsx([*TITLE, ["姓名", *seven()], ["张三", *[f"D{i}" for i in range(1, 8)]]]),
        {("张三", d): f"D{i}" for i, d in enumerate(WEEK, 1)},
    )
    add(
        "counting codes for 2 persons 1..7 & header again",
        xlsx([*TITLE, ["姓名", *seven()], ["张三", *range(1, 8)], ["李四", *range(2, 8), 1]]),
        {("张三", d): str(i) for i, d in enumerate(WEEK, 1)}
        | {("李四", d): str(c) for d, c in zip(WEEK, [2, 3, 4, 5, 6, 7, 1], strict=False)},
    )
    add(
        "codes 一二三四五六七八 counting",
        xlsx([*TITLE, ["姓名", *range(1, 9)], ["张三", *"一二三四五六七八"]]),
        {("张三", d): c for d, c in zip(FULL, "一二三四五六七八", strict=False)},
    )
    add(
        "codes 101 102 (rooms) counting",
        xlsx([*TITLE, ["姓名", *seven()], ["张三", *range(1201, 1208)]]),
        {("张三", d): str(1200 + i) for i, d in enumerate(WEEK, 1)},
    )
    # colour
    add(
        "colour-only roster two colours",
        edited(
            xlsx([*TITLE, ["姓名", *seven()], ["张三", *[None] * 7], ["李四", *[None] * 7]]),
            lambda s: (
                paint(["B3", "C3", "D3", "E4", "F4"], "FFFF0000")(s),
                paint(["E3", "F3", "B4", "C4", "D4"], "FF00FF00")(s),
            ),
        ),
        ASKS,
    )
    add(
        "colour-only one person",
        edited(
            xlsx([*TITLE, ["姓名", *seven()], ["张三", *[None] * 7], ["李四", *["早"] * 7]]),
            paint(["B3", "C3", "D3", "E3", "F3", "G3", "H3"], "FFFF0000"),
        ),
        ASKS,
    )
    add(
        "colour-only all persons one day",
        edited(
            xlsx([*TITLE, ["姓名", *seven()], ["张三", None, *["早"] * 6], ["李四", None, *["早"] * 6]]),
            paint(["B3", "B4"], "FFFF0000"),
        ),
        ASKS,
    )
    add("colour with text", edited(xlsx([*TITLE, ["姓名", *seven()], row]), paint(["B3", "C3"], "FFFF0000")), one)
    # several
    add(
        "3 blocks beside weekly",
        xlsx(
            [
                *TITLE,
                ["姓名", *range(1, 8), "姓名", *range(8, 15), "姓名", *range(15, 22)],
                *[[r[0], *r[1:8], r[0], *r[8:15], r[0], *r[15:22]] for r in BODY[1:]],
            ]
        ),
        roster(FULL[:21]),
    )
    add(
        "teams beside, no gap",
        xlsx([*TITLE, ["姓名", *seven(), "姓名", *seven()], [*row, "李四", *["晚"] * 7]]),
        one | {("李四", d): "晚" for d in WEEK},
    )
    add(
        "title per team",
        xlsx(
            [
                ["A店 2026年12月排班表"],
                *wide(WEEK, names=NAMES[:1]),
                [],
                ["B店 2026年12月排班表"],
                *wide(WEEK, names=NAMES[1:]),
            ]
        ),
        OF_WEEK,
    )
    add(
        "title per week with range",
        xlsx(
            joined(
                [[f"{b[0].year}年{b[0].month}月{b[0].day}日-{b[-1].month}月{b[-1].day}日值班表"], *wide(b), []]
                for b in [days(date(2026, 12, 21) + timedelta(7 * i), 7) for i in range(3)]
            )
        ),
        roster(days(date(2026, 12, 21), 21)),
    )
    add(
        "title per week without year",
        xlsx(
            [
                ["2026年12月"],
                *joined(
                    (
                        [[f"第{i + 1}周 {b[0].month}.{b[0].day}-{b[-1].month}.{b[-1].day}"], *wide(b), []]
                        for i, b in enumerate([days(date(2026, 12, 7) + timedelta(7 * i), 7) for i in range(3)])
                    )
                ),
            ]
        ),
        roster(days(date(2026, 12, 7), 21)),
    )
    add(
        "title per week, year only, over new year",
        xlsx(
            [
                ["2026年值班"],
                *joined(
                    (
                        [[f"第{i + 50}周 {b[0].month}.{b[0].day}-{b[-1].month}.{b[-1].day}"], *wide(b), []]
                        for i, b in enumerate([days(date(2026, 12, 21) + timedelta(7 * i), 7) for i in range(3)])
                    )
                ),
            ]
        ),
        ASKS,
    )
    add(
        "other month's copy below with same title",
        xlsx([*TITLE, *BODY, [], *wide(january, lambda d: d.day, names=NAMES)]),
        ASKS,
    )
    add(
        "months below each other own titles",
        xlsx([["2026年12月排班表"], *BODY, [], ["2027年1月排班表"], *wide(january)]),
        ALL | roster(january),
    )
    add(
        "months below, second without year",
        xlsx([["2026年12月排班表"], *BODY, [], ["1月排班表"], *wide(january)]),
        ASKS,
    )
    add(
        "legend table beside with times as columns",
        xlsx(
            [
                *TITLE,
                [*BODY[0], None, "代码", "时间"],
                *[[*r, None, c, t] for r, c, t in zip(BODY[1:], "早中夜", ["8-16", "16-24", "0-8"], strict=False)],
            ]
        ),
        ALL,
    )
    add("legend rows above header in columns", xlsx([*TITLE, ["早", "8:00-16:00", "中", "16:00-24:00"], *BODY]), ALL)
    add("legend row below, code is name: 早 08:00 16:00", xlsx([*TITLE, *BODY, ["早", "08:00", "16:00"]]), ALL)
    add("row 备注 text across merged", xlsx([*TITLE, *BODY, ["备注", "本月大检修，取消休假"]], merged=["B6:AF6"]), ALL)
    add("blank person row kept", xlsx([*TITLE, ["姓名", *seven()], row, ["李四", *[None] * 7]]), one)
    # html/csv/xml
    add(
        "html with hidden column style",
        (
            "<table><tr><td>姓名<td>2026-12-01<td style='display:none'>2026-12-02<tr>"
            "<td>张三<td>早<td style='display:none'>晚</table>"
        ).encode(),
        ASKS,
    )
    add(
        "html nested table",
        (
            "<table><tr><td><table><tr><td>姓名<td>2026-12-01<td>2026-12-02<tr><td>张三<td>早<td>晚</table></table>"
        ).encode(),
        {("张三", WEEK[0]): "早", ("张三", WEEK[1]): "晚"},
    )
    add(
        "csv semicolon quoted",
        b"\xef\xbb\xbf" + '"姓名";"2026-12-01";"2026-12-02"\n"张三";"早";"晚"\n'.encode(),
        {("张三", WEEK[0]): "早", ("张三", WEEK[1]): "晚"},
    )
    add(
        "csv sep= line",
        "sep=,\n姓名,2026-12-01,2026-12-02\n张三,早,晚\n".encode(),
        {("张三", WEEK[0]): "早", ("张三", WEEK[1]): "晚"},
    )
    add("csv 12.10 text", text([*TITLE, ["姓名", *[f"{d.month}.{d.day}" for d in FULL]], *lines(FULL)]), ALL)
    add(
        "tsv merged copy blanks",
        text([["2026年12月"], ["姓名", "日期", *[""] * 6], ["", *seven()], row], delimiter="\t"),
        one,
    )
    add("xml numbers", xml_2003([*TITLE, *BODY]), ALL)
    add(
        "roster & stats sheet",
        xlsx([*TITLE, *BODY], title="排班", more=[("统计", [["姓名", "早", "中", "夜"], ["张三", 8, 8, 8]])]),
        ALL,
    )
    add(
        "roster & hidden old sheet",
        (lambda b: b)(
            edited(
                xlsx([*TITLE, *BODY], title="排班", more=[("旧", [*TITLE, ["姓名", *seven()], ["张三", *["晚"] * 7]])]),
                lambda s: setattr(s.parent["旧"], "sheet_state", "hidden"),
            )
        ),
        ALL,
    )
    add(
        "two sheets same month same people conflict",
        xlsx([*TITLE, *BODY], title="a", more=[("b", [*TITLE, ["姓名", *seven()], ["张三", *["晚"] * 7]])]),
        ASKS,
    )

    return found
