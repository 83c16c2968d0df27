"""WeCom bot (企业微信智能机器人): cards with buttons to each person, sent and answered over a connection that goes out.

Source: https://developer.work.weixin.qq.com/document/path/101463. Only the process that holds the connection sends, see
`Outbound.lines`. WeCom changes a card only in answer to a tap.
"""

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Annotated, Any, ClassVar

from pydantic import StringConstraints

from daka.delivery.channels.fields import People, Secret, table_of
from daka.delivery.channels.kind import ChatApp, HttpKind, SendContext
from daka.delivery.channels.markup import WECOM_MARKDOWN
from daka.delivery.channels.people import Call, found_in, recipients_of
from daka.delivery.channels.verdicts import DONE, RETRY, CodeTable, Verdict, nobody, refused, throttled
from daka.delivery.channels.wecom_app import WECOM_RECIPIENT, WECOM_USERID, Userids, listed_userids
from daka.delivery.channels.wecom_robot import USERID
from daka.delivery.codes import card_id
from daka.delivery.messages import ACTION_WORDS, Mention, RenderedMessage
from daka.delivery.models import Occasion, Outcome
from daka.delivery.remedies import MESSAGE_REFUSED, MESSAGE_TOO_LONG, Remedy
from daka.languages import said
from daka.outbound.bodies import shortened
from daka.outbound.config import Config, revealed, setting
from daka.outbound.lines import Ask
from daka.outbound.requests import HttpAnswer, HttpRequest, NoAnswer, Socket, Vendor
from daka.vendors import wecom_bot as frames

LONGEST_MARKDOWN_BYTES = 4096
LONGEST_TITLE_BYTES = 108
"""Thirty-six characters; WeCom cuts what is longer."""
LONGEST_TEXT_BYTES = 336
ABOUT_URL = "https://work.weixin.qq.com/"
"""A card without buttons must lead somewhere."""

WECOM_BOT = Remedy(
    "wecom_bot",
    zh="Bot ID 或 Secret 不对，或机器人没有用「API 模式 › 长连接」创建。在企业微信的智能机器人设置里重新复制。",
    en="The bot ID or the secret is wrong, or the bot does not use API mode with a long connection. "
    "Copy both again from the bot's settings in WeCom.",
)
NOT_CONNECTED = Remedy(
    "not_connected",
    zh="机器人的连接断开了，会自动重连。在「设置 › 聊天应答」看它的状态。",
    en="The bot's connection is down and is opened again by itself. See its state in Settings › Answers in chats.",
)
WECOM_BOT_ELSEWHERE = Remedy(
    "wecom_bot_elsewhere",
    zh="另一个进程正连着这个机器人，新的连接会把它挤掉。先保存渠道，再测试。",
    en="Another process is connected as this bot, and a second connection would push it out. Save the channel, then test it.",
)


NOT_NOW = Verdict(Outcome.RETRY, "not_connected", "the bot is not connected at the moment", NOT_CONNECTED)


class WecomBotConfig(Config):
    bot_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{4,100}$")] = setting(
        title=("Bot ID", "Bot ID"),
        about=(
            "企业微信 → 智能机器人 → 创建 → API 模式 → 长连接。这个机器人只用于本系统：每个机器人只能有一个连接",
            "WeCom → AI bot → create → API mode → long connection. Only for a bot that no other program uses",
        ),
        example="aib1a2b3c4d",
    )
    bot_secret: Secret = setting(title=("Secret", "Secret"), about=("同一页", "On the same page"), max_length=200)
    userids: Userids | None = setting(
        None,
        title=("接收人", "Recipients"),
        about=(
            "企业微信 userid，逗号分隔。没有填「成员对照」时，所有消息都发给他们",
            "WeCom userids, with commas. They get every message, unless “Who is who” is filled in",
        ),
        example="zhangsan",
    )
    people: Annotated[People, table_of(USERID)] | None = setting(
        None,
        title=("成员对照", "Who is who"),
        about=(
            "班组的渠道填这一项：一行一人，姓名或手机号，空格，企业微信 userid。每个人的提醒只发给他本人",
            "For a team's channel: one a line, name or mobile number, a blank, and the WeCom userid",
        ),
        example="张三 zhangsan",
        extra={"format": "textarea", "profile": "wecom_userid"},
    )


