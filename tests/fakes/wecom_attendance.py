"""WeCom's attendance as an app sees it: missed punches are rows of their own, from outside the span and for later today."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from daka import clock
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
        return super().called(path, body)

    def _punches(self, body: dict[str, Any]) -> FakeResponse:
        if not self.may_call:
            return refused(48002, "api forbidden")
        asked, since, until = body["useridlist"], body["starttime"], body["endtime"]
        if not 0 < len(asked) <= 100:
            return refused(301023, "invalid useridlist")
        if not 0 < until - since <= timedelta(days=30).total_seconds() or until > 2**32:
            return refused(301024, "invalid time range")
        if self.outside_range & set(asked):
            return refused(60011, "no privilege to access/modify contact/party/agent")
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
