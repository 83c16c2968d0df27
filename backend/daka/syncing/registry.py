"""Every vendor whose rosters are read. A new one is a file in this folder, a line here, a fake and a test."""

from daka.reminders.punches.models import PunchSource
from daka.reminders.punches.results import SourceError, SourceErrorKind
from daka.syncing.dingtalk import DingTalkRoster
from daka.syncing.feishu import FeishuRoster
from daka.syncing.reader import RosterReader
from daka.syncing.wecom import WecomRoster

_ALL: tuple[type[RosterReader], ...] = (DingTalkRoster, FeishuRoster, WecomRoster)
READERS: dict[str, type[RosterReader]] = {reader.kind: reader for reader in _ALL}
"""By kind of punch source."""


def reader_of(source: PunchSource) -> type[RosterReader]:
    """Raises SourceError: this kind of source knows no rosters."""
    reader = READERS.get(source.kind)
    if reader is None:
        raise SourceError(SourceErrorKind.BROKEN, "no_roster", "no attendance system", hint="roster_no_team")
    return reader
