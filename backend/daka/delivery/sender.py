"""Attempts: renders a message, sends it over a channel, and returns the provider's answer."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache, partial
from typing import Any

from pydantic import ValidationError

from daka import clock
from daka.database import Database
from daka.delivery import remedies
from daka.delivery.channels.kind import Budget, CardState, ChannelKind, ChatApp, ExchangeRead, SendContext
from daka.delivery.channels.registry import KINDS
from daka.delivery.channels.verdicts import Verdict, verdict_without_answer
from daka.delivery.failover import CHANNEL_OFF, is_off
from daka.delivery.lanes import Job, Result
from daka.delivery.links import link
from daka.delivery.messages import Action, Answer, Mention, MessageContent, ReminderLine, RenderedMessage, render
from daka.delivery.models import Channel, Occasion, Outcome
from daka.errors import ConfigurationError
from daka.languages import Words, said
from daka.outbound.http import Outbound
from daka.outbound.masking import masked
from daka.outbound.requests import OVERALL_SECONDS, NoAnswer
from daka.reminders.claims import Current
from daka.security import SecretBox
from daka.settings import Settings

MOST_KEPT_CONFIGS = 5000
OPEN_APP: Words = ("打开打卡", "Open Daka")


@dataclass(frozen=True, slots=True)
class SendResult:
    """A provider's answer, with the requests and answers on the wire; secrets are masked."""

    verdict: Verdict
    latency: timedelta
    exchanges: tuple[ExchangeRead, ...] = ()
    budget: Budget | None = None
    """The monthly quota that it used."""
    calls: int = 0


class Sender:
    """Makes attempts; `records.record` writes their results to the tables."""

    def __init__(self, database: Database, settings: Settings, outbound: Outbound) -> None:
        self._database = database
        self._settings = settings
        self._outbound = outbound
        self._box = SecretBox(settings.secret)
        self.hears: Callable[[ChatApp], bool] = lambda app: True
        """Whether answers come in from an app; a worker knows. Without them messages carry links."""
        self.lanes_of_others: frozenset[str] = frozenset()
        """Lanes in which only another process can send, because it holds the connection."""
        self._opened = lru_cache(MOST_KEPT_CONFIGS)(self._open)

    def config_of(self, channel: Channel) -> Any:
        """A channel's settings with its secrets, as its kind's own type."""
        return self._settings_of(channel)[0]

    def _settings_of(self, channel: Channel) -> tuple[Any, list[str]]:
        """A channel's settings, and the secrets among them."""
        stored = json.dumps(channel.config, sort_keys=True) if channel.config else "{}"
        return self._opened(channel.kind, channel.sealed_secrets, stored)

    def _open(self, kind: str, sealed_secrets: str, stored: str) -> tuple[Any, list[str]]:
        opened = self._box.open(sealed_secrets) if sealed_secrets else {}
        config = KINDS[kind].parsed({**json.loads(stored), **opened})
        return config, KINDS[kind].secrets(config)

    async def attempt(self, job: Job) -> Result:
        """One attempt at one delivery. Never raises for anything that a provider or a person did."""
        now = clock.now()
        message = MessageContent.model_validate(job.delivery.message)
        lines = tuple(_current_lines(message, job.open_reminders, now))
        if now >= job.delivery.expires_at or (message.lines and not lines):
            return Result(job, None, now, timedelta(0))
        if message.occasion is not Occasion.TEST and (is_off(job.channel) or job.is_owner_gone):
            return Result(job, CHANNEL_OFF, now, timedelta(0))
        if job.planners is not None:
            readers = _current_readers(message, job.planners)
            is_planners = job.channel.user_id is None or job.channel.user_id in job.planners
            if not is_planners or (message.readers and not readers):
                return Result(job, CHANNEL_OFF, now, timedelta(0))
            message = message.model_copy(update={"readers": readers})
        if is_changed := lines != message.lines:
            message = message.model_copy(update={"lines": lines})
        if job.owner is not None and (message.mentions or message.readers):
            called = {
                "mentions": (job.owner,) if message.mentions else (),
                "readers": (job.owner,) if message.readers else (),
            }
            message = message.model_copy(update=called)
        app = self.chat_app_of(job.channel)
        is_heard = app is not None and self.hears(app)
        rendered = render(
            message,
            key=job.delivery.key,
            due_at=job.delivery.due_at,
            now=now,
            link_for=partial(self._link_for, job.delivery.id) if self._settings.public_url else None,
            templates=job.templates,
            language=job.language,
            delivery_id=job.delivery.id,
            is_heard=is_heard,
        )
        if message.occasion is Occasion.TEST:
            # With a button, as reminders have: a refused one shows here first.
            address = f"{self._settings.base_url}/"
            actions = (Action(said(OPEN_APP, job.language), address),) if self._settings.public_url else ()
            rendered = replace(rendered, actions=actions, answers=(Answer.ACK,) if is_heard and job.delivery.id else ())
        result = await self.send(job.channel, rendered)
        return Result(
            job,
            result.verdict,
            now,
            result.latency,
            rendered.is_late,
            rendered,
            result.exchanges,
            result.budget,
            result.calls,
            lines if is_changed else None,
        )

    async def send(self, channel: Channel, rendered: RenderedMessage) -> SendResult:
        """Send a message over a channel and return its provider's answer."""
        is_watched = rendered.occasion is Occasion.TEST
        return await self._ask(
            channel, lambda kind, config, context: kind.deliver(config, rendered, context), is_watched=is_watched
        )

    async def poll(self, channel: Channel, ticket: str) -> SendResult:
        """Ask for the receipt of a message that a provider accepted under this ticket."""
        return await self._ask(channel, lambda kind, config, context: kind.receipt(config, ticket, context))

    async def update(self, channel: Channel, card: str, rendered: RenderedMessage, state: CardState) -> SendResult:
        """Change a message that was sent."""
        return await self._ask(
            channel, lambda kind, config, context: kind.update(config, card, rendered, state, context)
        )

    def chat_app_of(self, channel: Channel) -> ChatApp | None:
        """Where answers to this channel's messages come in. None also if its settings cannot be read."""
        try:
            app = KINDS[channel.kind].chat_app(self.config_of(channel))
        except (KeyError, ValidationError, ConfigurationError):
            return None
        return None if app is not None and app.is_for_want_of_links and self._settings.public_url else app

    async def leaves_to_others(self, channel: Channel) -> bool:
        """Whether another process holds the connection over which this channel's messages go out."""
        app, lines = self.chat_app_of(channel), self._outbound.lines
        return app is not None and app.carries_messages and app.key not in lines.open and await lines.is_held(app.key)

    async def _ask(
        self,
        channel: Channel,
        ask: Callable[[ChannelKind[Any], Any, SendContext], Awaitable[Verdict]],
        *,
        is_watched: bool = False,
    ) -> SendResult:
        started = time.perf_counter()
        try:
            kind, (config, hidden) = KINDS[channel.kind], self._settings_of(channel)
        except (KeyError, ValidationError, ConfigurationError) as error:
            reason = str(error) if isinstance(error, ConfigurationError) else "the stored settings do not fit"
            return SendResult(Verdict(Outcome.BROKEN_CHANNEL, "settings", reason, remedies.SETTINGS), timedelta(0))
        context = SendContext(channel, self._outbound, self._database, list(hidden), is_watched=is_watched)
        try:
            async with asyncio.timeout(OVERALL_SECONDS):  # a kind may need several requests within one lease
                verdict = await ask(kind, config, context)
        except TimeoutError:
            verdict = Verdict(Outcome.RETRY, "timeout", "no answer in time")
        except NoAnswer as failure:
            verdict = verdict_without_answer(failure)
        if verdict.outcome is Outcome.RETRY and not verdict.hint:
            verdict = replace(verdict, hint=remedies.TRIED_AGAIN)
        code = masked(verdict.provider_code, context.secrets)
        message = masked(verdict.provider_message, context.secrets)
        if (code, message) != (verdict.provider_code, verdict.provider_message):
            verdict = replace(verdict, provider_code=code, provider_message=message)
        latency = timedelta(seconds=time.perf_counter() - started)
        return SendResult(verdict, latency, tuple(context.exchanges), kind.budget(config), context.counted_calls)

    def _link_for(self, delivery_id: int, lines: Sequence[ReminderLine]) -> str:
        return link(self._settings, delivery_id, ends_at=max(line.ends_at for line in lines))


