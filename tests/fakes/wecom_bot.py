"""WeCom's bot over its long connection: one connection at a time, cards that change within five seconds of a tap."""

import json
import re
import secrets
import time
from typing import Any

from aiohttp import web

from fakes.server import FakeChat

UPDATE_SECONDS = 5.0


class FakeWecomBot(FakeChat):
    """The bot `aib-good` with the secret `good`."""

    socket_path = "/"

    def __init__(self, people: tuple[str, ...] = ("bob",)) -> None:
        super().__init__()
        self.people = people
        self.cards: dict[str, dict[str, Any]] = {}
        """By our id of them, as they are now."""
        self.sent_to: dict[str, str] = {}
        self.texts: list[tuple[str, str]] = []
        """To whom, and what."""
        self.changed: dict[str, float] = {}
        """Of each tap that changed its card, the seconds until then."""
        self.taps: dict[str, str] = {}
        """The tap by the id under which its card may be changed."""
        self.pings = 0
        self.is_zombie = False
        """The connection stays open and answers pings of the WebSocket, but nothing comes over it."""
        self.forgets = False
        """Whatever is sent is refused: WeCom no longer counts the connection as subscribed."""
        self.refuses_cards = False
        self.subscribed: web.WebSocketResponse | None = None
        self._tapped_at: dict[str, float] = {}

    # --- what happens there

    async def tap(self, name: str, do: str = "ack", *, person: str = "", number: str = "", late: float = 0.0) -> str:
        """Tap a button of a card; `late` is how many seconds ago that was."""
        person, number = person or self.sent_to[name], number or f"n{secrets.token_hex(4)}"
        assert any(each["key"] == do for each in self.cards[name]["button_list"])
        tapped = {"card_type": "button_interaction", "event_key": do, "task_id": name}
        event = {"eventtype": "template_card_event", "template_card_event": tapped}
        identity = await self.push("aibot_event_callback", person, number, {"msgtype": "event", "event": event})
        self._tapped_at[identity] = time.monotonic() - late
        self.taps[identity] = number
        return number

    async def write(self, text: str, *, person: str = "bob", **values: Any) -> str:
        number = f"n{secrets.token_hex(4)}"
        said = {"msgtype": "text", "text": {"content": text}, **values}
        await self.push("aibot_msg_callback", person, number, said)
        return number

    async def push(self, command: str, person: str, number: str, values: dict[str, Any]) -> str:
        """Send one frame, unless nobody is connected."""
        identity = f"wecom{secrets.token_hex(4)}"
        body = {"msgid": number, "aibotid": "aib-good", "chattype": "single", "from": {"userid": person}, **values}
        if self.subscribed is not None and not self.subscribed.closed and not self.is_zombie:
            await self.subscribed.send_json({"cmd": command, "headers": {"req_id": identity}, "body": body})
        return identity

    async def take_over(self) -> None:
        """Another program connects as this bot: the connection gets an event, and then nothing any more."""
        event = {"msgtype": "event", "event": {"eventtype": "disconnected_event"}}
        await self.push("aibot_event_callback", "", "gone", event)
        self.subscribed = None

    # --- what it answers

    async def _hear(self, socket: web.WebSocketResponse, data: Any) -> None:
        found = json.loads(data)
        identity, body = found["headers"]["req_id"], found.get("body", {})
        code, words = await self._done(socket, found["cmd"], identity, body)
        if self.is_zombie:
            return
        await socket.send_json({"headers": {"req_id": identity}, "errcode": code, "errmsg": words})

    async def _done(
        self, socket: web.WebSocketResponse, command: str, identity: str, body: dict[str, Any]
    ) -> tuple[int, str]:
        if command == "aibot_subscribe":
            if (body["bot_id"], body["secret"]) != ("aib-good", "good"):
                return 40001, "invalid credential"
            if self.subscribed is not None and not self.subscribed.closed:
                await self.take_over()
            self.subscribed, self.forgets, self.is_zombie = socket, False, False
            return 0, "ok"
        if socket is not self.subscribed or self.forgets:
            return 846609, "aibot websocket not subscribed"
        match command:
            case "ping":
                self.pings += 1
                return 0, "ok"
            case "aibot_send_msg":
                return self._send(body)
            case "aibot_respond_update_msg":
                return self._update(identity, body)
        return 40008, "invalid message type"

    def _send(self, body: dict[str, Any]) -> tuple[int, str]:
        if body["chatid"] not in self.people:
            return 93006, "invalid chatid"
        if body["msgtype"] == "markdown":
            assert 0 < len(body["markdown"]["content"].encode()) <= 20480
            self.texts.append((body["chatid"], body["markdown"]["content"]))
            return 0, "ok"
        card = body["template_card"]
        if self.refuses_cards or not _fits(card) or card["task_id"] in self.cards:
            return 40016, "invalid template card"
        self.cards[card["task_id"]], self.sent_to[card["task_id"]] = card, body["chatid"]
        return 0, "ok"

    def _update(self, identity: str, body: dict[str, Any]) -> tuple[int, str]:
        tapped_at = self._tapped_at.pop(identity, None)
        if tapped_at is None or (seconds := time.monotonic() - tapped_at) > UPDATE_SECONDS:
            return 846605, "invalid req_id"
        card = body["template_card"]
        if body["response_type"] != "update_template_card" or not _fits(card) or card["task_id"] not in self.cards:
            return 40016, "invalid template card"
        self.cards[card["task_id"]] = card
        self.changed[self.taps[identity]] = seconds
        return 0, "ok"

    def buttons(self, name: str) -> list[str]:
        return [each["text"] for each in self.cards[name].get("button_list", [])]

    def text(self, name: str) -> str:
        return str(self.cards[name]["sub_title_text"])


def _fits(card: dict[str, Any]) -> bool:
    """The rules of …/document/path/101032 for the two kinds of card that Daka sends."""
    if not re.fullmatch(r"[0-9A-Za-z_@-]{1,128}", card["task_id"]) or not card["main_title"]["title"]:
        return False
    if card["card_type"] == "text_notice":
        return card["card_action"]["type"] == 1 and str(card["card_action"]["url"]).startswith("https://")
    keys = [each["key"] for each in card["button_list"]]
    return card["card_type"] == "button_interaction" and 0 < len(keys) <= 6 and len(set(keys)) == len(keys)
