"""Every kind of punch source. A new one is a file in this folder, a line here, a fake and a test."""

from typing import Any

from daka.reminders.punches.airscript import AirScript
from daka.reminders.punches.dingtalk import DingTalkAttendance
from daka.reminders.punches.feishu import FeishuAttendance
from daka.reminders.punches.json_url import JsonUrl
from daka.reminders.punches.kind import SourceKind
from daka.reminders.punches.vika import Vika
from daka.reminders.punches.wecom import WecomAttendance

AIRSCRIPT = AirScript()
_ALL: tuple[SourceKind[Any], ...] = (
    DingTalkAttendance(),
    FeishuAttendance(),
    WecomAttendance(),
    Vika(),
    JsonUrl(),
    AIRSCRIPT,
)

KINDS: dict[str, SourceKind[Any]] = {kind.name: kind for kind in _ALL}
CHOOSABLE = tuple(kind.name for kind in _ALL if kind is not AIRSCRIPT)
"""The kinds that people add themselves; AirScript is set in the environment."""
