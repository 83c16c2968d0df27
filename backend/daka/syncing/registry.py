"""Every vendor whose rosters are read and written. A new one is two files in this folder, two lines here, a fake and a test."""

from daka.reminders.punches.models import PunchSource
from daka.reminders.punches.results import SourceError
from daka.syncing.dingtalk import DingTalkRoster
from daka.syncing.dingtalk_writer import DingTalkWriter
from daka.syncing.feishu import FeishuRoster
from daka.syncing.feishu_writer import FeishuWriter
from daka.syncing.reader import RosterReader
from daka.syncing.wecom import WecomRoster
from daka.syncing.wecom_writer import WecomWriter
from daka.syncing.writer import RosterWriter

_READERS: tuple[type[RosterReader], ...] = (DingTalkRoster, FeishuRoster, WecomRoster)
READERS = {reader.kind: reader for reader in _READERS}
"""By kind of punch source."""
_WRITERS: tuple[RosterWriter, ...] = (DingTalkWriter(), FeishuWriter(), WecomWriter())
WRITERS = {writer.kind: writer for writer in _WRITERS}
"""They keep nothing but definitions of shifts."""


def reader_of(source: PunchSource) -> type[RosterReader]:
    """Raises SourceError: this kind of source knows no rosters."""
    if source.kind not in READERS:
        raise SourceError.broken("no_roster", "no attendance system", hint="roster_no_team")
    return READERS[source.kind]


def writer_of(source: PunchSource) -> RosterWriter:
    """Raises SourceError: nothing is written into this kind of source."""
    if source.kind not in WRITERS:
        raise SourceError.broken("no_roster", "no rosters are written there", hint="roster_no_team")
    return WRITERS[source.kind]
