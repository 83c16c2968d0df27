"""A vika datasheet: empty cells are left out, pages have an end, and a free space allows two requests a second."""

import time
from typing import Any

from fakes.server import Asked, FakeResponse, FakeServer


class FakeVika(FakeServer):
    def __init__(self, token: str = "uskFakeToken", datasheet: str = "dstFakeSheet") -> None:
        super().__init__()
        self.token, self.datasheet = token, datasheet
        self.rows: list[dict[str, Any]] = []
        self.columns: set[str] = set()
        """Columns beside those that a row uses."""
        self.per_second = 2
        self._calls: list[float] = []

    def answer(self, asked: Asked) -> FakeResponse:
        if asked.headers.get("authorization") != f"Bearer {self.token}":
            return _refusal(401, "Unauthorized")
        if asked.path != f"/fusion/v1/datasheets/{self.datasheet}/records":
            return _refusal(404, "datasheet not exist")
        now = time.monotonic()
        self._calls = [called for called in self._calls if called > now - 1]
        if len(self._calls) >= self.per_second:
            return _refusal(429, "操作太频繁")
        self._calls.append(now)
        known = self.columns.union(*self.rows)
        if asked.query.get("fields") and asked.query["fields"] not in known:
            return _refusal(400, f"column {asked.query['fields']} not exist")
        size, number = int(asked.query.get("pageSize", 100)), int(asked.query.get("pageNum", 1))
        page = self.rows[(number - 1) * size : number * size]
        records = [
            {
                "recordId": f"rec{index}",
                "createdAt": 1,
                "updatedAt": 1,
                "fields": {name: cell for name, cell in row.items() if cell not in ("", None, False)},
            }
            for index, row in enumerate(page)
        ]
        return FakeResponse(
            {
                "success": True,
                "code": 200,
                "message": "SUCCESS",
                "data": {"total": len(self.rows), "pageNum": number, "pageSize": len(records), "records": records},
            }
        )


def _refusal(code: int, words: str) -> FakeResponse:
    return FakeResponse({"success": False, "code": code, "message": words}, code)
