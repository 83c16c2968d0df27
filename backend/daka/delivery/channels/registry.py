"""Every kind of channel. A new one is a file in this folder, a line here and a test (docs/adding-a-channel.md)."""

from typing import Any

from daka.delivery.channels.bark import Bark
from daka.delivery.channels.dingtalk_one_to_one import DingTalkOneToOne
from daka.delivery.channels.dingtalk_robot import DingTalkRobot
from daka.delivery.channels.dingtalk_work_notice import DingTalkWorkNotice
from daka.delivery.channels.discord import Discord
from daka.delivery.channels.email import Email
from daka.delivery.channels.environment import EnvironmentWebhook
from daka.delivery.channels.feishu_app import FeishuAppKind
from daka.delivery.channels.feishu_robot import FeishuRobot
from daka.delivery.channels.gotify import Gotify
from daka.delivery.channels.inbox import Inbox
from daka.delivery.channels.kind import ChannelKind
from daka.delivery.channels.ntfy import Ntfy
from daka.delivery.channels.pushdeer import PushDeer
from daka.delivery.channels.pushplus import PushPlus
from daka.delivery.channels.serverchan import ServerChan
from daka.delivery.channels.slack import Slack
from daka.delivery.channels.telegram import Telegram
from daka.delivery.channels.web_push import WebPush
from daka.delivery.channels.webhook import Webhook
from daka.delivery.channels.wecom_app import WecomAppKind
from daka.delivery.channels.wecom_bot import WecomBot
from daka.delivery.channels.wecom_robot import WecomRobot
from daka.delivery.channels.wxpusher import WxPusher

INBOX = Inbox()
_ALL: tuple[ChannelKind[Any], ...] = (
    DingTalkRobot(),
    DingTalkWorkNotice(),
    DingTalkOneToOne(),
    FeishuRobot(),
    FeishuAppKind(),
    WecomRobot(),
    WecomAppKind(),
    WecomBot(),
    WebPush(),
    Bark(),
    ServerChan(),
    PushPlus(),
    WxPusher(),
    PushDeer(),
    Ntfy(),
    Gotify(),
    Telegram(),
    Slack(),
    Discord(),
    Email(),
    Webhook(),
    INBOX,
    EnvironmentWebhook(),
)

KINDS: dict[str, ChannelKind[Any]] = {kind.name: kind for kind in _ALL}
CHOOSABLE = tuple(kind.name for kind in _ALL if kind.is_choosable)
"""The kinds that people add themselves."""
