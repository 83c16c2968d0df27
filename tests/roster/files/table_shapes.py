"""People across, two rows a person, hidden rows, totals, legends and signs. Each is read as it is meant, or asks."""

from datetime import date
from typing import Any

from roster.files.formats import Later, text, xlsx
from roster.files.more_shapes import ALL, BODY, FULL, OF_WEEK, TITLE, WEEK, edited
from roster.files.shapes import ASKS, DECEMBER, NAMES, Roster, Shape, code, lines, month, roster, weekday
from roster.files.writing import OVER_NEW_YEAR, hide, joined


def table_shapes() -> list[Shape]:
    found: list[Shape] = []

    def add(name: str, content: bytes | Later, means: Roster | str, **options: Any) -> None:
        found.append(Shape(name, content, means, options))

    {("张三", day): "早" for day in WEEK}
    _november, _january, _february = (month(date(2026, 11, 1)), month(date(2027, 1, 1)), month(date(2027, 2, 1)))
    # --- 2 transposed
    down = [[d, *(code(i, d) for i in range(3))] for d in FULL]
    add(
        "transposed date col named 日期 w/ weekday col",
        xlsx(
            [
                ["2026年12月排班"],
                ["日期", "星期", *NAMES],
                *[[d.day, "星期" + weekday(d), *r[1:]] for d, r in zip(FULL, down, strict=False)],
            ]
        ),
        ALL,
    )
    add(
        "transposed weekday before date",
        xlsx(
            [
                ["2026年12月排班"],
                ["星期", "日期", *NAMES],
                *[[weekday(d), d.day, *r[1:]] for d, r in zip(FULL, down, strict=False)],
            ]
        ),
        ALL,
    )
    add("transposed total row", xlsx([["日期", *NAMES], *down, ["合计", 20, 20, 20]]), ALL)
    add("transposed total col", xlsx([["日期", *NAMES, "合计"], *[[*r, 3] for r in down]]), ALL)
    add(
        "transposed 备注 col",
        xlsx([["日期", *NAMES, "备注"], *[[*r, "元旦值班" if i == 3 else None] for i, r in enumerate(down)]]),
        ALL,
    )
    add(
        "transposed beside (two halves)",
        xlsx(
            [
                ["2026年12月值班表"],
                ["日期", *NAMES, "日期", *NAMES],
                *[[FULL[i].day, *down[i][1:], FULL[i + 15].day, *down[i + 15][1:]] for i in range(15)],
                [None] * 4 + [31, *down[30][1:]],
            ]
        ),
        ALL,
    )
    add(
        "transposed beside with gap col",
        xlsx(
            [
                ["2026年12月值班表"],
                ["日期", *NAMES, None, "日期", *NAMES],
                *[[FULL[i].day, *down[i][1:], None, FULL[i + 15].day, *down[i + 15][1:]] for i in range(15)],
            ]
        ),
        roster(FULL[:30]),
    )
    add(
        "shifts across, names by space",
        xlsx([["日期", "早班", "中班", "夜班"], *[[d, "张三 李四", "王五", None] for d in WEEK]]),
        {(n, d): s for d in WEEK for n, s in [("张三", "早班"), ("李四", "早班"), ("王五", "中班")]},
    )
    add(
        "shifts across, names by newline",
        xlsx([["日期", "早班", "晚班"], *[[d, "张三\n李四", "王五"] for d in WEEK]]),
        {(n, d): s for d in WEEK for n, s in [("张三", "早班"), ("李四", "早班"), ("王五", "晚班")]},
    )
    add(
        "shifts across with times in head",
        xlsx([["日期", "早班\n8:00-16:00", "晚班\n16:00-24:00"], *[[d, "张三", "李四"] for d in WEEK]]),
        {(n, d): s for d in WEEK for n, s in [("张三", "早班\n8:00-16:00"), ("李四", "晚班\n16:00-24:00")]},
    )
    add(
        "duty list 日期 星期 值班人 电话",
        xlsx(
            [
                ["2026年12月值班表"],
                ["日期", "星期", "值班人", "电话"],
                *[[d, "周" + weekday(d), NAMES[i % 3], "1380000000" + str(i % 3)] for i, d in enumerate(WEEK)],
            ]
        ),
        {(NAMES[i % 3], d): "值班人" for i, d in enumerate(WEEK)},
    )
    add(
        "duty list 日期 值班人 班次",
        xlsx(
            [
                ["2026年12月"],
                ["日期", "值班人", "班次"],
                *[[f"{d.month}月{d.day}日", NAMES[i % 3], "值班"] for i, d in enumerate(WEEK)],
            ]
        ),
        {(NAMES[i % 3], d): "值班" for i, d in enumerate(WEEK)},
    )
    add(
        "duty list merged dates",
        xlsx(
            [["日期", "班次", "姓名"], *[r for d in WEEK for r in ([d, "早", "张三"], [None, "晚", "李四"])]],
            merged=[f"A{2 + 2 * i}:A{3 + 2 * i}" for i in range(7)],
        ),
        {(n, d): s for d in WEEK for n, s in [("张三", "早"), ("李四", "晚")]},
    )
    add(
        "duty list unmerged dates blank below",
        xlsx([["日期", "班次", "姓名"], *[r for d in WEEK for r in ([d, "早", "张三"], [None, "晚", "李四"])]]),
        ASKS,
    )
    add(
        "long merged names",
        xlsx(
            [
                ["姓名", "日期", "班次"],
                *[[n if j == 0 else None, d, code(i, d)] for i, n in enumerate(NAMES) for j, d in enumerate(WEEK)],
            ],
            merged=[f"A{2 + 7 * i}:A{8 + 7 * i}" for i in range(3)],
        ),
        OF_WEEK,
    )
    add(
        "long names blank below",
        xlsx(
            [
                ["姓名", "日期", "班次"],
                *[[n if j == 0 else None, d, code(i, d)] for i, n in enumerate(NAMES) for j, d in enumerate(WEEK)],
            ]
        ),
        ASKS,
    )
    add(
        "long bare days pay month",
        xlsx([["2026年12月"], ["姓名", "日期", "班次"], *[["张三", d.day, code(0, d)] for d in OVER_NEW_YEAR[:10]]]),
        ASKS,
    )
    add(
        "long bare days range",
        xlsx(
            [
                ["排班 2026-12-26至2027-01-25"],
                ["姓名", "日期", "班次"],
                *[["张三", d.day, code(0, d)] for d in OVER_NEW_YEAR[:10]],
            ]
        ),
        roster(OVER_NEW_YEAR[:10], NAMES[:1]),
    )
    add(
        "long bare days chosen first month",
        xlsx([["姓名", "日期", "班次"], *[["张三", d.day, code(0, d)] for d in OVER_NEW_YEAR[:10]]]),
        ASKS,
        month=DECEMBER,
    )
    add(
        "long m/d range over year",
        xlsx(
            [
                ["排班 2026-12-26至2027-01-25"],
                ["姓名", "日期", "班次"],
                *[["张三", f"{d.month}/{d.day}", code(0, d)] for d in OVER_NEW_YEAR[:10]],
            ]
        ),
        roster(OVER_NEW_YEAR[:10], NAMES[:1]),
    )
    add(
        "long m/d file year only over year",
        xlsx([["姓名", "日期", "班次"], *[["张三", f"{d.month}/{d.day}", code(0, d)] for d in OVER_NEW_YEAR[:10]]]),
        ASKS,
        file_name="2026年.xlsx",
    )
    add(
        "long date range outside title",
        xlsx(
            [
                ["排班 2026-12-01至2026-12-31"],
                ["姓名", "日期", "班次"],
                ["张三", date(2026, 12, 5), "早"],
                ["张三", date(2026, 11, 5), "晚"],
            ]
        ),
        ASKS,
    )
    # --- 3 two rows per person
    two = [r for i, n in enumerate(NAMES) for r in ([n, "上午", *["早"] * 7], [None, "下午", *["晚"] * 7])]
    add(
        "name merged over 2 rows 上午/下午",
        xlsx([*TITLE, ["姓名", "时段", *range(1, 8)], *two], merged=[f"A{3 + 2 * i}:A{4 + 2 * i}" for i in range(3)]),
        ASKS,
    )
    add("name blank 2nd row 上午/下午", xlsx([*TITLE, ["姓名", "时段", *range(1, 8)], *two]), ASKS)
    add(
        "name merged 早/晚 rows with ticks",
        xlsx(
            [
                *TITLE,
                ["姓名", "班次", *range(1, 8)],
                ["张三", "早", "√", None, "√", None, "√", None, "√"],
                [None, "晚", None, "√", None, "√", None, "√", None],
            ],
            merged=["A3:A4"],
        ),
        ASKS,
    )
    add(
        "rows 早/晚 with ticks single merged person name repeated",
        xlsx(
            [
                *TITLE,
                ["姓名", "班次", *range(1, 8)],
                ["张三", "早", "√", None, "√", None, "√", None, "√"],
                ["张三", "晚", None, "√", None, "√", None, "√", None],
            ]
        ),
        ASKS,
    )
    add(
        "plan & actual rows",
        xlsx(
            [*TITLE, ["姓名", "项目", *range(1, 8)], ["张三", "计划", *["早"] * 7], [None, "实际", *["晚"] * 7]],
            merged=["A3:A4"],
        ),
        ASKS,
    )
    add(
        "merged over 2 rows whole row (tall cell)",
        xlsx(
            [*TITLE, BODY[0], BODY[1], [None] * 32, BODY[2], [None] * 32],
            merged=joined(
                [
                    f"{c}{r}:{c}{r + 1}"
                    for c in ["A", *[chr(66 + i) for i in range(25)], *["A" + chr(65 + i) for i in range(6)]]
                ]
                for r in (3, 5)
            ),
        ),
        ASKS,
    )
    add(
        "weekday row of merged heading 2 rows",
        xlsx([*TITLE, ["姓名", *range(1, 32)], [None, *map(weekday, FULL)], *lines(FULL)], merged=["A2:A3"]),
        ALL,
    )
    add(
        "two shifts a day 早/晚",
        xlsx([*TITLE, ["姓名", *range(1, 8)], ["张三", *["早/晚"] * 7]]),
        {("张三", d): "早/晚" for d in WEEK},
    )
    add(
        "two columns a day 上/下 merged heading",
        xlsx(
            [
                *TITLE,
                ["姓名", *joined([i, None] for i in range(1, 8))],
                [None, *["上", "下"] * 7],
                ["张三", *["早", "晚"] * 7],
            ],
            merged=["A2:A3", *[f"{chr(66 + 2 * i)}2:{chr(67 + 2 * i)}2" for i in range(7)]],
        ),
        ASKS,
    )
    add(
        "two columns a day plan/actual merged heading",
        xlsx(
            [
                *TITLE,
                ["姓名", *joined([d, None] for d in WEEK)],
                [None, *["计划", "实际"] * 7],
                ["张三", *["早", "晚"] * 7],
            ],
            merged=["A2:A3", *[f"{chr(66 + 2 * i)}2:{chr(67 + 2 * i)}2" for i in range(7)]],
        ),
        ASKS,
    )
    # --- 4 hidden etc
    add(
        "hidden 工号 col",
        edited(
            xlsx([*TITLE, ["姓名", "工号", *range(1, 32)], *[[r[0], f"A{i}", *r[1:]] for i, r in enumerate(BODY[1:])]]),
            hide(column="B"),
        ),
        ALL,
    )
    add("hidden total row", edited(xlsx([*TITLE, *BODY, ["合计", *[3] * 31]]), hide(6)), ALL)
    add("hidden old header row", edited(xlsx([*TITLE, ["姓名", *range(1, 31), None], *BODY]), hide(2)), ASKS)
    add("hidden title old", edited(xlsx([["2026年11月排班表"], *TITLE, *BODY]), hide(1)), ASKS)
    # --- 5 totals, legends, signatures
    add("totals above header", xlsx([*TITLE, ["在岗人数", *[3] * 31], *BODY]), ALL)
    add(
        "rows counts 早班: below named A",
        xlsx([*TITLE, *BODY, ["A班人数", *[1] * 31], ["白班", *[2] * 31], ["夜", *[1] * 31]]),
        ALL,
    )
    add(
        "应出勤 actual col before days",
        xlsx([*TITLE, ["姓名", "应出勤", *range(1, 32)], *[[r[0], 22, *r[1:]] for r in BODY[1:]]]),
        ALL,
    )
    add("legend in row left of header", xlsx([*TITLE, ["早:8-16 中:16-24", None], *BODY]), ALL)
    add(
        "legend cells below within columns",
        xlsx([*TITLE, *BODY, ["说明", "早", "8:00-16:00", "中", "16:00-24:00"]]),
        ALL,
    )
    add(
        "legend rows code-name-time",
        xlsx([*TITLE, *BODY, [], ["早", "早班", "8:00", "16:00"], ["中", "中班", "16:00", "24:00"]]),
        ALL,
    )
    add("legend rows 早 早班", xlsx([*TITLE, *BODY, [], ["早", "早班"], ["中", "中班"]]), ALL)
    add("note 红色为… below", xlsx([*TITLE, *BODY, ["注：红色表示夜班，请提前10分钟到岗"]]), ALL)
    add(
        "signature spread",
        xlsx([*TITLE, *BODY, ["编制：张三", *[None] * 5, "审核：李四", *[None] * 5, "批准：王五"]]),
        ALL,
    )
    add("signature no colon", xlsx([*TITLE, *BODY, ["制表人", "赵六", None, "审核人", "孙七"]]), ALL)
    add(
        "phone list below",
        xlsx([*TITLE, *BODY, [], ["姓名", "电话"], ["张三", "13800000001"], ["李四", "13800000002"]]),
        ASKS,
    )
    add(
        "blank names numbered",
        xlsx(
            [
                *TITLE,
                ["序号", *BODY[0]],
                *[[i + 1, *r] for i, r in enumerate(BODY[1:])],
                *[[i, None] for i in range(4, 10)],
            ]
        ),
        ALL,
    )
    add(
        "name 合计 person 何计",
        xlsx([*TITLE, ["姓名", *range(1, 8)], ["何计", *"早中夜休早中夜"]]),
        {("何计", d): c for d, c in zip(WEEK, "早中夜休早中夜", strict=False)},
    )
    # --- 6 rest signs
    for sign in ["/", "—", "×", "○", "-", "休", "●", "√", "△", "☆", "N/A", "无", "0", "."]:
        add(
            f"rest sign {sign}",
            xlsx([*TITLE, ["姓名", *range(1, 8)], ["张三", "早", sign, "早", sign, "早", sign, "早"]]),
            {("张三", WEEK[i]): "早" for i in (0, 2, 4, 6)}
            | ({} if sign in ("/", "—", "-", "无") else {("张三", WEEK[i]): sign for i in (1, 3, 5)}),
        )
    # --- 7 shift names with times, english
    add(
        "time codes 8-16",
        xlsx([*TITLE, ["姓名", *range(1, 8)], ["张三", *["8-16"] * 7]]),
        {("张三", d): "8-16" for d in WEEK},
    )
    add(
        "time codes 8-5 like dates",
        xlsx(
            [
                *TITLE,
                ["姓名", *range(1, 8)],
                ["张三", *["8-17", "9-18", "8-17", "9-18", "8-17", "休", "休"]],
                ["李四", *["9-18", "9-18", "9-18", "8-17", "8-17", "休", "休"]],
            ]
        ),
        {("张三", d): c for d, c in zip(WEEK, ["8-17", "9-18", "8-17", "9-18", "8-17", "休", "休"], strict=False)}
        | {("李四", d): c for d, c in zip(WEEK, ["9-18", "9-18", "9-18", "8-17", "8-17", "休", "休"], strict=False)},
    )
    add(
        "codes that go on like dates row 8-1,8-2",
        xlsx([*TITLE, ["姓名", *range(1, 8)], ["张三", *[f"8-{i}" for i in range(1, 8)]]]),
        {("张三", d): f"8-{i}" for i, d in enumerate(WEEK, 1)},
    )
    add(
        "english roster",
        text(
            [
                ["Staff Roster December 2026"],
                ["Name", "Position", *[f"{d:%a} {d.day}" for d in WEEK]],
                ["Anna Lee", "RN", *["AM", "PM", "OFF", "N", "AM", "AM", "OFF"]],
            ]
        ),
        {("Anna Lee", d): c for d, c in zip(WEEK, ["AM", "PM", "OFF", "N", "AM", "AM", "OFF"], strict=False)},
    )
    add(
        "english two line",
        text(
            [
                ["Roster Week 7-13 December 2026"],
                ["Name", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
                ["Anna", *["AM"] * 7],
            ]
        ),
        ASKS,
    )
    add(
        "english Dec-01",
        text([["2026 Roster"], ["Employee", *[f"{d:%b-%d}" for d in WEEK]], ["Anna", *["AM"] * 7]]),
        {("Anna", d): "AM" for d in WEEK},
    )
    add(
        "english Tue 1/12",
        text([["December 2026 roster"], ["Name", *[f"{d:%a} {d.day}/{d.month}" for d in WEEK]], ["Anna", *["AM"] * 7]]),
        ASKS,
    )
    add(
        "english 12/1 Tue",
        text([["December 2026 roster"], ["Name", *[f"{d.month}/{d.day} {d:%a}" for d in WEEK]], ["Anna", *["AM"] * 7]]),
        {("Anna", d): "AM" for d in WEEK},
    )
    add(
        "english Tuesday, December 1",
        text(
            [["2026 roster"], ["Name", *[f"{d:%A, %B} {d.day}" for d in WEEK]], ["Anna", *["AM"] * 7]], delimiter="\t"
        ),
        {("Anna", d): "AM" for d in WEEK},
    )
    return found
