"""Frames of DingTalk's Stream mode: JSON with JSON texts inside. Pure.

Source: https://open.dingtalk.com/document/development/develop-stream-mode-push-server.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from daka.chat.connection import ChatReply, Incoming, VendorEvent
from daka.chat.words import TAPS, ChatCommand, Word, read
from daka.delivery.codes import delivery_of
from daka.outbound.bodies import json_object
from daka.vendors.replies import object_of

ROBOT_TOPIC = "/v1.0/im/bot/messages/get"
CARD_TOPIC = "/v1.0/card/instances/callback"


class BadStreamFrame(ValueError):
    """This text is no frame."""


@dataclass(frozen=True, slots=True)
class StreamFrame:
    """One frame. `kind` is SYSTEM, EVENT or CALLBACK."""

    kind: str
    topic: str
    message_id: str
    text: str
    """`data` as it came."""
    headers: Mapping[str, str]

    @property
    def data(self) -> dict[str, Any]:
        return json_object(self.text) or {}


def read_frame(text: str | bytes) -> StreamFrame:
    """Raises BadStreamFrame: it is none."""
    found = json_object(text if isinstance(text, str) else "")
    headers = found.get("headers") if found else None
    if found is None or not isinstance(headers, dict) or not isinstance(headers.get("messageId"), str):
        raise BadStreamFrame("a frame without messageId")
    data = found.get("data", "")
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    named = {key: value for key, value in headers.items() if isinstance(value, str)}
    return StreamFrame(str(found.get("type", "")), named.get("topic", ""), named["messageId"], text, named)


def acknowledged(frame: StreamFrame, data: str, code: int = 200) -> str:
    """The reply to one frame. `data` is a JSON text."""
    headers = {"messageId": frame.message_id, "contentType": "application/json"}
    message = "OK" if code == 200 else "later" if code == 500 else "not found"
    return json.dumps({"code": code, "headers": headers, "message": message, "data": data}, ensure_ascii=False)


NOTHING_TO_SAY = json.dumps({"response": {}})
SUCCESS = json.dumps({"status": "SUCCESS", "message": "success"})
LATER = json.dumps({"status": "LATER", "message": "later"})


def event_of(frame: StreamFrame) -> VendorEvent:
    """An event. Its data may be wrapped once more, as the documentation prints it."""
    data, named = frame.data, dict(frame.headers)
    if "eventType" in data and isinstance(data.get("data"), dict):
        named |= {key: value for key, value in data.items() if isinstance(value, str)}
        data = data["data"]
    return VendorEvent(
        named.get("eventType", ""), named.get("eventId", frame.message_id), named.get("eventCorpId", ""), data
    )


def tap_of(frame: StreamFrame) -> Incoming | None:
    """A tap on a card. Which card is told by our own id of it, not by the button's parameters."""
    data = frame.data
    content = json_object(data["content"]) if isinstance(data.get("content"), str) else data.get("content")
    word = TAPS.get(str(object_of(content, "cardPrivateData", "params").get("do")))
    person, track = data.get("userId"), data.get("outTrackId")
    if word is None or not isinstance(person, str) or not person or not isinstance(track, str):
        return None
    delivery_id = delivery_of(track)
    return None if delivery_id is None else Incoming(f"tap {frame.message_id}", person, ChatCommand(word), delivery_id)


def card_answer(frame: StreamFrame, told: ChatReply | None) -> str:
    """The acknowledgement of a tap: what was said stands on the card at once, if it is known in time."""
    if told is None:
        return acknowledged(frame, NOTHING_TO_SAY)
    change = {
        "cardUpdateOptions": {"updateCardDataByKey": True, "updatePrivateDataByKey": True},
        "cardData": {"cardParamMap": {"state_text": told.reply}},
        "userPrivateData": {"cardParamMap": {}},
    }
    return acknowledged(frame, json.dumps({"response": change}, ensure_ascii=False))


def words_of(frame: StreamFrame) -> Incoming | None:
    """What a person wrote to the robot; None for anything else.

    Outside people have no `senderStaffId`; one of another company is nobody here, even with the same userid.
    """
    data = frame.data
    sender, content = data.get("senderStaffId"), object_of(data, "text").get("content")
    companies = {data[name] for name in ("senderCorpId", "chatbotCorpId") if isinstance(data.get(name), str)}
    if not isinstance(sender, str) or not sender or len(companies) > 1 or data.get("msgtype") != "text":
        return None
    identity = data.get("msgId") if isinstance(data.get("msgId"), str) else frame.message_id
    if not isinstance(content, str):
        return None
    command = read(content)
    if command.word is Word.UNKNOWN and data.get("conversationType") != "1" and not data.get("isInAtList"):
        return None
    where: dict[str, str] = {}
    webhook, until = data.get("sessionWebhook"), data.get("sessionWebhookExpiredTime")
    if isinstance(webhook, str):
        where = {"webhook": webhook, "until": str(until if isinstance(until, int) else 0)}
    return Incoming(f"message {identity}", sender, command, None, where)
