"""The checks that read the database: its tables, workers, channels, chats, rosters and backups."""

import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.backup.service import BackupState, backup_summary
from daka.chat.models import ConnectionState
from daka.chat.supervisor import connections
from daka.database import execute, is_postgres, settings_in
from daka.delivery.models import Channel, ChannelStatus
from daka.doctor.diagnoses import SET_THE_CLOCK, Diagnosis, clock_offset, error, ok, warning
from daka.identity.vendor_ids import VENDORS as ID_WORDS
from daka.identity.vendor_ids import doubled_ids
from daka.key_rotation import sealed_columns
from daka.languages import Language, listed, people_in
from daka.migrations import describe_missing, newest_revision, revisions
from daka.outbound.quota import calls_this_month, forecast
from daka.outbound.reasons import in_both
from daka.reminders.punches.remedies import remedy
from daka.roster.holidays.service import calendar_days
from daka.scheduler.models import Worker
from daka.scheduler.service import is_alive, is_paused
from daka.security import SecretBox
from daka.settings import Settings
from daka.syncing.models import Direction, PullStatus, PushStatus
from daka.syncing.service import is_late, pushes_in_doubt, roster_sources
from daka.today.overdue import what_is_overdue

HOLIDAY_HORIZON = timedelta(days=60)


def no_database(file: Path) -> Diagnosis:
    message = f"there is no database at {file.absolute()}", f"{file.absolute()} 处没有数据库"
    remedy = (
        "on a new installation start the server; else check DATABASE_URL, and in which folder this command runs",
        "新装的话，启动服务即可；否则检查 DATABASE_URL，以及这个命令是在哪个文件夹里运行的",
    )
    return warning("tables", message, remedy)


def tables_finding(revision: str | None, missing: list[str] | None = None) -> Diagnosis:
    if missing:
        what = describe_missing(missing, most=50)
        remedy = (
            "restore a backup into an empty database; without one, start with a new database",
            "把备份恢复到空的数据库；没有备份就新建数据库",
        )
        return error("tables", (what, f"数据库缺少内容：{what}"), remedy)
    if revision == newest_revision():
        return ok("tables", (f"revision {revision}", f"版本 {revision}"))
    if revision is None:
        remedy = "start the server, or run daka migrate", "启动服务，或运行 daka migrate"
        return warning("tables", ("the database is empty", "数据库是空的"), remedy)
    if revision in revisions():
        message = f"revision {revision} of {newest_revision()}", f"版本 {revision}，应为 {newest_revision()}"
        return error("tables", message, ("run daka migrate, or restart the server", "运行 daka migrate，或重启服务"))
    message = f"revision {revision} belongs to a newer version", f"版本 {revision} 属于更新的程序"
    return error(
        "tables", message, ("use that version, or restore an earlier backup", "使用那个版本，或恢复更早的备份")
    )


async def stored_findings(session: AsyncSession, settings: Settings) -> AsyncIterator[Diagnosis]:
    """The checks that read the database."""
    if is_postgres(session):
        connection = await session.connection()
        theirs: datetime = (await connection.execute(sa.select(sa.func.clock_timestamp()))).scalar_one()
        yield clock_offset(clock.now() - theirs.astimezone(UTC), ("the database server", "数据库服务器"))
        yield ok("database", ("responds", "有响应"))
    else:
        yield await _database_file(session)
    if lost := await _secrets_that_do_not_open(session, settings):
        yield error(
            "secret",
            (f"SECRET_KEY cannot decrypt {lost} stored secrets", f"SECRET_KEY 解不开 {lost} 个已保存的密钥"),
            ("restore the former key, or run daka rotate-key", "换回以前的密钥，或运行 daka rotate-key"),
        )
    async for found in _clock_set_back(session):
        yield found
    yield await _worker(session, settings)
    if settings.reminder_enabled and await is_paused(session):
        remedy = "resume reminders on Today", "在「今天」里恢复提醒"
        yield warning("reminding", ("paused by an administrator", "已被管理员暂停"), remedy)
    yield await _holidays(session, settings)
    for findings in (_people(session), _channels(session), _chats(session), roster_findings(session)):
        async for found in findings:
            yield found
    yield await _backups(session)


