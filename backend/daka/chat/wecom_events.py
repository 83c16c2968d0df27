"""What WeCom tells over a bot's long connection: taps on cards and messages to the bot. Pure.

Source: https://developer.work.weixin.qq.com/document/path/101463.
"""

from typing import Any

from daka.chat.connection import Incoming
from daka.chat.words import TAPS, ChatCommand, Word, read
from daka.delivery.codes import delivery_of
from daka.vendors.replies import object_of
from daka.vendors.wecom_bot import EVENT, MESSAGE

TAP_EVENT = "template_card_event"
TAKEN_OVER_EVENT = "disconnected_event"


def event_of(frame: dict[str, Any]) -> str:
    """The type of an event; empty for anything else."""
    return str(object_of(frame, "body", "event").get("eventtype", ""))


def incoming(command: str, frame: dict[str, Any]) -> Incoming | None:
    """What a person said, if anything. Who it was is `from`, never what a card says."""
    body = object_of(frame, "body")
    person, number = object_of(body, "from").get("userid"), body.get("msgid")
    if not isinstance(person, str) or not person or not isinstance(number, str) or not number:
        return None
    if command == EVENT and event_of(frame) == TAP_EVENT:
        return _tap(person, number, object_of(body, "event", TAP_EVENT))
    return _words(person, number, body) if command == MESSAGE else None


def card_of(frame: dict[str, Any]) -> str:
    """Our own id of the card that was tapped."""
    return str(object_of(frame, "body", "event", TAP_EVENT).get("task_id", ""))


def _tap(person: str, number: str, tapped: dict[str, Any]) -> Incoming | None:
    word, delivery_id = TAPS.get(str(tapped.get("event_key"))), delivery_of(str(tapped.get("task_id", "")))
    if word is None or delivery_id is None:
        return None
    return Incoming(f"tap {number}", person, ChatCommand(word), delivery_id, {"chat": person, "tap": f"tap {number}"})


def _words(person: str, number: str, body: dict[str, Any]) -> Incoming | None:
    text, kind = object_of(body, "text").get("content"), body.get("chattype")
    if body.get("msgtype") != "text" or not isinstance(text, str):
        return None
    command = read(" ".join(word for word in text.split() if not word.startswith("@")))
    if command.word is Word.UNKNOWN and kind != "single":
        return None
    chat = body.get("chatid") if kind == "group" else person
    return Incoming(f"message {number}", person, command, None, {"chat": chat if isinstance(chat, str) else person})
