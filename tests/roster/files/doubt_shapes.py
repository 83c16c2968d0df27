"""Files that seem to say one thing and may mean another: headings, titles, sentences and blanks that must ask, and their
neighbours that must not."""

from datetime import date, timedelta
from typing import Any

from roster.files.formats import Later, text, xlsx
from roster.files.more_shapes import ALL, BODY, OF_WEEK, TITLE, WEEK
from roster.files.shapes import ASKS, NAMES, Roster, Shape, lines, roster, wide
from roster.files.writing import seven

RANGES = (
    "排班表 2026-12-01至2026-12-07、2026-12-15至2026-12-21",
    "2026年12月1日-12月7日排班表（2026年12月8日-12月14日）",
    "2026年 12.1-12.7、12.8-12.14 值班表",
    "2026年12月1日-7日排班表（2026年12月8日-14日）",
    "排班表 2025-12-01至2026-12-07",
)
OLD = (
    "2026年12月排班表（草稿）",
    "2026年12月排班表(旧)",
    "排班表填写示例 2026年12月",
    "2026年12月排班表（征求意见稿）",
    "2026年12月排班意愿表",
    "2026年12月排班表（调整前）",
)
CHANGES = (
    "张三12月3日入职",
    "12月3日张三加班到20:00",
    "12月3日早班提前至7:00",
    "12月3日全体放假",
    "12月3日宴会加班：张三 18:00-22:00",
    "* 张三 starts 2 Dec",
    "以上自12月5日起执行",
    "12.3张三夜",
    "12月3日起张三上夜班",
    "张三：12月3日休",
    "12月3号停电，早班不用来",
    "12月3日盘点，全员到岗",
    "李四本月休产假",
    "李四每周三固定休",
    "李四的班由王五上",
    "代班人：李四",
    "本月所有班次推迟一小时",
    "加粗的当天值夜",
    "空白为休息",
    "注：“/”表示休",
    "周末各班次顺延1小时",
    "（李四行作废，以上月为准）",
    "张三、李四12月3日对调",
    "红字为通宵班",
    "bold = on call",
    "张三 covers for 李四 on 3 Dec",
    "张三 ist am 3.12. krank",
    "张三は3日に李四と交代",
)
RULES = (
    "以上自12月1日起执行",
    "加班费15日发放",
    "如需提前请向主管申请",
    "12月3日下午培训",
    "早、中、晚各一人",
    "12月24日-25日促销",
    "制表人：张三 12月1日",
    "各班提前15分钟到岗",
    "本月寿星：张三",
    "12月24日-25日促销",
    "制表人：张三 12月1日",
    "各班提前15分钟到岗",
    "本月寿星：张三",
)
COLUMNS = (
    ("是否休息日", "是", "否"),
    ("适用星期", "周四", None),
    ("Day", "Monday", "Tuesday"),
    ("加班", "18:00-20:00", None),
    ("is_deleted", "1", "0"),
    ("已发布", "否", "是"),
)
"""Headings of a list with what contradicts a row's shift, and what does not."""