class WecomBot(HttpKind[WecomBotConfig]):
    name: ClassVar[str] = "wecom_bot"
    labels: ClassVar[dict[str, str]] = {"zh": "企业微信智能机器人", "en": "WeCom AI bot"}
    example: ClassVar[dict[str, Any]] = {"bot_id": "aib1a2b3c4d", "bot_secret": "0000", "userids": "zhangsan"}
    options: ClassVar[frozenset[str]] = frozenset({"bot_secret", "people"})
    vendor: ClassVar[Vendor | None] = frames.VENDOR
    people_per_message: ClassVar[int] = 1
    sends_to_persons: ClassVar[bool] = True
    codes: ClassVar[CodeTable] = CodeTable(
        {
            "0": DONE,
            "-1": RETRY,
            "846609": RETRY,
            "45009 45033": throttled(),
            "40003 60111 81013 93006": refused(WECOM_USERID),
            "40058 45002": refused(MESSAGE_TOO_LONG),
        },
        unknown=refused(),
        code="errcode",
        message="errmsg",
    )

    def rate_key(self, config: WecomBotConfig) -> str:
        return f"{config.bot_id}\n{revealed(config.bot_secret)}"

    def audience_key(self, config: WecomBotConfig) -> str:
        return f"{config.bot_id} {sorted(listed_userids(config.userids))}"

    def chat_app(self, config: WecomBotConfig) -> ChatApp:
        realm = f"wecom:{config.bot_id}"
        return ChatApp("wecom", config.bot_id, revealed(config.bot_secret), realm, carries_messages=True)

    def call(self, config: WecomBotConfig, person: Mention) -> Call | None:
        return found_in(config.people, person) if config.people else None

    def recipients(self, config: WecomBotConfig, message: RenderedMessage) -> list[str]:
        return recipients_of(message, config.people, listed_userids(config.userids))

    def request(self, config: WecomBotConfig, message: RenderedMessage) -> HttpRequest:
        """What goes over the connection to the first recipient."""
        return _sent({"chatid": (self.recipients(config, message) or ["…"])[0], **content(message)})

    async def deliver(self, config: WecomBotConfig, message: RenderedMessage, context: SendContext) -> Verdict:
        if not (to := self.recipients(config, message)):
            return nobody(message, WECOM_RECIPIENT)
        app, lines = self.chat_app(config), context.outbound.lines
        if (ask := lines.open.get(app.key)) is not None:
            return await self._deliver_over(ask, to, message, context)
        if await lines.is_held(app.key):
            if message.delivery_id:
                return NOT_NOW
            return Verdict(Outcome.BAD_MESSAGE, "connected_elsewhere", "save the channel first", WECOM_BOT_ELSEWHERE)
        if message.occasion is not Occasion.TEST:
            return NOT_NOW
        # A test: no worker has a connection yet, which this one could push out.
        socket = await context.outbound.open_socket(frames.URL, frames.VENDOR, frames.VENDOR.hosts)
        try:
            refusal = await subscribe(socket, app)
            if refusal is not None:
                code, words = refusal
                return Verdict(Outcome.BROKEN_CHANNEL, code, words, WECOM_BOT)
            return await self._deliver_over(partial(ask_once, socket), to, message, context)
        finally:
            await socket.close()

    async def _deliver_over(
        self, ask: Ask, to: Sequence[str], message: RenderedMessage, context: SendContext
    ) -> Verdict:
        verdict = Verdict(Outcome.RETRY)
        for place, person in enumerate(to):
            for tried in (message, replace(message, is_plain=True)):
                body = {"chatid": person, **content(tried, place)}
                verdict = self.codes.verdict(await _exchange(ask, body, context))
                if verdict.hint is not MESSAGE_REFUSED or message.is_plain:
                    break  # a card that is not taken must not cost the reminder
            if verdict.outcome is not Outcome.DONE:
                break
        return verdict


