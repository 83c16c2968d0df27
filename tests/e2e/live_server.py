"""People, shifts and rosters of the server under test, made through its API as an administrator would."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from e2e.server import PASSWORD, zone_where_it_is


@dataclass
class LiveServer:
    """A server with an administrator (root), a planner (alice) and a member (bob) in one team, and charlie in another."""

    address: str
    http: httpx.AsyncClient
    dingtalk: Any
    zone: str
    team_id: int = 0
    other_team_id: int = 0
    user_ids: dict[str, int] | None = None
    shift_ids: dict[str, int] | None = None

    async def ask(self, method: str, path: str, **given: Any) -> Any:
        answer = await self.http.request(method, f"/api/v1{path}", **given)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    @property
    def now(self) -> datetime:
        return datetime.now(ZoneInfo(self.zone))

    @property
    def today(self) -> date:
        return self.now.date()

    async def add_team(self, name: str) -> int:
        return int((await self.ask("POST", "/teams", json={"name": name, "timezone": self.zone}))["id"])

    async def add_person(self, username: str, name: str, team_id: int, role: str = "member") -> int:
        person = {"username": username, "password": PASSWORD, "display_name": name, "role": role, "team_id": team_id}
        return int((await self.ask("POST", "/users", json=person))["id"])

    async def add_shift(self, name: str, code: str, *periods: tuple[str, str], **more: Any) -> int:
        wanted = {"name": name, "code": code, "color": "hue-2", **more}
        wanted["periods"] = [{"start": start, "end": end} for start, end in periods]
        return int((await self.ask("POST", "/shifts", json=wanted))["id"])

    async def plan(self, user_id: int, day: date, shift_id: int | None) -> None:
        cell = {"user_id": user_id, "date": day.isoformat(), "shift_id": shift_id}
        await self.ask("PUT", "/roster", json={"assignments": [cell]})

    async def planned(self, user_id: int, day: date) -> int | None:
        """What the server says is in this cell."""
        query = {"from": day.isoformat(), "to": day.isoformat(), "user_id": user_id}
        found = (await self.ask("GET", "/roster", params=query))["users"]
        return next((user["shift_ids"][0] for user in found if user["id"] == user_id), None)

    async def add_person_about_to_start(self, username: str, name: str, team_id: int) -> int:
        """Somebody whose work starts in ten minutes, so that the first reminder goes out at once."""
        user_id = await self.add_person(username, name, team_id)
        start = self.now + timedelta(minutes=10)
        hours = (f"{start:%H:%M}", f"{start + timedelta(hours=8):%H:%M}")
        shift_id = await self.add_shift(f"{name}的班", username[:4], hours, team_id=team_id)
        await self.plan(user_id, start.date(), shift_id)
        return user_id

    async def clock_in_status(self, user_id: int) -> str:
        day = self.today.isoformat()
        found = await self.ask("GET", "/reminders", params={"user_id": user_id, "from": day, "to": day})
        return next(str(each["status"]) for each in found["items"] if each["kind"] == "clock_in")


async def furnished(address: str, http: httpx.AsyncClient, dingtalk: Any) -> LiveServer:
    """An empty server, set up."""
    setup = {"username": "root", "password": PASSWORD, "display_name": "罗特"}
    tokens = (await http.post("/api/v1/setup", json=setup)).json()
    http.headers["Authorization"] = f"Bearer {tokens['access_token']}"
    live_server = LiveServer(address, http, dingtalk, zone_where_it_is(12))
    live_server.team_id = await live_server.add_team("一车间")
    live_server.other_team_id = await live_server.add_team("三车间")
    live_server.user_ids = {
        "alice": await live_server.add_person("alice", "李爱丽", live_server.team_id, "planner"),
        "bob": await live_server.add_person("bob", "王波", live_server.team_id),
        "dora": await live_server.add_person("dora", "多拉", live_server.team_id, "planner"),
        "charlie": await live_server.add_person("charlie", "查理", live_server.other_team_id),
    }
    live_server.shift_ids = {
        "早": await live_server.add_shift("早班", "早", ("08:00", "16:00")),
        "夜": await live_server.add_shift("夜班", "夜", ("22:00", "06:00"), color="hue-9"),
        "休": await live_server.add_shift("休息", "休", is_rest=True),
    }
    return live_server
