"""Rosters in other languages, and moments, spans and names as their programs write them: each is read as meant, or asks."""

from datetime import date, timedelta
from typing import Any

from roster.files.formats import Later, text, xlsx
from roster.files.shapes import ASKS, NAMES, Roster, Shape, lines, roster, wide
from roster.files.shapes import days as days_from

FIRST = date(2026, 12, 7)
WEEK = days_from(FIRST, 7)
OF_WEEK = roster(WEEK)
WEEKDAYS = {
    "de": ["Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"],
    "de long": ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"],
    "fr": ["lun", "mar", "mer", "jeu", "ven", "sam", "dim"],
    "fr long": ["Lundi", "Mardi", "Mercredi", "Jeudi", "Vendredi", "Samedi", "Dimanche"],
    "es": ["lun.", "mar.", "mié.", "jue.", "vie.", "sáb.", "dom."],
    "it": ["lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica"],
    "nl": ["ma", "di", "wo", "do", "vr", "za", "zo"],
    "ko": list("월화수목금토일"),
    "ru": ["пн", "вт", "ср", "чт", "пт", "сб", "вс"],
}
TITLES = (
    "Dienstplan Dezember 2026",
    "Schichtplan Dez. 2026",
    "Planning décembre 2026",
    "Cuadrante diciembre de 2026",
    "Escala dezembro 2026",
    "Turni dicembre 2026",
    "Rooster december 2026",
    "График смен декабрь 2026",
    "2026년 12월 근무표",
)
OF_A_WEEK = (
    "Schedule for week commencing 7 December 2026",
    "Week of Dec 7, 2026",
    "Roster week ending 13 December 2026",
    "Schichtplan KW 50 2026",
    "KW 50 / 2026",
    "Dienstplan 07.12.2026 - 13.12.2026",
    "Semaine du 7 décembre 2026",
)
OTHER_WEEKS = ("Week of Dec 14, 2026", "KW 51 / 2026", "Semaine du 14 décembre 2026")
HEADINGS = {
    "Mitarbeiter": lambda day: f"{WEEKDAYS['de'][day.weekday()]} {day:%d.%m.}",
    "Mitarbeiterin": lambda day: f"{day:%d.%m.%Y}",
    "Personal": lambda day: f"{WEEKDAYS['de'][day.weekday()]}, {day:%d.%m.%y}",
    "Nom": lambda day: f"{WEEKDAYS['fr long'][day.weekday()]} {day.day} décembre 2026",
    "Empleado": lambda day: f"{WEEKDAYS['es'][day.weekday()]} {day:%d/%m/%Y}",
    "Medewerker": lambda day: f"{WEEKDAYS['nl'][day.weekday()]} {day.day} dec.",
    "이름": lambda day: f"12월 {day.day}일({WEEKDAYS['ko'][day.weekday()]})",
    "Name": lambda day: f"{day.day}. Dezember",
}
ANOTHER_WEEKDAY = {
    "Mitarbeiter": lambda day: f"{WEEKDAYS['de'][day.weekday() - 1]} {day:%d.%m.}",
    "이름": lambda day: f"12월 {day.day}일({WEEKDAYS['ko'][day.weekday() - 1]})",
}
LISTS = {
    ("Datum", "Mitarbeiter", "Schicht"): lambda day: f"{day:%d.%m.%Y}",
    ("Fecha", "Empleado", "Turno"): lambda day: f"{day.day} de diciembre de 2026",
    ("날짜", "이름", "근무"): lambda day: f"2026년 12월 {day.day}일",
    ("Date", "Nom", "Poste"): str,
}
TIMES_OF = {
    ("Datum", "Mitarbeiter", "Beginn", "Ende"): lambda day: f"{day:%d.%m.%Y}",
    ("Date", "Employee", "From", "To"): str,
    ("Date", "Employee", "Shift Start", "Shift End"): str,
    ("日期", "姓名", "开始", "结束"): str,
    ("날짜", "이름", "시작", "종료"): str,
}