def _current_readers(message: MessageContent, planners: Mapping[int, Mention]) -> tuple[Mention, ...]:
    """The readers who still plan one of its teams, by the ids that they have now."""
    return tuple(
        planners.get(reader.user_id, reader) if reader.user_id is not None else reader
        for reader in message.readers
        if reader.user_id is None or reader.user_id in planners
    )


def _current_lines(
    message: MessageContent, open_reminders: Mapping[int, Current | None], now: datetime
) -> Iterator[ReminderLine]:
    """The lines whose reminders are still open, with what has changed since the message was written.

    A shift that begins hours later now has its own message then; so has somebody who asked to be left alone for a while.
    """
    for line in message.lines:
        if line.reminder_id not in open_reminders:
            continue
        found = open_reminders[line.reminder_id]
        if found is None:
            yield line
            continue
        is_same_point = line.point_at == found.window.point_at and line.asked_at in (None, found.asked_at)
        is_moved = not is_same_point and now < found.window.opens_at
        if is_moved or (found.is_snoozed and message.occasion is Occasion.REMINDER):
            continue
        is_same = (
            (line.name, line.mobile, line.dingtalk_userid) == (found.name, found.mobile, found.dingtalk_userid)
            and (line.shift_name, line.zone) == (found.shift_name, found.zone)
            and is_same_point
        )
        changed = {
            "name": found.name,
            "mobile": found.mobile,
            "dingtalk_userid": found.dingtalk_userid,
            "shift_name": found.shift_name,
            "zone": found.zone,
            "point_at": found.window.point_at,
            "asked_at": found.asked_at,
            "ends_at": found.window.ends_at,
        }
        yield line if is_same else line.model_copy(update=changed)
