"""Alerts administrators when there is no backup, once per failure."""

from datetime import timedelta, tzinfo

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.backup.models import BackupTrouble
from daka.backup.service import BackupSummary, backup_summary
from daka.database import settings_in
from daka.delivery.messages import MessageContent
from daka.delivery.models import Delivery, Occasion
from daka.delivery.outbox import key_on, queue
from daka.delivery.recipients import administrators, load_channels, personal_channels
from daka.identity.teams import languages_of
from daka.languages import Language, Words, said
from daka.scheduler.service import is_on_hold

USEFUL_FOR = timedelta(hours=12)
WORDS: dict[BackupTrouble, Words] = {
    BackupTrouble.NO_SPACE: ("磁盘满了，请清理空间。", "The disk is full; make room on it."),
    BackupTrouble.NOT_WRITABLE: (
        "备份目录无法写入，请检查 BACKUP_DIR 的权限。",
        "The backup folder cannot be written to; check the permissions of BACKUP_DIR.",
    ),
    BackupTrouble.DATABASE: (
        "数据库无法读取，请查看服务器日志。",
        "The database cannot be read; see the server's log.",
    ),
    BackupTrouble.OTHER_VERSION: (
        "数据库与程序版本不一致，请运行 daka migrate。",
        "The database is of another version than the program; run daka migrate.",
    ),
    BackupTrouble.NOT_WHOLE: ("备份文件校验失败，请检查磁盘。", "The backup file is damaged; check the disk."),
    BackupTrouble.INTERRUPTED: ("备份进程意外中止。", "The backup was interrupted."),
    BackupTrouble.UNKNOWN: ("请查看服务器日志。", "See the server's log."),
}
OVERDUE: Words = (
    "到时间没有执行备份，请检查后台进程（daka worker）。",
    "No backup was made when it was due; check the worker (daka worker).",
)
NO_BACKUP: Words = ("还没有成功的备份。", "There is no backup yet.")
LAST_BACKUP: Words = ("上一次成功的备份：{at}。", "The last good backup is of {at}.")
MORE: Words = ("详情见「设置」中的备份。", "See Backups in Settings.")


async def alert_about_backups(session: AsyncSession) -> int:
    """Queue one message to each administrator if the latest backup failed or is overdue. Returns the number of deliveries.

    The next alert follows only after a backup has succeeded in between. Nothing is queued while reminding is paused.
    """
    now = clock.now()
    summary = await backup_summary(session, now)
    if not summary.is_trouble or await is_on_hold(session):
        return 0
    trouble = f"backup-after-{summary.last_good.id if summary.last_good else 0}"
    alerted = select(Delivery.id).where(Delivery.key.startswith(f"{trouble}-", autoescape=True)).limit(1)
    if (await session.exec(alerted)).first() is not None:
        return 0
    admins = await administrators(session)
    channels = await load_channels(session, user_ids=[admin.id for admin in admins], team_ids=[])
    languages = await languages_of(session, admins)
    queued = 0
    for admin in admins:
        message = _message(summary, settings_in(session).zone, languages[admin.id])
        for channel in await personal_channels(session, channels, admin.id, now, useful_for=USEFUL_FOR):
            queue(session, channel, message, due_at=now, expires_at=now + USEFUL_FOR, key=key_on(trouble, channel))
            queued += 1
    await session.flush()
    return queued


def _message(summary: BackupSummary, zone: tzinfo, language: Language) -> MessageContent:
    failed, good = summary.last_failed, summary.last_good
    why = WORDS[failed.trouble or BackupTrouble.UNKNOWN] if failed else OVERDUE
    at = f"{good.started_at.astimezone(zone):%Y-%m-%d %H:%M}" if good else ""
    sentences = [said(each, language).format(at=at) for each in (why, LAST_BACKUP if good else NO_BACKUP, MORE)]
    return MessageContent(
        occasion=Occasion.BACKUP,
        title=said(("备份失败", "Backup failed"), language),
        text=said(("", " "), language).join(sentences),
    )