async def _database_file(session: AsyncSession) -> Diagnosis:
    said = (await (await session.connection()).exec_driver_sql("PRAGMA quick_check(1)")).scalar()
    if said == "ok":
        return ok("database", ("the file is intact", "数据库文件完好"))
    return error(
        "database",
        (f"the file is damaged: {said}", f"数据库文件已损坏：{said}"),
        (
            "stop the server and run daka restore --replace with the newest backup",
            "停止服务，用最新的备份运行 daka restore --replace",
        ),
    )


async def _clock_set_back(session: AsyncSession) -> AsyncIterator[Diagnosis]:
    """What a worker wrote lies ahead of now: the clock was wrong then, or is wrong now."""
    now = clock.now()
    last: datetime | None = (await session.exec(select(sa.func.max(Worker.last_tick_at)))).one()
    if last is not None and last > now + clock.AHEAD:
        zone = settings_in(session).zone
        shown, here = (f"{at.astimezone(zone):%Y-%m-%d %H:%M}" for at in (last, now))
        message = (
            f"it is {here} here, but a worker has been running at {shown} already: the clock was set back",
            f"这里现在是 {here}，而后台进程在 {shown} 就已经运行过：时钟被往回调过",
        )
        yield error("clock", message, SET_THE_CLOCK)


async def _worker(session: AsyncSession, settings: Settings) -> Diagnosis:
    now = clock.now()
    alive, last = await is_alive(session, now)
    if not alive:
        at = f"{last.astimezone(settings.zone):%Y-%m-%d %H:%M:%S}" if last else ""
        message = (
            f"no worker is running: {f'last tick at {at}' if at else 'none has ever run'}",
            f"后台进程没有运行：{f'最后一次心跳是 {at}' if at else '从来没有运行过'}",
        )
        return error(
            "worker",
            message,
            ("start daka serve or daka worker, and check its log", "启动 daka serve 或 daka worker，并查看日志"),
        )
    if overdue := await what_is_overdue(session, now):
        message = f"{overdue} have been overdue for more than a minute", f"超过一分钟没有处理：{overdue}"
        return error("worker", message, ("check the worker's log", "查看后台进程的日志"))
    return ok("worker", ("running", "正在运行"))


async def _holidays(session: AsyncSession, settings: Settings) -> Diagnosis:
    today = clock.now().astimezone(settings.zone).date()
    until = today + HOLIDAY_HORIZON
    _, provisional = await calendar_days(session, today, until)
    if not provisional:
        return ok("calendar", (f"holidays are complete until {until}", f"{until} 之前的节假日齐全"))
    zh, en = (listed(map(str, provisional), language) for language in Language)
    return warning(
        "calendar",
        (f"the holidays of {en} are not published or imported yet", f"{zh} 年的节假日还没有公布或导入"),
        ("import the official notice once it is published", "公布之后导入官方的安排"),
    )


async def _secrets_that_do_not_open(session: AsyncSession, settings: Settings) -> int:
    secret = settings.existing_secret
    box = SecretBox(secret) if secret else None
    lost = 0
    for column in sealed_columns():
        sealed = (await execute(session, sa.select(column).where(column != ""))).scalars()
        lost += sum(1 for value in sealed if value and not (box and box.opens(value)))
    return lost


