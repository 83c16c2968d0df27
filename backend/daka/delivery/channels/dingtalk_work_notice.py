"""DingTalk work notice (工作通知): a message from an app to one person.

Source: https://open.dingtalk.com/document/development/asynchronous-sending-of-enterprise-session-messages. `errcode` 0 means
accepted; DingTalk drops the same content to the same person silently, so each text carries the time.
"""

from typing import Any, ClassVar
from urllib.parse import quote

from daka.delivery.channels.dingtalk_app import (
    OLD_API,
    DingTalkAppConfig,
    DingTalkAppKind,
    app_verdict,
    dingtalk_request,
)
from daka.delivery.channels.kind import Config, Verdict, fitted, json_bytes
from daka.delivery.http import HttpAnswer, HttpRequest
from daka.delivery.messages import Note, clock_time
from daka.forms import setting
from daka.settings import Settings

LONGEST_MESSAGE_BYTES = 2048
LONGEST_URL = 500


class WorkNoticeConfig(DingTalkAppConfig):
    agent_id: int = setting(
        zh="AgentId",
        en="AgentId",
        help_zh="应用的 AgentId（数字）",
        help_en="The app's AgentId, a number",
        example=123456,
        gt=0,
    )


class DingTalkWorkNotice(DingTalkAppKind[WorkNoticeConfig]):
    name: ClassVar[str] = "dingtalk_work_notice"
    labels: ClassVar[dict[str, str]] = {"zh": "钉钉工作通知", "en": "DingTalk work notice"}
    config: ClassVar[type[Config]] = WorkNoticeConfig
    example: ClassVar[dict[str, Any]] = {
        "app_key": "dingabc123",
        "app_secret": "0000",
        "agent_id": 123456,
        "userids": "manager01",
    }

    def authorized(
        self, config: WorkNoticeConfig, token: str, to: list[str], note: Note, settings: Settings
    ) -> HttpRequest:
        return dingtalk_request(
            f"{OLD_API}/topapi/message/corpconversation/asyncsend_v2?access_token={quote(token, safe='')}",
            {"agent_id": config.agent_id, "userid_list": ",".join(to), "to_all_user": False, "msg": message(note)},
            settings,
        )

    def verdict(self, answer: HttpAnswer) -> Verdict:
        return app_verdict(answer)


def message(note: Note) -> dict[str, Any]:
    """A card with one button where there is a page to open, else markdown; within DingTalk's 2048 bytes."""
    assert note.at is not None
    zone = note.lines[0].zone if note.lines else "Asia/Shanghai"
    stamp = f"{clock_time(note.at, zone)} · {note.key[-6:]}"
    limit = LONGEST_MESSAGE_BYTES
    while True:
        text = fitted([f"### {note.title}"], note.paragraphs, [stamp], limit, between="\n\n")
        found = (
            _with_button(note, text)
            if _has_button(note)
            else {"msgtype": "markdown", "markdown": {"title": note.title, "text": text}}
        )
        if len(json_bytes(found)) <= LONGEST_MESSAGE_BYTES or limit <= 0:
            return found
        limit -= 100


def _has_button(note: Note) -> bool:
    return bool(note.actions) and len(note.actions[0].url) <= LONGEST_URL


def _with_button(note: Note, text: str) -> dict[str, Any]:
    action = note.actions[0]
    card = {"title": note.title, "markdown": text, "single_title": action.label[:20], "single_url": action.url}
    return {"msgtype": "action_card", "action_card": card}