async def _exchange(ask: Ask, body: dict[str, Any], context: SendContext) -> HttpAnswer:
    """The answer as if it had come over HTTP, so that one function reads all vendors' codes."""
    asked, began, text, status = _sent(body), time.monotonic(), "", None
    try:
        text, status = json.dumps(await ask(body), ensure_ascii=False), 200
    except NoAnswer as failure:
        text = str(failure)
        raise
    finally:
        context.note_exchange("SEND", frames.URL, {}, asked.body.decode(), status, text)
    return HttpAnswer(200, {}, text, time.monotonic() - began)


def _sent(body: dict[str, Any]) -> HttpRequest:
    return frames.VENDOR.request(frames.URL.replace("wss:", "https:"), body)


async def subscribe(socket: Socket, app: ChatApp) -> tuple[str, str] | None:
    """Say which bot this is. Returns code and words of a refusal. Raises NoAnswer."""
    identity = frames.new_id(frames.SUBSCRIBE)
    await socket.send(frames.subscription(app.name, app.secret, identity))
    code, words = frames.code_of(await _answer_to(socket, identity))
    return None if code == "0" else (code, words)


async def ask_once(socket: Socket, body: dict[str, Any]) -> dict[str, Any]:
    """Send over a connection that nobody else reads."""
    identity = frames.new_id(frames.SEND)
    await socket.send(frames.frame(frames.SEND, identity, body))
    return await _answer_to(socket, identity)


async def _answer_to(socket: Socket, identity: str) -> dict[str, Any]:
    try:
        async with asyncio.timeout(frames.ANSWER_SECONDS):
            while (data := await socket.receive(frames.ANSWER_SECONDS)) is not None:
                command, about, found = frames.read(data)
                if not command and about == identity:
                    return found
    except TimeoutError:
        raise NoAnswer("timeout", "no answer in time") from None
    raise NoAnswer("connection", "the vendor has closed the connection")


def content(message: RenderedMessage, place: int = 0) -> dict[str, Any]:
    """A card with a button for each answer; without any, text with links. `place` tells several recipients' cards apart."""
    if message.answers and not message.is_plain:
        name = f"{card_id(message.delivery_id, message.key)}-{place}"
        return {"msgtype": "template_card", "template_card": card(message, name)}
    title = WECOM_MARKDOWN.escape(message.title)
    head, actions = ([title], message.actions[:1]) if message.is_plain else ([f"### {title}"], message.actions)
    text = WECOM_MARKDOWN.text_of(message, LONGEST_MARKDOWN_BYTES, head=head, actions=actions)
    return {"msgtype": "markdown", "markdown": {"content": text}}


def card(message: RenderedMessage, name: str) -> dict[str, Any]:
    """With buttons while anything can be answered. WeCom shows its text as it is."""
    found: dict[str, Any] = {
        "card_type": "button_interaction",
        "task_id": name,
        "main_title": {"title": shortened(message.title, LONGEST_TITLE_BYTES)},
        "sub_title_text": shortened("\n".join(message.paragraphs), LONGEST_TEXT_BYTES),
    }
    if message.answers:
        labels = [(str(answer), said(ACTION_WORDS[answer], message.language)) for answer in message.answers]
        styles = (1, 2, 2)
        found["button_list"] = [
            {"text": label, "style": style, "key": key} for (key, label), style in zip(labels, styles, strict=False)
        ]
        return found
    return {**found, "card_type": "text_notice", "card_action": {"type": 1, "url": ABOUT_URL}}