async def _channels(session: AsyncSession) -> AsyncIterator[Diagnosis]:
    asked = select(Channel.status, Channel.status_at).where(
        Channel.deleted_at.is_(None), Channel.is_enabled, Channel.kind != "inbox"
    )
    found = list(await session.exec(asked))
    broken = sum(status is ChannelStatus.BROKEN for status, _ in found)
    untried = sum(status is not ChannelStatus.BROKEN and tried_at is None for status, tried_at in found)
    working = len(found) - broken - untried
    if broken:
        remedy = (
            "open Channels, which shows each problem and its remedy",
            "打开「渠道」，那里有每个问题和解决办法",
        )
        yield warning("channels", (f"{broken} cannot send", f"{broken} 个渠道发不出去"), remedy)
    if untried:
        message = f"{untried} not tried yet", f"{untried} 个渠道还没有试过"
        yield warning("channels", message, ("open Channels and send a test", "打开「渠道」，发送测试"))
    if working:
        yield ok("channels", (f"{working} working", f"{working} 个渠道正常"))
    elif not untried:
        message = "messages go only to the built-in inbox", "没有能用的渠道，消息只留在收件箱"
        yield warning(
            "channels", message, ("add a channel, for example the team's robot", "添加渠道，比如班组的群机器人")
        )


async def _people(session: AsyncSession) -> AsyncIterator[Diagnosis]:
    for field, userid, users in await doubled_ids(session):
        id_zh, id_en = ID_WORDS[field]
        names = [user.display_name for user in users]
        zh, en = (people_in(names, language) for language in Language)
        message = (
            f"the {id_en} {userid} belongs to several people: {en}. A punch with it ends nobody's reminders",
            f"{id_zh} {userid} 同时属于几个人：{zh}。用它打的卡不会停止任何人的提醒",
        )
        remedy = "open People and correct all but one of them", "打开「成员」，只给其中一人保留，其余改正"
        yield warning("people", message, remedy)


VENDORS = {
    "dingtalk": ("DingTalk", "钉钉"),
    "feishu": ("Feishu", "飞书"),
    "wecom": ("WeCom", "企业微信"),
    "telegram": ("Telegram", "Telegram"),
}


async def _chats(session: AsyncSession) -> AsyncIterator[Diagnosis]:
    for each in await connections(session):
        vendor_en, vendor_zh = VENDORS.get(each.dialect, (each.dialect, each.dialect))
        en, zh = f"{vendor_en} {each.name}", f"{vendor_zh} {each.name}"
        zone, (why_zh, why_en) = settings_in(session).zone, in_both(each.reason)
        at = f"{each.last_frame_at.astimezone(zone):%H:%M:%S}" if each.last_frame_at else ""
        if each.state is ConnectionState.OPEN:
            heard = (f", heard at {at}", f"，{at} 收到过数据") if at else ("", "")
            yield ok("chat", (f"{en}: connected{heard[0]}", f"{zh}：已连接{heard[1]}"))
        elif each.state is ConnectionState.CONNECTING:
            since = f"{each.since.astimezone(zone):%H:%M:%S}"
            message = f"{en}: connecting since {since} {why_en}", f"{zh}：{since} 起正在连接 {why_zh}"
            yield warning("chat", message, ("check that this server reaches the vendor", "检查服务器能否访问服务商"))
        elif each.state is ConnectionState.TAKEN_OVER:
            message = f"{en}: another program reads it. {why_en}", f"{zh}：另有程序在读取。{why_zh}"
            remedy = "stop the other program, or use an app of Daka's own", "停掉那个程序，或给打卡单独建一个应用"
            yield warning("chat", message, remedy)
        elif each.state is ConnectionState.REFUSED:
            message = f"{en}: refused. {why_en}", f"{zh}：被拒绝。{why_zh}"
            remedy = (
                "correct the channel's settings; it is tried again every ten minutes",
                "更正渠道的设置；每十分钟重试",
            )
            yield warning("chat", message, remedy)
        else:
            remedy = "start daka serve or daka worker", "启动 daka serve 或 daka worker"
            yield warning("chat", (f"{en}: no worker holds it", f"{zh}：没有后台进程在连接"), remedy)


