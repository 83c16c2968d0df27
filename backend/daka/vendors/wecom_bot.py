"""WeCom's 智能机器人 over its long connection: JSON frames, one connection per bot. Pure.

Sources: https://developer.work.weixin.qq.com/document/path/101463 (frames) and …/101032 (cards). Each request carries an id,
which the answer repeats; what people do comes under an id of WeCom's own, under which a card is changed within five seconds.
"""

import json
import secrets
from typing import Any

from daka.outbound.bodies import code_in, json_object
from daka.outbound.requests import Vendor
from daka.vendors.replies import object_of

VENDOR = Vendor("wecom", ("openws.work.weixin.qq.com",))
URL = "wss://openws.work.weixin.qq.com/"
ANSWER_SECONDS = 5.0
SUBSCRIBE, SEND, UPDATE = "aibot_subscribe", "aibot_send_msg", "aibot_respond_update_msg"
MESSAGE, EVENT = "aibot_msg_callback", "aibot_event_callback"
PASSING = frozenset({"-1", "45009", "45033", "846609"})
"""Codes after which the same is tried again."""
NOT_SUBSCRIBED = "846609"
"""WeCom no longer counts the connection, though it is open: only a new one helps."""


def new_id(command: str) -> str:
    return f"{command}-{secrets.token_hex(8)}"


def frame(command: str, request_id: str, body: dict[str, Any] | None = None) -> str:
    found: dict[str, Any] = {"cmd": command, "headers": {"req_id": request_id}}
    return json.dumps(found if body is None else found | {"body": body}, ensure_ascii=False)


def subscription(bot_id: str, secret: str, request_id: str) -> str:
    return frame(SUBSCRIBE, request_id, {"bot_id": bot_id, "secret": secret})


def read(data: str | bytes) -> tuple[str, str, dict[str, Any]]:
    """Command, id and content of a frame; an answer has no command. Everything is empty if it is not WeCom's."""
    found = (json_object(data) if isinstance(data, str) else None) or {}
    command, identity = found.get("cmd"), object_of(found, "headers").get("req_id")
    if not isinstance(identity, str):
        return "", "", {}
    return command if isinstance(command, str) else "", identity, found


def code_of(answer: dict[str, Any]) -> tuple[str, str]:
    """Code and words of an answer."""
    return code_in(answer, "errcode"), str(answer.get("errmsg", ""))[:150]
