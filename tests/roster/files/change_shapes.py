"""What a file says beside its shifts: changes in words, other columns, days without a date, spans with times. It asks."""

from datetime import datetime, timedelta
from typing import Any

from roster.files.formats import Later, ods, text, xlsx
from roster.files.more_shapes import ALL, BODY, FULL, OF_WEEK, TITLE, WEEK
from roster.files.shapes import ASKS, NAMES, Roster, Shape, code, roster

CHANGES = (
    "备注：12月8日张三与李四换班",
    "注：12月8号张三改休",
    "说明：1、王五12月10日至12日请假，由赵六顶班",
    "12/8 张三↔李四 换班",
    "Note: 张三 and 李四 swap on 9 Dec",
    "* 8日张三李四对调",
    "备注：王五12.15离职",
    "王五已离职",
    "张三8号的早班由李四代",
    "以上排班中李四10日取消",
    "以下作废",
)
RULES = (
    "备注：早班8:00-16:00，中班16:00-24:00",
    "注：换班须提前一天向店长申请",
    "说明：请假需提前3天，未经批准不得私自调班",
    "请提前2日提出换班申请",
    "本排班表自2026年12月1日起执行",
    "备注：休=休息 年=年假 调=调休",
    "临时调班请联系王五",
    "涂改作废",
)
OF_A_ROW = (
    "12/20起夜班",
    "20号后休产假",
    "8日早改晚",
    "12月10-12日出差",
    "12/25与李四互换",
    "月底前借调总部",
    "15日入职",
)
HARMLESS = ("组长", "新员工", "夜班补贴", "电话13800000000", "早班钥匙", "2026年10月入职")


