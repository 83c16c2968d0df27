"""Every kind of channel. A new one is a file in this folder, a line here, a fake and a test (docs/adding-a-channel.md)."""

from typing import Any

from daka.delivery.channels.dingtalk_robot import DingTalkRobot
from daka.delivery.channels.environment import EnvironmentWebhook
from daka.delivery.channels.inbox import Inbox
from daka.delivery.channels.kind import ChannelKind
from daka.delivery.channels.webhook import Webhook

INBOX = Inbox()
_ALL: tuple[ChannelKind[Any], ...] = (DingTalkRobot(), Webhook(), INBOX, EnvironmentWebhook())

KINDS: dict[str, ChannelKind[Any]] = {kind.name: kind for kind in _ALL}
CHOOSABLE = tuple(kind.name for kind in _ALL if kind.is_choosable)
"""The kinds that people add themselves."""
