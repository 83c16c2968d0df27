"""Telegram: long polling with `getUpdates`. Source: https://core.telegram.org/bots/api#getupdates.

An update is acknowledged by asking for those after it. It is delivered again until then, for at most a day.
"""

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

from daka.chat.connection import Incoming, Lost, Refused, TakenOver
from daka.chat.line import Dialect, Line
from daka.chat.words import TAPS, ChatCommand, Word, read
from daka.delivery.channels.telegram import VENDOR
from daka.outbound.bodies import json_object, seconds_of
from daka.outbound.requests import HttpAnswer
from daka.vendors.replies import object_of

POLL_SECONDS = 25
LONGEST_ANSWER_BYTES = 4 * 1024 * 1024
"""A hundred updates, some from groups with long messages."""
FORGET_OFFSET_AFTER = 3600.0
"""Seconds. After a week of silence Telegram numbers updates anew: an old offset would hide them."""


class TelegramPolling(Dialect):
    name: ClassVar[str] = "telegram"

    async def read(self, line: Line) -> None:
        offset, offset_at = 0, time.monotonic()
        wait = 0  # the first answer comes at once, and shows that the bot is accepted
        while True:
            if time.monotonic() - offset_at > FORGET_OFFSET_AFTER:
                offset, offset_at = 0, time.monotonic()
            body = {"offset": offset, "timeout": wait, "limit": 100, "allowed_updates": ["message", "callback_query"]}
            answer = await self._ask("getUpdates", body, seconds=wait + 10.0)
            updates = _updates(answer)
            await line.received()
            await line.store(list(filter(None, map(incoming, updates))))
            if numbers := [found["update_id"] for found in updates if isinstance(found.get("update_id"), int)]:
                offset, offset_at = max(numbers) + 1, time.monotonic()
            wait = POLL_SECONDS

    async def reply(self, to: dict[str, str], text: str) -> None:
        if "query" in to:
            body = {"callback_query_id": to["query"], "text": text[:200], "show_alert": len(text) > 40}
            answer = await self._ask("answerCallbackQuery", body)
        else:
            quoted = {"message_id": int(to["message"]), "allow_sending_without_reply": True}
            answer = await self._ask("sendMessage", {"chat_id": to["chat"], "text": text, "reply_parameters": quoted})
        if answer.status == 429 or answer.status >= 500:
            raise Lost(f"HTTP {answer.status}")

    async def _ask(self, method: str, body: Mapping[str, Any], *, seconds: float = 10.0) -> HttpAnswer:
        url = f"https://api.telegram.org/bot{self.app.secret}/{method}"
        asked = VENDOR.request(url, body)
        return await self.outbound.send(replace(asked, longest_answer_bytes=LONGEST_ANSWER_BYTES, seconds=seconds))


def _updates(answer: HttpAnswer) -> list[dict[str, Any]]:
    """The updates of an answer.

    Raises Ended: it is a refusal; the words are Telegram's, and never contain the token.
    """
    found = json_object(answer.text) or {}
    if answer.status == 200 and found.get("ok") is True and isinstance(found.get("result"), list):
        return [update for update in found["result"] if isinstance(update, dict)]
    words = str(found.get("description", ""))[:150] or f"HTTP {answer.status}"
    match found.get("error_code", answer.status):
        case 401 | 404:
            raise Refused(words)
        case 409:
            raise TakenOver(words)
        case 429:
            asked = seconds_of(object_of(found, "parameters").get("retry_after"))
            raise Lost(words, wait=asked or timedelta(seconds=30))
        case _:
            raise Lost(words)


def incoming(update: Mapping[str, Any]) -> Incoming | None:
    """A tap on one of our buttons, or words that a person wrote; None for anything else."""
    query, message = update.get("callback_query"), update.get("message")
    if isinstance(query, dict):
        return _tap(query)
    return _words(message) if isinstance(message, dict) else None


def _tap(query: Mapping[str, Any]) -> Incoming | None:
    do, _, number = str(query.get("data", "")).partition(":")
    word, person, identity = TAPS.get(do), _person(query), query.get("id")
    if word is None or person is None or not isinstance(identity, str) or not (0 < len(number) < 16):
        return None
    if not (number.isascii() and number.isdecimal()):
        return None
    return Incoming(f"tap {identity}", person, ChatCommand(word), int(number), {"query": identity})


def _words(message: Mapping[str, Any]) -> Incoming | None:
    chat, number, text = message.get("chat"), message.get("message_id"), message.get("text")
    person = _person(message)
    if person is None or not isinstance(chat, dict) or not isinstance(number, int) or not isinstance(text, str):
        return None
    command = read(_plain(text))
    if command.word is Word.UNKNOWN and chat.get("type") != "private":
        return None  # people talk to each other there
    where = {"chat": str(chat.get("id")), "message": str(number)}
    return Incoming(f"message {where['chat']}/{number}", person, command, None, where)


def _plain(text: str) -> str:
    """Commands as words: `/today@my_bot` is `today`; `/start 483920`, as of a link to the bot, binds."""
    if not text.startswith("/"):
        return text
    command, *rest = text[1:].split()[:3] or [""]
    command = command.partition("@")[0]
    return " ".join(["绑定" if command == "start" and rest else command, *rest])


def _person(found: Mapping[str, Any]) -> str | None:
    sender = found.get("from")
    if not isinstance(sender, dict) or sender.get("is_bot") or not isinstance(sender.get("id"), int):
        return None
    return str(sender["id"])
