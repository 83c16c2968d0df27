"""Feishu's attendance as a custom app sees it: seconds as texts, results that appear on command, invalid and unauthorised ids."""

from datetime import date, datetime
from typing import Any

from fakes.server import Asked, FakeResponse, FakeServer


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
        self.lacks_scope = False

    def plan(self, user_id: str, day: date, start: datetime, end: datetime) -> dict[str, Any]:
        """A period of a work date; its record, to be changed as things happen."""
        record = {"check_in_shift_time": seconds(start), "check_out_shift_time": seconds(end), "task_shift_type": 0}
        for side in ("check_in", "check_out"):
            record |= {f"{side}_record_id": "", f"{side}_result": "Todo", f"{side}_result_supplement": "None"}
        self.records.setdefault((user_id, day), []).append(record)
        return record

    def answer(self, asked: Asked) -> FakeResponse:
        body = asked.json
        if asked.path == "/open-apis/auth/v3/tenant_access_token/internal":
            if (body.get("app_id"), body.get("app_secret")) != (self.app_id, self.app_secret):
                return FakeResponse({"code": 10014, "msg": "app secret invalid"})
            self.tokens += 1
            return FakeResponse({"code": 0, "msg": "ok", "tenant_access_token": f"t-{self.tokens}", "expire": 7200})
        token = asked.headers.get("authorization", "").removeprefix("Bearer ")
        if not token or token == self.refuses_token:
            return FakeResponse({"code": 99991663, "msg": "Invalid access token"}, 400)
        if self.lacks_scope:
            return FakeResponse({"code": 99991672, "msg": "Access denied. scope attendance:task:readonly"}, 400)
        match asked.path:
            case "/open-apis/contact/v3/users/batch_get_id":
                if len(body["mobiles"]) > 50:
                    return FakeResponse({"code": 40001, "msg": "param error"}, 400)
                users = [
                    {"mobile": mobile, **({"user_id": self.mobiles[mobile]} if mobile in self.mobiles else {})}
                    for mobile in body["mobiles"]
                ]
                return FakeResponse({"code": 0, "msg": "success", "data": {"user_list": users}})
            case "/open-apis/attendance/v1/user_tasks/query":
                return self._tasks(body)
        return FakeResponse({"code": 99991400, "msg": "not found"}, 404)

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


def seconds(moment: datetime) -> str:
    return str(int(moment.timestamp()))


def punched(record: dict[str, Any], side: str, at: datetime, result: str = "Normal", **more: Any) -> None:
    record |= {
        f"{side}_record_id": "7",
        f"{side}_result": result,
        f"{side}_record": {"check_time": seconds(at), "type": 0, "is_field": False, **more},
    }
