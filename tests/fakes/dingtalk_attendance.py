"""DingTalk's attendance as an internal app sees it: tokens that expire, the two views of the same punches, caps and quotas.

Punches show only after their lag. Missing cards show as rows of the system, and only after the middle of the shift.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from daka import clock
from fakes.server import Asked, FakeResponse, FakeServer

BEIJING = ZoneInfo("Asia/Shanghai")
ON, OFF = "OnDuty", "OffDuty"
PERMISSIONS = (
    ("/topapi/v2/department/", "qyapi_get_department_list"),
    ("/topapi/v2/user/getbymobile", "qyapi_get_member_by_mobile"),
    ("/topapi/v2/user/", "qyapi_get_department_member"),
    ("/topapi/attendance/getleavestatus", "qyapi_get_attendance_data"),
    ("/topapi/attendance/group/schedule/async", "qyapi_attendance_group_manage"),
    ("/topapi/attendance/", "qyapi_attendance_group_read"),
    ("/attendance/", "qyapi_get_attendance_data"),
)
"""The permission that each path needs."""


@dataclass
class Plan:
    """One card point in DingTalk's own roster."""

    userid: str
    work_date: date
    check_type: str
    at: datetime
    missing_from: datetime
    """When the system writes its row if nothing was punched until then."""


@dataclass
class FakePunch:
    userid: str
    at: datetime
    check_type: str
    shows_at: datetime
    values: dict[str, Any] = field(default_factory=dict)


