"""Telegram bot. Source: https://core.telegram.org/bots/api#sendmessage, https://github.com/TelegramBotAPI/errors."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any, ClassVar
from urllib.parse import urlsplit

from pydantic import StringConstraints

from daka.delivery.channels.fields import Secret, rule
from daka.delivery.channels.kind import CardState, ChatApp, HttpKind, Rate, SendContext
from daka.delivery.channels.markup import TELEGRAM
from daka.delivery.channels.verdicts import (
    DONE,
    ByMessage,
    CodeTable,
    ProviderCode,
    Verdict,
    broken,
    refused,
    throttled,
)
from daka.delivery.messages import ACTION_WORDS, RenderedMessage
from daka.delivery.models import Channel, Outcome
from daka.delivery.remedies import Remedy
from daka.languages import said
from daka.outbound.bodies import code_in, json_object, seconds_of, shortened_utf16
from daka.outbound.config import Config, revealed, setting
from daka.outbound.requests import HttpAnswer, HttpRequest, Vendor
from daka.vendors.replies import object_of

VENDOR = Vendor("telegram", ("api.telegram.org",))
LONGEST_TEXT = 4096
"""UTF-16 units, after formatting is read."""

TELEGRAM_TOKEN = Remedy(
    "telegram_token",
    zh="Bot Token 不对或已作废。向 @BotFather 重新获取。",
    en="The bot token is wrong or was revoked. Get a new one from @BotFather.",
)
TELEGRAM_CHAT = Remedy(
    "telegram_chat",
    zh="找不到这个会话。先给机器人发一条消息，再核对 chat_id。",
    en="The chat was not found. Write to the bot first, then check the chat ID.",
)
TELEGRAM_BLOCKED = Remedy(
    "telegram_blocked",
    zh="机器人被屏蔽或移出了群，或者接收人还没有给它发过消息。",
    en="The bot was blocked or removed, or the person has not started a chat with it.",
)


def _read(answer: HttpAnswer, found: dict[str, Any]) -> ProviderCode | None:
    if answer.status == 200 and found.get("ok") is True:
        return ProviderCode("200")
    if not (code := code_in(found, "error_code")):
        return None
    pause = seconds_of(object_of(found, "parameters").get("retry_after"))
    return ProviderCode(code, str(found.get("description", "")), pause)


class TelegramConfig(Config):
    bot_token: Annotated[
        Secret,
        rule(
            lambda text: re.fullmatch(r"[0-9]+:[A-Za-z0-9_-]+", text),
            zh="应是 123456:ABC… 这样的令牌。",
            en="It must look like 123456:ABC…",
        ),
    ] = setting(
        title=("Bot Token", "Bot token"),
        about=("从 @BotFather 获取", "From @BotFather"),
        example="123456:ABC…",
        max_length=200,
    )
    chat_id: Annotated[str, StringConstraints(pattern=r"^(-?[0-9]{1,20}|@[A-Za-z0-9_]{3,64})$")] = setting(
        title=("会话 ID", "Chat ID"),
        about=("先给机器人发一条消息；群的 ID 是负数", "Write to the bot first; a group's ID is negative"),
        example="123456789",
    )
    answers_in_chat: bool = setting(
        False,
        title=("在聊天里应答", "Answers in the chat"),
        about=(
            "消息带应答按钮，不需要公网地址。只用于本系统的机器人；另有程序读取它的消息时不要开启",
            "Messages carry buttons that work without a public address. Only for a bot that no other program reads",
        ),
    )


class Telegram(HttpKind[TelegramConfig]):
    """Mainland networks often cannot reach Telegram: TELEGRAM_BASE_URL names a gateway."""

    name: ClassVar[str] = "telegram"
    labels: ClassVar[dict[str, str]] = {"zh": "Telegram", "en": "Telegram"}
    example: ClassVar[dict[str, Any]] = {"bot_token": "123456:ABC0000", "chat_id": "123456789"}
    options: ClassVar[frozenset[str]] = frozenset({"bot_token", "answers_in_chat"})
    vendor: ClassVar[Vendor | None] = VENDOR
    rate: ClassVar[Rate | None] = Rate(20, timedelta(minutes=1))
    codes: ClassVar[CodeTable] = CodeTable(
        {
            "200": DONE,
            "401 404": broken(TELEGRAM_TOKEN),
            "403": broken(TELEGRAM_BLOCKED),
            "429": throttled(),
        },
        unknown=ByMessage(
            {
                "blocked|deactivated|kicked|can't initiate|not a member": broken(TELEGRAM_BLOCKED),
                "chat.*(not found|upgraded)|(not found|upgraded).*chat": broken(TELEGRAM_CHAT),
            },
            refused(),
        ),
        read=_read,
    )

    def rate_key(self, config: TelegramConfig) -> str:
        return f"{revealed(config.bot_token)}\n{config.chat_id}"

    def audience_key(self, config: TelegramConfig) -> str:
        return config.chat_id

    def chat_app(self, config: TelegramConfig) -> ChatApp | None:
        if not config.answers_in_chat:
            return None
        token = revealed(config.bot_token)
        return ChatApp("telegram", token.partition(":")[0], token, "telegram")

    def request(self, config: TelegramConfig, message: RenderedMessage) -> HttpRequest:
        return method(config, "sendMessage", self.body(config, message))

    def body(self, config: TelegramConfig, message: RenderedMessage) -> dict[str, Any]:
        text = shortened_utf16("\n".join([message.title, *message.paragraphs]), LONGEST_TEXT - 200)
        body: dict[str, Any] = {"chat_id": config.chat_id, "text": text, "link_preview_options": {"is_disabled": True}}
        if not message.is_plain:
            title, _, rest = text.partition("\n")
            body |= {"text": f"<b>{TELEGRAM.escape(title)}</b>\n{TELEGRAM.escape(rest)}", "parse_mode": "HTML"}
        if config.answers_in_chat and message.answers and not message.is_plain and message.delivery_id is not None:
            body["reply_markup"] = {"inline_keyboard": [_buttons(message, message.delivery_id)]}
        elif message.actions and not message.is_plain and all(_is_public(action.url) for action in message.actions):
            body["reply_markup"] = {
                "inline_keyboard": [[{"text": action.label, "url": action.url}] for action in message.actions]
            }
        elif message.actions:
            address = message.actions[0].url
            body["text"] += "\n" + (address if message.is_plain else TELEGRAM.escape(address))
        return body

    def secrets(self, config: TelegramConfig) -> list[str]:
        token = revealed(config.bot_token)
        return [token, token.partition(":")[2]]

    async def deliver(self, config: TelegramConfig, message: RenderedMessage, context: SendContext) -> Verdict:
        """Send, and once more where Telegram's answer shows how: to the group's new ID, or without decorations."""
        answer = await context.send(self.request(config, message))
        found = json_object(answer.text) or {}
        moved_to = object_of(found, "parameters").get("migrate_to_chat_id")
        if isinstance(moved_to, int):
            config = config.model_copy(update={"chat_id": str(moved_to)})
            answer = await context.send(self.request(config, message))
            if self.verdict(answer).outcome is Outcome.DONE:
                await _keep_new_chat(context, str(moved_to), self.audience(config) or "")
        verdict = self.verdict(answer)
        if verdict.outcome is Outcome.DONE and config.answers_in_chat and message.answers:
            number = object_of(json_object(answer.text), "result").get("message_id")
            verdict = replace(verdict, card=f"{config.chat_id}/{number}" if isinstance(number, int) else "")
        return await self.undecorated(verdict, config, message, context)

    async def update(
        self, config: TelegramConfig, card: str, message: RenderedMessage, state: CardState, context: SendContext
    ) -> Verdict:
        """The text with what has happened beneath it; the buttons go once nothing is left to answer."""
        chat_id, _, number = card.rpartition("/")
        body = self.body(config, state.on(message)) | {"chat_id": chat_id, "message_id": int(number)}
        answer = await context.send(method(config, "editMessageText", body))
        verdict = self.verdict(answer)
        is_so_already = "message is not modified" in verdict.provider_message
        return replace(verdict, outcome=Outcome.DONE) if is_so_already else verdict


def method(config: TelegramConfig, name: str, body: Mapping[str, Any]) -> HttpRequest:
    """A call of the bot's API."""
    return VENDOR.request(f"https://api.telegram.org/bot{revealed(config.bot_token)}/{name}", body)


def _buttons(message: RenderedMessage, delivery_id: int) -> list[dict[str, str]]:
    return [
        {"text": said(ACTION_WORDS[answer], message.language), "callback_data": f"{answer}:{delivery_id}"}
        for answer in message.answers
    ]


def _is_public(url: str) -> bool:
    """Whether Telegram takes it for a button: only hosts with a dot, as of public names."""
    return "." in (urlsplit(url).hostname or "").rstrip(".")


async def _keep_new_chat(context: SendContext, chat_id: str, audience: str) -> None:
    async with context.database.write() as session:
        if (row := await session.get(Channel, context.channel.id)) is not None:
            row.config, row.audience = {**row.config, "chat_id": chat_id}, audience
