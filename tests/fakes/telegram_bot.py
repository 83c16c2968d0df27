"""Telegram's bot API as a bot that listens sees it: long polling, taps, words, messages that change in place."""

import asyncio
import time
from typing import Any

from aiohttp import web

from fakes.server import Asked, FakeChat, FakeResponse


class FakeBot(FakeChat):
    """The bot `42:good`. Updates are delivered again until a later poll confirms them; two pollers push each other out."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: dict[int, dict[str, Any]] = {}
        """What was sent, by number, as it is now."""
        self.answers: dict[str, tuple[str, float]] = {}
        """The reply to each tap, with the seconds that it took."""
        self.has_webhook = False
        self.repeats = 0
        """How many polls deliver confirmed updates once more."""
        self.waiting: list[dict[str, Any]] = []
        self.polls = 0
        self._delivered: list[dict[str, Any]] = []
        self._next = 1000
        self._tapped_at: dict[str, float] = {}
        self._poller = 0

    # --- what people do

    def tap(self, person: int, number: int, do: str, *, delivery: str | None = None) -> str:
        """Tap a button of a message; returns the id of the tap."""
        buttons = [b for row in self.messages[number]["reply_markup"]["inline_keyboard"] for b in row]
        data = delivery or next(b["callback_data"] for b in buttons if b["callback_data"].startswith(do))
        tap = f"q{self._next}"
        self._tapped_at[tap] = time.monotonic()
        chat = {"id": self.messages[number]["chat_id"]}
        message = {"message_id": number, "chat": chat}
        query = {"id": tap, "from": {"id": person, "is_bot": False}, "data": data, "message": message}
        self.push({"callback_query": query})
        return tap

    def write(self, person: int, text: str, *, chat: int | None = None) -> None:
        kind = "private" if chat is None else "group"
        message = {
            "message_id": self._next,
            "from": {"id": person, "is_bot": False},
            "chat": {"id": chat or person, "type": kind},
            "text": text,
        }
        self.push({"message": message})

    def push(self, update: dict[str, Any]) -> None:
        self.waiting.append({"update_id": self._next, **update})
        self._next += 1
        self._wake()

    # --- what the API answers

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.path == "/bot42:good/getUpdates" and not self.next:
            try:
                return (await self._updates(await request.json())).response()
            finally:
                self._wake()
        return await super()._handle(request)

    async def _updates(self, body: dict[str, Any]) -> FakeResponse:
        self.polls += 1
        if self.has_webhook:
            return _refused(409, "Conflict: can't use getUpdates method while webhook is active")
        self._poller += 1
        mine = self._poller
        self._wake()  # an earlier poll ends
        self._delivered += [each for each in self.waiting if each["update_id"] < body["offset"]]
        self.waiting = [each for each in self.waiting if each["update_id"] >= body["offset"]]
        if self.repeats and self._delivered:
            self.repeats -= 1
            return FakeResponse({"ok": True, "result": self._delivered[-100:]})
        deadline = time.monotonic() + body["timeout"]
        while not self.waiting and self._poller == mine and (left := deadline - time.monotonic()) > 0:
            try:
                async with asyncio.timeout(left):
                    await self._changed.wait()
            except TimeoutError:
                break
        if self._poller != mine:
            return _refused(409, "Conflict: terminated by other getUpdates request")
        return FakeResponse({"ok": True, "result": self.waiting[: body["limit"]]})

    def answer(self, asked: Asked) -> FakeResponse:
        if not asked.path.startswith("/bot42:good/"):
            return _refused(401, "Unauthorized")
        body = asked.json
        match asked.path.rpartition("/")[2]:
            case "sendMessage":
                number = len(self.messages) + 1
                self.messages[number] = body
                return FakeResponse({"ok": True, "result": {"message_id": number}})
            case "editMessageText":
                kept = self.messages[body["message_id"]]
                if str(kept["chat_id"]) != str(body["chat_id"]):
                    return _refused(400, "Bad Request: message to edit not found")
                if all(kept.get(name) == body.get(name) for name in ("text", "reply_markup")):
                    return _refused(400, "Bad Request: message is not modified")
                self.messages[body["message_id"]] = body
                return FakeResponse({"ok": True, "result": {"message_id": body["message_id"]}})
            case "answerCallbackQuery":
                tap = body["callback_query_id"]
                if tap not in self._tapped_at:
                    return _refused(400, "Bad Request: query is too old")
                self.answers[tap] = body["text"], time.monotonic() - self._tapped_at[tap]
                return FakeResponse({"ok": True, "result": True})
        return _refused(404, "Not Found")


def _refused(code: int, words: str, **parameters: Any) -> FakeResponse:
    return FakeResponse({"ok": False, "error_code": code, "description": words, "parameters": parameters}, code)
