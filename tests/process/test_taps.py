"""Processes that are killed while taps come in: none that was acknowledged to the vendor is lost, and none acts twice."""

import asyncio
import random
from abc import ABC, abstractmethod
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import select

from conftest import SECRET, Workplace, eventually, open_workplace
from daka import clock
from daka.chat.models import ChatConnection, ChatIdentity, ChatMessage
from daka.chat.supervisor import ChatConnections
from daka.reminders.models import Reminder
from daka.reminders.states import ReminderStatus
from daka.roster.requests.models import Absence
from fakes.ntfy import FakeNtfy
from fakes.server import FakeChat
from fakes.telegram_bot import FakeBot
from fakes.wecom_bot import FakeWecomBot
from forked import program
from process.servers import serving
from scenes import SHANGHAI, assign, new_shift

PEOPLE = 12
SKIPPED = "好的，这次不再提醒。"


class Vendor(ABC):
    """One vendor with a private channel for each person, numbered from 1."""

    kind: str
    fake: FakeChat
    setting = ""
    kills = 1

    @property
    def settings(self) -> dict[str, str]:
        return {self.setting: self.fake.base_url} if self.setting else {}

    @abstractmethod
    def config(self, number: int) -> dict[str, Any]: ...

    @abstractmethod
    def connections(self) -> int:
        """How often Daka has connected."""

    @abstractmethod
    async def tap(self, number: int) -> str:
        """This person skips; returns the tap as it is stored."""

    @abstractmethod
    def acknowledged(self) -> set[str]:
        """The taps that need not come again: the vendor, or the person, has seen that they arrived."""

    @abstractmethod
    def said(self) -> set[str]:
        """What was answered."""


class Telegram(Vendor):
    kind, setting, kills = "telegram", "telegram_base_url", 2

    def __init__(self) -> None:
        self.fake: FakeBot = FakeBot()
        self._taps: set[str] = set()

    def config(self, number: int) -> dict[str, Any]:
        return {"bot_token": "42:good", "chat_id": str(number), "answers_in_chat": True}

    def connections(self) -> int:
        return self.fake.polls

    async def tap(self, number: int) -> str:
        (message,) = [key for key, each in self.fake.messages.items() if str(each["chat_id"]) == str(number)]
        self._taps.add(tap := self.fake.tap(number, message, "skip"))
        return f"tap {tap}"

    def acknowledged(self) -> set[str]:
        return {f"tap {tap}" for tap in self._taps - {update["callback_query"]["id"] for update in self.fake.waiting}}

    def said(self) -> set[str]:
        return {text for text, _ in self.fake.answers.values()}


class Wecom(Vendor):
    """It acknowledges nothing; who sees their card unchanged taps again."""

    kind, setting = "wecom_bot", "wecom_base_url"

    def __init__(self) -> None:
        self.fake: FakeWecomBot = FakeWecomBot(people=tuple(f"w{number}" for number in range(1, PEOPLE + 1)))

    def config(self, number: int) -> dict[str, Any]:
        return {"bot_id": "aib-good", "bot_secret": "good", "userids": f"w{number}"}

    def connections(self) -> int:
        return self.fake.pings

    async def tap(self, number: int) -> str:
        (name,) = [each for each, person in self.fake.sent_to.items() if person == f"w{number}"]
        return f"tap {await self.fake.tap(name, 'skip')}"

    def acknowledged(self) -> set[str]:
        return {f"tap {number}" for number in self.fake.changed}

    def said(self) -> set[str]:
        shown = {SKIPPED for name in self.fake.cards if self.fake.text(name).endswith("— 已跳过")}
        return shown | {text for _, text in self.fake.texts}


class Ntfy(Vendor):
    """A button writes to the server, which keeps it: all count as acknowledged once they are acted on."""

    kind = "ntfy"

    def __init__(self) -> None:
        self.fake: FakeNtfy = FakeNtfy()
        self._taps = 0

    def config(self, number: int) -> dict[str, Any]:
        return {"topic": f"topic{number}", "server": self.fake.base_url, "buttons": "ntfy"}

    def connections(self) -> int:
        return len(self.fake.subscribed) // PEOPLE

    async def tap(self, number: int) -> str:
        (place,) = [key for key, each in enumerate(self.fake.messages) if each["topic"] == f"topic{number}"]
        self._taps += 1
        await self.fake.tap(place, 2, message_id=f"n{self._taps}")
        return f"tap n{self._taps}"

    def acknowledged(self) -> set[str]:
        return set()

    def said(self) -> set[str]:
        return {each["message"] for each in self.fake.messages if "actions" not in each}


