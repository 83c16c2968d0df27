"""Feishu's attendance as a custom app sees it: seconds as texts, results that appear on command, invalid and unauthorised ids."""

import re
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from daka import clock
from fakes.server import Asked, FakeResponse, FakeServer

BEIJING = ZoneInfo("Asia/Shanghai")
ATTENDANCE, CONTACT = "/open-apis/attendance/v1", "/open-apis/contact/v3"
SCOPES = (
    (f"{CONTACT}/departments/", "contact:department.organize:readonly"),
    (f"{CONTACT}/users/find_by_department", "contact:department.organize:readonly"),
    (f"{CONTACT}/users/batch_get_id", "contact:user.id:readonly"),
    (f"{ATTENDANCE}/user_daily_shifts/batch_create", "attendance:rule"),
    (f"{ATTENDANCE}/groups", "attendance:rule:readonly"),
    (f"{ATTENDANCE}/shifts", "attendance:rule:readonly"),
    (f"{ATTENDANCE}/", "attendance:task:readonly"),
)
"""The permission that each path needs."""
FIELDS = {
    "name": "contact:user.base:readonly",
    "user_id": "contact:user.employee_id:readonly",
    "mobile": "contact:user.phone:readonly",
}
"""The permission without which a field is not told."""


class FakeFeishuAttendance(FakeServer):
    def __init__(self) -> None:
        super().__init__()
        self.app_id, self.app_secret = "cli_attendance", "feishu-secret"
        self.tokens = 0
        self.refuses_token = ""
        """This token is not valid any more."""
        self.mobiles: dict[str, str] = {}
        self.records: dict[tuple[str, date], list[dict[str, Any]]] = {}
        self.unauthorized: set[str] = set()
        self.lacking: set[str] = set()
        """Permissions that the app does not have, e.g. `attendance:rule:readonly`."""
        self.is_connected = True
        """Whether 考勤管理后台 › API 接入 lets the app in."""
        self.strangers: set[str] = set()
        """Ids that Feishu does not know: one of them makes it refuse all."""
        self.too_fast = 0
        """So many next calls are over the rate."""
        self.scheduled: dict[tuple[str, date], tuple[str, str]] = {}
        """Group and shift by id and day; `0` is a rest."""
        self.shifts: dict[str, dict[str, Any]] = {}
        self.groups: dict[str, dict[str, Any]] = {
            "11": {"group_id": "11", "time_zone": "Asia/Shanghai", "group_type": 2}
        }
        self.group_members: dict[str, list[str]] = {}
        """Who is in which group; also those who have no schedule yet."""
        self.written: list[list[dict[str, Any]]] = []
        """The calls of `user_daily_shifts/batch_create`, each with its entries."""
        self.leaves: list[tuple[str, str, str, dict[str, Any]]] = []
        """User id, start and end in the wall clock, and other values."""
        self.departments: dict[str, tuple[str, str]] = {}
        """Name and parent by open id; `0` is the whole organisation."""
        self.members: dict[str, dict[str, Any]] = {}
        """Who is in the directory, by user id: `name`, `mobile`, `departments` and `status`."""

    def plan(self, user_id: str, day: date, start: datetime, end: datetime) -> dict[str, Any]:
        """A period of a work date; its record, to be changed as things happen."""
        record = {"check_in_shift_time": seconds(start), "check_out_shift_time": seconds(end), "task_shift_type": 0}
        for side in ("check_in", "check_out"):
            record |= {f"{side}_record_id": "", f"{side}_result": "Todo", f"{side}_result_supplement": "None"}
        self.records.setdefault((user_id, day), []).append(record)
        return record

    def shift(self, shift_id: str, name: str, *hours: tuple[str, str], **values: Any) -> None:
        """A shift. Whether punches are needed is told the wrong way round, as Feishu does."""
        rules = [
            {"on_time": start, "off_time": end, "no_need_on": True, "no_need_off": True, "late_minutes_as_lack": 30}
            for start, end in hours
        ]
        self.shifts[shift_id] = {
            "shift_id": shift_id,
            "shift_name": name,
            "punch_times": len(rules),
            "is_flexible": False,
            "flexible_minutes": 60,
            "no_need_off": False,
            "punch_time_rule": rules,
            "day_type": 1,
            **values,
        }

    def schedule(self, user_id: str, day: date, shift_id: str, group_id: str = "11") -> None:
        self.scheduled[user_id, day] = group_id, shift_id

    def member(self, user_id: str, name: str, *departments: str, mobile: str = "", **status: bool) -> None:
        found = {"name": name, "mobile": mobile, "departments": list(departments) or ["0"], "status": status}
        self.members[user_id] = found
        if mobile:
            self.mobiles[mobile] = user_id

    def leave(self, user_id: str, start: str, end: str, **values: Any) -> None:
        """From and to a wall clock time like `2026-11-23 09:00`, in China unless `time_zone` says otherwise."""
        self.leaves.append((user_id, start, end, values))

    def calls(self, path: str = "") -> list[Asked]:
        """The requests, but for those of tokens."""
        return [asked for asked in self.asked if "tenant_access_token" not in asked.path and path in asked.path]

    def answer(self, asked: Asked) -> FakeResponse:
        body = asked.json if asked.body else {}
        if asked.path == "/open-apis/auth/v3/tenant_access_token/internal":
            if (body.get("app_id"), body.get("app_secret")) != (self.app_id, self.app_secret):
                return FakeResponse({"code": 10014, "msg": "app secret invalid"})
            self.tokens += 1
            return FakeResponse({"code": 0, "msg": "ok", "tenant_access_token": f"t-{self.tokens}", "expire": 7200})
        token = asked.headers.get("authorization", "").removeprefix("Bearer ")
        if not token or token == self.refuses_token:
            return FakeResponse({"code": 99991663, "msg": "Invalid access token"}, 400)
        if self.too_fast:
            self.too_fast -= 1
            return FakeResponse({"code": 99991400, "msg": "request trigger frequency limit"}, 400)
        scope = next((scope for path, scope in SCOPES if asked.path.startswith(path)), "")
        if scope in self.lacking:
            words = f"Access denied. One of the following scopes is required: [{scope}]."
            return FakeResponse({"code": 99991672, "msg": words}, 400)
        if asked.path.startswith(ATTENDANCE) and scope.startswith("attendance:task") and not self.is_connected:
            return FakeResponse({"code": 1220005, "msg": "no permission"}, 400)
        if asked.method == "GET":
            return self._told(asked)
        match asked.path:
            case "/open-apis/contact/v3/users/batch_get_id":
                if len(body["mobiles"]) > 50:
                    return FakeResponse({"code": 40001, "msg": "param error"}, 400)
                users = [
                    {"mobile": mobile, **({"user_id": self.mobiles[mobile]} if mobile in self.mobiles else {})}
                    for mobile in body["mobiles"]
                ]
                return FakeResponse({"code": 0, "msg": "success", "data": {"user_list": users}})
            case "/open-apis/attendance/v1/user_daily_shifts/query":
                return self._refusal(body) or self._schedules(body)
            case "/open-apis/attendance/v1/user_daily_shifts/batch_create":
                return self._write(body)
            case "/open-apis/attendance/v1/user_approvals/query":
                return self._refusal(body) or self._approvals(body)
            case "/open-apis/attendance/v1/user_tasks/query":
                return self._tasks(body)
        return FakeResponse({"code": 99991400, "msg": "not found"}, 404)

    def _refusal(self, body: dict[str, Any]) -> FakeResponse | None:
        ids, first, last = body["user_ids"], _day(body["check_date_from"]), _day(body["check_date_to"])
        if not 1 <= len(ids) <= 50 or first is None or last is None or last - first > timedelta(days=30):
            return FakeResponse({"code": 1220001, "msg": "param is invalid"}, 400)
        if self.strangers & set(ids):
            return FakeResponse({"code": 1220004, "msg": "user_id is not exist or does not have permission"}, 400)
        return None

    def _schedules(self, body: dict[str, Any]) -> FakeResponse:
        first, last = _day(body["check_date_from"]), _day(body["check_date_to"])
        assert first is not None
        assert last is not None
        rows = [
            {"user_id": user_id, "group_id": group, "shift_id": shift, "month": int(f"{day:%Y%m}"), "day_no": day.day}
            for (user_id, day), (group, shift) in self.scheduled.items()
            if user_id in body["user_ids"] and first <= day <= last
        ]
        return FakeResponse({"code": 0, "msg": "success", "data": {"user_daily_shifts": rows[::-1]}})

    def _write(self, body: dict[str, Any]) -> FakeResponse:
        """Succeeds also for people who are not in the group: `msg` names them and their dates, and they stay as they were."""
        entries = body["user_daily_shifts"]
        if not 1 <= len(entries) <= 50 or any(
            entry["shift_id"] != "0" and entry["shift_id"] not in self.shifts for entry in entries
        ):
            return FakeResponse({"code": 1220001, "msg": "param is invalid"}, 400)
        self.written.append(entries)
        outside: dict[str, list[int]] = {}
        for entry in entries:
            day = date(entry["month"] // 100, entry["month"] % 100, entry["day_no"])
            group = self.groups.get(entry["group_id"], {})
            if entry["user_id"] not in self.group_members.get(entry["group_id"], []) or group.get("group_type") != 2:
                outside.setdefault(entry["user_id"], []).append(int(f"{day:%Y%m%d}"))
            elif entry["is_clear_schedule"]:
                self.scheduled.pop((entry["user_id"], day), None)
            else:
                self.schedule(entry["user_id"], day, entry["shift_id"], entry["group_id"])
        return FakeResponse({"code": 0, "msg": outside or "success", "data": {"user_daily_shifts": []}})

    def _approvals(self, body: dict[str, Any]) -> FakeResponse:
        tomorrow = clock.now().astimezone(BEIJING).date() + timedelta(days=1)
        first, last = body["check_date_from"], body["check_date_to"]
        if last > int(f"{tomorrow:%Y%m%d}"):
            return FakeResponse({"code": 1220001, "msg": "check_date_from is later than tomorrow"}, 400)
        rows = []
        for user_id, start, end, values in self.leaves:
            zone = values.get("time_zone", "Asia/Shanghai")
            leave = {"start_time": f"{start}:00", "end_time": f"{end}:00", "unit": 2, "interval": 14400, **values}
            day = max(first, int(start[:10].replace("-", "")))
            if user_id in body["user_ids"] and day <= min(last, int(end[:10].replace("-", ""))):
                row = {"user_id": user_id, "date": str(day), "leaves": [leave], "outs": [], "trips": []}
                rows.append({**row, "overtime_works": [], "time_zone": zone})
        return FakeResponse({"code": 0, "msg": "success", "data": {"user_approvals": rows}})

    def _told(self, asked: Asked) -> FakeResponse:
        """The answer to a GET."""
        if found := re.fullmatch(rf"{ATTENDANCE}/(groups|shifts)/(\w+)", asked.path):
            there = (self.groups if found[1] == "groups" else self.shifts).get(found[2])
            if there is None:
                return FakeResponse({"code": 1226001, "msg": f"{found[1]} not found"}, 400)
            return FakeResponse({"code": 0, "msg": "success", "data": there})
        if found := re.fullmatch(rf"{ATTENDANCE}/groups/(\w+)/list_user", asked.path):
            users = [{"user_id": each, "department_ids": []} for each in self.group_members.get(found[1], [])]
            return self._page(asked, users, "users")
        match asked.path:
            case "/open-apis/attendance/v1/shifts":
                return self._page(asked, list(self.shifts.values()), "shift_list")
            case "/open-apis/attendance/v1/groups":
                return self._page(asked, list(self.groups.values()), "group_list")
            case "/open-apis/contact/v3/departments/0/children":
                rows = [
                    {"name": name, "open_department_id": each, "parent_department_id": parent}
                    for each, (name, parent) in reversed(self.departments.items())
                ]
                return self._page(asked, rows, "items")
            case "/open-apis/contact/v3/users/find_by_department":
                department_id = asked.query["department_id"]
                rows = [
                    {
                        **{
                            name: value
                            for name, value in (
                                ("user_id", user_id),
                                ("name", each["name"]),
                                ("mobile", each["mobile"]),
                            )
                            if FIELDS[name] not in self.lacking
                        },
                        "open_id": f"ou_{user_id}",
                        "department_ids": each["departments"],
                        "status": each["status"],
                    }
                    for user_id, each in self.members.items()
                    if department_id in each["departments"]
                ]
                return self._page(asked, rows, "items")
        return FakeResponse({"code": 1, "msg": "not found"}, 404)

    def _page(self, asked: Asked, rows: list[dict[str, Any]], name: str) -> FakeResponse:
        size, start = int(asked.query.get("page_size", 10)), int(asked.query.get("page_token", 0))
        if size > 50:
            return FakeResponse({"code": 99992402, "msg": "field validation failed"}, 400)
        data: dict[str, Any] = {name: rows[start : start + size], "has_more": start + size < len(rows)}
        if data["has_more"]:
            data["page_token"] = str(start + size)
        return FakeResponse({"code": 0, "msg": "success", "data": data})

    def _tasks(self, body: dict[str, Any]) -> FakeResponse:
        ids, first, last = body["user_ids"], body["check_date_from"], body["check_date_to"]
        if len(ids) > 50 or not isinstance(first, int) or not isinstance(last, int):
            return FakeResponse({"code": 1220001, "msg": "invalid parameter"}, 400)
        rows = [
            {"result_id": "1", "user_id": user_id, "day": int(f"{day:%Y%m%d}"), "records": records}
            for (user_id, day), records in self.records.items()
            if user_id in ids and user_id not in self.unauthorized and first <= int(f"{day:%Y%m%d}") <= last
        ]
        left_out = sorted(self.unauthorized & set(ids))
        data = {"user_task_results": rows, "invalid_user_ids": [], "unauthorized_user_ids": left_out}
        return FakeResponse({"code": 0, "msg": "success", "data": data})


def _day(number: Any) -> date | None:
    """A date that is written as a number."""
    try:
        return date(number // 10_000, number // 100 % 100, number % 100) if isinstance(number, int) else None
    except ValueError:
        return None


def seconds(moment: datetime) -> str:
    return str(int(moment.timestamp()))


def punched(record: dict[str, Any], side: str, at: datetime, result: str = "Normal", **more: Any) -> None:
    record |= {
        f"{side}_record_id": "7",
        f"{side}_result": result,
        f"{side}_record": {"check_time": seconds(at), "type": 0, "is_field": False, **more},
    }