def tongue_shapes() -> list[Shape]:
    found: list[Shape] = []

    def add(name: str, content: bytes | Later, means: Roster | str, **options: Any) -> None:
        found.append(Shape(name, content, means, options))

    week = [["Name", *(day.day for day in WEEK)], *lines(WEEK)]
    for title in TITLES:
        add(f"title {title}", xlsx([[title], *week]), OF_WEEK)
    for tongue, names in WEEKDAYS.items():
        add(f"weekdays {tongue}", xlsx([["2026-12"], week[0], [None, *names], *week[1:]]), OF_WEEK)
        add(f"wrong weekdays {tongue}", xlsx([["2026-12"], week[0], [None, *names[1:], names[0]], *week[1:]]), ASKS)
    for title in OF_A_WEEK:
        for tongue in ("de long", "fr long"):
            add(f"{title} in {tongue}", xlsx([[title], ["Name", *WEEKDAYS[tongue]], *lines(WEEK)]), OF_WEEK)
        some = [[title], ["Name", *WEEKDAYS["de"][:5]], *lines(WEEK[:5])]
        add(f"{title} to Friday", xlsx(some), roster(WEEK[:5]))
        add(f"{title} from Tuesday", xlsx([[title], ["Name", *WEEKDAYS["de"][1:]], *lines(WEEK[:6])]), ASKS)
    for title in OTHER_WEEKS:
        add(f"{title} over dates", xlsx([[title], *wide(WEEK, str)]), ASKS)
    add("weekdays above their range", xlsx([["姓名", *(f"周{x}" for x in "一二三四五六日")], *lines(WEEK), [],
        ["日期：2026年12月7日—12月13日"]]), OF_WEEK)  # fmt: skip
    for heading, of_day in HEADINGS.items():
        add(f"dates below {heading}", xlsx([["2026"], [heading, *map(of_day, WEEK)], *lines(WEEK)]), OF_WEEK)
    for heading, of_day in ANOTHER_WEEKDAY.items():
        add(f"wrong dates below {heading}", xlsx([["2026"], [heading, *map(of_day, WEEK)], *lines(WEEK)]), ASKS)
    add("12/7 or 7/12", xlsx([["Name", *(f"{day:%m/%d/%Y}" for day in WEEK[:3])], *lines(WEEK[:3])]), ASKS)
    add("元月", xlsx([["2027年元月排班表"], ["姓名", 1, 2, 3], *lines(days_from(date(2027, 1, 1), 3))]),
        roster(days_from(date(2027, 1, 1), 3)))  # fmt: skip
    add("sheets without a row", xlsx(wide(WEEK, str), more=[("Sheet2", []), ("Sheet3", [])]), OF_WEEK)
    painted = [["姓名", *map(str, WEEK)], *lines(WEEK)]
    add("what a colour means on another sheet", xlsx(painted, more=[("说明", [["黄色表示当日值夜班"]])],
        colours=[("C2", "FFFF00")]), "changed")  # fmt: skip
    # Lists
    for headings, of_day in LISTS.items():
        rows = [[of_day(day), name, code] for (name, day), code in OF_WEEK.items()]
        add(f"a list of {headings}", text([list(headings), *rows]), OF_WEEK)
    for headings, of_day in TIMES_OF.items():
        rows = [[of_day(day), "张三", "8:00", "16:00"] for day in WEEK]
        add(f"a list of {headings}", text([list(headings), *rows]), {("张三", day): "8:00-16:00" for day in WEEK})
    night = {("张三", day): "22:00-06:00" for day in WEEK}
    moments = [["张三", f"{day} 22:00", f"{day + timedelta(1)} 06:00"] for day in WEEK]
    add("moments", text([["姓名", "开始时间", "结束时间"], *moments]), night)
    add("moments of UTC", text([["姓名", "Start (UTC)", "End (UTC)"], *moments]), ASKS)
    dated = [[name, str(day), *ends] for (name, *ends), day in zip(moments, WEEK, strict=True)]
    add("moments and dates", text([["姓名", "日期", "开始时间", "结束时间"], *dated]), night)
    late = [[name, str(day + timedelta(1)), *ends] for (name, *ends), day in zip(moments, WEEK, strict=True)]
    add("moments of other dates", text([["姓名", "日期", "开始时间", "结束时间"], *late]), ASKS)
    long = [[name, begin, f"{day + timedelta(3)} 06:00"] for (name, begin, _), day in zip(moments, WEEK, strict=True)]
    add("moments days apart", text([["姓名", "开始时间", "结束时间"], *long]), ASKS)
    on_duty = [[str(day), "张三", "8:00-次日8:00"] for day in WEEK]
    add("who is on duty, and when", text([["日期", "值班人", "时间"], *on_duty]),
        {("张三", day): "8:00-次日8:00" for day in WEEK})  # fmt: skip
    together = [[str(day), "早班", "张三，李四/王五"] for day in WEEK]
    add("names with commas", text([["日期", "班次", "人员"], *together]),
        {(name, day): "早班" for name in NAMES for day in WEEK})  # fmt: skip
    # Names
    plain = lines(WEEK)
    for shown in (
        "{n}.{name}",
        "{n}、{name}",
        "({n}){name}",
        "{name}13800138000",
        "{name} 13800138000",
        "{name}(13800138000)",
    ):
        rows = [[shown.format(n=n, name=name), *codes] for n, (name, *codes) in enumerate(plain, 1)]
        add(f"names as {shown}", xlsx([["2026年12月"], week[0], *rows]), OF_WEEK)
    down = [["日期", "早班", "晚班"], *([str(day), "Ann Lee & Bo Li", "张三 13800138000、李四"] for day in WEEK)]
    of_two = {(name, day): word for day in WEEK for name, word in
        (("Ann Lee", "早班"), ("Bo Li", "早班"), ("张三", "晚班"), ("李四", "晚班"))}  # fmt: skip
    add("names of two words on duty", xlsx(down), of_two)
    depart = [["2026年12月", "部门", *week[0][1:]], *([name, "前厅", *codes] for name, *codes in plain[:2])]
    depart.append(["张三", "后厨", *plain[0][1:]])
    add("a name twice beside its department", xlsx(depart), "person_twice")
    # Legends below the names
    codes = [["2026年12月"], week[0], *plain]
    for legend in (
        [["早", "8:00-16:00"], ["中", "12:00-20:00"]],
        [["早", "8:00", "12:00", "13:00", "17:00"]],
        [["班次", "早", "中"], ["时间", "8:00-16:00", "12:00-20:00"]],
    ):
        add(f"a legend {legend[0]} below the names", xlsx([*codes, *legend]), OF_WEEK)
    return found
