"""A company of 60 in Feishu: three departments, one of them below another, and two shifts."""

from datetime import date, timedelta

from fakes.feishu_attendance import FakeFeishuAttendance


def furnish(fake: FakeFeishuAttendance, first: date, days: int = 31) -> None:
    """Every seventh has no number."""
    fake.departments = {"od-1": ("一车间", "0"), "od-2": ("二车间", "0"), "od-3": ("早班组", "od-1")}
    fake.shift("501", "行政班", ("9:00", "18:00"))
    fake.shift("502", "大夜班", ("22:00", "30:00"))
    for number in range(60):
        userid, mobile = f"u{number:03}", "" if number % 7 == 6 else f"+86139000{number:05}"
        fake.member(userid, f"成员{number:02}", f"od-{1 + number // 20}", mobile=mobile)
        for passed in range(days):
            shift = "0" if (passed + number) % 7 > 4 else "502" if number % 5 == 0 else "501"
            fake.schedule(userid, first + timedelta(days=passed), shift)
