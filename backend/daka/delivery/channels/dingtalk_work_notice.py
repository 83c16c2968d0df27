"""DingTalk work notice (工作通知): a message from an app to one person.

Source: https://open.dingtalk.com/document/development/asynchronous-sending-of-enterprise-session-messages. `errcode` 0 means
accepted; DingTalk silently drops the same content to the same person, so each text contains the time. The result is queried
within 24 hours (…/gets-the-result-of-sending-messages-asynchronously-to-the-enterprise), as far as the monthly quota allows.
"""

import asyncio
from dataclasses import replace
from typing import Any, ClassVar

from daka.delivery.channels.dingtalk_app import DINGTALK_DROPPED, DINGTALK_USERID, DingTalkAppConfig, DingTalkAppKind
from daka.delivery.channels.kind import Budget, SendContext
from daka.delivery.channels.markup import MARKDOWN, body_within, plain_text
from daka.delivery.channels.verdicts import Verdict
from daka.delivery.messages import RenderedMessage, clock_time
from daka.delivery.models import Occasion, Outcome
from daka.delivery.remedies import Remedy
from daka.outbound.config import setting
from daka.outbound.requests import HttpRequest, NoAnswer
from daka.vendors.replies import VendorReply

LONGEST_MESSAGE_BYTES = 2048
LONGEST_URL = 500
POLL_AFTER_SECONDS = 0.7
POLLS = 3
WITH_FAILOVER = (Occasion.REMINDER, Occasion.ROSTER)
"""Only a message that another channel can take over is worth an API call."""


class WorkNoticeConfig(DingTalkAppConfig):
    agent_id: int = setting(
        title=("AgentId", "AgentId"),
        about=("应用的 AgentId（数字）", "The app's AgentId, a number"),
        example=123456,
        gt=0,
    )
    has_receipts: bool = setting(
        True,
        title=("查询是否送达", "Query delivery receipts"),
        about=(
            "钉钉收下后可能悄悄丢掉。每条提醒多用一次调用；被丢掉的改走其他渠道",
            "DingTalk may drop what it accepted. Takes one more call per reminder; what was dropped goes to another channel",
        ),
    )
    monthly_calls: int = setting(
        4000,
        title=("每月接口调用额度", "API calls per month"),
        about=(
            "标准版整个企业每月 5000 次。本应用的消息、考勤查询和回执一起计数；用到一半就不再查回执，消息照发；0 表示不限",
            (
                "The standard edition has 5,000 for the whole organisation. The app's messages, punch checks and receipts "
                "count together; from half of it on no receipts are queried, but messages are sent; 0 is no limit"
            ),
        ),
        ge=0,
        le=1_000_000,
    )


class DingTalkWorkNotice(DingTalkAppKind[WorkNoticeConfig]):
    name: ClassVar[str] = "dingtalk_work_notice"
    labels: ClassVar[dict[str, str]] = {"zh": "钉钉工作通知", "en": "DingTalk work notice"}
    example: ClassVar[dict[str, Any]] = {
        "app_key": "dingabc123",
        "app_secret": "0000",
        "agent_id": 123456,
        "userids": "manager01",
    }

    def authorized(self, config: WorkNoticeConfig, token: str, to: list[str], message: RenderedMessage) -> HttpRequest:
        return self.app(config).old_request(
            token,
            "/topapi/message/corpconversation/asyncsend_v2",
            {"agent_id": config.agent_id, "userid_list": ",".join(to), "to_all_user": False, "msg": notice_of(message)},
        )

    def verdict_of(self, reply: VendorReply) -> Verdict:
        return replace(super().verdict_of(reply), ticket=ticket_of(reply))

    def budget(self, config: WorkNoticeConfig) -> Budget | None:
        found = super().budget(config)
        return found and replace(found, monthly_calls=config.monthly_calls)

    async def deliver(self, config: WorkNoticeConfig, message: RenderedMessage, context: SendContext) -> Verdict:
        verdict = await super().deliver(config, message, context)
        ticket, verdict = verdict.ticket, replace(verdict, ticket="")
        if verdict.outcome is not Outcome.DONE or not ticket:
            return verdict
        if message.occasion is not Occasion.TEST:
            is_wanted = config.has_receipts and message.occasion in WITH_FAILOVER
            return replace(verdict, ticket=ticket) if is_wanted else verdict
        for _ in range(POLLS):  # a test send waits for the result
            await asyncio.sleep(POLL_AFTER_SECONDS)
            try:
                found = await self.receipt(config, ticket, context)
            except NoAnswer:
                break  # the notice was accepted nevertheless
            if found.outcome in (Outcome.DONE, Outcome.BAD_MESSAGE):
                return found
            if found.outcome is not Outcome.RETRY:
                break
        return verdict

    async def receipt(self, config: WorkNoticeConfig, ticket: str, context: SendContext) -> Verdict:
        path, body = _RESULT, {"agent_id": config.agent_id, "task_id": int(ticket)}
        app = self.app(config)
        return self.became_of(await self.ask(config, context, lambda token: app.old_request(token, path, body)))

    def became_of(self, reply: VendorReply) -> Verdict:
        """What `getsendresult` returns about a notice. RETRY while it is neither delivered nor dropped."""
        if (verdict := super().verdict_of(reply)).outcome is not Outcome.DONE:
            is_refused = verdict.outcome is Outcome.BAD_MESSAGE
            return replace(verdict, outcome=Outcome.BROKEN_CHANNEL) if is_refused else verdict
        return _result((reply.found or {}).get("send_result"))