def doubt_shapes() -> list[Shape]:
    found: list[Shape] = []

    def add(name: str, content: bytes | Later, means: Roster | str, **options: Any) -> None:
        found.append(Shape(name, content, means, options))

    # Titles
    week = [*TITLE, *wide(WEEK)]
    for title in RANGES:
        add(f"title {title}", xlsx([[title], *wide(WEEK)]), "month_contradiction")
    add("a range of days in one month", xlsx([["2026年12月1日-7日排班表"], *wide(WEEK)]), OF_WEEK)
    add(
        "one range in two notations", xlsx([["排班（12.1-12.7）统计日期：2026-12-01~2026-12-07"], *wide(WEEK)]), OF_WEEK
    )
    weekdays = ["姓名", *("周" + word for word in "二三四五六日一")]
    add(
        "another range is the sheet's name",
        xlsx([["2026年12月1日-12月7日排班"], weekdays, *lines(WEEK)], title="12.8-12.14"),
        "month_contradiction",
    )
    for title in ("Roster Nov/Dec 2026", "2026年11月、12月排班表"):
        add(f"title {title}", xlsx([[title], *wide(WEEK)]), "month_unknown")
    add("days of another week", xlsx([["2026年12月第2周排班"], *wide(WEEK)]), "days_contradiction")
    second = [day + timedelta(days=7) for day in WEEK]
    add("days of this week", xlsx([["2026年12月第2周排班"], *wide(second)]), roster(second))
    for title in OLD:
        add(f"title {title}", xlsx([[title], *wide(WEEK)]), "outdated")
    for name in ("12月(旧)", "12月（旧）", "草稿", "draft", "作废"):
        add(f"alone in {name}", xlsx(week, title=name), "outdated")
    add("alone in 模板", xlsx(week, title="模板"), OF_WEEK)
    add("an old file", xlsx(week), "outdated", file_name="12月排班(旧).xlsx")
    add("a copy of a file", xlsx(week), OF_WEEK, file_name="12月排班 - 副本 (2).xlsx")

    # Hours of a day, not days of the month
    for hours in (range(8, 21), range(9, 22), range(7, 19), range(1, 25)):
        add(f"{hours} across", xlsx([*TITLE, ["姓名", *hours], ["张三", *["早"] * len(hours)]]), "hours")
        add(f"{hours} down", xlsx([*TITLE, ["日期", "张三"], *([hour, "早"] for hour in hours)]), "hours")
    for head in ([f"{day}日" for day in range(8, 21)], list(range(11, 21)), list(range(8, 15))):
        days = [date(2026, 12, int(str(day).rstrip("日"))) for day in head]
        add(f"days {head[0]} to {head[-1]}", xlsx([*TITLE, ["姓名", *head], *lines(days)]), roster(days))

    # Merged cells that a program wrote apart
    names = [name for name in NAMES for _ in range(3)]
    every_third = [name if place % 3 == 0 else None for place, name in enumerate(names)]
    day_of = {place: f"12月{place + 1}日" for place in range(9)}
    add("names on every third day", text([*TITLE, ["日期", "值班"], *zip(day_of.values(), every_third)]), "no_value")  # noqa: B905
    add(
        "shifts down, names on every third day",
        text([*TITLE, ["班次", *day_of.values()], ["夜班", *every_third]]),
        "no_value",
    )
    of_list = [
        [name, f"2026-12-0{place % 3 + 1}", "早" if place % 3 == 0 else None] for place, name in enumerate(names)
    ]
    add("every third row of a list has a shift", text([["姓名", "日期", "班次"], *of_list]), "no_value")
    crews = [["甲", "张三", *"早早中"], [None, "李四"], ["乙", "王五", *"中中早"], [None, "赵六"]]
    add("the first of each crew has shifts", text([*TITLE, ["班组", "姓名", 1, 2, 3], *crews]), "no_value")
    alone = {("张三", WEEK[0]): "值班", ("李四", WEEK[2]): "值班", ("王五", WEEK[3]): "值班"}
    some = [[day, next((name for (name, of), _ in alone.items() if of == day), None)] for day in WEEK]
    add("names on some days", text([["日期", "值班"], *some]), alone)
    thirds = [[name, *("值" if (day + at) % 3 == 0 else None for day in range(6))] for at, name in enumerate(NAMES)]
    on_duty = {(line[0], WEEK[at]): "值" for line in thirds for at, word in enumerate(line[1:]) if word}
    add("everybody on every third day", text([*TITLE, ["姓名", *range(1, 7)], *thirds]), on_duty)

    # Sentences and registers
    for said in CHANGES:
        add(f"below: {said}", xlsx([*week, [], [said]]), "changed")
    for said in RULES:
        add(f"below: {said}", xlsx([*TITLE, *BODY, [], [said]]), ALL)
    add("a register in cells", xlsx([*week, [], [None, "张三", date(2026, 12, 3), "请假"]]), ASKS)
    add("a sheet of leave", xlsx(week, more=[("请假", [["姓名", "请假日期"], ["张三", date(2026, 12, 3)]])]), "changed")
    add("a sheet of people", xlsx(week, more=[("年假", [["姓名", "入职日期"], ["张三", date(2020, 12, 3)]])]), OF_WEEK)
    painted = (("C3:C4", "FFFF00"),)
    add("a colour has a meaning", xlsx([*week, ["黄色=晚班"]], colours=painted), "changed")
    add("a colour of weekends", xlsx([*week, ["黄色为周末"]], colours=painted), OF_WEEK)
    add("a day is closed", xlsx([*TITLE, ["姓名", 1, "2(停业)", 3], ["张三", *"早早早"]]), "set_aside")

    add("a title with a change", xlsx([["2026年12月排班表（张三3日请假）"], *wide(WEEK)]), "changed")
    register = [["姓名", "年假天数", "已休"], ["张三", 5, 2]]
    add("a sheet of days of leave", xlsx(week, more=[("年假", register)]), OF_WEEK)

    # Beside the names
    early = {("张三", day): "早" for day in WEEK}
    for said, means in (("早班", early), ("夜班", "no_heading"), ("两班倒", early)):
        add(f"{said} beside 早", xlsx([*TITLE, ["姓名", "班次", *seven()], ["张三", said, *["早"] * 7]]), means)

    # Lists
    for heading, said, other in COLUMNS:
        for each, means in ((said, ASKS), (other, {("张三", WEEK[0]): "早"})):
            row = [["姓名", "日期", "班次", heading], ["张三", "2026-12-01", "早", each]]
            add(f"a list with {heading}: {each}", text(row), means)
    add(
        "a span without an end",
        text([["姓名", "开始日期", "结束日期", "班次"], ["张三", "2026-12-01", None, "早"]]),
        "bad_date",
    )
    head = ["Employee", "Start Date", "Start Time", "End Date", "End Time"]
    nights = [[name, "2026-12-01", "22:00", "2026-12-02", "06:00"] for name in NAMES]
    add("a night from date to date", text([head, *nights]), {(name, WEEK[0]): "22:00-06:00" for name in NAMES})
    return found