class FakeAttendance(FakeServer):
    def __init__(self, app_key: str = "dingattendance", app_secret: str = "attendance-secret") -> None:
        super().__init__()
        self.app_key, self.app_secret = app_key, app_secret
        self.tokens: dict[str, datetime] = {}
        self.token_seconds = 7200
        self.mobiles: dict[str, str] = {}
        self.strangers: set[str] = set()
        """User ids that DingTalk does not know."""
        self.plans: list[Plan] = []
        self.punches: list[FakePunch] = []
        self.approved: list[dict[str, Any]] = []
        self.calls = 0
        """Counted calls of this month."""
        self.calls_allowed = 5000
        self.scheduled: dict[tuple[str, date], tuple[int, list[tuple[datetime, datetime]]]] = {}
        """Shift and periods by (userid, work date); a rest is shift 0."""
        self.shifts: dict[int, dict[str, Any]] = {}
        self.groups: list[dict[str, Any]] = [{"group_id": 11, "type": "TURN", "owner_user_id": "mgr1"}]
        self.group_of: dict[str, int] = {}
        """All others are in the first group."""
        self.outside: set[str] = set()
        """User ids in no group."""
        self.applies_after = timedelta(seconds=10)
        """What is written shows so much later."""
        self.ignored: set[tuple[str, date]] = set()
        """Written days that are accepted and never applied."""
        self.written: list[list[dict[str, Any]]] = []
        """The accepted calls of `group/schedule/async`, each with its entries."""
        self._applies: list[tuple[datetime, list[dict[str, Any]]]] = []
        self.departments: dict[int, tuple[str, int]] = {}
        """Name and parent by id; 1 is the whole organisation."""
        self.members: dict[str, dict[str, Any]] = {}
        """Who is in the directory, by userid: `name`, `mobile` and `departments`."""
        self.leaves: list[dict[str, Any]] = []
        self.leaves_never_end = False
        self.lacking: set[str] = set()
        """Permissions that the app does not have, e.g. `qyapi_attendance_group_read`."""
        self.too_fast = 0
        """So many next calls are over the rate."""

    # --- what a test says happened ---

    def plan(self, userid: str, work_date: date, start: datetime, end: datetime) -> None:
        middle = start + (end - start) / 2
        self.plans.append(Plan(userid, work_date, ON, start, middle))
        self.plans.append(Plan(userid, work_date, OFF, end, end + timedelta(hours=12)))

    def punch(self, userid: str, at: datetime, check_type: str = ON, lag_seconds: float = 0, **values: Any) -> None:
        self.punches.append(FakePunch(userid, at, check_type, at + timedelta(seconds=lag_seconds), values))

    def approve(self, userid: str, work_date: date, check_type: str = ON, source: str = "APPROVE") -> None:
        base = next(plan.at for plan in self.plans if (plan.userid, plan.check_type) == (userid, check_type))
        self.approved.append(_result(userid, work_date, check_type, base, base, "Normal", source))

    def shift(
        self,
        shift_id: int,
        name: str,
        *free_checks: Any,
        permit_minutes: Any = -1,
        hours: Sequence[tuple[str, str]] = (("09:00", "18:00"),),
    ) -> None:
        """A shift; `free_checks` of its card points, as DingTalk writes booleans. Only the time of day of a card point counts."""
        sections = []
        for times in hours:
            kinds = zip((ON, OFF), times, free_checks or ("false", False), strict=True)
            punches = [
                {
                    "check_type": kind,
                    "check_time": f"1970-01-01 {at}:00",
                    "across": int(kind == OFF and at <= times[0]),
                    "free_check": free,
                    "permit_minutes": permit_minutes,
                }
                for kind, at, free in kinds
            ]
            sections.append({"punches": punches})
        self.shifts[shift_id] = {"id": shift_id, "name": name, "sections": sections}

    def schedule(self, userid: str, day: date, shift_id: int, *hours: tuple[str, str]) -> None:
        """Periods of a work date; an end before its start is on the next day."""
        periods = []
        for start, end in hours:
            first, last = (datetime.fromisoformat(f"{day}T{each}").replace(tzinfo=BEIJING) for each in (start, end))
            periods.append((first, last if last > first else last + timedelta(days=1)))
        self.scheduled[userid, day] = shift_id, periods

    def member(self, userid: str, name: str, *departments: int, mobile: str = "") -> None:
        self.members[userid] = {"name": name, "mobile": mobile, "departments": list(departments) or [1]}
        if mobile:
            self.mobiles[mobile] = userid

    def leave(self, userid: str, start: str, end: str, unit: str = "percent_hour", percent: Any = 400) -> None:
        """From and to a wall clock time like `2026-11-23 09:00`."""
        first, last = (_ms(datetime.fromisoformat(each).replace(tzinfo=BEIJING)) for each in (start, end))
        row = {"userid": userid, "start_time": first, "end_time": last, "duration_unit": unit}
        self.leaves.append({**row, "duration_percent": percent, "leave_code": "d4edf257-e581-45f9"})

    def _leaves(self, body: dict[str, Any]) -> FakeResponse:
        userids = str(body.get("userid_list", "")).split(",")
        span = timedelta(milliseconds=body["end_time"] - body["start_time"])
        if len(userids) > 100 or span > timedelta(days=180) or not 1 <= body["size"] <= 20:
            return FakeResponse({"errcode": 400002, "errmsg": "参数错误"})
        mine = [
            row
            for row in self.leaves
            if row["userid"] in userids
            and row["start_time"] < body["end_time"]
            and row["end_time"] >= body["start_time"]
        ]
        page = mine[body["offset"] : body["offset"] + body["size"]]
        has_more = self.leaves_never_end or body["offset"] + body["size"] < len(mine)
        return FakeResponse({"errcode": 0, "success": True, "result": {"has_more": has_more, "leave_status": page}})

    def forget_tokens(self) -> None:
        self.tokens.clear()

    def asked_at(self, path: str) -> list[Asked]:
        return [asked for asked in self.asked if asked.path == path]

    # --- answers ---

    def answer(self, asked: Asked) -> FakeResponse:
        if asked.method != "POST":
            return FakeResponse({"errcode": 43002, "errmsg": "需要POST请求"})
        body = asked.json
        if refusal := self._lacks(asked):
            return refusal
        match asked.path:
            case "/topapi/v2/department/listsub" | "/topapi/v2/user/list" | "/topapi/v2/user/get":
                if not self._is_valid(asked):
                    return FakeResponse({"errcode": 40014, "errmsg": "不合法的access_token"})
                return self._directory(asked.path, body)
            case "/v1.0/oauth2/accessToken":
                return self._token(body)
            case "/topapi/v2/user/getbymobile":
                if not self._is_valid(asked):
                    return FakeResponse(
                        {
                            "errcode": 88,
                            "errmsg": "ding talk error",
                            "sub_code": "40014",
                            "sub_msg": "不合法的access_token",
                        }
                    )
                userid = self.mobiles.get(body.get("mobile", ""))
                if userid is None:
                    return FakeResponse({"errcode": 60121, "errmsg": "找不到该用户", "request_id": "r"})
                return FakeResponse({"errcode": 0, "errmsg": "ok", "result": {"userid": userid}, "request_id": "r"})
            case "/attendance/listRecord":
                return self._counted(asked) or self._records(body)
            case "/attendance/list":
                return self._counted(asked) or self._results(body)
            case "/topapi/attendance/getsimplegroups":
                page = self.groups[body["offset"] : body["offset"] + min(10, body["size"])]
                has_more = body["offset"] + len(page) < len(self.groups)
                found = {"groups": page, "has_more": str(has_more).lower()}
                return self._counted(asked) or FakeResponse({"errcode": 0, "result": found})
            case "/topapi/attendance/group/member/list":
                return self._counted(asked) or self._members_of(body)
            case "/topapi/attendance/shift/list":
                rows = [{"id": key, "name": each["name"]} for key, each in self.shifts.items()]
                page = rows[body["cursor"] : body["cursor"] + 200]
                more = {"has_more": body["cursor"] + 200 < len(rows), "cursor": body["cursor"] + 200}
                return self._counted(asked) or FakeResponse({"errcode": 0, "result": {**more, "result": page}})
            case "/topapi/attendance/group/schedule/async":
                return self._counted(asked) or self._write(body)
            case "/topapi/attendance/schedule/listbyusers":
                return self._counted(asked) or self._schedules(body)
            case "/topapi/attendance/getleavestatus":
                return self._counted(asked) or self._leaves(body)
            case "/topapi/attendance/shift/query":
                return self._counted(asked) or FakeResponse({"errcode": 0, "result": self.shifts[body["shift_id"]]})
        return FakeResponse({"errcode": 22, "errmsg": "Invalid method"})

    def _lacks(self, asked: Asked) -> FakeResponse | None:
        needed = next((permission for path, permission in PERMISSIONS if asked.path.startswith(path)), None)
        if needed not in self.lacking or not self._is_valid(asked):
            return None
        words = f"应用尚未开通所需的权限：[{needed}]，点击链接申请并开通即可"
        return FakeResponse({"errcode": 88, "sub_code": "60011", "sub_msg": words, "errmsg": "ding talk error"})

    def _directory(self, path: str, body: dict[str, Any]) -> FakeResponse:
        """Departments and people; every other answer has its booleans and lists as texts, as the official sample has."""
        if path == "/topapi/v2/user/get":
            if body["userid"] in self.strangers or body["userid"] not in self.members | self._scheduled_ids():
                return FakeResponse({"errcode": 60121, "errmsg": "找不到该用户"})
            return FakeResponse({"errcode": 0, "errmsg": "ok", "result": {"userid": body["userid"]}})
        department = body.get("dept_id")
        if department != 1 and department not in self.departments:
            return FakeResponse({"errcode": 50004, "errmsg": "请求的部门id不在授权范围内"})
        if path == "/topapi/v2/department/listsub":
            below = [
                {"dept_id": key, "name": name, "parent_id": parent, "auto_add_user": "true"}
                for key, (name, parent) in self.departments.items()
                if parent == department
            ]
            return FakeResponse({"errcode": 0, "errmsg": "ok", "result": below})
        cursor, size = body.get("cursor"), body.get("size")
        if not isinstance(cursor, int) or not isinstance(size, int) or not 1 <= size <= 100:
            return FakeResponse({"errcode": 400002, "errmsg": "参数错误"})
        here = [(key, each) for key, each in self.members.items() if department in each["departments"]]
        rows = []
        for number, (userid, each) in enumerate(here[cursor : cursor + size]):
            ids: Any = each["departments"]
            row = {"userid": userid, "unionid": f"z{userid}", "name": each["name"], "dept_id_list": ids}
            row |= {"active": "true" if number % 2 else True, "leader": "false"}
            if number % 2:
                row["dept_id_list"] = str(ids)
            if each["mobile"] and "fieldMobile" not in self.lacking:
                row["mobile"] = each["mobile"]
            rows.append(row)
        has_more = cursor + size < len(here)
        result: dict[str, Any] = {"has_more": str(has_more).lower() if department != 1 else has_more, "list": rows}
        return FakeResponse(
            {"errcode": 0, "errmsg": "ok", "result": {**result, "next_cursor": cursor + size} if has_more else result}
        )

    def _scheduled_ids(self) -> dict[str, Any]:
        return {userid: None for userid, _ in self.scheduled} | dict.fromkeys(self.mobiles.values())

    def _token(self, body: dict[str, Any]) -> FakeResponse:
        if (body.get("appKey"), body.get("appSecret")) != (self.app_key, self.app_secret):
            return FakeResponse(
                {"code": "invalidClientIdOrSecret", "message": "无效的clientId或者clientSecret", "requestid": "r"}, 400
            )
        token = next((token for token in self.tokens if self._is_good(token)), None) or f"token-{len(self.asked)}"
        self.tokens[token] = clock.now() + timedelta(seconds=self.token_seconds)
        return FakeResponse({"accessToken": token, "expireIn": self.token_seconds})

    def _is_good(self, token: str) -> bool:
        return token in self.tokens and clock.now() < self.tokens[token]

    def _is_valid(self, asked: Asked) -> bool:
        return self._is_good(asked.query.get("access_token", ""))

    def _counted(self, asked: Asked) -> FakeResponse | None:
        if not self._is_valid(asked):
            return FakeResponse({"errcode": 40014, "errmsg": "不合法的access_token"})
        if self.too_fast:
            self.too_fast -= 1
            return FakeResponse({"errcode": 90018, "errmsg": "您的服务器调用钉钉开放平台所有接口的请求都被暂时禁用了"})
        if self.calls >= self.calls_allowed:
            return FakeResponse({"errcode": 90020, "errmsg": "您的企业调用该接口的次数已超过本月限制"})
        self.calls += 1
        return None

    def _records(self, body: dict[str, Any]) -> FakeResponse:
        first, last = _time(body.get("checkDateFrom")), _time(body.get("checkDateTo"))
        if refusal := self._refusal(body.get("userIds"), first, last):
            return refusal
        rows = [
            self._record(punch)
            for punch in self.punches
            if punch.userid in body["userIds"] and first <= punch.at <= last and punch.shows_at <= clock.now()
        ]
        return FakeResponse({"errcode": 0, "errmsg": "ok", "recordresult": [] if body.get("isI18n") is True else rows})

    def _record(self, punch: FakePunch) -> dict[str, Any]:
        plans = [plan for plan in self.plans if (plan.userid, plan.check_type) == (punch.userid, punch.check_type)]
        plan = min(plans, key=lambda found: abs(found.at - punch.at), default=None)
        base = plan.at if plan else punch.at
        work_date = plan.work_date if plan else punch.at.astimezone(BEIJING).date()
        row = _result(punch.userid, work_date, punch.check_type, base, punch.at, "Normal", "USER")
        return {**row, "isLegal": "Y", "planCheckTime": row["baseCheckTime"], "locationMethod": "MAP", **punch.values}

    def _results(self, body: dict[str, Any]) -> FakeResponse:
        first, last = _time(body.get("workDateFrom")), _time(body.get("workDateTo"))
        if refusal := self._refusal(body.get("userIdList"), first, last):
            return refusal
        limit, offset = body.get("limit"), body.get("offset")
        if not isinstance(limit, int) or not 1 <= limit <= 50 or not isinstance(offset, int):
            return FakeResponse({"errcode": 40035, "errmsg": "不合法的参数"})
        rows = [
            row
            for row in [*self._planned_rows(), *self.approved]
            if row["userId"] in body["userIdList"]
            and first.date() <= datetime.fromtimestamp(row["workDate"] / 1000, BEIJING).date() <= last.date()
        ]
        page, has_more = rows[offset : offset + limit], offset + limit < len(rows)
        return FakeResponse({"errcode": 0, "errmsg": "ok", "hasMore": has_more, "recordresult": page})

    def _schedules(self, body: dict[str, Any]) -> FakeResponse:
        """Rows of card points as DingTalk mixes them: spellings, booleans, kinds of times, and a day more than was asked."""
        userids = body["userids"].split(",")
        first, last = (
            datetime.fromtimestamp(body[f"{end}_date_time"] / 1000, BEIJING).date() for end in ("from", "to")
        )
        if body.get("op_user_id") != "mgr1":
            return FakeResponse({"errcode": 88, "sub_code": "60011", "sub_msg": "没有调用该接口的权限"})
        if len(userids) > 50 or last - first >= timedelta(days=7):
            return FakeResponse({"errcode": 40035, "errmsg": "不合法的参数"})
        if self.strangers & set(userids):
            return FakeResponse({"errcode": 33012, "errmsg": "无效的USERID"})
        self._apply()
        rows: list[dict[str, Any]] = []
        for (userid, day), (shift_id, periods) in self.scheduled.items():
            if userid not in userids or not first <= day <= last + timedelta(days=1):
                continue
            row = {
                "userid": userid,
                "group_id": self._group_of(userid),
                "work_date": f"{day} 00:00:00",
                "shift_id": shift_id,
            }
            if not periods:
                rows.append({**row, "is_rest": "Y" if day.day % 2 else "N"})
            for start, end in periods:
                for kind, at in ("Onduty", start), ("OffDuty", end):
                    text: Any = f"{at:%Y-%m-%d %H:%M:%S}" if day.day % 3 else _ms(at)
                    rows.append(
                        {**row, "shift_version": 7, "is_rest": "N", "check_type": kind, "plan_check_time": text}
                    )
        return FakeResponse({"errcode": 0, "errmsg": "ok", "success": True, "result": rows[::-1]})

    def _group_of(self, userid: str) -> int:
        return self.group_of.get(userid, self.groups[0]["group_id"])

    def _members_of(self, body: dict[str, Any]) -> FakeResponse:
        """People by twos, and a department that is not resolved."""
        if body.get("op_user_id") != "mgr1":
            return FakeResponse({"errcode": 88, "sub_code": "60011", "sub_msg": "没有调用该接口的权限"})
        known = self._scheduled_ids() | dict.fromkeys(self.members)
        here = [each for each in known if each not in self.outside and self._group_of(each) == body["group_id"]]
        rows = [
            {"member_id": each, "type": "0" if number % 2 else 0, "atc_flag": "0"} for number, each in enumerate(here)
        ]
        page = rows[body["cursor"] : body["cursor"] + 2]
        has_more = body["cursor"] + 2 < len(rows)
        result = {"cursor": body["cursor"] + 2, "has_more": has_more, "result": [*page, {"member_id": "1", "type": 1}]}
        return FakeResponse({"errcode": 0, "success": True, "result": result})

    def _write(self, body: dict[str, Any]) -> FakeResponse:
        """Accepts what is well formed, and applies it later. Nothing says which entry will not be applied."""
        group = next((each for each in self.groups if each["group_id"] == body.get("group_id")), None)
        entries = body.get("schedules")
        if body.get("op_user_id") != "mgr1":
            return FakeResponse({"errcode": 88, "sub_code": "60011", "sub_msg": "没有调用该接口的权限"})
        if group is None or group["type"] != "TURN":
            return FakeResponse({"errcode": 41043, "errmsg": "只有排班制考勤组可以排班"})
        if not isinstance(entries, list) or not 1 <= len(entries) <= 200:
            return FakeResponse({"errcode": 40035, "errmsg": "schedules 最多 200 个"})
        today = clock.now().astimezone(BEIJING).date()
        for entry in entries:
            at = datetime.fromtimestamp(entry["work_date"] / 1000, BEIJING)
            if entry["userid"] in self.strangers:
                return FakeResponse({"errcode": 33012, "errmsg": "无效的USERID"})
            is_known = entry["shift_id"] in (1, -2) or entry["shift_id"] in self.shifts
            if at.time() != time() or abs(at.date() - today) > timedelta(days=180) or not is_known:
                return FakeResponse({"errcode": 40035, "errmsg": "不合法的参数"})
            if entry["is_rest"] != (entry["shift_id"] == 1):
                return FakeResponse({"errcode": 40035, "errmsg": "不合法的参数"})
        self.written.append(entries)
        self._applies.append((clock.now() + self.applies_after, entries))
        return FakeResponse({"errcode": 0, "errmsg": "ok", "success": "true", "request_id": "r"})

    def _apply(self) -> None:
        for at, entries in [each for each in self._applies if each[0] <= clock.now()]:
            self._applies.remove((at, entries))
            for entry in entries:
                day = datetime.fromtimestamp(entry["work_date"] / 1000, BEIJING).date()
                if (entry["userid"], day) in self.ignored or self._group_of(entry["userid"]) not in {
                    each["group_id"] for each in self.groups if each["type"] == "TURN"
                }:
                    continue
                if entry["shift_id"] == -2:
                    self.scheduled.pop((entry["userid"], day), None)
                elif entry["shift_id"] == 1:
                    self.schedule(entry["userid"], day, 0)
                else:
                    sections = self.shifts[entry["shift_id"]]["sections"]
                    hours = [tuple(punch["check_time"][11:16] for punch in each["punches"]) for each in sections]
                    self.schedule(entry["userid"], day, entry["shift_id"], *hours)

    def _planned_rows(self) -> list[dict[str, Any]]:
        """The result of each card point that has one by now."""
        rows = []
        for plan in self.plans:
            mine = [
                self._record(punch)
                for punch in self.punches
                if (punch.userid, punch.check_type) == (plan.userid, plan.check_type) and punch.shows_at <= clock.now()
            ]
            valid = [row for row in mine if row["isLegal"] == "Y" and row["baseCheckTime"] == _ms(plan.at)]
            if valid:
                rows.append(valid[0])
            elif clock.now() >= plan.missing_from:
                rows.append(
                    _result(plan.userid, plan.work_date, plan.check_type, plan.at, plan.at, "NotSigned", "SYSTEM")
                )
        return rows

    def _refusal(self, userids: Any, first: datetime | None, last: datetime | None) -> FakeResponse | None:
        if first is None or last is None:
            return FakeResponse({"errcode": 41100, "errmsg": "时间参数不合法"})
        if last - first > timedelta(days=7):
            return FakeResponse({"errcode": 41041, "errmsg": "起止时间相差太大"})
        if not isinstance(userids, list) or not 1 <= len(userids) <= 50:
            return FakeResponse({"errcode": 40035, "errmsg": "userIds 最多 50 个"})
        if self.strangers & set(userids):
            return FakeResponse({"errcode": 33012, "errmsg": "无效的USERID"})
        return None


def _time(text: Any) -> datetime | None:
    if not isinstance(text, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", text):
        return None
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _result(
    userid: str, work_date: date, check_type: str, base: datetime, at: datetime, result: str, source: str
) -> dict[str, Any]:
    midnight = datetime(work_date.year, work_date.month, work_date.day, tzinfo=BEIJING)
    return {
        "userId": userid,
        "workDate": _ms(midnight),
        "checkType": check_type,
        "baseCheckTime": _ms(base),
        "userCheckTime": _ms(at),
        "timeResult": result,
        "locationResult": "NotSigned" if result == "NotSigned" else "Normal",
        "sourceType": source,
    }