_RESULT = "/topapi/message/corpconversation/getsendresult"


def ticket_of(reply: VendorReply) -> str:
    """The id under which DingTalk keeps the result of a notice."""
    task_id = (reply.found or {}).get("task_id")
    return str(task_id) if isinstance(task_id, int) and not isinstance(task_id, bool) else ""


def _result(found: Any) -> Verdict:
    if not isinstance(found, dict):
        return Verdict(Outcome.RETRY, "", "not known yet", http_status=200)
    if found.get("invalid_user_id_list"):
        return _dropped("invalid_user_id_list", "unknown userid", DINGTALK_USERID)
    forbidden = found.get("forbidden_list") or found.get("forbidden_user_id_list")
    if forbidden:
        first = forbidden[0] if isinstance(forbidden, list) else None
        code = str(first.get("code") or "") if isinstance(first, dict) else ""
        return _dropped(code or "forbidden_user_id_list", _WHY_DROPPED.get(code, "dropped"), DINGTALK_DROPPED)
    if found.get("failed_user_id_list"):
        return _dropped("failed_user_id_list", "not delivered", DINGTALK_DROPPED)
    if found.get("read_user_id_list") or found.get("unread_user_id_list"):
        return Verdict(Outcome.DONE, "0", "delivered", http_status=200)
    return Verdict(Outcome.RETRY, "", "not known yet", http_status=200)


_WHY_DROPPED = {"143105": "more than 500 notices today", "143106": "the same content today"}


def _dropped(code: str, words: str, hint: Remedy) -> Verdict:
    return Verdict(Outcome.BAD_MESSAGE, code, words, hint, http_status=200)


def notice_of(message: RenderedMessage) -> dict[str, Any]:
    """A card with one button where there is a page to open, else markdown; within DingTalk's 2048 bytes."""
    assert message.at is not None
    if message.is_plain:
        return {"msgtype": "text", "text": {"content": plain_text(message, LONGEST_MESSAGE_BYTES - 100)}}
    zone = message.lines[0].zone if message.lines else "Asia/Shanghai"
    stamp = f"{clock_time(message.at, zone)} · {message.key[-6:]}"
    button = next((action for action in message.actions[:1] if len(action.url) <= LONGEST_URL), None)

    def body(limit: int) -> dict[str, Any]:
        text = MARKDOWN.text_of(message, limit, head=[f"### {MARKDOWN.escape(message.title)}"], tail=[stamp])
        if button is None:
            return {"msgtype": "markdown", "markdown": {"title": message.title, "text": text}}
        card = {"title": message.title, "markdown": text, "single_title": button.label[:20], "single_url": button.url}
        return {"msgtype": "action_card", "action_card": card}

    return body_within(LONGEST_MESSAGE_BYTES, body)
