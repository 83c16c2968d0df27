"""What Feishu tells over its long connection: taps on cards, messages to the bot, and punches. Pure.

Sources: https://open.feishu.cn/document/feishu-cards/card-callback-communication, …/im-v1/message/events/receive.
"""

import base64
import json
from typing import Any

from daka.chat.connection import ChatReply, Incoming, VendorEvent
from daka.chat.words import TAPS, ChatCommand, Word, read
from daka.outbound.bodies import json_object
from daka.reminders.punches.feishu_events import KEPT, kept
from daka.vendors.replies import object_of

CARD_EVENT = "card.action.trigger"
MESSAGE_EVENT = "im.message.receive_v1"


def incoming(payload: bytes) -> tuple[str, Incoming | None]:
    """The type of an event, and what a person said in it, if anything."""
    found = json_object(payload.decode(errors="replace")) or {}
    header, event = object_of(found, "header"), object_of(found, "event")
    kind, identity = str(header.get("event_type", "")), header.get("event_id")
    if not isinstance(identity, str) or not identity:
        return kind, None
    if kind == CARD_EVENT:
        return kind, _tap(identity, event)
    return kind, _words(event) if kind == MESSAGE_EVENT else None


def event_of(payload: bytes) -> VendorEvent | None:
    """An event of punches, without where and with what it was; None: another one."""
    found = json_object(payload.decode(errors="replace")) or {}
    header = object_of(found, "header")
    kind = str(header.get("event_type", ""))
    if kind not in KEPT:
        return None
    return VendorEvent(
        kind, str(header.get("event_id", "")), str(header.get("tenant_key", "")), kept(kind, object_of(found, "event"))
    )


def answer(result: dict[str, Any] | None, code: int = 200) -> bytes:
    """The payload of the answer to a frame."""
    data = None if result is None else base64.b64encode(_json(result)).decode()
    return _json({"code": code, "headers": None, "data": data})


def toast(told: ChatReply | None) -> dict[str, Any] | None:
    """What is shown to the person who tapped."""
    return None if told is None else {"toast": {"type": "info", "content": told.reply}}


def _tap(identity: str, event: dict[str, Any]) -> Incoming | None:
    value, person = object_of(event, "action", "value"), object_of(event, "operator").get("open_id")
    word, number = TAPS.get(str(value.get("do"))), str(value.get("id", ""))
    if word is None or not isinstance(person, str) or not person:
        return None
    if not (number.isascii() and number.isdecimal() and len(number) < 16):
        return None
    return Incoming(f"tap {identity}", person, ChatCommand(word), int(number))


def _words(event: dict[str, Any]) -> Incoming | None:
    message, sender = object_of(event, "message"), object_of(event, "sender")
    person, number = object_of(sender, "sender_id").get("open_id"), message.get("message_id")
    content = json_object(message["content"]) if isinstance(message.get("content"), str) else None
    text = (content or {}).get("text")
    if message.get("message_type") != "text" or sender.get("sender_type") not in ("user", None):
        return None
    if not isinstance(person, str) or not isinstance(number, str) or not isinstance(text, str) or not person:
        return None
    command = read(_without_mentions(text))
    if command.word is Word.UNKNOWN and message.get("chat_type") != "p2p":
        return None
    return Incoming(f"message {number}", person, command, None, {"message": number})


def _without_mentions(text: str) -> str:
    """`@_user_1 打卡` is 打卡."""
    return " ".join(word for word in text.split() if not word.startswith("@_user_"))


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
