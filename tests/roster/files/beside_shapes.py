"""What stands beside shifts and says more of them: rows, columns and remarks. Each is read as it is meant, or asks."""

from datetime import date
from typing import Any

from roster.files.formats import Later, text, xlsx
from roster.files.more_shapes import OF_WEEK, TITLE, WEEK
from roster.files.shapes import ASKS, NAMES, Roster, Shape, lines, weekday
from roster.files.writing import seven

OTHERS = ("赵六", "钱七", "孙八", "周九", "吴十", "郑一", "陈静")


def beside_shapes() -> list[Shape]:
    found: list[Shape] = []

    def add(name: str, content: bytes | Later, means: Roster | str, **options: Any) -> None:
        found.append(Shape(name, content, means, options))

    # A day, a change or a substitute in a remark, under whatever heading, or none
    def remark(heading: str | None, said: str, means: Roster | str) -> None:
        first, *more = lines(WEEK)
        rows = [*TITLE, ["姓名", *seven(), heading], [*first, said], *more]
        add(f"{said} under {heading}", xlsx(rows), means)

    for heading in ("备注", "变动说明", "调班", "班次调整", None):
        for said in ("3号起请假", "12.3与王五互换", "12.3由王五顶岗", "3号夜改白", "12月3日到岗", "12.3 白"):
            remark(heading, said, "twice")
        for said in ("3号楼", "欠休1.5天", "欠休 1.5 天", "2024年3月5日入职", "2024.3.15入职", "N2级", "12-15床"):
            remark(heading, said, OF_WEEK)
    of_days = [["日期", "早班", "晚班", "备注"], *([day, "张三", "李四", None] for day in WEEK)]
    for said in ("晚班换王五", "郑一替张三", "与钱七对调"):
        add(f"a remark of a day {said}", xlsx([*of_days[:3], [*of_days[3][:3], said], *of_days[4:]]), "twice")
    # People under a heading like a total's
    two = {(name, day): word for day in WEEK for name, word in (("张三", "早班"), ("李四", "晚班"))}
    for heading in ("电话岗", "值班电话", "应到人数"):
        rows = [[day, "张三", "李四", ("张三", "李四")[place % 2]] for place, day in enumerate(WEEK)]
        add(f"people under {heading}", xlsx([["日期", "早班", "晚班", heading], *rows]), "no_heading")
    for said in ("13800138000", "2人"):
        rows = [[day, "张三", "李四", said] for day in WEEK]
        add(f"{said} under 电话", xlsx([["日期", "早班", "晚班", "电话"], *rows]), two)
    shifts = [["班次", *seven()], ["早班", *["张三"] * 7], ["晚班", *["李四"] * 7]]
    for name in ("出勤", "备注", "在岗"):
        add(f"a row of people called {name}", xlsx([*TITLE, *shifts, [name, *OTHERS]]), "no_name")
    for name, said in (
        ("出勤", [2] * 7),
        ("备注", ["大检修"] * 7),
        ("农历", [f"廿{word}" for word in "二三四五六七八"]),
    ):
        add(f"a row {name} {said[0]}", xlsx([*TITLE, *shifts, [name, *said]]), two)
    for said, means in (("李四请假", "changed"), ("检查", two)):
        remarks = ["备注", None, None, said, *[None] * 4]
        add(f"a row 备注 with {said}", xlsx([*TITLE, *shifts, remarks]), means)
    posts = ("带班", "司机班", "备勤", "值班员")
    of_posts = [[post, *OTHERS[place:], *OTHERS[:place]] for place, post in enumerate(posts)]
    add("a row called 值班员", xlsx([*TITLE, ["项目", *seven()], *of_posts]),
        {(name, day): post for post, *names in of_posts for name, day in zip(names, WEEK, strict=True)})  # fmt: skip
    # Dates that are not in the first column
    turns = [["张三", day, "李四"] for day in WEEK]
    add("a shift left of the dates", xlsx([["早班", "日期", "晚班"], *turns]), "no_heading")
    led = [["张三", day, "张三", "李四"] for day in WEEK]
    add("people left of the dates", xlsx([["领队", "日期", "早班", "晚班"], *led]), "no_heading")
    numbered = [[place, f"12月{day.day + 7}日", "张三", "李四"] for place, day in enumerate(WEEK, 1)]
    add("numbers left of the dates", xlsx([*TITLE, ["序号", "值班时间", "早班", "晚班"], *numbered]),
        {(name, day.replace(day=day.day + 7)): word for (name, day), word in two.items()})  # fmt: skip
    # The shift beside the name, and only what differs among the days
    for heading in ("班次", "默认班次", "班组", "上班时间", "时间"):
        for word in ("早班", "8:00-16:00"):
            rows = [["张三", word, None, None, "休", None, None, "年假", None], ["李四", word, "休", *[None] * 6]]
            add(
                f"{word} under {heading} and days off", xlsx([*TITLE, ["姓名", heading, *seven()], *rows]), "no_heading"
            )
    left = xlsx([*TITLE, ["班次", "姓名", *seven()], ["早班", "张三", None, "休", *[None] * 5]])
    add("a shift left of the name and days off", left, "no_heading")
    full = [[name, "早班", *codes] for name, *codes in lines(WEEK)]
    add("a crew called 早班 and all of its shifts", xlsx([*TITLE, ["姓名", "班组", *seven()], *full]), OF_WEEK)
    days_off = xlsx([*TITLE, ["姓名", "岗位", *seven()], ["张三", "收银", None, "休", *[None] * 5]])
    add("a post and days off", days_off, {("张三", WEEK[1]): "休"})
    # Lists with two dates a row
    rows = [["张三", day, "早"] for day in WEEK]
    one = {("张三", day): "早" for day in WEEK}
    for heading, means in (
        ("值班日期", ASKS),
        ("排班日期", ASKS),
        ("调休日期", "twice"),
        ("补休日期", "twice"),
        ("申请日期", one),
    ):
        dates = [[*row, date(2026, 11, 25)] for row in rows]
        add(f"a list with 日期 and {heading}", xlsx([["姓名", "日期", "班次", heading], *dates]), means)
    english = [["Name", "Date", "Day", "Shift"], *(["张三", day, f"{day:%a}", "早"] for day in WEEK)]
    add("a list with Date and Day", xlsx(english), one)
    # Titles that begin with their month
    for title in ("2026年12月 心内一病区", "2026年12月派班", "（2026年12月）应急值守", "保安队2026年12月岗位表"):
        add(f"title {title}", xlsx([[title], ["姓名", *seven()], *lines(WEEK)]), OF_WEEK)
    for title in ("2026年12月1日通知", "2026年12月至2027年1月", "2026年12月制表"):
        add(f"title {title}", xlsx([[title], ["姓名", *seven()], *lines(WEEK)]), "month_unknown")
    # Texts
    several = "日期,班次,人员\n2026-12-01,早班,张三;李四;王五;赵六\n2026-12-02,晚班,张三;李四;王五;赵六\n"
    people = (*NAMES, "赵六")
    add("commas, and names between semicolons", several.encode(),
        {(name, day): word for name in people for day, word in zip(WEEK, ("早班", "晚班"), strict=False)})  # fmt: skip
    add(
        "a list of who is on duty",
        text([["日期", "星期", "班次", "值班员"], *([str(day), weekday(day), "早", "张三"] for day in WEEK)]),
        one,
    )
    trips = [["日期", "姓名", "出勤时间", "退勤时间"], *([str(day), "张三", "5:32", "13:10"] for day in WEEK)]
    add("a list of trips", text(trips), {("张三", day): "5:32-13:10" for day in WEEK})
    return found
