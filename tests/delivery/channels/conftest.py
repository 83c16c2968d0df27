"""Attempts at a kind of channel over real sockets, without a database."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from conftest import test_settings
from daka.delivery.channels.kind import SendContext
from daka.delivery.channels.registry import KINDS
from daka.delivery.channels.verdicts import Verdict, verdict_without_answer
from daka.delivery.messages import Action, Mention, ReminderLine, RenderedMessage
from daka.delivery.models import Channel, Occasion
from daka.outbound.guard import Guard
from daka.outbound.http import Outbound, origins_of
from daka.outbound.requests import NoAnswer
from daka.outbound.tokens import AppTokens
from daka.shifts.times import PunchKind
from fakes.server import FakeServer

AT = datetime(2026, 11, 23, 0, 45, tzinfo=UTC)
"""Monday 08:45 in Shanghai."""
LINK = "https://daka.example/a/one-tap-token"
ACTIONS = (
    Action("我已打卡", LINK),
    Action("10 分钟后提醒", f"{LINK}#snooze"),
    Action("这次跳过", f"{LINK}#skip"),
)


def line(name: str = "Bob", **values: Any) -> ReminderLine:
    found: dict[str, Any] = {
        "reminder_id": 1,
        "user_id": 2,
        "name": name,
        "mobile": "13800000001",
        "dingtalk_userid": None,
        "work_date": date(2026, 11, 23),
        "kind": PunchKind.CLOCK_IN,
        "point_at": AT + timedelta(minutes=15),
        "ends_at": AT + timedelta(minutes=25),
        "shift_name": "早班",
        "zone": "Asia/Shanghai",
    }
    return ReminderLine(**{**found, **values})


def note_to(
    *lines: ReminderLine, title: str = "上班打卡提醒 09:00", actions: tuple[Action, ...] = ACTIONS, **values: Any
) -> RenderedMessage:
    """A note as it leaves at 08:45 to these people."""
    return RenderedMessage(
        key="daka-key-0001",
        occasion=Occasion.REMINDER,
        title=title,
        paragraphs=tuple(f"{found.name}，早班 09:00 上班打卡，还有 15 分钟。" for found in lines),
        mentions=tuple(Mention(found.name, found.mobile, found.dingtalk_userid) for found in lines),
        actions=actions,
        lines=lines,
        at=AT,
        **values,
    )


class Attempts:
    """Tries a kind against a fake. The fake takes the vendor's place by its setting, or as the server that was chosen."""

    def __init__(self) -> None:
        self.context: SendContext | None = None
        self.tokens = AppTokens()

    async def __call__(
        self,
        kind: str,
        config: dict[str, Any],
        note: RenderedMessage | None = None,
        *,
        database: Any = None,
        **settings: Any,
    ) -> Verdict:
        async with Outbound(Guard(["127.0.0.1"]), origins_of(test_settings(**settings))) as outbound:
            channel = Channel(id=1, name="x", kind=kind, config={}, lane="x", created_at=AT)
            parsed = KINDS[kind].parsed(config)
            outbound.tokens = self.tokens
            self.context = SendContext(channel, outbound, database, KINDS[kind].secrets(parsed))
            try:
                return await KINDS[kind].deliver(parsed, note or note_to(line()), self.context)
            except NoAnswer as failure:
                return verdict_without_answer(failure)

    @property
    def shown(self) -> str:
        """What the test button would show of the last attempt."""
        assert self.context is not None
        return repr(self.context.exchanges)


@pytest.fixture
def attempt() -> Attempts:
    return Attempts()


@pytest.fixture
async def server() -> AsyncIterator[FakeServer]:
    """A server that answers what a test pushes to `next`."""
    async with FakeServer().running() as running:
        yield running
