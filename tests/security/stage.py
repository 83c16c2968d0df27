"""The things that the permission table speaks of, and an application that forgets every request."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from types import MethodType
from typing import Any

import httpx
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from conftest import OWN, TODAY, Workplace
from daka.chat.models import ChatIdentity
from daka.database import Database
from daka.delivery.models import Delivery, InboxMessage

EARLY = {"name": "早班", "code": "早", "periods": [{"start": "08:10", "end": "18:00"}]}
LATE = {"name": "晚班", "code": "晚", "periods": [{"start": "14:00", "end": "22:00"}]}
TOMORROW = str(TODAY + timedelta(days=1))


@dataclass
class Stage:
    """Who asks, and what the placeholders of the table stand for."""

    clients: dict[str, httpx.AsyncClient]
    things: dict[str, Any]


async def set_stage(workplace: Workplace) -> Stage:
    """Team A with Alice, Bob and everything that can be asked for; Charlie in team C."""
    alice, bob, root = workplace.alice, workplace.bob, workplace.root
    dan = await workplace.add_person("Dan", team_id=workplace.team_a)
    shift = await alice.post("/api/v1/shifts", EARLY)
    cells = [
        {"user_id": user.id, "date": day, "shift_id": shift["id"]}
        for user in (bob, dan)
        for day in (str(TODAY), TOMORROW)
    ]
    await alice.put("/api/v1/roster", {"assignments": cells})
    await workplace.tick()
    reminders = (await bob.get("/api/v1/reminders"))["items"]
    async with workplace.database.read() as session:
        delivery = (await session.exec(select(Delivery).order_by(Delivery.id))).first()
        message = (await session.exec(select(InboxMessage).where(InboxMessage.user_id == bob.id))).first()
    robot = {"webhook_url": "https://oapi.dingtalk.com/robot/send?access_token=secret-of-the-team"}
    free = {"url": "https://hooks.example.com/bob"}
    token = await bob.post("/api/v1/me/tokens", {"name": "快捷指令", "scopes": ["roster:read"], **OWN})
    form = {"username": "bob", "password": "correct horse battery"}
    await workplace.anonymous.post("/api/v1/auth/token", data=form)
    devices = (await bob.get("/api/v1/me/devices"))["items"]
    bobs_channel = await bob.post("/api/v1/channels", {"name": "我的", "kind": "webhook", "config": free})
    team_channel = await alice.post(
        "/api/v1/channels", {"name": "群", "kind": "dingtalk_robot", "team_id": workplace.team_a, "config": robot}
    )
    move = await root.post(f"/api/v1/users/{bob.id}/moves", {"team_id": workplace.team_c, "from_date": "2027-01-01"})
    leave = await bob.post("/api/v1/leaves", {"from": "2026-12-01", "to": "2026-12-02"})
    feed = await bob.post("/api/v1/me/ical", {"name": "手机", **OWN})
    async with workplace.database.write() as session:
        chat = ChatIdentity(user_id=bob.id, realm="telegram", person="7")
        session.add(chat)
    pattern = await alice.post(
        "/api/v1/roster/patterns", {"name": "六天一轮", "team_id": workplace.team_a, "cycle": [shift["id"], None]}
    )
    late = await alice.post("/api/v1/shifts", LATE)
    await alice.put("/api/v1/roster", {"assignments": [{"user_id": dan.id, "date": TOMORROW, "shift_id": late["id"]}]})
    swap = await bob.post("/api/v1/swaps", {"date": TOMORROW, "with_user_id": dan.id})
    offer = {"team_id": workplace.team_a, "date": "2026-12-21", "shift_id": late["id"]}
    (open_shift,) = (await alice.post("/api/v1/open-shifts", offer))["items"]
    source = await alice.post(
        "/api/v1/punch-sources",
        {
            "name": "表",
            "kind": "json_url",
            "team_id": workplace.team_a,
            "config": {"url": "https://example.com/punched.json", "value_path": "data.{kind}"},
        },
    )
    words = {"variants": [{"title": "该打卡了", "line": "{name} {time}"}]}
    await alice.put(f"/api/v1/templates/{workplace.team_a}/clock_in_before", words)
    return Stage(
        clients={
            "anonymous": workplace.anonymous,
            "charlie": workplace.charlie.http,
            "bob": bob.http,
            "alice": alice.http,
            "root": root.http,
        },
        things={
            "bob": bob.id,
            "alice": alice.id,
            "root": root.id,
            "team_a": workplace.team_a,
            "a_shift": shift["id"],
            "bobs_reminder": reminders[0]["id"],
            "bobs_delivery": delivery.id if delivery else 0,
            "bobs_message": message.id if message else 0,
            "bobs_token": token["id"],
            "bobs_device": devices[0]["id"],
            "bobs_channel": bobs_channel["id"],
            "team_channel": team_channel["id"],
            "bobs_move": move["id"],
            "bobs_leave": leave["id"],
            "bobs_feed": feed["id"],
            "bobs_chat": chat.id,
            "a_pattern": pattern["id"],
            "bobs_swap": swap["id"],
            "open_shift": open_shift["id"],
            "a_source": source["id"],
            "dan": dan.id,
        },
    )


@asynccontextmanager
async def nothing_is_kept(database: Database) -> AsyncIterator[None]:
    """Inside the block every transaction is rolled back, so that each question finds the same state."""

    @asynccontextmanager
    async def write(self: Database) -> AsyncIterator[AsyncSession]:
        async with self._write() as session:
            yield session
            await session.flush()
            session.expunge_all()  # what the route answers with must not be read anew
            await session.rollback()

    kept = database.write
    database.write = MethodType(write, database)  # type: ignore[method-assign]
    try:
        yield
    finally:
        database.write = kept  # type: ignore[method-assign]
