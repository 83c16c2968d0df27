"""WeCom's attendance as an app sees it: missed punches are rows of their own, from outside the span and for later today."""

from collections import Counter
from datetime import date, datetime, time, timedelta
from typing import Any

from daka import clock
from daka.outbound.quota import BEIJING
from fakes.server import FakeResponse
from fakes.wecom_app import FakeWecomApp, refused

IN, OUT, AWAY = "上班打卡", "下班打卡", "外出打卡"
MOST_CALLS = 600
"""A minute."""


class FakeWecomAttendance(FakeWecomApp):
    def __init__(self) -> None:
        super().__init__()
        self.mobiles: dict[str, str] = {}
        self.outside_range: set[str] = set()
        self.may_call = True
        """Whether the app is under 打卡 › 可调用接口的应用."""
        self.rows: list[dict[str, Any]] = []
        self.calls: Counter[datetime] = Counter()
        """By minute."""
        self.wrong_numbers: list[str] = []
        self.rules: dict[str, dict[str, Any]] = {}
        """By userid."""
        self.schedules: dict[tuple[str, date], dict[str, Any]] = {}
        self.written: list[dict[str, Any]] = []
        """The calls of `checkin/setcheckinschedulist`."""
        self.ignored: set[tuple[str, date]] = set()
        """Written days that are accepted and never applied."""
        self.departments: list[dict[str, Any]] = []
        self.members: dict[int, list[dict[str, Any]]] = {}
        """By department."""

    def plan(self, userid: str, kind: str, at: datetime) -> None:
        """A card point. Until a punch replaces it, it is a missed row, also before its time has come."""
        self.rows.append(row(userid, kind, at, planned=at, exceptions="未打卡"))

    def punch(
        self, userid: str, kind: str, at: datetime, *, planned: datetime | None = None, exceptions: str = ""
    ) -> None:
        if planned is not None:
            missed = row(userid, kind, planned, planned=planned, exceptions="未打卡")
            self.rows = [each for each in self.rows if each != missed]
        self.rows.append(row(userid, kind, at, planned=planned, exceptions=exceptions))

    def called(self, path: str, body: dict[str, Any]) -> FakeResponse:
        minute = clock.now().replace(second=0, microsecond=0)
        self.calls[minute] += 1
        if self.calls[minute] > MOST_CALLS:
            return refused(45009, "api freq out of limit")
        match path:
            case "/user/getuserid":
                if body["mobile"] not in self.mobiles:
                    self.wrong_numbers.append(body["mobile"])
                    return refused(46004, "user no exist")
                return FakeResponse({"errcode": 0, "errmsg": "ok", "userid": self.mobiles[body["mobile"]]})
            case "/checkin/getcheckindata":
                return self._punches(body)
            case "/checkin/getcheckinoption":
                return self._rules(body)
            case "/checkin/getcheckinschedulist":
                return self._schedules(body)
            case "/checkin/setcheckinschedulist":
                return self._write(body)
            case "/department/list":
                return FakeResponse({"errcode": 0, "errmsg": "ok", "department": self.departments})
            case "/user/simplelist":
                there = self.members.get(int(body["department_id"]), [])
                return FakeResponse({"errcode": 0, "errmsg": "ok", "userlist": there})
        return super().called(path, body)

    def _punches(self, body: dict[str, Any]) -> FakeResponse:
        asked, since, until = body["useridlist"], body["starttime"], body["endtime"]
        if (refusal := self._refusal(asked)) is not None:
            return refusal
        if not 0 < until - since <= timedelta(days=30).total_seconds() or until > 2**32:
            return refused(301024, "invalid time range")
        people = {userid.lower() for userid in asked}
        wanted = {1: (IN, OUT), 2: (AWAY,), 3: (IN, OUT, AWAY)}[body["opencheckindatatype"]]
        found = [
            each
            for each in self.rows
            if each["userid"].lower() in people
            and each["checkin_type"] in wanted
            and ("未打卡" in each["exception_type"] or since <= each["checkin_time"] <= until)
        ]
        return FakeResponse({"errcode": 0, "errmsg": "ok", "checkindata": found})

    def _refusal(self, asked: list[str]) -> FakeResponse | None:
        if not self.may_call:
            return refused(48002, "api forbidden")
        if not 0 < len(asked) <= 100:
            return refused(301023, "invalid useridlist")
        if self.outside_range & set(asked):
            return refused(60011, "no privilege to access/modify contact/party/agent")
        return None

    # --- rules and schedules ---

    def schedule(self, userid: str, day: date, number: int, name: str = "", *sections: tuple[int, int]) -> None:
        """A person's day by shift: its sections in seconds; shift 0 is a rest."""
        times = [
            {"id": place, "work_sec": start, "off_work_sec": end, "remind_work_sec": start - 600}
            for place, (start, end) in enumerate(sections, start=1)
        ]
        info = {"schedule_id": number, "schedule_name": name, "time_section": times}
        self.schedules[userid, day] = {"day": day.day, "schedule_info": info}

    def _rules(self, body: dict[str, Any]) -> FakeResponse:
        if (refusal := self._refusal(body["useridlist"])) is not None:
            return refusal
        assert datetime.fromtimestamp(body["datetime"], BEIJING).time() == time()
        names = {userid.lower(): userid for userid in self.rules}
        there = [names[userid.lower()] for userid in body["useridlist"] if userid.lower() in names]
        info = [{"userid": userid, "group": self.rules[userid]} for userid in there]
        return FakeResponse({"errcode": 0, "errmsg": "ok", "info": info})

    def _schedules(self, body: dict[str, Any]) -> FakeResponse:
        if (refusal := self._refusal(body["useridlist"])) is not None:
            return refusal
        first, last = (datetime.fromtimestamp(body[end], BEIJING).date() for end in ("starttime", "endtime"))
        if not timedelta() <= last - first <= timedelta(days=31):
            return refused(301024, "invalid time range")
        months: dict[tuple[str, int], list[dict[str, Any]]] = {}
        for (userid, day), listed in sorted(self.schedules.items()):
            if userid in body["useridlist"] and first <= day <= last:
                months.setdefault((userid, day.year * 100 + day.month), []).append(listed)
        found = [
            {
                "userid": userid,
                "yearmonth": month,
                "groupid": 2,
                "groupname": "倒班",
                "schedule": {"scheduleList": days},
            }
            for (userid, month), days in months.items()
        ]
        return FakeResponse({"errcode": 0, "errmsg": "ok", "schedule_list": found})

    def _write(self, body: dict[str, Any]) -> FakeResponse:
        """Schedules of one rule by shift and one month, with shifts of that rule."""
        if not self.may_call:
            return refused(48002, "api forbidden")
        rules = {each["groupid"]: each for each in self.rules.values() if each["grouptype"] == 2}
        shifts = {each["schedule_id"]: each for each in rules.get(body["groupid"], {}).get("schedulelist", [])}
        if body["groupid"] not in rules or any(
            item["schedule_id"] != 0 and item["schedule_id"] not in shifts for item in body["items"]
        ):
            return refused(301032, "invalid group or schedule")
        if self.outside_range & {item["userid"] for item in body["items"]}:
            return refused(60011, "no privilege to access/modify contact/party/agent")
        self.written.append(body)
        for item in body["items"]:
            day = date(body["yearmonth"] // 100, body["yearmonth"] % 100, item["day"])
            if (item["userid"], day) in self.ignored:
                continue
            shift = shifts.get(item["schedule_id"], {"schedule_name": "", "time_section": []})
            sections = [(each["work_sec"], each["off_work_sec"]) for each in shift["time_section"]]
            self.schedule(item["userid"], day, item["schedule_id"], shift["schedule_name"], *sections)
        return FakeResponse({"errcode": 0, "errmsg": "ok"})


def hours(*sections: tuple[int, int]) -> list[dict[str, int]]:
    """Times of a rule, in seconds."""
    return [
        {"work_sec": start, "off_work_sec": end, "remind_work_sec": start - 600, "remind_off_work_sec": end}
        for start, end in sections
    ]


def rule(kind: int, name: str = "白班", *lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    """打卡规则: 1 fixed hours, 2 by shift, 3 free."""
    return {
        "grouptype": kind,
        "groupid": kind,
        "groupname": name,
        "checkindate": list(lines),
        "spe_workdays": [],
        "spe_offdays": [],
        "sync_holidays": False,
        **more,
    }


def shift(number: int, name: str, *sections: tuple[int, int]) -> dict[str, Any]:
    """A shift of a rule by shift."""
    return {"schedule_id": number, "schedule_name": name, "time_section": hours(*sections), "noneed_offwork": False}


def week(weekdays: list[int], *sections: tuple[int, int], **more: Any) -> dict[str, Any]:
    """A line of a rule: its weekdays, Sunday is 0."""
    return {"workdays": weekdays, "checkintime": hours(*sections), "noneed_offwork": False, **more}


def row(userid: str, kind: str, at: datetime, *, planned: datetime | None, exceptions: str = "") -> dict[str, Any]:
    return {
        "userid": userid,
        "groupname": "白班",
        "checkin_type": kind,
        "exception_type": exceptions,
        "checkin_time": int(at.timestamp()),
        "location_title": "依澜府",
        "notes": "",
        "deviceid": "E5FA89F6",
        "sch_checkin_time": int(planned.timestamp()) if planned else 0,
        "groupid": 1,
        "schedule_id": 0,
        "timeline_id": 1,
    }
