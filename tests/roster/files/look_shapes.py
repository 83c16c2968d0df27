"""Shapes in which a cell's look, time zone or sheet says whether it counts; and weeks, halves and owners of tables."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

from openpyxl.styles import Font

from roster.files.formats import Later, ods, text, xlsx
from roster.files.more_shapes import TITLE, WEEK, edited, page
from roster.files.shapes import ASKS, NAMES, Roster, Shape, code, lines, roster, weekday, wide

OF_WEEK = roster(WEEK)
NIGHT = {(name, day): "20:00-08:00" for name in NAMES for day in WEEK}
ALL_EARLY = {(name, day): "早" for name in NAMES for day in WEEK}


def look_shapes() -> list[Shape]:
    found: list[Shape] = []

    def add(name: str, content: bytes | Later, means: Roster | str, **options: Any) -> None:
        found.append(Shape(name, content, means, options))

    week = [*TITLE, *wide(WEEK)]
    web, first = page(week).decode(), f"<td>{week[2][1]}</td>"

    def change(one: str, other: str, *, style: str = "") -> bytes:
        return web.replace(one, other, 1).replace("</head>", f"<style>{style}</style></head>").encode()

    # Web pages
    asides = ("<td><s>早</s>", "<td><del>早</del>", "<td><b><strike>早</strike></b>", "<td style='color:#fff'>早")
    asides += (
        "<td style='text-decoration: line-through'>早",
        "<td class='a x'>早",
        "<td bgcolor=#00ff00>",
        "<td hidden>早",
    )
    for aside in asides:
        struck = "td.x {color: red; text-decoration:line-through}"
        add(f"a web page with {aside}", change(first, f"{aside}</td>", style=struck), ASKS)
    add("a web page with a hidden row", change("<tr><td>李四", "<tr hidden><td>李四"), "set_aside")
    add(
        "a web page with a hidden column",
        change("<table>", "<table><col><col span=2 style='display: none'>"),
        "set_aside",
    )
    add(
        "a web page with white on blue",
        change(first, first.replace("<td", "<td style='color:#fff;background:#00f'")),
        OF_WEEK,
    )
    add(
        "a web page with its title above",
        page(wide(WEEK)).replace(b"<table", "<h2>2026年12月排班表</h2><table".encode()),
        OF_WEEK,
    )
    add(
        "a web page with a caption",
        page(wide(WEEK)).replace(b"<tr", "<caption>2026年12月排班</caption><tr".encode(), 1),
        OF_WEEK,
    )

    # OpenDocument
    early = [*TITLE, wide(WEEK)[0], *([name, *["早"] * 7] for name in NAMES)]
    for properties, means in (
        ("style:text-line-through-type='single'", "set_aside"),
        ("style:text-line-through-style='none'", ALL_EARLY),
        ("fo:color='#ffffff'", "set_aside"),
        ("fo:color='#ffffff' fo:background-color='#0000ff'", ALL_EARLY),
        ("fo:background-color='#00ff00'", ALL_EARLY),
    ):
        add(f"a row of ODS with {properties}", ods(early, look=properties, row=3), means)
    blank = [*early[:2], [NAMES[0], None, *["早"] * 6], *early[3:]]
    add("a coloured blank in ODS", ods(blank, look="fo:background-color='#00ff00'", row=2, column=1), "no_value")

    # Workbooks
    crossed = edited(xlsx(week), lambda sheet: setattr(sheet["C2"], "font", Font(strike=True)))
    add("a day whose heading is struck through", crossed, "set_aside")

    # Moments
    def before_midnight(day: date) -> datetime:
        return datetime.combine(day, time()) - timedelta(seconds=43)

    add("midnights of an old time zone", xlsx(wide(WEEK, before_midnight)), OF_WEEK)
    here, utc = timezone(timedelta(hours=8)), UTC
    local = [[name, datetime.combine(day, time(), here), word] for (name, day), word in OF_WEEK.items()]
    for kind, zone, means in (("here", here, OF_WEEK), ("UTC", utc, ASKS)):
        rows = [[name, day.astimezone(zone).isoformat().replace("+00:00", "Z"), word] for name, day, word in local]
        add(f"midnights of {kind}", text([["姓名", "日期", "班次"], *rows]), means)
    add(
        "years of the Republic", text(wide(WEEK, lambda day: f"{day.year - 1911}/{day.month:02}/{day.day:02}")), OF_WEEK
    )

    # A week whose title has its range
    for title, means in (
        ("2026年12月1日-12月7日排班", OF_WEEK),
        ("排班 2026-12-01至2026-12-07", OF_WEEK),
        ("排班 2026-12-02至2026-12-08", ASKS),
        ("排班 2026-12-01至2026-12-14", ASKS),
        ("2026年12月排班", ASKS),
    ):
        names = [f"周{weekday(day)}" for day in WEEK]
        add(f"weekdays below {title}", xlsx([[title], ["姓名", *names], *lines(WEEK)]), means)

    # Two rows for a name, times in two cells
    two = [row for line in lines(WEEK) for row in (line, [None] * 8)]
    merged = [f"A{row}:A{row + 1}" for row in (3, 5, 7)]
    add("names merged over a blank row", xlsx([*TITLE, wide(WEEK)[0], *two], merged=merged), OF_WEEK)
    halves = [row for name in NAMES for row in ([name, "上午", *["早"] * 7], [None, "下午", *[None] * 7])]
    add(
        "mornings and blank afternoons",
        xlsx([*TITLE, ["姓名", "", *range(1, 8)], *halves], merged=merged),
        "person_twice",
    )
    ends = [row for name in NAMES for row in ([name, *[time(8)] * 7], [None, *[time(17)] * 7])]
    add("ends of shifts below their beginnings", xlsx([*TITLE, wide(WEEK)[0], *ends]), "no_name")
    for kind, begin, cease in (
        ("texts", "20:00", "08:00"),
        ("times", time(20), time(8)),
        ("seconds", "20:00:00", "08:00:00"),
    ):
        rows = [[name, day, begin, cease] for name, day in NIGHT]
        add(f"beginnings and ends as {kind}", xlsx([["姓名", "日期", "上班时间", "下班时间"], *rows]), NIGHT)
    rows = [
        [name, day, *((word, word) if word == "休" else ("8:00", "16:00"))] for (name, day), word in OF_WEEK.items()
    ]
    spans = {at: word if word == "休" else "8:00-16:00" for at, word in OF_WEEK.items()}
    add("beginnings, ends and rest days", xlsx([["姓名", "日期", "开始时间", "结束时间"], *rows]), spans)

    # Whose is it?
    own = [[day, weekday(day), code(0, day)] for day in WEEK]
    head = ["日期", "星期", "班次"]
    of_first = {at: word for at, word in OF_WEEK.items() if at[0] == NAMES[0]}
    others = [
        (name, [head, *([day, weekday(day), code(NAMES.index(name), day)] for day in WEEK)]) for name in NAMES[1:]
    ]
    add("a sheet for each person", xlsx([head, *own], title=NAMES[0], more=others), OF_WEEK)
    add("a name above one person's shifts", xlsx([["姓名：张三"], head, *own]), of_first)
    add("a name beside its label", xlsx([["姓名", "张三", "部门", "客服"], head, *own]), of_first)
    duty = [[day, f"周{weekday(day)}", NAMES[day.day % 2], NAMES[2], "8521"] for day in WEEK]
    on_duty = {(NAMES[2], day): "值班人员" for day in WEEK} | {(NAMES[day.day % 2], day): "带班领导" for day in WEEK}
    add("roles across", xlsx([["日期", "星期", "带班领导", "值班人员", "值班电话"], *duty]), on_duty)
    grid = [
        ["姓名", *"一二三四五六日"],
        ["日期", 28, 29, 30, 31],
        *lines([date(2026, 12, day) for day in range(28, 32)]),
    ]
    before = [date(2026, 12, day) for day in range(21, 28)]
    both = roster(before) | roster([date(2026, 12, day) for day in range(28, 32)])
    full = [grid[0], ["日期", *(day.day for day in before)], *lines(before)]
    add("weeks with dates below weekdays, the last cut short", xlsx([*TITLE, *full, [], *grid]), both)

    for name, means in (
        ("审核员", "no_name"),
        ("合计", "no_name"),
        ("夜班组", {("夜班组", day): "早" for day in WEEK}),
    ):
        add(f"one row per day of {name}", xlsx([["姓名", "日期", "班次"], *([name, day, "早"] for day in WEEK)]), means)
        with_account = [["姓名", "账号", *range(1, 8)], [name, "u1", *["早"] * 7], [NAMES[0], "u2", *["早"] * 7]]
        both = {(who, day): "早" for who in (name, NAMES[0]) for day in WEEK}
        add(f"somebody with an account called {name}", xlsx([*TITLE, *with_account]), both)

    pairs = [[day, "白班", NAMES[0], NAMES[1]] for day in WEEK]
    of_both = {(name, day): "白班" for name in NAMES[:2] for day in WEEK}
    add("two names below one heading", xlsx([["日期", "班次", "姓名", None], *pairs], merged=["C1:D1"]), of_both)
    add("two columns of names", xlsx([["日期", "班次", "姓名", "姓名"], *pairs]), of_both)
    add("a second name without a heading", xlsx([["日期", "班次", "姓名", None], *pairs]), "no_heading")
    crews = [["姓名", None, *range(1, 8)], ["张三", "李四", *["早"] * 7], ["王五", None, *["夜"] * 7]]
    crew = {("张三、李四", day): "早" for day in WEEK} | {("王五", day): "夜" for day in WEEK}
    add("a crew below one heading", xlsx([*TITLE, *crews], merged=["A2:B2"]), crew)
    for heading, second, means in (
        ("代班人", "李四", "set_aside"),
        ("代班人", None, {("张三", day): "早" for day in WEEK}),
        ("调整后班次", "夜", ASKS),
        ("实际班次", "夜", ASKS),
        ("更新日期", date(2026, 11, 1), {("张三", day): "早" for day in WEEK}),
    ):
        rows = [["张三", day, "早", second] for day in WEEK]
        add(f"one row per day with {heading} {second}", xlsx([["姓名", "日期", "班次", heading], *rows]), means)
    add("counts below without a label", xlsx([*week, [None, *[3] * 7]]), OF_WEEK)
    add(
        "numbers below without a name among numbers",
        xlsx([*crews[:1], ["张三", None, *[1] * 7], [None, None, *[2] * 7]]),
        ASKS,
    )

    breaks = [[name, day, "8:00", "12:00", "13:00", "17:00"] for name in NAMES for day in WEEK]
    add("two shifts of a day in four columns", xlsx([["姓名", "日期", *["上班时间", "下班时间"] * 2], *breaks]), ASKS)
    weekdays_only = ["姓名", *(f"周{weekday(day)}" for day in WEEK)]
    range_alone = [["2026年12月1日至12月7日"], [*weekdays_only, "合计"], *([*line, 5] for line in lines(WEEK))]
    add("weekdays and totals below a range alone", xlsx(range_alone), OF_WEEK)
    subjects = [("历史组", [*TITLE, *wide(WEEK)[:1], *lines(WEEK)[1:]])]
    add("a sheet of teachers of history", xlsx([*TITLE, *wide(WEEK)[:2]], title="语文组", more=subjects), OF_WEEK)

    # Old sheets
    other = [*TITLE, *wide(WEEK)[:1], *([name, *["早"] * 7] for name in NAMES)]
    for name in ("作废", "12月旧", "备份", "1月草稿", "模板", "old"):
        add(f"another roster in {name}", xlsx(week, title="12月", more=[(name, other)]), "set_aside")
        if "1月" not in name:
            add(f"the same roster in {name}", xlsx(week, title="12月", more=[(name, week)]), OF_WEEK)
    add("an old sheet alone", xlsx(week, title="备份"), OF_WEEK)
    add(
        "an old sheet of another month",
        xlsx(week, title="12月", more=[("作废", [["2026年11月排班表"], *wide(WEEK)])]),
        "set_aside",
    )
    return found
