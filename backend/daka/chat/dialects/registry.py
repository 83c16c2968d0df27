"""Every dialect by the name that channels give it (`ChatApp.dialect`)."""

from daka.chat.dialects.dingtalk import DingTalkStream
from daka.chat.dialects.feishu import FeishuLongConnection
from daka.chat.dialects.ntfy import NtfyTopic
from daka.chat.dialects.telegram import TelegramPolling
from daka.chat.dialects.wecom import WecomBotConnection
from daka.chat.line import Dialect

DIALECTS: dict[str, type[Dialect]] = {
    dialect.name: dialect
    for dialect in (TelegramPolling, DingTalkStream, FeishuLongConnection, WecomBotConnection, NtfyTopic)
}
