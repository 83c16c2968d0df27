"""Registers of punches, attendance, overtime and leave, and other lists that are no rosters; beside them, rosters that have a
word in common with them."""

from typing import Any

from roster.files.formats import Later, xlsx
from roster.files.more_shapes import ALL, BODY, OF_WEEK, TITLE, WEEK
from roster.files.shapes import ASKS, Roster, Shape, lines
from roster.files.writing import seven

REGISTERS = ("打卡时间表", "考勤月度汇总", "月度汇总 统计日期：2026-12-01 至 2026-12-31", "原始记录表", "签到表", "加班登记表",
    "请假申请记录", "员工订餐表", "工资表", "课程表", "Attendance Report", "Timesheet", "出勤簿", "근태 기록")  # fmt: skip
ROSTERS = ("排班考勤表", "请按时打卡，迟到罚款", "上下班请打卡", "打卡时间：提前10分钟", "培训中心", "食堂排班")
HEADINGS = ("打卡时间", "上班打卡时间", "打卡结果", "签到时间", "签退", "考勤结果", "实际上班时间", "Clock In")
RESULTS = ("迟到12分钟", "缺卡", "旷工", "上班缺卡", "早退", "Absent")


def register_shapes() -> list[Shape]:
    found: list[Shape] = []

    def add(name: str, content: bytes | Later, means: Roster | str, **options: Any) -> None:
        found.append(Shape(name, content, means, options))

    for title in REGISTERS:
        add(f"register {title}", xlsx([*TITLE, [title], *BODY]), "not_a_roster")
    add("a register by its sheet", xlsx([*TITLE, *BODY], title="打卡记录"), "not_a_roster")
    for title in ROSTERS:
        add(f"roster with {title}", xlsx([*TITLE, [title], *BODY]), ALL)
    for heading in HEADINGS:
        for said in ("8:57", None):
            rows = [
                ["姓名", "日期", "班次", heading],
                *([name, day, code, said] for (name, day), code in OF_WEEK.items()),
            ]
            add(f"a list with {heading} {said}", xlsx(rows), ASKS if said else OF_WEEK)
    for minute, means in ((3, "not_a_roster"), (5, None)):  # when people came and went, or the times of shifts
        ends = [
            [f"0{8 + n}:{minute * (day.day % 3 + 1):02}-1{7 + n}:{minute * day.day:02}" for day in WEEK]
            for n in range(2)
        ]
        rows = [[name, *of] for name, of in zip(("张三", "李四"), ends, strict=True)]
        meant = {(name, day): said for name, *of in rows for day, said in zip(WEEK, of, strict=True)}
        add(f"minutes by {minute}", xlsx([*TITLE, ["姓名", *seven()], *rows]), means or meant)
    for result in RESULTS:
        rows = lines(WEEK)
        rows[1][3] = result
        add(f"a cell {result}", xlsx([*TITLE, ["姓名", *seven()], *rows]), "not_a_roster")
    return found
