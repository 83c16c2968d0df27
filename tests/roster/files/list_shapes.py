"""Lists with a word more about a day, blank sheets, blocks in disorder, labels of planners: each is read as meant, or asks."""

from datetime import timedelta
from typing import Any

from roster.files.formats import Later, xlsx
from roster.files.more_shapes import ALL, BODY, FULL, OF_WEEK, TITLE, WEEK, edited
from roster.files.shapes import ASKS, DECEMBER, NAMES, Roster, Shape, code, lines, weekday, wide
from roster.files.writing import joined, paint

LIST = [(name, day, code(NAMES.index(name), day)) for name in NAMES for day in WEEK]


def list_shapes() -> list[Shape]:
    found: list[Shape] = []

    def add(name: str, content: bytes | Later, means: Roster | str, **options: Any) -> None:
        found.append(Shape(name, content, means, options))

    def beside(heading: str, said, means: Roster | str) -> None:
        """A list with one more column; `said` tells its cell from a row's place, day and shift."""
        rows = [[name, day, word, said(place, day, word)] for place, (name, day, word) in enumerate(LIST)]
        words = "blank" if not any(row[3] for row in rows) else f"{rows[0][3]} {rows[1][3]}"
        add(f"a list with {heading} {words}", xlsx([["姓名", "日期", "班次", heading], *rows]), means)

    # A column that says something else of the day
    for heading in ("实际班次", "变更班次", "调班后", "实际出勤班次", "最终班次", "班次2"):
        beside(heading, lambda place, day, word: None, OF_WEEK)
        beside(heading, lambda place, day, word: word, OF_WEEK)
        beside(
            heading, lambda place, day, word: "夜" if place == 1 else word, OF_WEEK if LIST[1][2] == "夜" else "twice"
        )
    beside("是否休息", lambda place, day, word: "是" if word == "休" else "否", OF_WEEK)
    beside("是否上班", lambda place, day, word: "否" if word == "休" else "是", OF_WEEK)
    for heading, contradiction in (
        ("是否休息", "是"),
        ("Day off", "Y"),
        ("是否上班", "否"),
        ("请假", "年假"),
        ("是否请假", "是"),
        ("休息", "√"),
        ("是否有效", "否"),
        ("是否取消", "是"),
        ("备注", "临时改夜班"),
        ("说明", "请假"),
        ("出勤状态", "休假"),
        ("在职状态", "离职"),
        ("审核结果", "驳回"),
        ("类别", "休息"),
        ("Remark", "sick"),
    ):
        beside(heading, lambda place, day, word, said=contradiction: said if place in (0, 1) else None, "twice")
    for heading, said in (("备注", "带钥匙"), ("日期类型", "休息日"), ("审核结果", "通过"), ("是否有效", "是")):
        beside(heading, lambda place, day, word, said=said: said, OF_WEEK)
    beside("换班人", lambda place, day, word: "赵六" if place == 1 else None, "set_aside")
    beside("请假", lambda place, day, word: "否", OF_WEEK)
    beside("星期", lambda place, day, word: f"周{weekday(day)}", OF_WEEK)
    beside("星期", lambda place, day, word: f"周{weekday(day + timedelta(1))}", "weekday_contradiction")
    beside("週几", lambda place, day, word: f"週{weekday(day + timedelta(1))}", "weekday_contradiction")
    own = [[name, f"{day:%y-%m-%d} 星期{weekday(day)}", word] for name, day, word in LIST]
    add("a list with weekdays in its dates", xlsx([["姓名", "日期", "班次"], *own]), OF_WEEK)
    name, day, word = LIST[3]
    wrong_day = [name, f"{day} 周{weekday(day + timedelta(1))}", word]
    one_wrong = xlsx([["姓名", "日期", "班次"], *own[:3], wrong_day, *own[4:]])
    add("a list with a wrong weekday in a date", one_wrong, "weekday_contradiction")
    of_span = {("张三", day): "早" for day in WEEK}
    for heading, said, means in (
        ("周期", "每天", of_span),
        ("周期", "每周一至周五", "weekday_contradiction"),
        ("星期", "一、三、五", "weekday_contradiction"),
    ):
        span = [["姓名", "班次", "开始日期", "结束日期", heading], ["张三", "早", WEEK[0], WEEK[-1], said]]
        add(f"a span with {heading} {said}", xlsx(span), means)
    starred = [["姓名*", "日期*", "班次*"], *([name, str(day), word] for name, day, word in LIST)]
    add("headings with stars", xlsx(starred), OF_WEEK)
    wide_stars = [["员工姓名*", "员工ID*", *map(str, WEEK)], *([row[0], "F1", *row[1:]] for row in lines(WEEK))]
    add("headings with stars above a month", xlsx(wide_stars), OF_WEEK)
    add("a list in Traditional Chinese", xlsx([["員工編號", "姓名", "出勤日期", "班別名稱"],
        *([f"A{place}", *line] for place, line in enumerate(LIST))]), OF_WEEK)  # fmt: skip

    # A month with a status of the whole row
    def of_row(heading: str, said: str | None, means: Roster | str) -> None:
        for place, where in ((1, "beside the name"), (8, "behind the days")):
            rows = [list(row) for row in wide(WEEK)]
            for number, row in enumerate(rows):
                row.insert(place, heading if number == 0 else said if number == 2 else None)
            add(f"{heading} {said} {where}", xlsx([*TITLE, *rows]), means)

    for heading in ("状态", "在职状态", "人员状态", "备注", "Status"):
        for said in ("离职", "已离职", "停职", "已取消", "作废", "Resigned", "inactive"):
            of_row(heading, said, "set_aside")
        for said in ("请假", "休假", "产假", "12月3日离职", "3日起病假", "与李四换班", "on leave"):
            of_row(heading, said, "twice")
        for said in ("在职", "正常", "在岗", "试用期", "带钥匙", "active", "-", None):
            of_row(heading, said, OF_WEEK)
    of_row("是否有效", "否", "set_aside")
    of_row("是否有效", "是", OF_WEEK)
    of_row("是否取消", "是", "set_aside")
    of_row("是否取消", "否", OF_WEEK)
    for said, means in (("离职", "set_aside"), ("请假", "twice"), ("在职", OF_WEEK)):
        above = [["姓名", "状态", *[None] * 7], [None, None, *(day.day for day in WEEK)]]
        rows = [[row[0], said if place == 1 else None, *row[1:]] for place, row in enumerate(lines(WEEK))]
        add(f"a status {said} whose heading is above", xlsx([*TITLE, *above, *rows]), means)

    # Days down, with a status of a day or of a person
    days_down = [["日期", *NAMES], *([day, *(code(n, day) for n in range(len(NAMES)))] for day in WEEK)]
    for said, means in (("已取消", "set_aside"), ("张三请假", "twice"), ("正常", OF_WEEK), (None, OF_WEEK)):
        for heading in ("备注", "状态"):
            rows = [
                [*row, heading if place == 0 else said if place == 2 else None] for place, row in enumerate(days_down)
            ]
            add(f"days down with {heading} {said}", xlsx(rows), means)
    for said, means in (("离职", ASKS), ("请假", ASKS)):
        state = ["状态", None, said, None][: len(NAMES) + 1]
        add(f"days down with a row of status {said}", xlsx([days_down[0], state, *days_down[1:]]), means)
        add(f"days down with a last row of status {said}", xlsx([*days_down, state]), means)
    alone = [["2026年12月"], ["日期", "状态"], *([day, "早"] for day in WEEK)]
    add(
        "days down with nothing but a status", xlsx(alone), {("状态", day): "早" for day in WEEK}
    )  # nobody is called so
    of_one = [["姓名：张三"], ["日期", "班次", "状态"], *([day, "早", None] for day in WEEK)]
    add("one person's days, one cancelled", xlsx([*of_one[:3], [WEEK[1], "早", "已取消"], *of_one[4:]]), "set_aside")

    # Blank sheets beside the filled one
    names = [[name] for name in NAMES]
    for name, sheet in (
        ("模板", [*TITLE, BODY[0], *names]),
        ("空白模板", [["____年__月排班表"], BODY[0], *names]),
        ("Sheet2", [BODY[0], *names]),
        ("空表", [["年  月排班表"], BODY[0]]),
    ):
        add(f"a blank sheet {name}", xlsx([*TITLE, *BODY], title="12月", more=[(name, sheet)]), ALL)
        add(f"a blank sheet {name} first", xlsx(sheet, title=name, more=[("12月", [*TITLE, *BODY])]), ALL)
    blank = xlsx([BODY[0], *names], title="x", more=[("12月", [*TITLE, *BODY])])
    add("a blank sheet alone", xlsx([BODY[0], *names]), "month_unknown")
    add("a sheet with colours only", edited(blank, paint(["B2", "C3"], "FFFF0000")), "month_unknown")
    formula = xlsx([BODY[0], ["张三", "='12月'!B3"]], title="x", more=[("12月", [*TITLE, *BODY])])
    add("a sheet with formulas only", formula, "month_unknown")

    # Blocks in disorder, and the month that the planner chose
    cuts = [FULL[:7], FULL[7:14], FULL[14:21], FULL[21:]]
    for order in ((3, 2, 1, 0), (1, 0, 3, 2), (0, 2, 1, 3)):
        blocks = joined([*wide(cuts[each]), []] for each in order)
        means = "month_unknown" if order == (1, 0, 3, 2) else ALL  # a pay month from the 15th to the 14th, from its end
        add(f"blocks {order} of a chosen month", xlsx(blocks), means, month=DECEMBER)
        add(f"blocks {order} without a month", xlsx(blocks), "month_unknown")
        but_one = joined([*wide(cuts[each][each == 2 :]), []] for each in order)
        add(f"blocks {order} of a chosen month but one day", xlsx(but_one), "month_unknown", month=DECEMBER)
    for order in ((2, 3, 0, 1), (3, 0, 1, 2)):  # a pay month as well
        blocks = joined([*wide(cuts[each]), []] for each in order)
        add(f"blocks {order} that may be a pay month", xlsx(blocks), "month_unknown", month=DECEMBER)

    # Labels and rows of planners
    for label in ("时间：", "日期:", "排班日期：", "起止日期："):
        span = f"{label}2026年12月1日-12月7日"
        only = [["ICU排班表", None, span], ["姓名", *(f"周{weekday(day)}" for day in WEEK)], *lines(WEEK)]
        add(f"weekdays below {span}", xlsx(only), OF_WEEK)
    add("a label with the day of making", xlsx([["排班表", None, "日期：2026-11-28"], *wide(WEEK)]), "month_unknown")
    counts = ("早班需求", "早班实排", "差异", "预计客流", "当日在岗", "夜班缺人")
    add("counts of planners", xlsx([*TITLE, *wide(WEEK), *([each, *[3] * 7] for each in counts)]), OF_WEEK)
    add("a date alone below", xlsx([*TITLE, *wide(WEEK), [None, None, "2026年11月28日"]]), OF_WEEK)
    weekdays = [None, *(f"週{weekday(day)}" for day in WEEK)]
    add("weekdays in Traditional Chinese", xlsx([*TITLE, *wide(WEEK)[:1], weekdays, *lines(WEEK)]), OF_WEEK)
    wrong = [None, *(f"週{weekday(day + timedelta(1))}" for day in WEEK)]
    add("wrong weekdays in Traditional Chinese", xlsx([*TITLE, *wide(WEEK)[:1], wrong, *lines(WEEK)]),
        "weekday_contradiction")  # fmt: skip
    return found
