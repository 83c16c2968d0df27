"""Processes that are killed while taps come in: none that was acknowledged to the vendor is lost, and none acts twice."""

import asyncio
import random
from collections import Counter
from datetime import timedelta
from pathlib import Path

from sqlmodel import select

from conftest import SECRET, eventually, open_workplace
from daka import clock
from daka.chat.models import ChatMessage
from daka.reminders.models import Reminder
from daka.reminders.states import ReminderStatus
from daka.roster.requests.models import Absence
from fakes.telegram_bot import FakeBot
from process.servers import serving
from scenes import SHANGHAI, assign, new_shift

PEOPLE, KILLS = 12, 2


async def test_a_kill_between_tap_and_record_loses_nothing_and_repeats_nothing(
    database_url: str, tmp_path: Path
) -> None:
    bot, chance = FakeBot(), random.Random(15)
    async with bot.running(), open_workplace(database_url, telegram_base_url=bot.base_url) as office:
        now = clock.now().astimezone(SHANGHAI)
        start, end = now + timedelta(minutes=10), now + timedelta(hours=5)
        shift = {"name": "班", "code": "班", "periods": [{"start": f"{start:%H:%M}", "end": f"{end:%H:%M}"}]}
        people = await office.add_people(PEOPLE, team_id=office.team_a)
        for number, person in enumerate(people, 1):
            config = {"bot_token": "42:good", "chat_id": str(number), "answers_in_chat": True}
            await person.post("/api/v1/channels", {"name": "Telegram", "kind": "telegram", "config": config})
        await assign(office, await new_shift(office.alice, shift), *people, on=start.date())
        assert await office.tick() == PEOPLE
        waiting = list(bot.messages.items())
        settings = {
            "database_url": database_url,
            "secret_key": SECRET,
            "telegram_base_url": bot.base_url,
            "public_url": "http://localhost:8000",
            "backup_every_hours": "0",
        }

        async def rows() -> list[ChatMessage]:
            async with office.database.read() as session:
                return list(await session.exec(select(ChatMessage)))

        taps: set[str] = set()
        for _ in range(KILLS):
            async with serving(tmp_path, **settings) as server:
                polls = bot.polls
                await bot.until(lambda polls=polls: bot.polls > polls or bot._poller, 30)  # type: ignore[misc]
                for number, message in (waiting.pop() for _ in range(PEOPLE // (KILLS + 1))):
                    taps.add(bot.tap(int(message["chat_id"]), number, "skip"))
                await asyncio.sleep(chance.uniform(0.0, 0.3))
                server.process.kill()
            unconfirmed = {update["callback_query"]["id"] for update in bot.waiting}
            assert taps - unconfirmed <= {row.vendor_id.removeprefix("tap ") for row in await rows()}
        for number, message in waiting:
            taps.add(bot.tap(int(message["chat_id"]), number, "skip"))

        async def all_are_answered() -> bool:
            found = await rows()
            return len(found) == len(taps) and all(row.answered_at for row in found)

        async with serving(tmp_path, **settings):
            await eventually(all_are_answered, within_seconds=60)
        assert bot.answers.keys() == taps
        assert {said for said, _ in bot.answers.values()} == {"好的，这次不再提醒。"}
        async with office.database.read() as session:
            skips = Counter(await session.exec(select(Absence.user_id)))
            clock_ins = await session.exec(select(Reminder.status).where(Reminder.kind == "clock_in"))
            assert set(skips.values()) == {1}
            assert len(skips) == PEOPLE
            assert set(clock_ins) == {ReminderStatus.SKIPPED}
