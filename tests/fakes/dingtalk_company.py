"""A company of 60 in DingTalk: three departments, three attendance groups, five shifts and a month of schedules."""

from datetime import date, timedelta

from fakes.dingtalk_attendance import FakeAttendance

DEPARTMENTS = {2: ("一车间", 1), 3: ("二车间", 1), 4: ("办公室", 1)}
SHIFTS = {501: "行政班", 502: "两头班", 503: "大夜班", 504: "免打卡", 505: "弹性班"}
HOURS = {
    501: [("09:00", "18:00")],
    502: [("08:00", "12:00"), ("16:00", "20:00")],
    503: [("22:00", "06:00")],
    504: [("09:00", "18:00")],
    505: [("09:30", "18:30")],
}
MANAGER = "mgr1"
_SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许"
_GIVEN = "伟芳娜"


def furnish(fake: FakeAttendance, first: date, days: int = 31) -> list[str]:
    """The userids, in the order of the directory. The last person has no schedule; every seventh has no number."""
    fake.departments = dict(DEPARTMENTS)
    for shift_id, name in SHIFTS.items():
        free = ("true", True) if shift_id == 504 else ()
        fake.shift(shift_id, name, *free, permit_minutes="60" if shift_id == 505 else -1)
    fake.groups = [
        {"group_id": 11, "group_name": "行政", "type": "FIXED", "owner_user_id": MANAGER, "member_count": 20},
        {"group_id": 12, "group_name": "倒班", "type": "TURN", "manager_list": [MANAGER], "member_count": 30},
        {"group_id": 13, "group_name": "自由", "type": "NONE", "member_count": 10},
    ]
    userids = []
    for number in range(60):
        userid = MANAGER if number == 0 else f"u{number:03}"
        mobile = "" if number % 7 == 6 else f"139000{number:05}"
        name = f"{_SURNAMES[number // 3]}{_GIVEN[number % 3]}"
        fake.member(userid, name, 2 + number // 20, mobile=mobile)
        userids.append(userid)
        if number == 59:
            continue
        for passed in range(days):
            day = first + timedelta(days=passed)
            shift_id = (501, 502, 503, 505, 504)[(number + passed // 7) % 5]
            if (passed + number) % 7 < 5:
                fake.schedule(userid, day, shift_id, *HOURS[shift_id])
            else:
                fake.schedule(userid, day, 0)
    return userids