def change_shapes() -> list[Shape]:
    found: list[Shape] = []

    def add(name: str, content: bytes | Later, means: Roster | str, **options: Any) -> None:
        found.append(Shape(name, content, means, options))

    for said in CHANGES:
        add(f"below: {said}", xlsx([*TITLE, *BODY, [], [said]]), "changed")
    for said in RULES:
        add(f"below: {said}", xlsx([*TITLE, *BODY, [], [said]]), ALL)
    add("a change above", xlsx([*TITLE, ["12月8日张三与李四换班"], *BODY]), "changed")
    add("a change beside", xlsx([*TITLE, BODY[0], [*BODY[1], None, "12/8 与李四换班"], *BODY[2:]]), "changed")
    add(
        "a change below a list",
        text([["姓名", "日期", "班次"], ["张三", "2026-12-07", "早"], ["12月8日张三换班"]]),
        ASKS,
    )
    for means, remarks in (("twice", OF_A_ROW), (ALL, HARMLESS)):
        for said in remarks:
            rows = [[*BODY[0], "备注"], [*BODY[1], said], *BODY[2:]]
            add(f"a row's remark {said}", xlsx([*TITLE, *rows]), means)
    blank = [None] * 31
    add("a day's remark", xlsx([*TITLE, *BODY, ["备注", *blank[:7], "张三李四换班"]]), "changed")
    add("a remark with a shift", xlsx([*TITLE, *BODY, ["实出勤", *blank[:7], "休"]]), "no_name")
    add("a planner's few shifts", xlsx([*TITLE, *BODY, ["主管：陈静", "早", None, None, "早"]]), "no_name")

    add("a void title", xlsx([["2026年12月排班表（作废）"], *BODY]), "changed")
    for said in ("张三换李四", "李四代张三"):
        dates = [[f"{day.day}日", "张三", "李四", said if day == WEEK[2] else None] for day in WEEK]
        add(f"dates down, {said}", xlsx([*TITLE, ["日期", "早班", "晚班", "备注"], *dates]), "twice")

    dates = [[f"{day.day}日", "张三", f"12.{day.day}大促" if day == WEEK[2] else None] for day in WEEK]
    of_dates = {("张三", day): "早班" for day in WEEK}
    add("dates down, a remark of a day", xlsx([*TITLE, ["日期", "早班", "备注"], *dates]), of_dates)

    # Another column of a list
    for heading, said in (
        *((heading, "休") for heading in ("调整", "变更为", "实际", "加班班次")),
        *((heading, "李四") for heading in ("代", "搭班", "顶")),
        *(("审批", said) for said in ("未通过", "待审批")),
        ("状态", "未发布"),
    ):
        rows = [[*row, said if row[:2] == ["张三", "2026-12-02"] else None] for row in _list()]
        add(f"a list with {heading} {said}", xlsx([["姓名", "日期", "班次", heading], *rows]), ASKS)
    for heading, said in (("主管", "李四"), ("班组", "早"), ("门店", "一店"), ("时长", 8), ("审批", "通过")):
        add(f"a list with {heading} {said}", xlsx([["姓名", "日期", "班次", heading], *([*row, said] for row in _list())]),
            OF_WEEK)  # fmt: skip

    dates = [[f"{day.day}日", *NAMES] for day in WEEK]
    two = {(name, day): word for name, word in zip(NAMES, ("早班", "晚班"), strict=False) for day in WEEK}
    add("dates down, names without a heading", xlsx([*TITLE, ["日期", "早班", "晚班"], *dates]), "no_heading")
    add(
        "dates down below a week's name",
        xlsx([*TITLE, ["日期", "早班", "晚班"], ["第一周"], *(row[:3] for row in dates)]),
        two,
    )
    add(
        "a list of 人员 and 人员2",
        text([["日期", "班次", "人员", "人员2"], ["2026-12-01", "早", *NAMES[:2]]]),
        "no_heading",
    )
    add("a table of dates on the right", xlsx([*TITLE, [*BODY[0], None, "日期", "值班"], *([*row, None, f"{day}日", "王五"]
        for day, row in enumerate(BODY[1:], 1))]), "block_not_understood")  # fmt: skip
    teams = [["一店"], ["姓名", "日期", "班次"], ["张三", "2026-12-01", "早"], ["二店"], ["李四", "2026-12-01", "晚"]]
    add("teams within a list", xlsx(teams), {("张三", WEEK[0]): "早", ("李四", WEEK[0]): "晚"})
    for span in (["时间", "9:00-17:00"], ["上班时间", "9:00", "下班时间", "17:00"]):
        rows = [["姓名", "日期", "班次", *span[::2]], ["张三", "2026-12-01", "早", *span[1::2]]]
        add(f"a list with {span[0]} beside the shift", xlsx(rows), {("张三", WEEK[0]): "早 9:00-17:00"})
    meals = [["姓名", "日期", "班次", "用餐时间"], ["张三", "2026-12-01", "早", "11:30-12:00"]]
    add("a list with times of meals", xlsx(meals), {("张三", WEEK[0]): "早"})

    # Days whose heading is no date
    for day, heading in ((25, "圣诞节"), (25, "25日\n圣诞"), (25, "25圣诞"), (1, "开业"), (31, "跨年")):
        week = ["星期", *("一二三四五六日"[each.weekday()] for each in FULL)]
        head = ["姓名", *(heading if number == day else number for number in range(1, 32))]
        rows = [[row[0], *(None if row[0] != "张三" and at == day else word for at, word in enumerate(row[1:], 1))]
            for row in BODY[1:]]  # fmt: skip
        add(f"day {day} is called {heading}", xlsx([*TITLE, head, week, *rows]), ASKS)
    add(
        "days by formulas without values",
        xlsx([*TITLE, ["姓名", 1, "=B2+1", "=C2+1"], ["张三", "早", "中", "晚"]]),
        ASKS,
    )

    # Days a week apart
    mondays = [WEEK[6] + timedelta(days=7 * week) for week in range(4)]
    turns = [(day, NAMES[place % 3]) for place, day in enumerate(mondays)]
    add("Mondays across", xlsx([["姓名", *mondays], ["张三", *"早中早中"]]), "weeks")
    add("Mondays down", xlsx([["日期", "白班", "夜班"], *([day, name, "陈静"] for day, name in turns)]), "weeks")
    add("Mondays in a list", xlsx([["日期", "姓名", "班次"], *([*turn, "早"] for turn in turns)]), "weeks")
    sundays = [(day - timedelta(days=1), name) for day, name in turns]
    add("Sundays in a list", xlsx([["日期", "姓名", "班次"], *([*turn, "早"] for turn in sundays)]),
        {(name, day): "早" for day, name in sundays})  # fmt: skip

    # Spans with times
    def at(hour: str) -> datetime:
        return datetime.fromisoformat(f"2026-12-{hour}:00")

    nights = [["张三", "晚", at("07T22"), at("08T06")]]
    nights += [["李四", "早", at("07T08"), at("08T17")]]
    nights += [["王五", "中", at("07T16"), at("08T00")]]
    means = {("张三", WEEK[6]): "晚", ("王五", WEEK[6]): "中"}
    means |= {("李四", WEEK[6] + timedelta(days=more)): "早" for more in (0, 1)}
    span = ["姓名", "班次", "开始", "结束"]
    add("a night from one day to the next", xlsx([span, *nights]), means)
    add("a night from one day to the next, csv", text([span, *nights]), means)
    add("a day in ods", ods([["姓名", *WEEK], *([name, *(code(NAMES.index(name), day) for day in WEEK)] for name in NAMES)]),
        OF_WEEK)  # fmt: skip
    ordinals = ("1st", "2nd", "3rd", *(f"{day}th" for day in range(4, 8)))
    heads = [f"{day:%a} {each} Dec" for day, each in zip(WEEK, ordinals, strict=True)]
    add(
        "days such as Mon 7th Dec",
        text([["Rota December 2026"], ["Name", *heads], *(row[:8] for row in BODY[1:])]),
        OF_WEEK,
    )
    turns = ["早番", "遅番", "夜勤"]
    add("Japanese shifts across", xlsx([["2026年12月勤務表"], ["日付", *turns], *([f"{day.day}日", *NAMES] for day in WEEK)]),
        {(name, day): word for day in WEEK for name, word in zip(NAMES, turns, strict=True)})  # fmt: skip
    picture = "<table><tr><td>姓名<td>2026-12-01<td>2026-12-02<tr><td>张三<td>早<td><img src=a.png></table>"
    add("a picture for a shift", picture.encode(), "no_value")
    return found


def _list() -> list[list[Any]]:
    return [[name, str(day), word] for (name, day), word in roster(WEEK).items()]
