"""DingTalk work notice (工作通知): a message from an app to one person.

Source: https://open.dingtalk.com/document/development/asynchronous-sending-of-enterprise-session-messages. `errcode` 0 means
accepted; DingTalk drops the same content to the same person silently, so each text carries the time. What became of a notice
is asked for only when somebody tries the channel (…/gets-the-result-of-sending-messages-asynchronously-to-the-enterprise).
"""

import asyncio
from typing import Any, ClassVar
from urllib.parse import quote

from daka.delivery.channels.dingtalk_app import (
    OLD_API,
    AppRefused,
    DingTalkAppConfig,
    DingTalkAppKind,
    app_verdict,
    dingtalk_request,
)
from daka.delivery.channels.kind import Config, Verdict, Way, fitted, json_bytes, json_object
from daka.delivery.hints import Hint
from daka.delivery.http import HttpAnswer, HttpRequest, NoAnswer
from daka.delivery.messages import Note, clock_time
from daka.delivery.models import Occasion, Outcome
from daka.forms import setting
from daka.settings import Settings

LONGEST_MESSAGE_BYTES = 2048
LONGEST_URL = 500
LOOK_AFTER_SECONDS = 0.7
LOOKS = 3


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

    async def deliver(self, config: WorkNoticeConfig, note: Note, way: Way) -> Verdict:
        verdict = await super().deliver(config, note, way)
        task_id = task_of(way.last_answer)
        if verdict.outcome is not Outcome.DONE or task_id is None or note.occasion is not Occasion.TEST:
            return verdict
        # Whoever tries a channel is told what became of the notice. For each reminder this would use up the month's calls twice.
        for _ in range(LOOKS):
            await asyncio.sleep(LOOK_AFTER_SECONDS)
            try:
                answer = await way.send(await self._result_request(config, task_id, way))
            except (NoAnswer, AppRefused):
                break  # it was accepted, whatever becomes of the question
            if (found := dropped(answer)) is not None:
                return found
        return verdict

    async def _result_request(self, config: WorkNoticeConfig, task_id: int, way: Way) -> HttpRequest:
        token = await self._token(config, way)
        return dingtalk_request(
            f"{OLD_API}/topapi/message/corpconversation/getsendresult?access_token={quote(token, safe='')}",
            {"agent_id": config.agent_id, "task_id": task_id},
            way.settings,
        )


def task_of(answer: HttpAnswer | None) -> int | None:
    """The number under which DingTalk keeps what becomes of a notice."""
    found = json_object(answer.text) if answer else None
    task_id = (found or {}).get("task_id")
    return task_id if isinstance(task_id, int) else None


def dropped(answer: HttpAnswer) -> Verdict | None:
    """What became of a notice: a verdict once DingTalk says that it dropped or delivered it, None as long as it says neither."""
    found = (json_object(answer.text) or {}).get("send_result")
    if not isinstance(found, dict):
        return None
    if found.get("invalid_user_id_list"):
        return Verdict(
            Outcome.BAD_MESSAGE, "invalid_user_id_list", "unknown userid", Hint.DINGTALK_USERID, http_status=200
        )
    forbidden = found.get("forbidden_list") or found.get("forbidden_user_id_list")
    if forbidden:
        code = str(forbidden[0].get("code", "")) if isinstance(forbidden[0], dict) else ""
        return Verdict(
            Outcome.BAD_MESSAGE, code or "forbidden_user_id_list", "dropped", Hint.DINGTALK_DROPPED, http_status=200
        )
    if found.get("failed_user_id_list"):
        return Verdict(
            Outcome.BAD_MESSAGE, "failed_user_id_list", "not delivered", Hint.DINGTALK_DROPPED, http_status=200
        )
    if found.get("read_user_id_list") or found.get("unread_user_id_list"):
        return Verdict(Outcome.DONE, "0", "delivered", http_status=200)
    return None


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
