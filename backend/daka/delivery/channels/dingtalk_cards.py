"""DingTalk's interactive cards: a message that changes in place, drawn once by hand as a template in the DingTalk console.

Source: https://open.dingtalk.com/document/development/create-and-deliver-cards, …/interactive-card-update-interface.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from daka.delivery.channels.kind import CardState
from daka.delivery.codes import card_id
from daka.delivery.messages import RenderedMessage
from daka.outbound.requests import HttpAnswer
from daka.vendors import dingtalk
from daka.vendors.replies import Meaning, VendorReply, by_code, object_of, rows_of

DELIVER = "/v1.0/card/instances/createAndDeliver"
UPDATE = "/v1.0/card/instances"
LONGEST_VALUE_BYTES = 1000
EXISTS = "param.cardAlreadyExist"
TEMPLATE_CODES = frozenset({"param.templateNotExist", "param.templateUnpublished", "param.cardTemplateIdEmpty"})
_CODES = by_code(
    {
        EXISTS: Meaning.DONE,
        "param.userIdNotExist param.openSpaceIdInvalid": Meaning.PERSON,
        "param.contentUnsafe param.cardNotExist": Meaning.MESSAGE,
        "system.busy": Meaning.RETRY,
    }
)


def card_body(template: str, robot: str, to: Sequence[str], message: RenderedMessage) -> dict[str, Any]:
    """A card whose taps come over the Stream connection."""
    values = {
        "title": message.title,
        "line": "\n".join(message.paragraphs),
        "state": "open" if message.answers or not message.lines else "done",
        "state_text": "",
        "ack_id": str(message.delivery_id or 0),
    }
    return {
        "cardTemplateId": template,
        "outTrackId": card_id(message.delivery_id, message.key),
        "callbackType": "STREAM",
        "userIdType": 1,
        "cardData": {"cardParamMap": {name: _cut(value) for name, value in values.items()}},
        "openSpaceId": "dtv1.card//" + ";".join(f"IM_ROBOT.{person}" for person in to),
        "imRobotOpenSpaceModel": {
            "supportForward": False,
            "lastMessageI18n": {"ZH_CN": message.title},
            "notification": {"alertContent": message.title, "notificationOff": False},
        },
        "imRobotOpenDeliverModel": {"spaceType": "IM_ROBOT", "robotCode": robot},
    }


def update_body(track: str, state: CardState) -> dict[str, Any]:
    """Changes these values only; without the option, everything else would be emptied."""
    values = {"state": "open" if state.answers else "done", "state_text": _cut(state.text)}
    return {
        "outTrackId": track,
        "userIdType": 1,
        "cardData": {"cardParamMap": values},
        "cardUpdateOptions": {"updateCardDataByKey": True},
    }


def read_card(answer: HttpAnswer) -> VendorReply:
    """The meaning of an answer. HTTP 200 may still name a person who did not get it."""
    reply = dingtalk.read(answer, "success")
    found = reply.found or {}
    if reply.code in TEMPLATE_CODES:
        return replace(reply, meaning=Meaning.AGENT, found=found)
    if meaning := _CODES.get(reply.code):
        return replace(reply, meaning=meaning, found=found)
    results = rows_of(object_of(found, "result").get("deliverResults"))
    refused = [each for each in results if each.get("success") is False]
    if reply.meaning is Meaning.DONE and (found.get("success") is not True or refused):
        words = str(refused[0].get("errorMsg", "")) if refused else reply.words
        return replace(reply, meaning=Meaning.PERSON, code="deliverResults", words=words)
    return reply


def _cut(text: str) -> str:
    return text.encode()[:LONGEST_VALUE_BYTES].decode(errors="ignore")
