"""Every vendor to whom rosters are written. A new one is a file in this folder, a line here, a fake and a test."""

from daka.reminders.punches.models import PunchSource
from daka.reminders.punches.results import SourceError, SourceErrorKind
from daka.syncing.dingtalk_writer import DingTalkWriter
from daka.syncing.feishu_writer import FeishuWriter
from daka.syncing.wecom_writer import WecomWriter
from daka.syncing.writer import RosterWriter

_ALL: tuple[RosterWriter, ...] = (DingTalkWriter(), FeishuWriter(), WecomWriter())
WRITERS: dict[str, RosterWriter] = {writer.kind: writer for writer in _ALL}
"""By kind of punch source. They keep nothing but definitions of shifts."""


def writer_of(source: PunchSource) -> RosterWriter:
    """Raises SourceError: nothing is written into this kind of source."""
    writer = WRITERS.get(source.kind)
    if writer is None:
        raise SourceError(SourceErrorKind.BROKEN, "no_roster", "no rosters are written there", hint="roster_no_team")
    return writer