async def roster_findings(session: AsyncSession) -> AsyncIterator[Diagnosis]:
    """Rosters that are read from attendance systems, and the calls of the month that it takes."""
    now = clock.now()
    found = await roster_sources(session)
    calls = await calls_this_month(session, {source.account for _, source, _ in found})
    for _, _, team, push in await pushes_in_doubt(session):
        said = remedy("push_differs" if push.status is PushStatus.DIFFERS else "push_unverified")
        failed = (
            f"{team.name}: published {push.at:%Y-%m-%d %H:%M} UTC, {len(push.differences)} cells differ. {push.reason}",
            f"{team.name}：{push.at:%Y-%m-%d %H:%M} UTC 发布，{len(push.differences)} 格不同。{push.reason}",
        )
        yield warning("rosters", failed, (said["en"], said["zh"]))
    for row, _, team in found:
        if row.direction is not Direction.PULL:
            continue
        last = f"{row.pulled_at:%Y-%m-%d %H:%M} UTC" if row.pulled_at else ""
        message = (
            f"{team.name}: last read {last or 'never'}, next {row.next_at:%m-%d %H:%M} UTC",
            f"{team.name}：上次 {last or '从未'}，下次 {row.next_at:%m-%d %H:%M} UTC",
        )
        if row.status is not PullStatus.OK:
            said = remedy(row.hint, row.reason)
            failed = f"{message[0]}; not read: {row.reason}", f"{message[1]}；没有同步：{row.reason}"
            yield warning(
                "rosters", failed, (said.get("en", "open Punch sources"), said.get("zh", "打开「打卡数据源」"))
            )
        elif is_late(row, now):
            yield warning("rosters", message, ("check the worker's log", "查看后台进程的日志"))
        else:
            yield ok("rosters", message)
    for account in {source.account: source for _, source, _ in found}.values():
        used, most = calls.get(account.account, 0), int(str(account.config.get("monthly_calls") or 0))
        then = forecast(used, now)
        message = (
            f"{account.name}: {used} of {most or 'any'} calls this month, about {then} by its end",
            f"{account.name}：本月已用 {used} / {most or '不限'} 次，到月底约 {then} 次",
        )
        if most and then > most:
            remedy_text = (
                "near the limit, punches are asked for only before reminders; read fewer teams, or raise the limit",
                "接近上限时只在提醒前查询打卡；请减少班组，或调高上限",
            )
            yield warning("calls", message, remedy_text)
        else:
            yield ok("calls", message)


async def _backups(session: AsyncSession) -> Diagnosis:
    summary = await backup_summary(session, clock.now())
    when, zh = "there is no backup", "还没有备份"
    if summary.last_good:
        at = f"{summary.last_good.started_at.astimezone(settings_in(session).zone):%Y-%m-%d %H:%M}"
        when, zh = f"the last backup is from {at}", f"最后一次备份是 {at}"
    match summary.state:
        case BackupState.FAILED:
            message = f"the latest one failed: {summary.error}; {when}", f"最近一次失败：{summary.error}；{zh}"
            return error("backup", message, ("fix the cause, then run daka backup", "排除原因后运行 daka backup"))
        case BackupState.OLD:
            remedy = "check the workers' logs, then run daka backup", "查看后台进程的日志，再运行 daka backup"
            return error("backup", (when, zh), remedy)
        case BackupState.NONE:
            remedy = (
                "run daka backup; a worker makes the next one tonight",
                "运行 daka backup；后台进程今晚也会备份",
            )
            return warning("backup", (when, zh), remedy)
        case BackupState.OFF:
            return ok("backup", (f"BACKUP_EVERY_HOURS=0; {when}", f"BACKUP_EVERY_HOURS=0；{zh}"))
    if summary.last_good and not os.path.exists(summary.last_good.file):  # noqa: ASYNC240
        message = f"{when}, but its file is not on this machine", f"{zh}，但文件不在这台机器上"
        remedy = "check that BACKUP_DIR is the same as the workers'", "检查 BACKUP_DIR 是否与后台进程的一致"
        return warning("backup", message, remedy)
    return ok("backup", (when, zh))
