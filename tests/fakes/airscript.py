"""A script in 金山文档 that tells what is in the cells A1 (clock-in) and A2 (clock-out), as its synchronous webhook does."""

import json
from typing import Any

from fakes.server import Asked, FakeResponse, FakeServer


class FakeAirScript(FakeServer):
    def __init__(self, token: str = "airscript-token") -> None:
        super().__init__()
        self.token = token
        self.cells: dict[str, Any] = {"A1": "上班未打卡", "A2": "下班未打卡"}
        self.is_text = False
        """Whether `data.result` is a JSON string, as it is when the script returns one."""
        self.error = ""

    @property
    def url(self) -> str:
        return f"{self.base_url}/api/v3/ide/file/caEk/script/V2-5rSi/sync_task"

    def answer(self, asked: Asked) -> FakeResponse:
        if not asked.path.endswith("/sync_task"):
            return FakeResponse("404 page not found", 404)
        if asked.headers.get("airscript-token") != self.token:
            return FakeResponse({"errno": 10003, "msg": "AirScript-Token invalid"}, 403)
        if asked.method != "POST" or asked.headers.get("content-type") != "application/json":
            return FakeResponse({"errno": 10001, "msg": "bad request"}, 400)
        message = asked.json["Context"]["argv"]["message"]
        if self.error:
            return FakeResponse({"data": {"logs": [], "result": None}, "error": self.error, "status": "finished"})
        result: Any = {"打卡检测": self.cells[message]} if message in self.cells else {}
        if self.is_text:
            result = json.dumps(result, ensure_ascii=False)
        return FakeResponse({"data": {"logs": [], "result": result}, "error": "", "status": "finished"})