async def send(office: Workplace, vendor: Vendor) -> None:
    """Send everybody their reminder, over a connection of this process where the vendor wants one."""
    sender, outbound = office.app.state.sender, office.app.state.outbound
    chats = ChatConnections(office.database, office.settings, sender, outbound, "sender", lambda: None, lambda: None)
    await chats.look()
    await vendor.fake.until(vendor.connections, 30)
    try:
        sent = 0
        while sent < PEOPLE:
            sent += await office.tick()
    finally:
        await chats.stop()


@pytest.mark.parametrize("vendor_class", [Telegram, Wecom, Ntfy], ids=lambda each: each.kind)
async def test_a_kill_between_tap_and_record_loses_nothing_and_repeats_nothing(
    database_url: str, tmp_path: Path, vendor_class: type[Vendor]
) -> None:
    vendor, chance = vendor_class(), random.Random(15)
    shared = {"allow_private_targets": ("127.0.0.1",)}
    async with vendor.fake.running(), open_workplace(database_url, **shared, **vendor.settings) as office:
        now = clock.now().astimezone(SHANGHAI)
        start, end = now + timedelta(minutes=10), now + timedelta(hours=5)
        shift = {"name": "班", "code": "班", "periods": [{"start": f"{start:%H:%M}", "end": f"{end:%H:%M}"}]}
        people = await office.add_people(PEOPLE, team_id=office.team_a)
        for number, person in enumerate(people, 1):
            new = {"name": vendor.kind, "kind": vendor.kind, "config": vendor.config(number)}
            await person.post("/api/v1/channels", new)
        async with office.database.write() as session:
            for number, person in enumerate(people, 1):
                session.add(ChatIdentity(user_id=person.id, realm="wecom:aib-good", person=f"w{number}"))
        await assign(office, await new_shift(office.alice, shift), *people, on=start.date())
        await send(office, vendor)
        settings = {
            "database_url": database_url,
            "secret_key": SECRET,
            "public_url": "http://localhost:8000",
            "backup_every_hours": "0",
            "allow_private_targets": "127.0.0.1",
            **vendor.settings,
        }

        async def rows() -> dict[str, ChatMessage]:
            async with office.database.read() as session:
                return {each.vendor_id: each for each in await session.exec(select(ChatMessage))}

        taps: dict[int, str] = {}
        left = list(range(1, PEOPLE + 1))
        for _ in range(vendor.kills):
            connected = vendor.connections()
            async with serving(tmp_path, program=program("forked"), **settings) as server:
                await vendor.fake.until(lambda connected=connected: vendor.connections() > connected, 30)  # type: ignore[misc]
                for number in [left.pop() for _ in range(PEOPLE // (vendor.kills + 1))]:
                    taps[number] = await vendor.tap(number)
                await asyncio.sleep(chance.uniform(0.0, 0.3))
                server.process.kill()
            assert vendor.acknowledged() <= (await rows()).keys()
            async with office.database.write() as session:  # the leases run out
                await session.exec(sa.update(ChatConnection).values(leased_until=None))

        async def all_are_answered() -> bool:
            stored = await rows()
            return taps.keys() == set(range(1, PEOPLE + 1)) and all(
                tap in stored and stored[tap].answered_at for tap in taps.values()
            )

        connected = vendor.connections()
        async with serving(tmp_path, program=program("forked"), **settings):
            await vendor.fake.until(lambda: vendor.connections() > connected, 30)
            stored = await rows()
            for number in [*left, *(each for each, tap in taps.items() if tap not in stored)]:
                if number in left or vendor.kind == "wecom_bot":
                    taps[number] = await vendor.tap(number)
            await eventually(all_are_answered, within_seconds=60)
        assert vendor.said() == {SKIPPED}
        async with office.database.read() as session:
            skips = Counter(await session.exec(select(Absence.user_id)))
            clock_ins = await session.exec(select(Reminder.status).where(Reminder.kind == "clock_in"))
            assert set(skips.values()) == {1}
            assert len(skips) == PEOPLE
            assert set(clock_ins) == {ReminderStatus.SKIPPED}
